"""Whether a place that is kept for an invited visitor is kept no longer than was promised.

It follows invitations and counted entries with code of its own: each entry takes the place that is kept longest.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from hub.day import events, people_events
from hub.day.lobby import Lobby
from hub.journal import Entry
from simulator.time_checker import Down, Lateness

LEAVES = (
    events.TicketClosed,
    events.TicketParked,
    events.TicketTransferred,
    events.TicketServed,
    events.ReservationLapsed,
)
"""Whoever does so has no place kept any more."""


class _Kept(Struct):
    """A place on the way."""

    ticket: str
    room: str
    until_at: datetime
    people: int
    """Who have not been counted in."""


def place_violations(entries: Sequence[Entry], numbers: dict[str, str], until: datetime, down: Down) -> Iterator[str]:
    """Places that are kept for good. `down` is when no hub could do anything."""
    places, lateness = _Places(), Lateness(down)
    for row in entries:
        if isinstance(row.event, events.TookOver):
            lateness.took_over(row.at)
        for kept in places.overdue(lateness, row.at):
            yield f"the place of {numbers[kept.ticket]} in {kept.room} was kept until {kept.until_at:%H:%M:%S}, and is"
        places.take(row.event)
    for kept in places.overdue(lateness, until):
        yield f"the place of {numbers[kept.ticket]} in {kept.room} was kept until {kept.until_at:%H:%M:%S}, and is"


class _Places:
    """All that are kept now, oldest first."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._parties: dict[str, int] = {}
        self._totals: dict[str, dict[str, tuple[int, int]]] = {}
        """Counter to epoch to what it said last."""
        self._lobby: Lobby | None = None

    def overdue(self, lateness: Lateness, at: datetime) -> list[_Kept]:
        """Those that should have lapsed; each once."""
        late = [kept for kept in self._kept if lateness.is_late(kept.until_at, at)]
        if late:
            self._kept = [kept for kept in self._kept if kept not in late]
        return late

    def take(self, event: events.AnyEvent) -> None:
        match event:
            case events.DayOpened():
                self._kept, self._lobby = [], event.lobby
                self._totals = {}
                for carried in event.totals:
                    totals = self._totals.setdefault(carried.device, {})
                    totals[carried.epoch] = (carried.entered, carried.left)
            case events.LobbyChanged(lobby=lobby):
                self._lobby = lobby
            case events.TicketIssued(ticket=ticket, party_people=people):
                self._parties[ticket] = people
            case events.TicketAdmitted(ticket=ticket, room=room, lapses_at=until_at):
                self._kept.append(_Kept(ticket, room, until_at, self._parties[ticket]))
            case events.TicketMerged(duplicate=ticket) | events.CallUndone(restored=ticket):
                self._leave(ticket)
            case people_events.PeopleCounted():
                self._count(event)
            case _ if isinstance(event, LEAVES):
                self._leave(event.ticket)
            case _:
                pass

    def _leave(self, ticket: str) -> None:
        self._kept = [kept for kept in self._kept if kept.ticket != ticket]

    def _count(self, event: people_events.PeopleCounted) -> None:
        is_first = event.device not in self._totals
        totals = self._totals.setdefault(event.device, {})
        before = (event.entered, event.left) if is_first else totals.get(event.epoch, (0, 0))
        totals[event.epoch] = (event.entered, event.left)
        assert self._lobby is not None
        door_of = {device.address: device.door for device in self._lobby.devices}
        for door in self._lobby.doors:
            if door.id == door_of.get(event.device):
                self._come(door.to_room, event.entered - before[0])
                self._come(door.from_room, event.left - before[1])

    def _come(self, room: str, people: int) -> None:
        for kept in self._kept:
            if kept.room == room and people > 0:
                came = min(people, kept.people)
                kept.people -= came
                people -= came
        self._kept = [kept for kept in self._kept if kept.people]
