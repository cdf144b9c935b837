"""Events: what happened, in the past tense, exactly as the journal keeps it.

Frozen: fields are only ever added, each with a default, so that every old journal can be replayed. No personal data:
a ticket is an opaque id and a number.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct, field

from hub.day.change_events import (
    LimitChanged,
    LimitScheduled,
    NoticePosted,
    NoticeWithdrawn,
    ServicePaused,
    ServiceResumed,
)
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.event import Event, OfTicket
from hub.day.inputs import CancelReason, Channel, EvacuatedBy
from hub.day.lobby import Lobby
from hub.day.number_events import RangeLeased, TicketAliased
from hub.day.people.room import Room as Reckoned
from hub.day.people_events import (
    CounterHeard,
    CounterSilenced,
    OverLimitBegan,
    OverLimitEnded,
    PeopleCorrected,
    PeopleCounted,
    PeopleReckoned,
    TotalsFellBack,
    TotalsImplausible,
)
from hub.day.place import PlaceTaken
from wire.messages import Paper

CallRule = Literal["earliest-due", "slot-guarded", "overdue", "help-out", "by-hand"]
"""Due first; due first of those who delay no appointment; due first and overdue, so no appointment is guarded against
it; overdue in a line with which the desk only helps out; picked by staff."""

PassedOver = Literal["later-due", "guards-slot", "help-out-early", "not-picked", "no-place"]
"""Due later; would have delayed an appointment; not overdue enough for a desk that only helps out; staff picked
somebody who is due later; no free place in the room of the desk, in which she is not."""


class CounterTotals(Struct, frozen=True, kw_only=True):
    """Where a counter stood when a day began."""

    device: str
    epoch: str
    entered: int
    left: int
    is_silent: bool = False


class RoomPeople(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many people a room held when a day began; None if it was not known."""

    room: str
    people: int | None
    deficit_people: int = 0
    """So many more had left than can have been inside; of a room that is not empty when the day turns."""
    reckoned: Reckoned | None = None
    """Of a room with a `gate_confidence`: what was learned, and who may be inside."""


class Appointment(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An appointment of the day. Who comes is known to the book alone."""

    appointment: str
    service: str
    slot_at: datetime
    code_hash: str
    party_people: int = 1


class DayOpened(Event, frozen=True, kw_only=True):
    """All that the day needs to know of the world before it."""

    day: date
    lobby: Lobby
    totals: tuple[CounterTotals, ...] = ()
    rooms: tuple[RoomPeople, ...] = ()
    paper: dict[str, Paper] = field(default_factory=dict)
    """`node/device` of each printer to what it said last."""
    appointments: tuple[Appointment, ...] = ()
    evacuated_since_at: datetime | None = None
    """The building was being evacuated when the day turned, and still is."""
    evacuated_by: EvacuatedBy | None = None


class DayClosed(Event, frozen=True, kw_only=True):
    day: date


class LobbyChanged(Event, frozen=True, kw_only=True):
    lobby: Lobby
    keeps_outside: bool = False
    """A service that no desk serves any more keeps its visitors outside; it let them in once."""


class TookOver(Event, frozen=True, kw_only=True):
    term: int
    holder: str


class TicketIssued(OfTicket, frozen=True, kw_only=True):
    token_hash: str
    service: str
    series: str
    """The letter before the number."""
    number: int
    """From 1 per series and day."""
    language: str
    channel: Channel
    due_at: datetime
    party_people: int = 1
    printer: str = ""
    outside: bool = False
    """Waits outside an admitted room until invited."""
    appointment: str = ""
    then: tuple[str, ...] = ()
    """Services that the visit goes on to."""
    priority: str = ""
    """Why `due_at` is earlier than for others."""
    earlier_s: int = 0
    """By how much."""
    request: str = ""
    """The wish of a kiosk's visitor that it answers."""
    offline: str = ""
    """`node/device` of the kiosk that gave the number by itself while it was cut off."""
    arrived_at: datetime | None = None
    """When its visitor came there; None if she came when the ticket was issued."""
    room: str = ""
    """The admitted room, or the innermost of several, in which the visitor is known to be; empty for none, and
    where the journal does not say."""
    door_code: str = ""
    """Which code of which sign proved that the visitor was here."""


class TicketAdmitted(OfTicket, frozen=True, kw_only=True):
    """A visitor is invited into an admitted room; a place is reserved until she is counted in, or `lapses_at`.

    The facts: with `upper_people` at most inside and `reserved_people` on their way, she fits into the limit.
    """

    room: str
    upper_people: int
    reserved_people: int
    limit_people: int
    lapses_at: datetime
    confidence: float | None = None
    """With which `upper_people` holds (0.5 to 1); None where no filter says so."""


class ReservationLapsed(OfTicket, frozen=True, kw_only=True):
    """The place of a visitor of whose party somebody was not counted in is kept no longer."""

    room: str
    outside: bool | None = None
    """Whether she waits outside from now on; None where the journal does not say: whoever had been invited did."""


class AppointmentKnown(Event, frozen=True, kw_only=True):
    appointment: str
    service: str
    slot_at: datetime
    code_hash: str
    party_people: int = 1


class AppointmentMoved(Event, frozen=True, kw_only=True):
    appointment: str
    service: str
    slot_at: datetime
    party_people: int = 1


class AppointmentCancelled(Event, frozen=True, kw_only=True):
    appointment: str


class Head(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One line's first ticket when a call was decided, and why it was passed over."""

    service: str
    number: str
    due_at: datetime
    why: PassedOver = "later-due"
    slot_of: str = ""
    """If `guards-slot`: the number whose appointment it would have delayed."""


class TicketCalled(OfTicket, frozen=True, kw_only=True):
    """A desk calls a ticket, with the facts that decided it. One that was missed or parked stands before the desk."""

    desk: str
    rule: CallRule
    due_at: datetime
    passed_over: tuple[Head, ...] = ()
    """The first of each other line that this desk serves, due first first."""
    finished: str = ""
    """The ticket whose visit at the desk, or whose step of it, ended by this call."""
    priority: str = ""
    earlier_s: int = 0
    """By how much its priority made it due earlier."""
    appointment: bool = False
    """It was due at the slot of its appointment."""
    overdue_max_s: int = 0
    """Nobody who is overdue by more than this is passed over; 0 where the journal does not say."""
    places: tuple[PlaceTaken, ...] = ()
    """In the admitted rooms on the way to the desk in which she is not yet."""
    kept_until_at: datetime | None = None
    """So long are the places kept for her, unless she is counted in before; None if the call needs none."""


class CallUndone(OfTicket, frozen=True, kw_only=True):
    """The called ticket is back at its very place in line."""

    desk: str
    restored: str = ""
    """The ticket that the call had sent away, and that is at the desk again."""
    outside: bool = False
    """Her place lapsed meanwhile: she waits outside an admitted room until invited."""


class TicketRecalled(OfTicket, frozen=True, kw_only=True):
    desk: str


class TicketMissed(OfTicket, frozen=True, kw_only=True):
    """The visitor did not come the first time; the ticket goes back in line at `back_at`."""

    desk: str
    back_at: datetime


class TicketReturned(OfTicket, frozen=True, kw_only=True):
    """The grace is over: back in line at the old place."""

    desk: str = ""
    """Whose staff saw her before them earlier, and called her at once; they call without this now."""
    outside: bool = False
    """She was not counted in, and no place is kept: she waits outside an admitted room until invited."""


class TicketParked(OfTicket, frozen=True, kw_only=True):
    """The visitor is to come back with what was missing; without a word of her the ticket ends at `until_at`."""

    desk: str
    until_at: datetime


class TicketResumed(OfTicket, frozen=True, kw_only=True):
    """A parked visitor is back: in line at the old place."""

    desk: str = ""
    """Whose staff said so; empty when the visitor did."""
    outside: bool = False
    """Waits outside an admitted room until invited."""


class TicketTransferred(OfTicket, frozen=True, kw_only=True):
    """The visitor goes on to wait for another service or desk. The number stays; `due_at` reckons from the arrival."""

    desk: str
    """That she leaves."""
    service: str
    due_at: datetime
    to_desk: str = ""
    """The only desk that may call her; empty for any that serves her."""
    outside: bool = False
    """Waits outside an admitted room until invited."""
    then: tuple[str, ...] = ()
    """Services that the visit still goes on to."""
    planned: bool = False
    """The step before it is done, and this was to be the next."""
    keeps_place: bool = False
    """She has not been counted in yet, and her place is kept as long as before."""


class ServiceStarted(OfTicket, frozen=True, kw_only=True):
    desk: str


class TicketServed(OfTicket, frozen=True, kw_only=True):
    desk: str
    place_until_at: datetime | None = None
    """So long is the place of somebody who was not counted in yet kept: the call that ended the visit may be undone."""


class TicketClosed(OfTicket, frozen=True, kw_only=True):
    """The ticket ended without having been served."""

    why: Literal["no-show", "cancelled", "day-end", "parked", "closing"]
    desk: str = ""
    """Whose staff cancelled it; empty otherwise."""
    reason: CancelReason | Literal[""] = ""
    """Why staff did."""


class TicketMerged(OfTicket, frozen=True, kw_only=True):
    """Two tickets of one visitor are one from now on; whoever looks for the duplicate finds this one."""

    duplicate: str
    due_at: datetime
    """Of the two, the earlier."""
    party_people: int = 0
    """Of the two, the larger. 0, and what follows by default, where the journal does not say: then nothing else of the
    duplicate was kept."""
    priority: str | None = None
    """That of the ticket which was due earlier."""
    earlier_s: int = 0
    times_missed: int = 0
    """Of the two, the more; so are these that follow."""
    times_lapsed: int = 0


class DeskOpened(Event, frozen=True, kw_only=True):
    desk: str


class DeskClosed(Event, frozen=True, kw_only=True):
    desk: str


class PaperNoted(Event, frozen=True, kw_only=True):
    device: str
    paper: Paper


AnyEvent = (
    DayOpened
    | DayClosed
    | LobbyChanged
    | TookOver
    | TicketIssued
    | TicketAliased
    | RangeLeased
    | TicketAdmitted
    | ReservationLapsed
    | AppointmentKnown
    | AppointmentMoved
    | AppointmentCancelled
    | TicketCalled
    | CallUndone
    | TicketRecalled
    | TicketMissed
    | TicketReturned
    | TicketParked
    | TicketResumed
    | TicketTransferred
    | ServiceStarted
    | TicketServed
    | TicketClosed
    | TicketMerged
    | DeskOpened
    | DeskClosed
    | PeopleCounted
    | TotalsFellBack
    | TotalsImplausible
    | CounterSilenced
    | CounterHeard
    | PeopleCorrected
    | PeopleReckoned
    | OverLimitBegan
    | OverLimitEnded
    | PaperNoted
    | EvacuationBegan
    | EvacuationEnded
    | LimitChanged
    | LimitScheduled
    | ServicePaused
    | ServiceResumed
    | NoticePosted
    | NoticeWithdrawn
)
