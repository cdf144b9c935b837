"""Whether what happens by itself happens in time: graces end, parked tickets lapse, the lobby closes, the day turns.

That nothing comes too early is for `life_checker`. Here each instant is noted when it is known, and a row that is much
later finds it undone. A hub that is down does nothing: the time until a new owner begins is not held against it, nor
are the times that the caller names.
"""

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from hub.day import events
from simulator import change_checker
from simulator.followed import FollowedDay, Place

LIMIT_LATE = timedelta(seconds=5)
"""So long after its hour began a limit is told at the latest."""

TOLERANCE = timedelta(seconds=2)
"""The hub looks at its due times ten times a second."""

Down = Sequence[tuple[datetime, datetime]]
"""From and to when the hub was not able to do anything."""


class Lateness:
    """Tells late from prompt, and does not count the time in which no hub was there."""

    def __init__(self, down: Down = ()) -> None:
        self._down = sorted(down)
        self._up_since: datetime | None = None

    def took_over(self, at: datetime) -> None:
        """A hub begins: before this, none may have been there."""
        self._up_since = at

    def is_late(self, instant: datetime, at: datetime) -> bool:
        """Whether what was due at `instant` should have happened before `at`."""
        if at <= instant + TOLERANCE:
            return False
        until_at = (instant if self._up_since is None else max(instant, self._up_since)) + TOLERANCE
        for begin, end in self._down:
            if begin <= until_at <= end + TOLERANCE:
                until_at = end + TOLERANCE
        return at > until_at


class TimeChecker:
    """Waits for what is due on one day."""

    def __init__(self, day: FollowedDay, lateness: Lateness, described_at: datetime) -> None:
        """`described_at` is when the lobby was described as it is."""
        self.described_at = described_at
        self._day = day
        self._is_late = lateness.is_late
        self._coming: list[tuple[datetime, str]] = []
        """Heap of (instant, ticket)."""
        self._told: set[str] = set()
        """Once is enough."""

    def note(self, event: events.AnyEvent) -> None:
        """What `event`, which has been taken, will lead to by itself."""
        match event:
            case events.TicketMissed(ticket=name, back_at=at) | events.TicketParked(ticket=name, until_at=at):
                heapq.heappush(self._coming, (at, name))
            case _:
                pass

    def wait_anew(self) -> None:
        """What tickets wait for stood still, and goes on."""
        for ticket in self._day.tickets.values():
            if ticket.until_at is not None and ticket.place in (Place.MISSED, Place.PARKED):
                heapq.heappush(self._coming, (ticket.until_at, ticket.id))

    def overdue(self, at: datetime) -> Iterator[str]:
        """What should have happened before `at`, and has not. The day is as it was just before."""
        stands_still = self._day.evacuated_at is not None
        while not stands_still and self._coming and self._is_late(self._coming[0][0], at):
            instant, name = heapq.heappop(self._coming)
            ticket = self._day.tickets.get(name)
            if ticket is not None and ticket.until_at == instant and ticket.place in (Place.MISSED, Place.PARKED):
                yield f"{ticket.number} is {ticket.place} until {instant:%H:%M:%S}, and still is"
        if at > self._day.hours.ends_at and self._is_late(self._day.hours.ends_at, at):
            yield from self._once("turn", f"the day was to turn at {self._day.hours.ends_at:%H:%M:%S}, and goes on")
        if self._day.facts.site.at_close == "end" and not stands_still:
            yield from self._waits_on(at)
        yield from self._limits(at)
        if self._day.paused or self._day.notices:
            for what, instant in change_checker.ends(self._day):
                if self._is_late(instant, at):
                    yield from self._once(f"{what} {instant}", f"{what} was to end at {instant:%H:%M:%S}")

    def _limits(self, at: datetime) -> Iterator[str]:
        """A limit of the hour that should have been told a while before `at`, and was not."""
        then = at - LIMIT_LATE
        if then < self.described_at or not self._is_late(then, at):
            return
        for room in self._day.facts.lobby.rooms:
            wanted = change_checker.wanted_limit(self._day, room.id, at) if room.limits else None
            has_been = change_checker.wanted_limit(self._day, room.id, then) == wanted
            if has_been and (sentence := change_checker.limit_not_told(self._day, room.id, wanted)):
                yield from self._once(sentence, sentence)

    def _waits_on(self, at: datetime) -> Iterator[str]:
        closes_at = self._day.hours.closes_at
        if closes_at is None or at <= closes_at:
            return
        for ticket in self._day.waiting(list(self._day.lines)):
            ends_at = self._day.sent_away_at(ticket) or closes_at
            if not ticket.was_called and self._is_late(max(ends_at, ticket.since_at), at):
                yield from self._once(ticket.id, f"{ticket.number} was to end at closing, and waits on")

    def _once(self, about: str, sentence: str) -> Iterator[str]:
        if about not in self._told:
            self._told.add(about)
            yield sentence
