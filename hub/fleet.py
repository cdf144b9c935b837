"""What pages know of the nodes and devices of a site, and what they may ask of them.

Pages know this interface and nothing of links, topics or jobs.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from wire.messages import DoneOutcome, Fact


class Standing(StrEnum):
    """What became of the settings that were wished of a device."""

    IN_FORCE = "in-force"
    REFUSED = "refused"
    WAITING = "waiting"
    """It has not answered yet."""


class Wished(Struct, frozen=True, kw_only=True):
    """Settings of one device, as wished and as reported."""

    device: str
    """`node/device`."""
    settings: dict[str, Fact]
    revision: int
    standing: Standing
    reported: int | None = None
    """The revision that the device has in force, 0 for its node's own file; None if it has not said."""
    why: str = ""
    """In the device's own words: why it refused them, or what it says of them."""


class NodeView(Struct, frozen=True, kw_only=True):
    """A node as it last spoke of itself."""

    name: str
    status: str
    """As in `wire.messages.NodeStatus`, or `unheard` since this hub started."""
    version: str = ""
    since_at: datetime | None = None
    temperature_c: float | None = None
    disk_free_mb: int | None = None
    machine: dict[str, str] = {}
    """What its machine needs: kind of fault to its figure."""
    faults: dict[str, str] = {}
    """Device to what it needs."""


class Shown(Struct, frozen=True, kw_only=True):
    """What a device answered."""

    outcome: DoneOutcome
    why: str = ""
    """In its own words."""
    picture: tuple[str, ...] = ()
    """What is to be read on it, from top to bottom."""


class Fleet(Protocol):
    """The nodes of one site."""

    @property
    def nodes(self) -> tuple[NodeView, ...]:
        """In the order of the lobby file."""

    @property
    def wished(self) -> Mapping[str, Wished]:
        """Of devices of which the lobby file wishes something, by `node/device`."""

    async def identify(self, device: str) -> Shown | None:
        """Have the device at `node/device` make itself seen or heard; None if it has not answered in time."""

    async def take_picture(self, device: str) -> Shown | None:
        """What is shown at `node/device`; None if it has not answered in time."""
