"""Messages: what travels on each leaf.

Unknown fields are ignored, so that an older reader survives a newer writer. A known field of a wrong type or out of
its range refuses the whole message. Fields are only ever added, each with a default. Nothing here holds personal data.

Instants end in `_at` and are aware UTC; durations end in `_s` or `_ms`. A `Label` is a text in several languages,
language code (`fr`, `en`) to text.
"""

# ruff: noqa: RUF012 - msgspec gives each message a default list of its own

from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from wire.device_events import CheckInRequest as CheckInRequest
from wire.device_events import Event as Event
from wire.device_events import Key as Key
from wire.device_events import NumbersWanted as NumbersWanted
from wire.device_events import Paper as Paper
from wire.device_events import PaperChanged as PaperChanged
from wire.device_events import Press as Press
from wire.device_events import TicketGiven as TicketGiven
from wire.device_events import TicketRequest as TicketRequest
from wire.node_reports import Count as Count
from wire.node_reports import CountQuality as CountQuality
from wire.node_reports import DeviceInfo as DeviceInfo
from wire.node_reports import Health as Health
from wire.node_reports import Machine as Machine
from wire.node_reports import NodeState as NodeState
from wire.node_reports import NodeStatus as NodeStatus
from wire.parts import GateState as GateState
from wire.parts import Heard as Heard
from wire.parts import Id as Id
from wire.parts import Instant as Instant
from wire.parts import Label as Label
from wire.parts import Language as Language
from wire.parts import Letter as Letter
from wire.parts import Message as Message
from wire.parts import Millis as Millis
from wire.parts import Natural as Natural
from wire.parts import People as People
from wire.parts import Text as Text
from wire.parts import Token as Token


class FromHub(Message, frozen=True, kw_only=True):
    """Anything the hub says. A node ignores a lower term than the highest it has heard on that topic, and a view or
    setting of a lower seq. Jobs and receipts may come again behind newer ones; their ids tell them apart."""

    term: Natural
    """Grows with each owner of the site; a paused and resumed old owner speaks with a lower one."""
    seq: Natural
    """The journal position that this message was made from."""


# --- the hub's clock -------------------------------------------------------------------------------------------


class HubTime(FromHub, frozen=True, kw_only=True):
    """The hub's clock, sent every second, never retained."""

    boot: Token
    """New at every start of the hub: a press stamped with another boot is expired."""
    ms: Millis
    """The hub's monotonic clock."""
    wall_at: Instant


class Head(FromHub, frozen=True, kw_only=True):
    """Where a site's journal ends, retained, for the hub that comes after this one: if its journal ends before that, or
    holds another row there, it has lost what it once told."""

    boot: Token
    """Whose word this is."""
    day: Annotated[str, Meta(max_length=10)] = ""
    """The service day, ISO; empty before the first."""
    hash: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    """Over row `seq` and every row before it."""


# --- answers to events -----------------------------------------------------------------------------------------


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"


Fact = str | int | float | bool | None


class Receipt(FromHub, frozen=True, kw_only=True):
    """The hub's answer to the event (session, event_seq). A repeat of an event gets the same answer."""

    session: Token
    event_seq: Natural
    outcome: Outcome
    code: Text = ""
    """Why it was refused, for the catalogs; empty when done."""
    facts: dict[str, Fact] = {}
    ticket_url: Text = ""
    """To a kiosk that shows tickets: the page of the one that it has asked for, as on a slip."""


# --- views -----------------------------------------------------------------------------------------------------


class BoardCall(Message, frozen=True, kw_only=True):
    """One called ticket on a board."""

    number: Text
    desk: Text
    """The desk's short name as it is written above it."""
    called_at: Instant
    times: Annotated[int, Meta(ge=1)] = 1
    """1 for the first call, one more with each recall."""
    room: Label = {}
    """Where the desk stands, if not in the room of this board."""


class BoardLine(Message, frozen=True, kw_only=True):
    """How many wait for one service."""

    letter: Text
    name: Label
    waiting: Natural


class Notice(Message, frozen=True, kw_only=True):
    """What all visitors of a place should know, posted for the day."""

    text: Label


class BoardView(Message, frozen=True, kw_only=True, tag="board"):
    """A call board: calls newest first, at most as many as the board has lines."""

    title: Label
    languages: list[Language]
    calls: list[BoardCall]
    lines: list[BoardLine]
    closes: Text = ""
    """The site's time of day at which its opening hours end, once that is near and while people wait; empty before."""
    serves_all: bool = True
    """Whether everybody who waits then is still served."""
    notices: list[Notice] = []
    """At most one for everywhere and one for this room."""
    room_state: GateState | None = None
    """Of the room in which the board hangs; None where nobody says."""


class Gate(StrEnum):
    """What a door sign tells the people before it."""

    COME_IN = "come-in"
    WAIT = "wait"
    CLOSED = "closed"


class RoomQuality(StrEnum):
    LIVE = "live"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"


class DoorCode(Message, frozen=True, kw_only=True):
    """What a sign makes its codes of, as `wire.door_code` does: another one every `step_s`, also while it does not hear
    the hub. The secret is this door's alone, and another one every day."""

    secret: Annotated[str, Meta(pattern="^[A-Z2-7]{32}$")]
    step_s: Annotated[int, Meta(ge=1, le=3_600)]
    alone_s: Natural
    """So long after it last heard the hub its codes are still good; then it shows none."""
    until_at: Instant
    """The day turns: from then on its codes are not good any more."""


class SignView(Message, frozen=True, kw_only=True, tag="sign"):
    """A door sign: how to join, how full the room behind the door is, what to do."""

    title: Label
    languages: list[Language]
    join_url: Text
    """Where a ticket is to be had. With `door` it is not enough: the code of the moment belongs to it."""
    gate: Gate
    quality: RoomQuality
    people: People | None
    """None while the room's count is unknown: never shown as zero."""
    limit: People
    free: People | None
    """How many may still come in; None while the count is unknown."""
    waiting: Natural
    wait_s: Natural | None = None
    """Expected wait of someone who joins now, over all open services; None if it cannot be said."""
    invited: list[Text] = []
    """Numbers of tickets that are invited in and have not been counted yet, oldest first."""
    outside: Natural = 0
    """Tickets whose visitors wait before the door until they are invited in."""
    notices: list[Notice] = []
    """As on a board."""
    door: DoorCode | None = None
    """None: no code is asked for, and the address may hang at the door on paper."""
    room_state: GateState | None = None
    """Of the room behind the door; None where nobody says."""


class PanelState(StrEnum):
    CLOSED = "closed"
    FREE = "free"
    CALLED = "called"
    SERVING = "serving"


class PanelView(Message, frozen=True, kw_only=True, tag="panel"):
    """What a call panel knows of its desk."""

    desk: Text
    desk_seq: Natural
    """To be sent back as `seen`."""
    state: PanelState
    waiting: Natural
    number: Text = ""
    room_state: GateState | None = None
    """Of the room in which the desk stands; None where nobody says."""


class KioskService(Message, frozen=True, kw_only=True):
    """A service as a kiosk offers it."""

    id: Id
    letter: Text
    name: Label
    open: bool
    waiting: Natural
    wait_s: Natural | None = None
    desk: Text = ""
    """Where to go without a number."""
    bring: Label = {}
    """What to have ready, a thing in each line."""
    room_state: GateState | None = None
    """Of the room before which its visitors wait until they are invited; None if they may wait inside."""


class Lease(Message, frozen=True, kw_only=True):
    """Numbers of one service day that a kiosk may give while it is cut off; nobody else ever gives them."""

    holder: Token
    """The memory that they are leased to; for any other they are none."""
    day: date
    series: Letter
    first: Natural
    last: Natural
    until_at: Instant
    """None of them is given from then on: the lobby closes for the day, or the day turns."""


class CutOff(Message, frozen=True, kw_only=True):
    """What a kiosk needs to help visitors while nobody hears it."""

    printer: Id
    """The device of its own node that prints."""
    time_zone: Text
    day: date
    """The service day that is open."""
    lease: Lease | None = None


class KioskView(Message, frozen=True, kw_only=True, tag="kiosk"):
    """What can be asked for at a kiosk."""

    title: Label
    languages: list[Language]
    services: list[KioskService]
    cut_off: CutOff | None = None
    """None: without the hub it gives no tickets."""
    printer: Annotated[str, Meta(max_length=129)] | None = None
    """`node/device` that prints its slips, empty for none; None from a hub that does not say."""
    evacuates: bool = False
    """Everybody is to leave the building: it asks nobody what she has come for."""


View = BoardView | SignView | PanelView | KioskView


class Show(FromHub, frozen=True, kw_only=True):
    """What a device should show now; retained, whole, never a change to something earlier."""

    view: View


# --- jobs ------------------------------------------------------------------------------------------------------


class PrintSlip(Message, frozen=True, kw_only=True, tag="print-slip"):
    """Print a visitor's slip."""

    number: Text
    service: Label
    title: Label
    language: Language
    ticket_url: Text
    """The ticket's own page: unguessable, so whoever holds the slip may follow it."""
    issued_at: Instant
    time_zone: Text = "UTC"
    ahead: Natural = 0
    wait_s: Natural | None = None
    copy_of_slip: bool = False
    """This slip may have been printed before; a printer that remembers its jobs knows better."""
    request: Annotated[str, Meta(max_length=64)] = ""
    """The wish of a kiosk's visitor that it answers; empty if nobody stands before a kiosk."""
    bring: Label = {}
    """What to have ready, a thing in each line."""


class Identify(Message, frozen=True, kw_only=True, tag="identify"):
    """Make yourself seen or heard for some seconds, so that someone in the lobby finds you."""

    seconds: Annotated[int, Meta(ge=1, le=60)] = 10


class TakePicture(Message, frozen=True, kw_only=True, tag="take-picture"):
    """Say what you show, for somebody who looks for a fault from afar."""


class Job(FromHub, frozen=True, kw_only=True):
    """Something to be done once. Sent again until answered; the receiver remembers the id."""

    id: Token
    expires_at: Instant
    """By the hub's wall clock, as HubTime tells it."""
    body: PrintSlip | Identify | TakePicture


class Config(FromHub, frozen=True, kw_only=True):
    """Desired settings of a device, over those of its node's own file. Empty ones leave it to that file alone."""

    revision: Natural
    """Names these settings: the same number for the same settings, whoever says them; 0 for empty ones."""
    settings: dict[str, Fact]


PICTURE_LINES_MAX = 100
PICTURE_COLUMNS_MAX = 256
"""The longest row of LEDs that a board has."""


class DoneOutcome(StrEnum):
    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"
    FAILED = "failed"


class Done(Message, frozen=True, kw_only=True):
    """A device's answer to the job or configuration `id`."""

    id: Token
    outcome: DoneOutcome
    why: Text = ""
    picture: Annotated[
        list[Annotated[str, Meta(max_length=PICTURE_COLUMNS_MAX)]], Meta(max_length=PICTURE_LINES_MAX)
    ] = []
    """What a display shows, from top to bottom, as it can be read: no codes, no addresses."""
