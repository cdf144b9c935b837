"""The service day as it stands: tickets, desks, lines, rooms. Changed by `apply` alone.

Lines are sorted by due time, one per service, so that the cost of a call does not grow with their length.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sortedcontainers import SortedList

from hub.day.lobby import Desk, Device, Lobby, Room, Service
from wire.messages import CountQuality, Paper

TicketId = str
DueKey = tuple[datetime, int, TicketId]
"""(due_at, ordinal of issue, ticket): equal due times are served in the order of issue."""


class TicketState(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    MISSED = "missed"
    """Called in vain once; back in line after the grace."""
    SERVED = "served"
    CLOSED = "closed"
    """Ended without having been served."""


ENDED = frozenset({TicketState.SERVED, TicketState.CLOSED})


@dataclass(slots=True, kw_only=True)
class Ticket:
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
    state: TicketState = TicketState.WAITING
    desk: str = ""
    called_at: datetime | None = None
    times_called: int = 0
    """Calls and recalls since the last `TicketCalled`; boards ring at each."""
    times_missed: int = 0
    back_at: datetime | None = None
    ended_at: datetime | None = None
    ended_why: str = ""

    @property
    def line_key(self) -> DueKey:
        return (self.due_at, self.ordinal, self.id)


@dataclass(slots=True, kw_only=True)
class DeskState:
    """A desk and whom it has."""

    desk: Desk
    is_open: bool = False
    seq: int = 0
    """Journal position of the newest event at the desk; what staff saw (`seen`) is held against it."""
    ticket: TicketId = ""
    """The ticket that is called or being served here; empty when free."""


@dataclass(slots=True, kw_only=True)
class ServiceState:
    """A service, its line and its pace."""

    service: Service
    numbers_issued: int = 0
    line: "SortedList[DueKey]" = field(default_factory=SortedList)
    withdrawn: bool = False
    """No longer in the lobby's description: tickets stay until the day ends, no new one is issued."""
    calls_at: list[datetime] = field(default_factory=list)
    """The newest first calls, oldest first, at most `estimates.PACE_CALLS`."""
    tickets_called: int = 0


@dataclass(slots=True, kw_only=True)
class CounterState:
    """What a counter said last, per epoch."""

    device: str
    epoch: str
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Epoch to (entered, left)."""
    quality: CountQuality = CountQuality.OK
    counted_at: datetime | None = None
    fell_back: set[str] = field(default_factory=set)
    """Epochs in which the totals once fell back; flagged once each."""
    epochs_seen: int = 1
    """More than one: the counter started anew, and people who crossed meanwhile are missing."""


@dataclass(slots=True, kw_only=True)
class RoomState:
    """A room and its people as counted."""

    room: Room
    people: int | None = None
    """None until a counter of one of its doors has spoken."""
    highest_people: int = 0
    entered_people: int = 0
    left_people: int = 0


@dataclass(slots=True, kw_only=True)
class Day:
    """One service day of one site. `day` is None before the first `DayOpened` and after `DayClosed`."""

    lobby: Lobby | None = None
    day: date | None = None
    at: datetime | None = None
    """Of the newest event: time never goes back behind it."""
    seq: int = 0
    """Journal position of the newest event."""
    term: int = 0
    tickets: dict[TicketId, Ticket] = field(default_factory=dict)
    by_token: dict[str, TicketId] = field(default_factory=dict)
    """Token hash to ticket."""
    services: dict[str, ServiceState] = field(default_factory=dict)
    desks: dict[str, DeskState] = field(default_factory=dict)
    rooms: dict[str, RoomState] = field(default_factory=dict)
    counters: dict[str, CounterState] = field(default_factory=dict)
    paper: dict[str, Paper] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    """`node/device` to its description."""
    missed: "SortedList[tuple[datetime, TicketId]]" = field(default_factory=SortedList)
    """(back_at, ticket) of tickets in their grace."""
    recent_calls: list[TicketId] = field(default_factory=list)
    """Called or recalled tickets, newest first, at most `RECENT_CALLS_MAX`, each once."""

    @property
    def is_open(self) -> bool:
        return self.day is not None


RECENT_CALLS_MAX = 64
"""More than any board shows; the rest of the day is in the journal."""
