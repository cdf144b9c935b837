"""A day that has happened already: written into a journal as a hub would have, without the hours that it takes.

All of it happened in the moment in which it is written, so that it is today's, whatever the hour.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from hub.chain import Entry
from hub.day.apply import apply
from hub.day.decide import decide
from hub.day.hours import service_day
from hub.day.inputs import AnyInput, CallNext, CountPeople, IssueTicket, OpenDay, OpenDesk, Start, TakeOver
from hub.day.lobby import Lobby
from hub.day.model import Day
from hub.day.refusal import Refusal
from hub.journal import Batch, Journal, Mark
from hub.site import Answer
from wire.messages import Outcome

WRITTEN_AT_ONCE = 2_000
STILL_WAIT = 60
"""Of the visitors, in the end; all others were served."""


def write_day(journal: Journal, lobby: Lobby, *, tickets: int, events: int = 0) -> None:
    """Today of `lobby`: so many tickets, nearly all of them served, and people who walk through its door until it has
    at least so many events."""
    at = datetime.now(UTC)
    site = lobby.site.id
    term = journal.claim(site, "bench", at)
    journal.load(site)
    day, batch = Day(term=term - 1), Batch(site, term, at)
    for an_input in _inputs(lobby, day, at, tickets, events):
        decided = decide(day, an_input, at)
        assert not isinstance(decided, Refusal), decided
        for event in decided:
            apply(day, event, at, day.seq + 1)
            batch.entries.append(Entry(day.seq, str(day.day), at, event))
        if isinstance(an_input, IssueTicket):
            answer = Answer(outcome=Outcome.DONE, ticket=an_input.ticket, facts={"number": "A001"})
            batch.marks.append(Mark(f"request/{an_input.ticket}", answer, at))
        if len(batch.entries) > WRITTEN_AT_ONCE:
            journal.commit(batch)
            batch = Batch(site, term, at)
    journal.commit(batch)


def _inputs(lobby: Lobby, day: Day, at: datetime, tickets: int, events: int) -> Iterator[AnyInput]:
    desk, service, counter = lobby.desks[0].id, lobby.services[0].id, lobby.devices[-1].address
    yield TakeOver(term=day.term + 1, holder="bench")
    yield OpenDay(day=service_day(lobby, at), lobby=lobby)
    yield OpenDesk(desk=desk, seen=day.desks[desk].seq, by="api")
    for number in range(tickets):
        name = f"{lobby.site.id}-{number:022}"
        yield IssueTicket(ticket=name, token_hash=name.zfill(64), service=service, language="en", channel="phone")
        if number >= STILL_WAIT:
            yield CallNext(desk=desk, seen=day.desks[desk].seq, by="api")
            yield Start(desk=desk, seen=day.desks[desk].seq, by="api")
    for passed in count(1):
        if day.seq >= events:
            return
        yield CountPeople(device=counter, epoch="bench", entered=passed, left=passed)
