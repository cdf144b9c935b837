"""Events: what happened, in the past tense, exactly as the journal keeps it.

Frozen: fields are only ever added, each with a default, so that every old journal can be replayed. No personal data:
a ticket is an opaque id and a number.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from hub.day.inputs import Channel
from hub.day.lobby import Lobby
from wire.messages import CountQuality, Paper


class Event(Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Anything that happened."""


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
    paper: dict[str, Paper] = {}
    """`node/device` of each printer to what it said last."""
    appointments: tuple[Appointment, ...] = ()


class DayClosed(Event, frozen=True, kw_only=True):
    day: date


class LobbyChanged(Event, frozen=True, kw_only=True):
    lobby: Lobby


class TookOver(Event, frozen=True, kw_only=True):
    term: int
    holder: str


class TicketIssued(Event, frozen=True, kw_only=True):
    ticket: str
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


class TicketAdmitted(Event, frozen=True, kw_only=True):
    """A visitor is invited into an admitted room; a place is reserved until she is counted in, or `lapses_at`.

    The facts: with `upper_people` at most inside and `reserved_people` on their way, she fits into the limit.
    """

    ticket: str
    room: str
    upper_people: int
    reserved_people: int
    limit_people: int
    lapses_at: datetime


class ReservationLapsed(Event, frozen=True, kw_only=True):
    """The invited visitor was not counted in; she waits outside again."""

    ticket: str
    room: str


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


class Head(Struct, frozen=True, kw_only=True):
    """One line's first ticket when a call was decided."""

    service: str
    number: str
    due_at: datetime


class TicketCalled(Event, frozen=True, kw_only=True):
    """A desk calls a ticket, with the facts that decided it."""

    ticket: str
    desk: str
    rule: Literal["earliest-due"]
    due_at: datetime
    passed_over: tuple[Head, ...] = ()
    """The first of each other line that this desk serves."""


class TicketRecalled(Event, frozen=True, kw_only=True):
    ticket: str
    desk: str


class TicketMissed(Event, frozen=True, kw_only=True):
    """The visitor did not come the first time; the ticket goes back in line at `back_at`."""

    ticket: str
    desk: str
    back_at: datetime


class TicketReturned(Event, frozen=True, kw_only=True):
    """The grace is over: back in line at the old place."""

    ticket: str


class ServiceStarted(Event, frozen=True, kw_only=True):
    ticket: str
    desk: str


class TicketServed(Event, frozen=True, kw_only=True):
    ticket: str
    desk: str


class TicketClosed(Event, frozen=True, kw_only=True):
    """The ticket ended without having been served."""

    ticket: str
    why: Literal["no-show", "cancelled", "day-end"]


class DeskOpened(Event, frozen=True, kw_only=True):
    desk: str


class DeskClosed(Event, frozen=True, kw_only=True):
    desk: str


class PeopleCounted(Event, frozen=True, kw_only=True):
    """A counter's newest totals; the day takes the difference to what it knew."""

    device: str
    epoch: str
    entered: int
    left: int
    quality: CountQuality = CountQuality.OK


class TotalsFellBack(Event, frozen=True, kw_only=True):
    """A counter reported less than before within one epoch: ignored, and flagged."""

    device: str
    epoch: str
    entered: int
    left: int


class TotalsImplausible(Event, frozen=True, kw_only=True):
    """A counter reported more than any door lets through: ignored, and flagged until it says what can be."""

    device: str
    epoch: str
    entered: int
    left: int


class CounterSilenced(Event, frozen=True, kw_only=True):
    """A counter is not heard: its rooms are unknown."""

    device: str


class CounterHeard(Event, frozen=True, kw_only=True):
    """A silent counter is heard again; its next totals hold what it counted meanwhile."""

    device: str


class PeopleCorrected(Event, frozen=True, kw_only=True):
    """The people of a room as somebody saw them. Totals are never rewritten; tickets are never touched."""

    room: str
    people: int
    why: Literal["counted", "empty"]


class PaperNoted(Event, frozen=True, kw_only=True):
    device: str
    paper: Paper


AnyEvent = (
    DayOpened
    | DayClosed
    | LobbyChanged
    | TookOver
    | TicketIssued
    | TicketAdmitted
    | ReservationLapsed
    | AppointmentKnown
    | AppointmentMoved
    | AppointmentCancelled
    | TicketCalled
    | TicketRecalled
    | TicketMissed
    | TicketReturned
    | ServiceStarted
    | TicketServed
    | TicketClosed
    | DeskOpened
    | DeskClosed
    | PeopleCounted
    | TotalsFellBack
    | TotalsImplausible
    | CounterSilenced
    | CounterHeard
    | PeopleCorrected
    | PaperNoted
)
