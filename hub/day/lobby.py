"""A lobby as its file describes it: site, hours, services, rooms, doors, desks, devices.

The same frozen dataclasses are read from the lobby's TOML file (by `hub.config`, which lists every fault at once) and
travel in `DayOpened`, so that the day reads nothing but the journal.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Len

STRICT: dict[str, str] = {"extra": "forbid"}
"""An unknown key in a lobby file is a fault: it is most often a misspelt one."""

OUTSIDE = "outside"
"""The name of everything that is not a room, for doors."""

Label = dict[str, str]
"""Language code to text."""
Seconds = Annotated[int, Ge(0), Le(86_400)]


class DeviceKind(StrEnum):
    BOARD = "board"
    SIGN = "sign"
    PANEL = "panel"
    KIOSK = "kiosk"
    PRINTER = "printer"
    COUNTER = "counter"
    LIGHT = "light"
    SPEAKER = "speaker"


@dataclass(frozen=True, kw_only=True)
class Service:
    """What visitors come for; one series of numbers, one letter."""

    __pydantic_config__: ClassVar = STRICT
    id: str
    letter: str
    """One capital letter, the series of this service's numbers; unique in the lobby."""
    name: Label
    target_wait_s: Annotated[int, Gt(0), Le(86_400)] = 900
    """A walk-in is due this long after arrival; dispatch is earliest due first."""
    nominal_service_s: Annotated[int, Gt(0), Le(86_400)] = 420
    """How long one visitor takes, as long as the day has not shown it."""
    last_ticket_before_close_s: Seconds | None = None
    """The last ticket is issued so long before an opening ends; None for what the site says."""
    then: tuple[str, ...] = ()
    """Services that a visit goes on to, one after the other, under the same number: photo, then desk, then cashier."""
    bring: Label = field(default_factory=dict)
    """What to have ready; a kiosk and a slip show each line as a thing of its own."""


@dataclass(frozen=True, kw_only=True)
class Priority:
    """A reason to be called earlier, with its effect."""

    __pydantic_config__: ClassVar = STRICT
    id: str
    name: Label
    earlier_s: Annotated[int, Ge(60), Le(86_400)]
    """Its tickets are due this much earlier."""
    offered: bool = False
    """Visitors may choose it themselves; otherwise only staff give it."""


@dataclass(frozen=True, kw_only=True)
class LimitSpan:
    """Another limit of a room at certain hours."""

    __pydantic_config__: ClassVar = STRICT
    hours: str
    """A period of local time, `08:00-10:00`."""
    limit_people: Annotated[int, Ge(0), Le(100_000)]
    days: Annotated[tuple[str, ...], Len(0, 7)] = ()
    """`mon`…`sun`; none for every day."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """A room whose people are counted."""

    __pydantic_config__: ClassVar = STRICT
    id: str
    name: Label
    limit_people: Annotated[int, Gt(0), Le(100_000)]
    admitted: bool = False
    """Visitors wait outside and are invited in, one place each. Otherwise the room is open: counted, and the sign says
    when it is full."""
    unknown: Literal["hold", "tickets"] = "hold"
    """While the count is unknown: invite nobody, or count the people of the tickets inside and `margin_people`."""
    margin_people: Annotated[int, Ge(0), Le(1_000)] = 5
    """Staff, companions and other people without a ticket, for `unknown = "tickets"`."""
    empty_at_turn: bool = True
    """Nobody is in it when the service day turns, so that a day's counting errors end with the day."""
    empty_at: Annotated[tuple[str, ...], Len(0, 24)] = ()
    """Local times of day at which nobody but who is being served is in it, on every day."""
    empty_after_quiet_s: Annotated[int, Ge(300), Le(86_400)] | None = None
    """When nobody has crossed its doors for so long while the lobby is closed, nobody is in it; None for never."""
    longest_stay_s: Annotated[int, Ge(300), Le(86_400)] | None = None
    """Nobody is in it for longer, but for who is being served; None where that may be."""
    warn_at_people: Annotated[int, Ge(1), Le(100_000)] | None = None
    """From so many taken places on it is nearly full; None for never, or for what `warn_at_share` says."""
    warn_at_share: Annotated[float, Gt(0), Le(1)] | None = None
    """The same as a share of the limit that holds at the moment."""
    reopens_below_people: Annotated[int, Ge(0), Le(100_000)] = 0
    """Once full, it stays so until the taken places have fallen by so many below the limit."""
    limits: Annotated[tuple[LimitSpan, ...], Len(0, 50)] = ()
    """Other limits at certain hours. The first that holds counts, unless somebody has set one for the day."""
    gate_confidence: Annotated[float, Ge(0.5), Le(0.9999)] | None = None
    """With which each bound of an estimate that learns holds; None for bounds that add up the doors' margins."""


@dataclass(frozen=True, kw_only=True)
class Door:
    """A passage; who crosses it in the direction `from` → `to` enters `to`."""

    __pydantic_config__: ClassVar = STRICT
    id: str
    from_room: str = OUTSIDE
    to_room: str
    name: Label = field(default_factory=dict)
    margin_per_crossing: Annotated[float, Ge(0), Le(1)] = 0.01
    """By how many people a counted crossing may be wrong, as the counter's maker or a trial says."""
    together: Literal["lanes", "same"] = "lanes"
    """What several counters at this door do: each counts a lane, or all watch the same passage."""
    uncounted_share: Annotated[float, Gt(0), Le(1)] | None = None
    """A door without a counter: how many cross it, in and out together, for each who is counted at the other doors of
    its rooms. None for a door with a counter, or that nobody uses."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where staff serve."""

    __pydantic_config__: ClassVar = STRICT
    id: str
    name: str
    """Short, as it stands above the desk and on the boards: `1`, `B`."""
    room: str
    services: Annotated[tuple[str, ...], Len(1, 64)]
    helps: Annotated[tuple[str, ...], Len(0, 64)] = ()
    """Services of other desks, whose first ticket it takes only when that is overdue by `help_after_s`."""
    help_after_s: Seconds = 300

    @property
    def serves(self) -> tuple[str, ...]:
        """Its own services, then those with which it helps out."""
        return self.services + self.helps


@dataclass(frozen=True, kw_only=True)
class Device:
    """A device of the lobby and what it stands for. Which of the references it needs follows from its kind."""

    __pydantic_config__: ClassVar = STRICT
    node: str
    id: str
    kind: DeviceKind
    room: str = ""
    """Board, kiosk, speaker: the room it stands in; a kiosk may stand `outside`. Sign, light: the room behind its
    door."""
    desk: str = ""
    """Panel: its desk."""
    door: str = ""
    """Counter: its door."""
    printer: str = ""
    """Kiosk: `node/device` of the printer that prints its tickets."""
    offline_letter: str = ""
    """Kiosk: the series of the numbers that it gives by itself while it is cut off: one capital letter that no service
    and no other kiosk has. Empty: it gives none."""
    offline_numbers: Annotated[int, Ge(2), Le(999)] = 100
    """Kiosk: how many of them it holds."""
    calls: Annotated[int, Ge(1), Le(20)] = 6
    """Board: how many calls it can show at once. Speaker: how many may have to be said in the same seconds."""
    says: Literal["calls", "invitations"] = "calls"
    """Speaker: the calls of a board in its room, or, before its door, the numbers that the sign invites."""
    settings: Annotated[dict[str, str | int | float | bool], Len(0, 20)] = field(default_factory=dict)
    """What the device is to do otherwise than its node's own file says. The device judges it."""

    @property
    def address(self) -> str:
        """`node/device`: unique in the site."""
        return f"{self.node}/{self.id}"


@dataclass(frozen=True, kw_only=True)
class Site:
    """The place itself."""

    __pydantic_config__: ClassVar = STRICT
    id: str
    name: Label
    time_zone: str
    languages: Annotated[tuple[str, ...], Len(1, 8)] = ("en",)
    """The first is the lobby's own; boards show them in this order."""
    public_url: str = ""
    """Where visitors' phones reach the hub, without a slash at the end; the hub's own address when empty."""
    day_turns_at: str = "04:00"
    """Local time at which one service day becomes the next."""
    no_show_grace_s: Seconds = 300
    """A called visitor who did not come is back in line once, this long after the no-show."""
    recall_times_max: Annotated[int, Ge(1), Le(20)] = 3
    invitation_s: Annotated[int, Ge(10), Le(3_600)] = 180
    """An invited visitor who has not come in by then loses the reserved place."""
    park_s: Annotated[int, Ge(60), Le(86_400)] = 14_400
    """So long is the place of a visitor kept who is to come back with what was missing, within the day."""
    last_ticket_before_close_s: Seconds = 0
    """The last ticket is issued so long before an opening ends. Appointments may come until the end."""
    at_close: Literal["serve", "end"] = "serve"
    """What becomes of who waits when the last opening of the day ends: all are still served, or tickets that were never
    called end."""
    guard_slots: bool = True
    """Start nobody without an appointment whose nominal time would reach over the slot of somebody who is here for it,
    at the only desk that can serve her."""
    overdue_max_s: Seconds = 600
    """Nobody who is overdue by more than this is passed over by a desk of her service for anybody who is due later."""
    door_code: Literal["rotating", "printed"] = "rotating"
    """Joining by phone needs the code that the signs show at the moment, which proves that somebody is here; or the
    address is enough, and may hang at the door on paper."""
    door_code_s: Annotated[int, Ge(10), Le(300)] = 30
    """A sign shows another code this often."""
    door_code_joins_max: Annotated[int, Ge(1), Le(1_000)] = 30
    """So many tickets are had with one code."""
    door_code_alone_s: Seconds = 600
    """A sign that does not hear the hub shows codes for so long."""
    late_s: Seconds = 900
    """Somebody who is later than this for an appointment waits as a walk-in."""


@dataclass(frozen=True, kw_only=True)
class Lobby:
    """Everything that a lobby file says."""

    __pydantic_config__: ClassVar = STRICT
    site: Site
    hours: dict[str, tuple[str, ...]]
    """`mon`…`sun` to periods of local time, `08:00-12:30`. A day that is not named is closed."""
    services: Annotated[tuple[Service, ...], Len(1, 26)]
    rooms: Annotated[tuple[Room, ...], Len(1, 200)]
    priorities: Annotated[tuple[Priority, ...], Len(0, 20)] = ()
    doors: tuple[Door, ...] = ()
    desks: Annotated[tuple[Desk, ...], Len(1, 500)]
    devices: tuple[Device, ...] = ()

    @property
    def forgotten_doors(self) -> tuple[str, ...]:
        """Doors of counted rooms without a counter of which nothing is said: whoever uses them is missed."""
        with_counter = {it.door for it in self.devices if it.kind is DeviceKind.COUNTER}
        counted = {room for it in self.doors if it.id in with_counter for room in (it.from_room, it.to_room)}
        return tuple(
            it.id
            for it in self.doors
            if it.id not in with_counter
            and it.uncounted_share is None
            and {it.from_room, it.to_room} & (counted - {OUTSIDE})
        )
