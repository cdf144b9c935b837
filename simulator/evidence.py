"""Everything that checkers look at, in one place: the journal with its answers and jobs, what was said, what was seen.

It reads and takes apart; it judges nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TypeVar, cast

import msgspec
from sqlalchemy import select

from hub import schema
from hub.day import events, number_events
from hub.day.lobby import Lobby
from hub.journal import Entry, Journal, Mark
from hub.site import Answer
from simulator.record import Record
from simulator.webs import Wish, wishes
from wire import codec, topics
from wire.errors import WireError
from wire.messages import Event, FromHub, Message
from wire.topics import Leaf, Topic

_answer = msgspec.json.Decoder(Answer)

SILENCE_S = 5.0
"""The hub's clock is told once a second."""

M = TypeVar("M", bound=Message)


class JobRow(msgspec.Struct, frozen=True):
    """A job as the outbox keeps it."""

    id: str
    device: str
    """`node/device`."""
    ticket: str
    state: str
    """`waiting`, `answered` or `expired`."""
    outcome: str
    answered_s: float = float("inf")
    """Infinite while it is not, or where the hub's clock cannot tell."""


class Shown(FromHub, frozen=True, kw_only=True):
    """A `wire.messages.Show` of whose view nothing is asked: to understand them all is most of a checker's work."""

    view: msgspec.Raw


class Told(FromHub, frozen=True, kw_only=True):
    """A `wire.messages.HubTime` of which nothing is asked but who tells it: the broker hands on none that is malformed,
    and there is one every second."""

    boot: str


_LEAN: dict[Leaf, msgspec.json.Decoder[Message]] = {
    Leaf.SHOW: msgspec.json.Decoder(Shown),
    Leaf.TIME: msgspec.json.Decoder(Told),
}
_parsed = lru_cache(topics.TOPICS_KEPT)(topics.parse)


class Heard(msgspec.Struct, frozen=True, gc=False):
    """A message that the broker took, understood."""

    at_s: float
    topic: Topic
    message: Message

    @property
    def device(self) -> str:
        return f"{self.topic.node}/{self.topic.device}"


class HubLife(msgspec.Struct):
    """From the first to the last time that one run of the hub told."""

    boot: str
    began_s: float
    ended_s: float


class Evidence:
    """Of one run, at its end."""

    def __init__(
        self,
        lobby: Lobby,
        entries: Sequence[Entry],
        record: Record,
        *,
        ends_s: float,
        marks: Mapping[str, Mark],
        jobs: Sequence[JobRow],
    ) -> None:
        """`ends_s` is now."""
        self.lobby, self.entries, self.record = lobby, entries, record
        self.ends_s, self.marks, self.jobs = ends_s, marks, jobs
        self.unread = 0
        """Messages that nobody could understand; strangers send them."""

    @cached_property
    def wishes(self) -> list[Wish]:
        """What browsers wished for, in the order of the answers."""
        return list(wishes(self.record.asked))

    @cached_property
    def from_hub(self) -> list[tuple[float, Topic, FromHub]]:
        """All that the hub said, with its clock: instant, topic, message."""
        return [(it.at_s, it.topic, it.message) for it in self._all_said if isinstance(it.message, FromHub)]

    @cached_property
    def hubs(self) -> list[HubLife]:
        """The hub's runs, oldest first."""
        lives: dict[str, HubLife] = {}
        for it, time in self.each(Told):
            if time.boot not in lives:
                lives[time.boot] = HubLife(time.boot, it.at_s, it.at_s)
            lives[time.boot].ended_s = it.at_s
        return list(lives.values())

    @cached_property
    def silences(self) -> list[tuple[float, float]]:
        """Longer times in which no hub said what time it is: from its last word to the next one."""
        told_s = sorted(it.at_s for it, _ in self.each(Told))
        return [(last_s, next_s) for last_s, next_s in pairwise([*told_s, self.ends_s]) if next_s - last_s > SILENCE_S]

    @cached_property
    def fresh_events(self) -> dict[tuple[str, int], Heard]:
        """(session, seq) of each event to the first time that it was said."""
        first: dict[tuple[str, int], Heard] = {}
        for it, event in self.each(Event):
            first.setdefault((event.session, event.seq), it)
        return first

    @cached_property
    def numbers(self) -> dict[str, str]:
        """Ticket to number, as people read it in the end."""
        return {
            it.event.ticket: f"{it.event.series}{it.event.number:03d}"
            for it in self.entries
            if isinstance(it.event, events.TicketIssued | number_events.TicketAliased)
        }

    @cached_property
    def marks_from_s(self) -> float:
        """Older answers are forgotten: those of the day before the last are kept."""
        opened = [it for it in self.entries if isinstance(it.event, events.DayOpened)]
        return self.row_s(opened[-2]) if len(opened) > 1 else float("-inf")

    def row_s(self, row: Entry) -> float:
        """When that row was committed; before all instants if an earlier run did."""
        return self.record.rows_s.get(row.seq, float("-inf"))

    def mark_s(self, mark: Mark) -> float:
        """When that answer was."""
        return self.record.marks_s.get(mark.mark, float("-inf"))

    def each(self, kind: type[M]) -> Sequence[tuple[Heard, M]]:
        """Messages of one kind, as they came."""
        return cast(Sequence[tuple[Heard, M]], self._by_kind[kind])

    @cached_property
    def _by_kind(self) -> defaultdict[type[Message], list[tuple[Heard, Message]]]:
        by_kind: defaultdict[type[Message], list[tuple[Heard, Message]]] = defaultdict(list)
        for it in self._all_said:
            by_kind[type(it.message)].append((it, it.message))
        return by_kind

    @cached_property
    def _all_said(self) -> list[Heard]:
        understood = []
        for said in self.record.said:
            try:
                parsed, message = _understood(said.topic, said.payload)
            except (WireError, msgspec.DecodeError, UnicodeDecodeError):
                self.unread += 1
            else:
                understood.append(Heard(said.at_s, parsed, message))
        return understood


def _understood(topic: str, payload: bytes) -> tuple[Topic, Message]:
    """As `codec.decode` does it, but for views and the hub's clock."""
    parsed = _parsed(topic)
    lean = _LEAN.get(parsed.leaf)
    return codec.decode(topic, payload) if lean is None else (parsed, lean.decode(payload))


def gather(lobby: Lobby, journal: Journal, entries: Sequence[Entry], record: Record, now: datetime) -> Evidence:
    """All evidence of a run that is at its end; the hub's clock says `now`."""
    now_s = asyncio.get_running_loop().time()
    has_leapt = any(trouble.kind == "clock-leaps" for trouble in record.troubles)

    def to_s(at: datetime | None) -> float:
        return float("inf") if at is None or has_leapt else now_s - (now - at).total_seconds()

    site, mark, outbox = lobby.site.id, schema.mark, schema.outbox
    with journal.transaction() as connection:
        marks = connection.execute(select(mark).where(mark.c.site == site)).all()
        jobs = connection.execute(select(outbox).where(outbox.c.site == site)).all()
    return Evidence(
        lobby,
        entries,
        record,
        ends_s=now_s,
        marks={row.mark: Mark(row.mark, _answer.decode(row.answer), row.at) for row in marks},
        jobs=[JobRow(row.id, row.device, row.ticket, row.state, row.outcome, to_s(row.answered_at)) for row in jobs],
    )
