"""What is kept of a site as points: rooms, lines, doors, desks, devices, nodes and visits, as people look back on them.

A point is known by its kind, its site, its tags and its instant; writing it again changes nothing. Tags come from the
lobby's description alone, so there are as many series as there are rooms, doors, services, desks, devices and nodes. No
ticket, number or token is ever in a point. This room knows what a point is; it does not know where one comes from
(`hub.history.chronicle`, `hub.history.vitals`) or is kept (`hub.history.store`).
"""

from datetime import datetime, timedelta
from typing import ClassVar

from msgspec import Struct

SAMPLE = timedelta(minutes=5)
"""Gauges are noted when they change, and as they stand every so often in between: a mean over an hour is then about
the hour, and a value that became unknown is not carried on."""

TICK = timedelta(milliseconds=1)
"""The finest difference that every time series database keeps."""


class Point(Struct, frozen=True, kw_only=True):
    """Something measured at one site."""

    MEASUREMENT: ClassVar[str]
    TAGS: ClassVar[tuple[str, ...]]
    """The fields that name a series, besides the site."""

    at: datetime
    """In whole milliseconds."""
    site: str

    @property
    def series(self) -> tuple[str, ...]:
        return (self.MEASUREMENT, self.site, *(getattr(self, tag) for tag in self.TAGS))


class Occupancy(Point, frozen=True, kw_only=True):
    """The people of a room; None while they are unknown."""

    MEASUREMENT: ClassVar[str] = "occupancy"
    TAGS: ClassVar[tuple[str, ...]] = ("room",)
    room: str
    people: int | None
    lower_people: int | None
    upper_people: int | None
    limit_people: int
    quality: str


class Line(Point, frozen=True, kw_only=True):
    """The tickets of a service that wait: those who may be called, and those outside an admitted room."""

    MEASUREMENT: ClassVar[str] = "line"
    TAGS: ClassVar[tuple[str, ...]] = ("service",)
    service: str
    inside: int
    outside: int


class DeviceState(Point, frozen=True, kw_only=True):
    """What a counter or printer said of itself last: its quality or paper; `silent`, or `unheard` so far."""

    MEASUREMENT: ClassVar[str] = "device"
    TAGS: ClassVar[tuple[str, ...]] = ("device",)
    device: str
    """`node/device`."""
    state: str


class DeskState(Point, frozen=True, kw_only=True):
    """What a desk is doing: `closed`, `free`, `called` (nobody has come yet) or `serving`."""

    MEASUREMENT: ClassVar[str] = "desk"
    TAGS: ClassVar[tuple[str, ...]] = ("desk",)
    desk: str
    state: str


class NodeState(Point, frozen=True, kw_only=True):
    """How a node was: sampled from what it says of itself, which is in no journal."""

    MEASUREMENT: ClassVar[str] = "node"
    TAGS: ClassVar[tuple[str, ...]] = ("node",)
    node: str
    state: str
    """`online`, `updating` or `lost`; `unheard` since this hub started."""
    temperature_c: float | None
    disk_free_mb: int | None
    faults: int
    """Of its devices and its machine; 0 while it is not online, when nobody can know."""


class SelfTest(Point, frozen=True, kw_only=True):
    """What a people counter's own counts said of it: sampled, as what is found in history is in no journal."""

    MEASUREMENT: ClassVar[str] = "self_test"
    TAGS: ClassVar[tuple[str, ...]] = ("device",)
    device: str
    """`node/device`."""
    state: str
    """`ok`, or the worst that speaks against it: `swapped`, `stuck`, `drifting` or `differing`."""


class Crossing(Point, frozen=True, kw_only=True):
    """People who went through a door since the point before."""

    MEASUREMENT: ClassVar[str] = "crossing"
    TAGS: ClassVar[tuple[str, ...]] = ("door",)
    door: str
    entered: int
    left: int


class Visit(Point, frozen=True, kw_only=True):
    """A ticket that has ended."""

    MEASUREMENT: ClassVar[str] = "visit"
    TAGS: ClassVar[tuple[str, ...]] = ("service", "desk", "outcome")
    service: str
    desk: str
    """The one that called last; empty if none did."""
    outcome: str
    """`served`, `no-show`, `cancelled`, `parked`, `closing` or `day-end`."""
    wait_s: int | None
    """From the ticket's issue to its first call; None if it was never called."""
    service_s: int | None
    """From the start, or else the last call, to the end; None if it did not come to a service."""
    party_people: int


KINDS: tuple[type[Point], ...] = (Occupancy, Line, DeviceState, DeskState, NodeState, SelfTest, Crossing, Visit)
"""Everything that history keeps."""

NOTED_BESIDE = (NodeState, SelfTest)
"""Those that are in no journal."""
