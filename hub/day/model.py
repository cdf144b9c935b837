"""The service day as it stands: tickets, desks, lines, rooms. Changed by `apply` alone.

Lines are in the order in which people are due, one per service: the cost of a call does not grow with their length.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct
from sortedcontainers import SortedList

from hub.day.events import TicketCalled
from hub.day.gates import Way
from hub.day.hours import Opening
from hub.day.inputs import EvacuatedBy
from hub.day.line import DueKey, Line, Part, Parts
from hub.day.lobby import Desk, Device, Label, Lobby, Service
from hub.day.rooms import CounterState, Passage, RoomState, SameDoor, ScheduledLimit
from wire.messages import Paper

TicketId = str


class TicketState(StrEnum):
    WAITING = "waiting"
    ADMITTED = "admitted"
    """Invited into an admitted room: on the way in, or waiting there."""
    CALLED = "called"
    SERVING = "serving"
    MISSED = "missed"
    """Called in vain once; back in line after the grace."""
    PARKED = "parked"
    """Sent away by a desk to come back with what is missing; the place in line is kept."""
    SERVED = "served"
    CLOSED = "closed"
    """Ended without having been served."""


# Names of their own: before Python 3.12 looking a member up in its enumeration takes as long as a call.
WAITING, ADMITTED, CALLED, SERVING = TicketState.WAITING, TicketState.ADMITTED, TicketState.CALLED, TicketState.SERVING
SERVED, CLOSED = TicketState.SERVED, TicketState.CLOSED

AT_DESK = frozenset({CALLED, SERVING})
IN_LINE = frozenset({WAITING, ADMITTED})
ENDED = frozenset({SERVED, CLOSED})


class Ticket(Struct, kw_only=True, gc=False):
    """One visitor's (or party's) place in line."""

    id: TicketId
    ordinal: int
    token_hash: str
    service: str
    number: str
    """As people read it: `A042`."""
    language: str
    party_people: int
    printer: str
    issued_at: datetime
    due_at: datetime
    slot_at: datetime | None = None
    """Of the appointment for which it was issued in time; None for a walk-in, and after a transfer."""
    counts_from: datetime
    """Due less the target wait of the service: the arrival, or what counts as one. A transfer keeps it."""
    then: tuple[str, ...] = ()
    """Services that the visit still goes on to."""
    for_desk: str = ""
    """The only desk that may call it; empty for any that serves it."""
    state: TicketState = TicketState.WAITING
    desk: str = ""
    called_at: datetime | None = None
    times_called: int = 0
    """Calls and recalls since the last `TicketCalled`; boards ring at each."""
    times_missed: int = 0
    back_at: datetime | None = None
    parked_until_at: datetime | None = None
    was_away: bool = False
    """Has left since it was issued, or may have: called in vain, parked, evacuated."""
    is_outside: bool = False
    """Waits outside an admitted room; not callable before invited."""
    room: str = ""
    """The innermost admitted room in which she is, or into which she is invited or called; empty for none known."""
    times_lapsed: int = 0
    appointment: str = ""
    priority: str = ""
    earlier_s: int = 0
    """By how much the priority made it due earlier."""
    ended_at: datetime | None = None
    ended_why: str = ""
    merged: tuple[TicketId, ...] = ()
    """Duplicates that are this ticket now."""
    merged_into: TicketId = ""
    ended_reason: str = ""
    """Why staff cancelled it."""
    request: str = ""
    """The wish of a kiosk's visitor that it answers."""
    offline: str = ""
    """`node/device` of the kiosk that printed its number while it was cut off."""
    old_numbers: tuple[str, ...] = ()
    """Those that it had before it was known what stands on the slip."""

    @property
    def line_key(self) -> DueKey:
        return (self.due_at, self.ordinal, self.id)

    @property
    def part(self) -> Part:
        return (self.room, self.party_people, self.slot_at is not None)


def written(series: str, number: int) -> str:
    """A number as people read it."""
    return f"{series}{number:03d}"


class Leased(Struct, frozen=True):
    """Numbers that a kiosk may give while it is cut off."""

    device: str
    holder: str
    series: str
    first: int
    last: int
    at: datetime
    """When the kiosk got them: it gave none of them before."""


class Was(Struct, frozen=True, gc=False):
    """What a call, or the end of a visit that it brings, changes of a ticket: as it was before."""

    ticket: TicketId
    state: TicketState
    desk: str
    called_at: datetime | None
    times_called: int
    service: str
    due_at: datetime
    for_desk: str
    then: tuple[str, ...]
    slot_at: datetime | None
    room: str
    back_at: datetime | None
    parked_until_at: datetime | None
    places: tuple[tuple[str, datetime], ...]
    """Rooms in which a place was kept, and until when."""


class LastCall(Struct, frozen=True, gc=False):
    """A desk's newest call, and what it takes to undo it."""

    called: Was
    finished: Was | None
    """Of the ticket that was at the desk, if the call sent it away."""
    at: datetime
    seq: int
    why: TicketCalled
    room: str
    """Of the called ticket, just after the call. Any other shows that a place lapsed since."""


@dataclass(slots=True, kw_only=True)
class DeskState:
    """A desk and whom it has."""

    desk: Desk
    is_open: bool = False
    seq: int = 0
    """Journal position of the newest event at the desk; what staff saw (`seen`) is held against it."""
    ticket: TicketId = ""
    """The ticket that is called or being served here; empty when free."""
    line: Line = field(default_factory=Line)
    """Tickets that wait for this desk and no other."""
    parts: Parts | None = None
    """Those in `line`; None where nobody needs a place to be called."""
    call: LastCall | None = None
    left: Was | None = None
    """Of the ticket that left the desk last."""
    withdrawn: bool = False
    """No longer in the lobby's description: it does nothing any more."""


@dataclass(slots=True, kw_only=True)
class ServiceState:
    """A service, its line and its pace."""

    service: Service
    line: Line = field(default_factory=Line)
    """Tickets that any of its desks can call: in the room, or invited into it."""
    booked: Line = field(default_factory=Line)
    """Those in `line` that are due at the slot of an appointment."""
    parts: Parts | None = None
    """Those in `line`; None where nobody needs a place to be called."""
    for_desks: int = 0
    """Tickets that stand in the line of one desk."""
    outside: Line = field(default_factory=Line)
    """Tickets whose visitors wait to be invited."""
    admitted_room: str = ""
    """The admitted room into which its visitors are invited; empty if they may wait inside."""
    withdrawn: bool = False
    """No longer in the lobby's description: tickets stay until the day ends, no new one is issued."""
    calls_at: list[datetime] = field(default_factory=list)
    """The newest first calls, oldest first, at most `estimates.PACE_CALLS`."""
    gap_s: float | None = None
    """Between two of these calls, on average; None until there are enough."""
    tickets_called: int = 0
    open_desks: int = 0
    """Open desks that serve it, if only to help out."""
    own_desks: int = 0
    """Those of them that do not only help out."""

    @property
    def inside(self) -> int:
        """Tickets that can be called."""
        return len(self.line) + self.for_desks

    @property
    def waiting(self) -> int:
        """Tickets in line, inside and outside."""
        return len(self.line) + self.for_desks + len(self.outside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that all visitors of a place should know."""

    text: Label
    until_at: datetime | None
    """None until it is withdrawn."""


class AppointmentState(Struct, kw_only=True, gc=False):
    """An appointment of the day."""

    id: str
    service: str
    slot_at: datetime
    code_hash: str
    party_people: int
    ticket: TicketId = ""
    """Of its visitor, once checked in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evacuation:
    """Everybody is to leave the building."""

    since_at: datetime
    by: EvacuatedBy


@dataclass(slots=True, kw_only=True)
class Day:
    """One service day of one site. `day` is None before the first `DayOpened` and after `DayClosed`."""

    lobby: Lobby | None = None
    day: date | None = None
    ends_at: datetime | None = None
    """When the service day turns; None while none is open."""
    openings: tuple[Opening, ...] = ()
    """From the day before to the second one after, earliest first."""
    closes_at: datetime | None = None
    """The end of the day's last opening; None if it has none."""
    at: datetime | None = None
    """Of the newest event: time never goes back behind it."""
    seq: int = 0
    """Journal position of the newest event."""
    news_seq: int = 0
    """Of the newest one that moves more than signs: most counts of people do not."""
    needs_places: bool = False
    """A desk stands in another admitted room than its visitors are invited to: people there decide if it can call."""
    listens_since_at: datetime | None = None
    """Since when this hub hears the counters of the doors as they are described."""
    ruled_rooms: tuple[RoomState, ...] = ()
    """Those that are corrected by what the lobby file says of them; see `hub.day.corrections`."""
    learning_rooms: tuple[RoomState, ...] = ()
    """Those whose estimate moves though nobody crosses; see `hub.day.idle`."""
    empty_at: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    """Room to the instants of the day at which it is known to be empty."""
    scheduled_limits: dict[str, tuple[ScheduledLimit, ...]] = field(default_factory=dict)
    """Room to the limits that the lobby file says for certain hours; see `hub.day.schedule`."""
    evacuation: Evacuation | None = None
    """While the building is being evacuated. It outlasts the turn of the day."""
    alarms_due: dict[str, None] = field(default_factory=dict)
    """Rooms whose alarm is to begin or to end."""
    holds_rooms: bool = False
    """Some room that was full stays so until more people have left it."""
    term: int = 0
    tickets: dict[TicketId, Ticket] = field(default_factory=dict)
    by_token: dict[str, TicketId] = field(default_factory=dict)
    """Token hash to ticket; that of a duplicate to the ticket that it has become."""
    by_number: dict[str, TicketId] = field(default_factory=dict)
    """Number, as people read it, to ticket, as `by_token`."""
    numbers_issued: dict[str, int] = field(default_factory=dict)
    """Series to its newest number, those that kiosks gave by themselves left out. A series may change services."""
    by_request: dict[str, TicketId] = field(default_factory=dict)
    """A kiosk's wish to its ticket."""
    door_joins: dict[str, int] = field(default_factory=dict)
    """Each newer code of a sign to the tickets that were had with it."""
    leases: list[Leased] = field(default_factory=list)
    """Ranges of numbers that kiosks may give by themselves, oldest first."""
    appointments: dict[str, AppointmentState] = field(default_factory=dict)
    by_code: dict[str, str] = field(default_factory=dict)
    """Code hash to appointment; a cancelled one has none."""
    services: dict[str, ServiceState] = field(default_factory=dict)
    desks: dict[str, DeskState] = field(default_factory=dict)
    rooms: dict[str, RoomState] = field(default_factory=dict)
    counters: dict[str, CounterState] = field(default_factory=dict)
    ways: dict[str, Way] = field(default_factory=dict)
    """Room to the admitted rooms on the way there."""
    paused: dict[str, datetime | None] = field(default_factory=dict)
    """Service for which no tickets are issued to the instant at which it resumes by itself; None for never."""
    notices: dict[str, Notice] = field(default_factory=dict)
    """Room to what is posted there; the empty one is everywhere."""
    paper: dict[str, Paper] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    """`node/device` to its description."""
    gates: dict[str, str] = field(default_factory=dict)
    """Each room to the admitted room before it; see `hub.day.gates`."""
    passages: dict[str, Passage] = field(default_factory=dict)
    """`node/device` of each counter to where it stands."""
    same_doors: dict[str, SameDoor] = field(default_factory=dict)
    """`node/device` of each counter that watches what another one watches."""
    missed: "SortedList[tuple[datetime, TicketId]]" = field(default_factory=SortedList)
    """(back_at, ticket) of tickets in their grace."""
    parked: "SortedList[tuple[datetime, TicketId]]" = field(default_factory=SortedList)
    """(parked_until_at, ticket)."""
    transferred: dict[TicketId, None] = field(default_factory=dict)
    """Tickets that were ever transferred to one desk; most wait for it no more."""
    recent_calls: OrderedDict[TicketId, None] = field(default_factory=OrderedDict)
    """Called or recalled tickets, newest last, at most `RECENT_CALLS_MAX`, each once."""

    @property
    def is_open(self) -> bool:
        return self.day is not None

    def desk(self, name: str) -> DeskState | None:
        """A desk that the lobby has; None for any other."""
        known = self.desks.get(name)
        return None if known is None or known.withdrawn else known

    def holder(self, appointment: AppointmentState) -> Ticket | None:
        """The ticket with which somebody came to the appointment; None if nobody did, or that one ended unserved."""
        ticket = self.tickets.get(appointment.ticket)
        return None if ticket is None or ticket.state is CLOSED else ticket

    def is_served(self, service: str) -> bool:
        """Whether the lobby has a desk for it, open or not."""
        return any(service in it.desk.serves for it in self.desks.values() if not it.withdrawn)

    def last_number(self, series: str) -> int:
        """The newest of a series that is issued or leased, for whichever service; 0 for none."""
        issued = self.numbers_issued.get(series, 0)
        return max(issued, *[it.last for it in self.leases if it.series == series], 0) if self.leases else issued


RECENT_CALLS_MAX = 64
"""More than any board shows; the rest of the day is in the journal."""
