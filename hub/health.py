"""How the hub feels: what `/healthz` says, and why."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from hub.nodes import Nodes
from hub.writer import Writer
from wire.messages import NodeStatus


class Status(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    """The lobby runs; something of it does not."""
    FAILING = "failing"
    """Nobody gets a ticket at any site, or time cannot be trusted."""


class NodeHealth(Struct, frozen=True, kw_only=True):
    """One node; `status` is `unheard` before it first spoke."""

    name: str
    status: str
    version: str = ""
    since_at: datetime | None = None
    faults: dict[str, str] = {}
    """Device to what it needs."""
    machine: dict[str, str] = {}
    """What its machine needs: kind of fault to its figure."""


class SiteHealth(Struct, frozen=True, kw_only=True):
    """One site; `seq` is its newest journal position."""

    site: str
    seq: int
    term: int
    journal_ok: bool
    nodes: tuple[NodeHealth, ...]


class HealthReport(Struct, frozen=True, kw_only=True):
    """The whole hub. `reasons` are sentences, empty when the status is ok."""

    status: Status
    role: str = "owner"
    """`owner` of its sites, or `standby` behind the hub that is."""
    reasons: tuple[str, ...]
    link_connected: bool
    clock_ok: bool
    sites: tuple[SiteHealth, ...]


DISK_LOW_BYTES = 200_000_000
"""Some hundred days of a busy lobby, and time enough for somebody to look."""

LEAPT = "the wall clock leapt; correct it and restart the hub"


def standby_report(owner_address: str, fault: str, *, clock_ok: bool) -> HealthReport:
    """The report of a hub that stands by for the one at `owner_address`; empty while that one is silent."""
    failing = [] if clock_ok else [LEAPT]
    failing += [fault] if fault else []
    degraded = [] if owner_address else ["no hub owns the sites at the moment"]
    status = Status.FAILING if failing else Status.DEGRADED if degraded else Status.OK
    reasons = (*failing, *degraded)
    return HealthReport(
        status=status, role="standby", reasons=reasons, link_connected=False, clock_ok=clock_ok, sites=()
    )


def report(
    sites: list[tuple[Writer, Nodes]],
    *,
    link_connected: bool,
    clock_ok: bool,
    other_faults: Sequence[str] = (),
    disk_free_bytes: int | None = None,
    is_held: bool = True,
) -> HealthReport:
    """The report of a hub with these sites, which it owns unless its hold on them is not `is_held`. `other_faults` are
    sentences about what does not stop a lobby."""
    failing = [] if clock_ok else [LEAPT]
    if not is_held:
        failing.append("the database has not heard this hub for too long, so it does not speak for its sites")
    degraded = [] if link_connected else ["no connection to the broker"]
    degraded += other_faults
    if disk_free_bytes is not None and disk_free_bytes < DISK_LOW_BYTES:
        left, least = disk_free_bytes // 1_000_000, DISK_LOW_BYTES // 1_000_000
        degraded.append(f"the disk of the database has {left} MB left; make room before it is full ({least} MB)")
    # One that is down is no reason to send the visitors of the others elsewhere.
    down = degraded if any(writer.serves for writer, _ in sites) else failing
    for writer, nodes in sites:
        if not writer.serves:
            down.append(f"site {writer.id} does not serve: {writer.fault or 'it has not begun'}")
            continue
        if writer.fault:
            failing.append(f"site {writer.id}: {writer.fault}")
        for name, node in nodes.by_name.items():
            if node.status is not NodeStatus.ONLINE:
                degraded.append(f"site {writer.id}: node {name} is {_status(node.status)}")
    status = Status.FAILING if failing else Status.DEGRADED if degraded else Status.OK
    return HealthReport(
        status=status,
        reasons=(*failing, *degraded),
        link_connected=link_connected,
        clock_ok=clock_ok,
        sites=tuple(_site(writer, nodes) for writer, nodes in sites),
    )


def _site(writer: Writer, nodes: Nodes) -> SiteHealth:
    healths = tuple(
        NodeHealth(
            name=name,
            status=_status(node.status),
            version=node.version,
            since_at=node.since_at,
            faults=dict(node.health.faults) if node.health else {},
            machine=dict(node.machine),
        )
        for name, node in nodes.by_name.items()
    )
    return SiteHealth(site=writer.id, seq=writer.seq, term=writer.term, journal_ok=not writer.fault, nodes=healths)


def _status(status: NodeStatus | None) -> str:
    return "unheard" if status is None else status.value
