"""Inputs: what people, devices and the passing of time ask of the day. Imperative, and free to be refused.

Everything random or secret that a decision needs (`ticket`, `token_hash`) is chosen by whoever asks, so that
`decide` stays pure.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from hub.day.lobby import Label, Lobby
from wire.messages import CountQuality, Paper

Channel = Literal["phone", "kiosk", "desk", "api"]
"""`api` is a program of the house, or its staff; whoever else comes over the API is a visitor with a kind of phone."""
By = Literal["panel", "page", "api"]
CancelReason = Literal["left", "wrong-service", "mistake", "other"]
"""The visitor is gone, it was for another service, it was issued by mistake."""

LimitReason = Literal["", "safety", "closed-part", "few-staff", "event", "other"]
"""For people's safety, part of the room cannot be used, not enough staff are here, something special takes place. Empty
for a limit that is set back."""


EvacuatedBy = Literal["facilities", "manager", "admin", "program"]
"""Whose order it was, by role."""


class Input(Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """Anything that is asked of the day."""


class OpenDay(Input, frozen=True, kw_only=True):
    """Begin the service day `day` with this lobby; what is carried over comes from the day before."""

    day: date
    lobby: Lobby
    appointments: "tuple[KnowAppointment, ...]" = ()
    """Those of the day, as the book has them."""


class CloseDay(Input, frozen=True, kw_only=True):
    """End the service day; tickets that are still open are closed."""


class ChangeLobby(Input, frozen=True, kw_only=True):
    """The lobby file changed while the day is open."""

    lobby: Lobby


class TakeOver(Input, frozen=True, kw_only=True):
    """A new owner of the site begins to write."""

    term: int
    holder: str


class IssueTicket(Input, frozen=True, kw_only=True):
    """A visitor joins the line of a service."""

    ticket: str
    """The new ticket's opaque id, 128 bits."""
    token_hash: str
    """Of the token in the ticket's address; the token itself is stored nowhere."""
    service: str
    language: str
    channel: Channel
    party_people: int = 1
    then: tuple[str, ...] | None = None
    """Services that the visit goes on to; None for what the service says itself."""
    priority: str = ""
    """Why she is to be called earlier; empty for no reason."""
    printer: str = ""
    """`node/device` of the printer that shall print a slip; empty for none."""
    room: str = ""
    """The room in which the visitor is known to be; empty for outside, or wherever a phone may be."""
    request: str = ""
    """A kiosk's name for the wish, which it may fulfil by itself; empty where nobody else can."""
    door_code: str = ""
    """Which code of which sign proved that the visitor is here; empty where none is needed."""


class CheckIn(Input, frozen=True, kw_only=True):
    """Somebody with an appointment is here."""

    code_hash: str
    """Of the invitation's code."""
    ticket: str
    token_hash: str
    language: str
    channel: Channel
    printer: str = ""
    room: str = ""
    request: str = ""
    """A kiosk's name for the wish; empty where nobody else is told of it."""


class KnowAppointment(Input, frozen=True, kw_only=True):
    """The book has an appointment for the open day. Who comes is known to the book alone."""

    appointment: str
    """Opaque."""
    service: str
    slot_at: datetime
    code_hash: str
    party_people: int = 1


class MoveAppointment(Input, frozen=True, kw_only=True):
    """An appointment that has not been checked in is at another time, or for another service."""

    appointment: str
    service: str
    slot_at: datetime
    party_people: int = 1


class CancelAppointment(Input, frozen=True, kw_only=True):
    appointment: str


class LeaseRange(Input, frozen=True, kw_only=True):
    """A kiosk needs numbers that it may give while it is cut off."""

    device: str
    """`node/device`."""
    holder: str
    """Names the kiosk's memory of what it has given."""
    next: int
    """The first number that it has not given; 0 when it has none."""


class HandInTicket(Input, frozen=True, kw_only=True):
    """A kiosk that was cut off gave a ticket by itself; its visitor waits with the slip."""

    ticket: str
    """Opaque id of the ticket, if the wish has none yet."""
    token_hash: str
    request: str
    device: str
    """`node/device` of the kiosk."""
    service: str
    language: str
    party_people: int = 1
    day: date
    series: str
    number: int
    arrived_at: datetime
    """When the visitor asked."""


class OpenDesk(Input, frozen=True, kw_only=True):
    desk: str
    seen: int | None = None
    by: By


class CloseDesk(Input, frozen=True, kw_only=True):
    """Staff leave the desk; a ticket that is called or being served there is finished first."""

    desk: str
    seen: int | None = None
    by: By


class CallNext(Input, frozen=True, kw_only=True):
    """Finish whoever is at the desk, then call who is due first."""

    desk: str
    seen: int | None
    """The desk sequence that staff saw; None only for callers that cannot know it."""
    by: By


class PickTicket(Input, frozen=True, kw_only=True):
    """Finish whoever is at the desk, then call this ticket whoever is due first."""

    desk: str
    ticket: str
    seen: int | None
    by: By


class UndoCall(Input, frozen=True, kw_only=True):
    """The desk's newest call was a slip of the hand: as if it had not been."""

    desk: str
    seen: int | None
    by: By


class Recall(Input, frozen=True, kw_only=True):
    """Call the same ticket again."""

    desk: str
    seen: int | None
    by: By


class NoShow(Input, frozen=True, kw_only=True):
    """The called visitor did not come: back in line once after a grace, closed the second time."""

    desk: str
    seen: int | None
    by: By


class Start(Input, frozen=True, kw_only=True):
    """The called visitor is at the desk."""

    desk: str
    seen: int | None
    by: By


class Finish(Input, frozen=True, kw_only=True):
    """The visitor at the desk has been served."""

    desk: str
    seen: int | None
    by: By


class Park(Input, frozen=True, kw_only=True):
    """The visitor at the desk is to come back with what is missing: the place in line is kept, the desk is free."""

    desk: str
    seen: int | None
    by: By


class Transfer(Input, frozen=True, kw_only=True):
    """The visitor at the desk goes on to another service or another desk, and waits there as long as she is here."""

    desk: str
    seen: int | None
    by: By
    service: str = ""
    """Empty: the same."""
    to_desk: str = ""
    """The only desk that may call her; empty for any that serves her."""


class ResumeTicket(Input, frozen=True, kw_only=True):
    """A parked visitor is back, and in line again at the old place."""

    ticket: str
    desk: str = ""
    """Whose staff says so; empty when the visitor does."""


class CancelTicket(Input, frozen=True, kw_only=True):
    """The visitor gives the ticket back, or staff of a desk end it for a reason."""

    ticket: str
    desk: str = ""
    """Whose staff; empty when the visitor does."""
    reason: CancelReason | Literal[""] = ""
    """That of staff; a visitor need not say one."""


class MergeTickets(Input, frozen=True, kw_only=True):
    """Staff see that two tickets are of one visitor: the earlier arrival counts, one number stays."""

    ticket: str
    duplicate: str


class CountPeople(Input, frozen=True, kw_only=True):
    """The newest totals of a counter."""

    device: str
    """`node/device`."""
    epoch: str
    entered: int
    left: int
    quality: CountQuality = CountQuality.OK


class NoteSilence(Input, frozen=True, kw_only=True):
    """A counter has not been heard for too long, or is heard again."""

    device: str
    is_silent: bool


class CorrectPeople(Input, frozen=True, kw_only=True):
    """Somebody has counted the people in a room, or knows that it is empty."""

    room: str
    people: int
    why: Literal["counted", "empty"]


class ChangeLimit(Input, frozen=True, kw_only=True):
    """A room is to hold another number of people until the day turns."""

    room: str
    limit_people: int | None
    """None for what the lobby file says."""
    why: LimitReason = ""


class PauseService(Input, frozen=True, kw_only=True):
    """No more tickets for a service; who has one is still called."""

    service: str
    until_at: datetime | None = None
    """None until somebody resumes it."""


class ResumeService(Input, frozen=True, kw_only=True):
    service: str


class PostNotice(Input, frozen=True, kw_only=True):
    """Something that all visitors should know; it takes the place of what was posted there before."""

    text: Label
    room: str = ""
    """Empty for everywhere."""
    until_at: datetime | None = None
    """None until somebody withdraws it."""


class WithdrawNotice(Input, frozen=True, kw_only=True):
    room: str = ""


class Evacuate(Input, frozen=True, kw_only=True):
    """Everybody is to leave the building."""

    by: EvacuatedBy


class EndEvacuation(Input, frozen=True, kw_only=True):
    """People may come back."""

    by: EvacuatedBy
    people: dict[str, int] = {}
    """Room to the people who are in it all the same; the other rooms are empty."""


class NotePaper(Input, frozen=True, kw_only=True):
    """A printer says what its paper is like."""

    device: str
    paper: Paper


class Expire(Input, frozen=True, kw_only=True):
    """A press or request that came too late to mean anything: refused as expired, and remembered."""

    age_ms: int | None
    """None when it was stamped by another boot of the hub, or not at all."""


class Elapse(Input, frozen=True, kw_only=True):
    """Time has passed: whatever was due changes now."""


DeskKey = OpenDesk | CloseDesk | CallNext | Recall | NoShow | Start | Finish | Park | Transfer | UndoCall
"""What needs nothing but the desk, unless it wants to say more."""

DeskInput = DeskKey | PickTicket
AnyInput = (
    OpenDay
    | CloseDay
    | ChangeLobby
    | TakeOver
    | IssueTicket
    | CancelTicket
    | ResumeTicket
    | MergeTickets
    | CheckIn
    | KnowAppointment
    | MoveAppointment
    | CancelAppointment
    | LeaseRange
    | HandInTicket
    | DeskInput
    | CountPeople
    | NoteSilence
    | CorrectPeople
    | NotePaper
    | ChangeLimit
    | PauseService
    | ResumeService
    | PostNotice
    | WithdrawNotice
    | Evacuate
    | EndEvacuation
    | Expire
    | Elapse
)
