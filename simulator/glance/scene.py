"""What stands on the page: the stage, which stays, and how everything on it looks at one moment.

Plain values. Who makes them knows hub, agents and people; who draws them knows none of these.
"""

from datetime import datetime

from msgspec import Struct

from edge.drivers.fake_printer import PrintedSlip
from hub.day.lobby import Label
from wire.messages import PanelState


class DeskPlace(Struct, frozen=True, kw_only=True):
    """A desk."""

    id: str
    name: str
    """As it is written on its plate."""
    page: str
    """Path of its staff's page."""
    has_panel: bool
    """There is a call panel, so its key can be pressed."""


class RoomPlace(Struct, frozen=True, kw_only=True):
    """A room and the door that leads into it."""

    id: str
    name: Label
    limit_people: int


class ScreenPlace(Struct, frozen=True, kw_only=True):
    """A screen of an agent."""

    page: str
    place: Label
    """Where it stands."""


class Stage(Struct, frozen=True, kw_only=True):
    """What does not change while the demo runs. All paths begin with `/`."""

    name: Label
    languages: tuple[str, ...]
    speed: float
    sign: str
    """Path of the door sign's page; empty if the lobby has none."""
    facilities: str
    """Path of the page for who answers for the rooms."""
    boards: tuple[ScreenPlace, ...]
    """Boards that are pages."""
    leds: tuple[Label, ...]
    """Where the boards of LEDs hang."""
    desks: tuple[DeskPlace, ...]
    rooms: tuple[RoomPlace, ...]
    """In the order in which one walks through them."""
    paper_columns: int
    """Letters in a line of the ticket printer; 0 if the lobby has none."""


class DeskLook(Struct, frozen=True, kw_only=True):
    """A desk now."""

    state: PanelState
    number: str
    """Who is called or served; empty if nobody."""
    waiting: int
    """For any of its services."""
    is_lit: bool
    """The lamp of its panel."""


class RoomLook(Struct, frozen=True, kw_only=True):
    """A room now."""

    people: int | None
    """None while they are not known."""
    entered: int
    """All who came in today, and all who left."""
    left: int


class Look(Struct, frozen=True, kw_only=True):
    """Everything at one moment. Desks, rooms and boards in the stage's order."""

    clock_at: datetime
    """The lobby's own time."""
    seq: int
    """The journal's position: what pages show has not changed while this has not."""
    waiting: int
    calls: int
    messages_per_s: float
    commits_per_s: float
    """Both per real second."""
    leds: tuple[str, ...]
    """SVG of each board of LEDs."""
    desks: tuple[DeskLook, ...]
    rooms: tuple[RoomLook, ...]
    phone: str
    """Path of the ticket page that a visitor looks at; empty if nobody does."""
    slip: PrintedSlip | None
    """What the printer has cut off last."""
