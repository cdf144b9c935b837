"""What nodes say of themselves, and what their counters have counted. Nothing here holds personal data."""

# ruff: noqa: RUF012 - msgspec gives each message a default list of its own

from enum import StrEnum

from wire.parts import Id, Instant, Message, Natural, Text, Token


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


class Machine(Message, frozen=True, kw_only=True):
    """What wears out or starves in the machine under a node. None where it cannot say."""

    undervoltage: bool | None = None
    """Its supply was too weak at some time since it was switched on."""
    disk_errors: Natural | None = None
    """Faults that its file systems have noted, since they were made."""
    disk_keeps: bool | None = None
    """What was last written where the node keeps its data was read back the same."""


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
    views: dict[Id, Natural] | None = None
    """Display to the CRC-32 of the newest `show` payload that it has understood; None from a node that does not tell.
    The hub says a view again that is not the one it last said: no broker's promise replaces looking."""
    machine: Machine | None = None
    """None from a node that does not tell."""
    revisions: dict[Id, Natural] | None = None
    """Device to the revision of desired settings that it has in force, for devices that go by more than their node's
    own file; None from a node that does not tell. The hub says again what is not in force."""


class CountQuality(StrEnum):
    OK = "ok"
    BLOCKED = "blocked"
    """A beam has been dark for too long, or a counter of another maker does not trust itself: totals go on but mean
    little."""


class Count(Message, frozen=True, kw_only=True):
    """Cumulative totals of a counter since its epoch began. Losing one is harmless, the next holds all."""

    epoch: Token
    entered: Natural
    left: Natural
    quality: CountQuality = CountQuality.OK
