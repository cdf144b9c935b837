"""A day as its journal's rows tell it, followed for the checkers of the rules: tickets, lines and desks.

It decides nothing and doubts nothing: what a row says is so. It knows no code of the hub beyond the events and the
lobby's description.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from hub.day import events
from hub.day.lobby import Desk, Lobby, Service
from simulator.lobby_facts import LobbyFacts, ServiceDay

Turn = tuple[datetime, int]
"""Due, then the order of arrival."""
LineName = tuple[str, str]
"""`of` a service or desk, or `before` the gate of a service; and its id."""


class Place(StrEnum):
    """Where a ticket is; always in one place."""

    WAITING = "waiting"
    INVITED = "invited"
    CALLED = "called"
    SERVING = "being served"
    MISSED = "missed"
    PARKED = "parked"
    SERVED = "served"
    CLOSED = "closed"


IN_LINE = frozenset({Place.WAITING, Place.INVITED})
AT_DESK = frozenset({Place.CALLED, Place.SERVING})
OVER = frozenset({Place.SERVED, Place.CLOSED})


@dataclass(slots=True, kw_only=True)
class FollowedTicket:
    """One ticket."""

    id: str
    number: str
    service: str
    order: int
    """Of arrival, within the day."""
    arrived_at: datetime
    due_at: datetime
    counts_from: datetime
    """The arrival, or what counts as one: due less the target wait."""
    then: tuple[str, ...]
    is_outside: bool
    slot_at: datetime | None
    """Of its appointment, at which it is due."""
    appointment: str
    priority: str
    earlier_s: int
    party_people: int
    place: Place = Place.WAITING
    since_at: datetime
    """In this place."""
    desk: str = ""
    only_desk: str = ""
    """The only one that may call it."""
    was_called: bool = False
    calls: int = 0
    """This call and its repetitions."""
    misses: int = 0
    lapses: int = 0
    until_at: datetime | None = None
    """Missed: back in line; parked: the end."""
    ended_why: str = ""
    """If it has ended unserved."""
    places_kept: dict[str, datetime] = field(default_factory=dict)
    """In admitted rooms, until when. Never changed in itself: a copy of the ticket shares it."""

    @property
    def has_slot(self) -> bool:
        return self.slot_at is not None

    @property
    def nearness(self) -> tuple[int, datetime, int]:
        """Of two tickets of one visitor the lesser stays: called already, or in line inside, or came first."""
        if self.place in AT_DESK:
            how_far = 0
        elif self.place in IN_LINE:
            how_far = 1 + self.is_outside
        else:
            how_far = 3
        return how_far, self.arrived_at, self.order

    @property
    def turn(self) -> Turn:
        return self.due_at, self.order


@dataclass(slots=True, kw_only=True)
class Left:
    """A ticket that left a desk, as it was there."""

    seq: int
    ticket: FollowedTicket


@dataclass(slots=True, kw_only=True)
class Call:
    """A desk's newest call."""

    seq: int
    at: datetime
    before: FollowedTicket
    """The called ticket as it was."""
    finished: FollowedTicket | None
    """Whom the call sent away, as it was at the desk."""


@dataclass(slots=True, kw_only=True)
class FollowedDesk:
    """One desk and whom it has."""

    desk: Desk
    is_open: bool = False
    ticket: str = ""
    touched_seq: int = 0
    """Of the newest row about it."""
    call: Call | None = None
    left: Left | None = None


@dataclass(slots=True, kw_only=True)
class FollowedAppointment:
    service: str
    slot_at: datetime
    party_people: int
    ticket: str = ""


@dataclass(kw_only=True)
class FollowedDay:
    """One service day."""

    facts: LobbyFacts
    hours: ServiceDay
    services: dict[str, Service] = field(default_factory=dict)
    """Also those that the lobby no longer has: tickets of theirs wait on."""
    desks: dict[str, FollowedDesk] = field(default_factory=dict)
    tickets: dict[str, FollowedTicket] = field(default_factory=dict)
    lines: dict[LineName, dict[str, FollowedTicket]] = field(default_factory=dict)
    appointments: dict[str, FollowedAppointment] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    """Series to the newest number that is issued, or leased to a kiosk."""
    leases: list[tuple[str, range, datetime]] = field(default_factory=list)
    """Series and numbers that a kiosk got for itself, and when."""
    door_joins: Counter[str] = field(default_factory=Counter)
    """Code of a sign to the tickets that were had with it."""
    paused: dict[str, datetime | None] = field(default_factory=dict)
    """Service to the end of its pause, if that is known."""
    notices: dict[str, datetime | None] = field(default_factory=dict)
    """Room, or nothing for everywhere, to when its notice ends, if it does."""

    evacuated_at: datetime | None = None
    """Since when the building is being evacuated."""
    limits: dict[str, int | None] = field(default_factory=dict)
    """Room to the limit that the lobby file wants at this hour, as the rows say it."""

    def number(self, ticket: str) -> str:
        """As people read it."""
        return self.tickets[ticket].number if ticket in self.tickets else ticket or "nobody"

    # --- the lobby -------------------------------------------------------------------------------------------

    def describe(self, lobby: Lobby) -> None:
        """The lobby is as it says from now on."""
        self.facts = LobbyFacts(lobby, self.facts)
        self.hours = ServiceDay(lobby, self.hours.day)
        self.services |= self.facts.services
        for desk in self.desks.values():
            desk.is_open = desk.is_open and desk.desk.id in self.facts.desks
        for described in lobby.desks:
            self.desks.setdefault(described.id, FollowedDesk(desk=described)).desk = described
        for ticket in self.waiting(("before", it) for it in self.services):
            if not self.facts.gate_of_service.get(ticket.service):
                self.move(ticket, ticket.place, ticket.since_at, is_outside=False)
        self.send_on_from_desks()

    def parked_for(self, at: datetime) -> timedelta:
        """How long the place of whoever is sent away is kept: nobody can come back when the lobby has closed."""
        park, closes_at = timedelta(seconds=self.facts.site.park_s), self.hours.closes_at
        return park if closes_at is None or at >= closes_at else min(park, closes_at - at)

    def may_take(self, desk: Desk, ticket: FollowedTicket) -> bool:
        """Whether a desk that sees the visitor may call her: it serves her, or the lobby has no desk that does."""
        able = {it for known in self.facts.desks.values() for it in (*known.services, *known.helps)}
        return ticket.service in (*desk.services, *desk.helps) or ticket.service not in able

    def sent_away_at(self, ticket: FollowedTicket) -> datetime | None:
        """When it ends because the lobby closes, if that ends tickets: with an appointment not before she is late."""
        closes_at = self.hours.closes_at
        if closes_at is None or ticket.slot_at is None:
            return closes_at
        return max(closes_at, ticket.slot_at + timedelta(seconds=self.facts.site.late_s))

    # --- lines -----------------------------------------------------------------------------------------------

    def waiting(self, names: Iterable[LineName]) -> Iterator[FollowedTicket]:
        """Whoever stands in these lines, in no order."""
        for name in names:
            yield from list(self.lines.get(name, {}).values())

    def first(self, name: LineName, without: tuple[str, ...] = ()) -> FollowedTicket | None:
        """Who is due first in a line, leaving out `without`."""
        line = self.lines.get(name)
        if not line:
            return None
        return min((it for it in line.values() if it.id not in without), key=lambda it: it.turn, default=None)

    def _line(self, ticket: FollowedTicket) -> dict[str, FollowedTicket]:
        if ticket.is_outside:
            name = ("before", ticket.service)
        else:
            name = ("desk", ticket.only_desk) if ticket.only_desk else ("of", ticket.service)
        return self.lines.setdefault(name, {})

    def out_of_line(self, ticket: FollowedTicket) -> None:
        if ticket.place in IN_LINE:
            self._line(ticket).pop(ticket.id, None)

    def into_line(self, ticket: FollowedTicket) -> None:
        """A desk that is closed, or serves something else, is not waited for."""
        if ticket.place not in IN_LINE:
            return
        if ticket.only_desk and not ticket.is_outside and not self._can_call(ticket.only_desk, ticket):
            ticket.only_desk = ""
        self._line(ticket)[ticket.id] = ticket

    def _can_call(self, desk_id: str, ticket: FollowedTicket) -> bool:
        desk = self.desks[desk_id]
        return desk.is_open and ticket.service in (*desk.desk.services, *desk.desk.helps)

    def send_on_from_desks(self) -> None:
        """Nobody waits for a desk alone that cannot call her, wherever she waits, nor when it can again."""
        for ticket in self.tickets.values():
            if ticket.only_desk and ticket.place not in OVER and not self._can_call(ticket.only_desk, ticket):
                self.out_of_line(ticket)
                ticket.only_desk = ""
                self.into_line(ticket)

    def move(self, ticket: FollowedTicket, place: Place, at: datetime, *, is_outside: bool | None = None) -> None:
        """The ticket is in `place` from now on, and nowhere else. Leaving a desk is for `leave`."""
        self.out_of_line(ticket)
        if is_outside is not None:
            ticket.is_outside = is_outside
        ticket.place, ticket.since_at = place, at
        self.into_line(ticket)

    # --- desks -----------------------------------------------------------------------------------------------

    def leave(self, ticket: FollowedTicket, seq: int) -> None:
        """The ticket leaves the desk where it is, if it is at one."""
        desk = self.desks.get(ticket.desk)
        if ticket.place in AT_DESK and desk is not None:
            desk.left = Left(seq=seq, ticket=copy(ticket))
            desk.ticket, desk.touched_seq = "", seq
        ticket.desk, ticket.until_at = "", None

    def finished_by(self, call: events.TicketCalled, seq: int) -> FollowedTicket | None:
        """Whom a call at `seq` sent away, as she was at the desk; None if that is not what the row before it says."""
        left = self.desks[call.desk].left
        return left.ticket if left is not None and left.seq == seq - 1 and left.ticket.id == call.finished else None
