"""Messages: what travels on each leaf.

Unknown fields are ignored, so that an older reader survives a newer writer. A known field of a wrong type or out of
its range refuses the whole message. Fields are only ever added, each with a default. Nothing here holds personal data.

Instants end in `_at` and are aware UTC; durations end in `_s` or `_ms`. A `Label` is a text in several languages,
language code (`fr`, `en`) to text.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
"""A site, node, device, desk, service or room: what may stand in a topic."""
Token = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
"""An opaque random name: a session, an epoch, a boot, a request, a job."""
Millis = Annotated[int, Meta(ge=0, le=2**53)]
Natural = Annotated[int, Meta(ge=0, le=2**53)]
People = Annotated[int, Meta(ge=0, le=1_000_000)]
Text = Annotated[str, Meta(max_length=400)]
Instant = Annotated[datetime, Meta(tz=True)]
Language = Annotated[str, Meta(pattern="^[a-z]{2}$")]
Label = dict[Annotated[str, Meta(min_length=2, max_length=2)], Text]
"""Its codes are measured, not matched: a view holds dozens, and one that is no language is never asked for."""


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Anything that travels."""


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


class Heard(Message, frozen=True, kw_only=True):
    """When something happened, told by the newest HubTime heard, fixed at that moment."""

    boot: Token
    ms: Millis
    since_ms: Millis
    """From hearing that HubTime to the event, by the node's monotonic clock."""


# --- nodes -----------------------------------------------------------------------------------------------------


class NodeStatus(StrEnum):
    ONLINE = "online"
    UPDATING = "updating"
    LOST = "lost"


class DeviceInfo(Message, frozen=True, kw_only=True):
    """One device as its node describes it."""

    id: Id
    kind: Id
    driver: Text = ""
    fake: bool = False


class NodeState(Message, frozen=True, kw_only=True):
    """Liveness of a node. As a last will it carries the session, so that the will of an older one is ignored."""

    status: NodeStatus
    session: Token
    version: Text = ""
    devices: list[DeviceInfo] = []


class Health(Message, frozen=True, kw_only=True):
    """How a node feels, about once a minute."""

    session: Token
    uptime_s: Natural
    temperature_c: float | None = None
    disk_free_mb: Natural | None = None
    clock_at: Instant | None = None
    """The node's own wall clock; a Pi that just woke up says 1970."""
    queue_lengths: dict[str, Natural] = {}
    dropped: Natural = 0
    """Messages and frames thrown away by full queues since the start."""
    faults: dict[Id, Text] = {}
    """Device to what it needs, for devices that do not work."""


class CountQuality(StrEnum):
    OK = "ok"
    BLOCKED = "blocked"
    """A beam has been dark for too long: totals go on but mean little."""


class Count(Message, frozen=True, kw_only=True):
    """Cumulative totals of a counter since its epoch began. Losing one is harmless, the next holds all."""

    epoch: Token
    entered: Natural
    left: Natural
    quality: CountQuality = CountQuality.OK


# --- events of a device ----------------------------------------------------------------------------------------


class Key(StrEnum):
    """The keys of a panel."""

    NEXT = "next"
    RECALL = "recall"
    NO_SHOW = "no-show"
    START = "start"
    FINISH = "finish"
    OPEN = "open"
    CLOSE = "close"


class Press(Message, frozen=True, kw_only=True, tag="press"):
    """A key of a desk's panel went down."""

    key: Key
    seen: Natural
    """The desk's sequence that the panel showed; if the desk has moved on since, the press is refused."""


class TicketRequest(Message, frozen=True, kw_only=True, tag="ticket-request"):
    """A visitor asks a kiosk for a ticket."""

    request: Token
    """The same on every path that this wish may take to the hub."""
    service: Id
    language: Language
    party_people: Annotated[int, Meta(ge=1, le=50)] = 1


class Paper(StrEnum):
    OK = "ok"
    NEAR_END = "near-end"
    OUT = "out"
    UNKNOWN = "unknown"
    """The printer does not answer, or not sensibly. Not the same as good."""


class PaperChanged(Message, frozen=True, kw_only=True, tag="paper"):
    """What a printer says of its paper changed. Never goes stale."""

    paper: Paper


class Event(Message, frozen=True, kw_only=True):
    """Something that happened at a device; sent again until its receipt comes or it is stale."""

    session: Token
    seq: Natural
    body: Press | TicketRequest | PaperChanged
    heard: Heard | None = None
    """None only for what never goes stale."""


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


class Gate(StrEnum):
    """What a door sign tells the people before it."""

    COME_IN = "come-in"
    WAIT = "wait"
    CLOSED = "closed"


class RoomQuality(StrEnum):
    LIVE = "live"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"


class SignView(Message, frozen=True, kw_only=True, tag="sign"):
    """A door sign: how to join, how full the room behind the door is, what to do."""

    title: Label
    languages: list[Language]
    join_url: Text
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


class KioskService(Message, frozen=True, kw_only=True):
    """A service as a kiosk offers it."""

    id: Id
    letter: Text
    name: Label
    open: bool
    waiting: Natural
    wait_s: Natural | None = None


class KioskView(Message, frozen=True, kw_only=True, tag="kiosk"):
    """What can be asked for at a kiosk."""

    title: Label
    languages: list[Language]
    services: list[KioskService]


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
    """This slip may have been printed before."""


class Identify(Message, frozen=True, kw_only=True, tag="identify"):
    """Make yourself seen or heard for some seconds, so that someone in the lobby finds you."""

    seconds: Annotated[int, Meta(ge=1, le=60)] = 10


class Job(FromHub, frozen=True, kw_only=True):
    """Something to be done once. Sent again until answered; the receiver remembers the id."""

    id: Token
    expires_at: Instant
    """By the hub's wall clock, as HubTime tells it."""
    body: PrintSlip | Identify


class Config(FromHub, frozen=True, kw_only=True):
    """Desired settings of a device."""

    revision: Natural
    settings: dict[str, Fact]


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
