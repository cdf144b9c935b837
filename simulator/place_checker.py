"""Whether a place that is kept for an invited visitor is kept no longer than was promised.

It follows invitations and counted entries with code of its own: each entry takes the place that is kept longest. While
a counter of a room is not heard, nobody is seen to come in, and every place is kept.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from hub.day import events, people_events
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.lobby import DeviceKind, Lobby
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

MAY_BE_COUNTED = (
    events.DayOpened,
    events.LobbyChanged,
    people_events.PeopleCounted,
    people_events.CounterHeard,
)
"""With any of these a room may be counted that was not."""


class _Kept(Struct):
    """A place on the way."""

    ticket: str
    room: str
    until_at: datetime
    people: int
    """Who have not been counted in."""
    row: int
    """In which it was promised."""
    promised_at: datetime | None = None
    """Until when it was kept before its visitor had been served; None as long as she has not."""


def place_violations(entries: Sequence[Entry], numbers: dict[str, str], until: datetime, down: Down) -> Iterator[str]:
    """Places that are kept for good. `down` is when no hub could do anything."""
    places, lateness = _Places(), Lateness(down)
    for row in entries:
        if isinstance(row.event, events.TookOver):
            lateness.took_over(row.at)
        for kept in places.overdue(lateness, row.at):
            yield f"the place of {numbers[kept.ticket]} in {kept.room} was kept until {kept.until_at:%H:%M:%S}, and is"
        places.take(row.event, row.at)
    for kept in places.overdue(lateness, until):
        yield f"the place of {numbers[kept.ticket]} in {kept.room} was kept until {kept.until_at:%H:%M:%S}, and is"


class _Places:
    """All that are kept now, oldest first."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._row = 0
        self._is_evacuated = False
        self._calls: dict[str, int] = {}
        """Desk to the row of its newest call."""
        self._parties: dict[str, int] = {}
        self._totals: dict[str, dict[str, tuple[int, int]]] = {}
        """Counter to epoch to what it said last."""
        self._silent: set[str] = set()
        """Counters."""
        self._lobby: Lobby | None = None
        self._counters: dict[str, list[str]] = {}
        """Room to those at its doors."""

    def overdue(self, lateness: Lateness, at: datetime) -> list[_Kept]:
        """Those that should have lapsed; each once."""
        if self._is_evacuated:
            return []  # Nobody can come, and nobody is taken for not having come.
        late = [
            kept
            for kept in self._kept
            if lateness.is_late(kept.until_at, at) and (kept.promised_at or self._is_counted(kept.room))
        ]
        if late:
            self._kept = [kept for kept in self._kept if kept not in late]
        return late

    def take(self, event: events.AnyEvent, at: datetime) -> None:
        """What `event`, of that instant, changes."""
        self._row += 1
        if isinstance(event, EvacuationBegan | EvacuationEnded):
            self._kept, self._is_evacuated = [], isinstance(event, EvacuationBegan)
        if not isinstance(event, MAY_BE_COUNTED):
            self._take(event)
            return
        uncounted = {room for room in self._counters if not self._is_counted(room)}
        self._take(event)
        for kept in self._kept:
            if kept.room in uncounted and self._is_counted(kept.room):
                kept.until_at = max(kept.until_at, at)

    def _describe(self, lobby: Lobby) -> None:
        self._lobby = lobby
        counters = [(it.address, it.door) for it in lobby.devices if it.kind is DeviceKind.COUNTER]
        for room in lobby.rooms:
            doors = {door.id for door in lobby.doors if room.id in (door.from_room, door.to_room)}
            self._counters[room.id] = [address for address, door in counters if door in doors]

    def _is_counted(self, room: str) -> bool:
        """Whether each counter of the room has spoken, and is heard."""
        counters = self._counters[room]
        return bool(counters) and all(it in self._totals and it not in self._silent for it in counters)

    def _take(self, event: events.AnyEvent) -> None:
        match event:
            case events.DayOpened():
                self._kept, self._is_evacuated = [], event.evacuated_since_at is not None
                self._describe(event.lobby)
                self._totals = {}
                self._silent = {carried.device for carried in event.totals if carried.is_silent}
                for carried in event.totals:
                    totals = self._totals.setdefault(carried.device, {})
                    totals[carried.epoch] = (carried.entered, carried.left)
            case events.LobbyChanged(lobby=lobby):
                self._describe(lobby)
            case people_events.PeopleCounted():
                self._count(event)
            case people_events.CounterSilenced(device=device) | people_events.CounterHeard(device=device):
                is_silent = isinstance(event, people_events.CounterSilenced)
                self._silent = self._silent | {device} if is_silent else self._silent - {device}
            case _:
                self._take_ticket(event)

    def _take_ticket(self, event: events.AnyEvent) -> None:
        match event:
            case events.TicketIssued(ticket=ticket, party_people=people):
                self._parties[ticket] = people
            case events.TicketAdmitted(ticket=ticket, room=room, lapses_at=until_at):
                self._kept.append(_Kept(ticket, room, until_at, self._parties[ticket], self._row))
            case events.TicketMerged(duplicate=ticket):
                self._leave(ticket)
            case events.TicketServed(ticket=ticket, place_until_at=datetime() as until_at):
                for kept in self._of(ticket):
                    kept.until_at, kept.promised_at = until_at, kept.until_at
            case events.TicketCalled(desk=desk):
                self._calls[desk] = self._row
            case events.CallUndone():
                self._undo(event)
            case events.TicketTransferred(keeps_place=True):
                pass
            case _ if isinstance(event, LEAVES):
                self._leave(event.ticket)
            case _:
                pass

    def _undo(self, event: events.CallUndone) -> None:
        """Whom the call sent away has the places that she had before it, and none that were promised since."""
        called = self._calls[event.desk]
        self._kept = [kept for kept in self._kept if kept.ticket != event.restored or kept.row < called]
        for kept in self._of(event.restored):
            kept.until_at, kept.promised_at = kept.promised_at or kept.until_at, None

    def _of(self, ticket: str) -> list[_Kept]:
        return [kept for kept in self._kept if kept.ticket == ticket]

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
