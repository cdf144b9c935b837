"""Which devices need somebody: from what nodes say of themselves and from what the day knows of counters and paper.

Facts only; templates have the words.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from hub.day.lobby import DeviceKind
from hub.day.model import Day
from hub.day.rooms import CounterState
from hub.fleet import Standing, Wished
from hub.self_tests import Against
from wire.messages import CountQuality, NodeStatus, Paper


class FaultKind(StrEnum):
    """What is the matter."""

    NODE_LOST = "node-lost"
    NODE_UNHEARD = "node-unheard"
    """Not heard since the hub started."""
    NODE_UPDATING = "node-updating"
    MACHINE_HOT = "machine-hot"
    MACHINE_UNDERVOLTAGE = "machine-undervoltage"
    """At some time since it was switched on."""
    MACHINE_DISK_FULL = "machine-disk-full"
    MACHINE_DISK_ERRORS = "machine-disk-errors"
    """Its file systems have noted some."""
    MACHINE_DISK_LOST = "machine-disk-lost"
    """What is written is not kept."""
    MACHINE_CLOCK = "machine-clock"
    """Its own clock is wrong."""
    DEVICE = "device"
    """The node says what its device needs."""
    SETTINGS_REFUSED = "settings-refused"
    """It says why."""
    PAPER_OUT = "paper-out"
    PAPER_NEAR_END = "paper-near-end"
    PAPER_UNKNOWN = "paper-unknown"
    COUNTER_SILENT = "counter-silent"
    COUNTER_UNHEARD = "counter-unheard"
    """It has never said anything."""
    COUNTER_BLOCKED = "counter-blocked"
    COUNTER_RESTARTED = "counter-restarted"
    """Whoever crossed meanwhile is missing from the count."""
    COUNTER_FELL_BACK = "counter-fell-back"
    """It reported less than before; that was ignored."""
    COUNTER_IMPLAUSIBLE = "counter-implausible"
    """It reports more than any door lets through; that is ignored."""
    COUNTER_SWAPPED = "counter-swapped"
    """Its counts speak against it, as for the three below; see `hub.self_tests`."""
    COUNTER_STUCK = "counter-stuck"
    COUNTER_DRIFTING = "counter-drifting"
    COUNTER_DIFFERING = "counter-differing"


MILD = frozenset(
    {
        FaultKind.NODE_UPDATING,
        FaultKind.MACHINE_HOT,
        FaultKind.MACHINE_UNDERVOLTAGE,
        FaultKind.MACHINE_CLOCK,
        FaultKind.PAPER_NEAR_END,
        FaultKind.COUNTER_RESTARTED,
        FaultKind.COUNTER_DRIFTING,
        FaultKind.COUNTER_DIFFERING,
    }
)
"""The lobby runs as it should; somebody should know all the same."""

PAPER = {
    Paper.OUT: FaultKind.PAPER_OUT,
    Paper.NEAR_END: FaultKind.PAPER_NEAR_END,
    Paper.UNKNOWN: FaultKind.PAPER_UNKNOWN,
}


class Fault(Struct, frozen=True, kw_only=True):
    """Something at a node or device."""

    where: str
    """`node` or `node/device`."""
    kind: FaultKind
    needs: str = ""
    """In the device's own words; of a machine, a figure with its unit."""
    since_at: datetime | None = None

    @property
    def is_mild(self) -> bool:
        return self.kind in MILD


class NodeFacts(Struct, frozen=True):
    """A node, as the hub's report on its health has it."""

    name: str
    status: str
    since_at: datetime | None = None
    faults: dict[str, str] = {}
    machine: dict[str, str] = {}


class SiteFacts(Struct, frozen=True):
    """A site in that report."""

    site: str
    nodes: tuple[NodeFacts, ...] = ()


class HealthFacts(Struct, frozen=True):
    """What is used of that report."""

    sites: tuple[SiteFacts, ...] = ()


def nodes_of(site: str, health: Mapping[str, object]) -> tuple[NodeFacts, ...]:
    """The nodes of `site` in the hub's report; none when it does not speak of them."""
    facts = msgspec.convert(health, HealthFacts)
    return next((its.nodes for its in facts.sites if its.site == site), ())


def node_faults(nodes: tuple[NodeFacts, ...]) -> Iterator[Fault]:
    """What nodes say, or do not say any more."""
    for node in nodes:
        if node.status == NodeStatus.ONLINE:
            yield from machine_faults_of(node.name, node.machine)
            for device, needs in node.faults.items():
                yield Fault(where=f"{node.name}/{device}", kind=FaultKind.DEVICE, needs=needs)
        else:
            yield Fault(where=node.name, kind=FaultKind(f"node-{node.status}"), since_at=node.since_at)


def machine_faults_of(node: str, machine: Mapping[str, str]) -> Iterator[Fault]:
    """What the machine of a node needs."""
    for kind, figure in machine.items():
        yield Fault(where=node, kind=FaultKind(kind), needs=figure)


def settings_faults(wished: Iterable[Wished]) -> Iterator[Fault]:
    """Devices that refuse what the lobby file wishes of them."""
    for it in wished:
        if it.standing is Standing.REFUSED:
            yield Fault(where=it.device, kind=FaultKind.SETTINGS_REFUSED, needs=it.why)


def day_faults(day: Day) -> Iterator[Fault]:
    """What the day knows of printers and counters."""
    for address, device in day.devices.items():
        if device.kind is DeviceKind.PRINTER and (paper := PAPER.get(day.paper.get(address, Paper.OK))):
            yield Fault(where=address, kind=paper)
        if device.kind is DeviceKind.COUNTER:
            kind = _counter_fault(day.counters.get(address))
            if kind is not None:
                yield Fault(where=address, kind=kind)


def faults_against(against: Against) -> Iterator[Fault]:
    """What the counts of people counters say against them."""
    for address, faults in against.items():
        for fault in faults:
            yield Fault(where=address, kind=FaultKind(f"counter-{fault}"))


def _counter_fault(counter: CounterState | None) -> FaultKind | None:
    """The worst that is the matter with a counter."""
    if counter is None:
        return FaultKind.COUNTER_UNHEARD
    if counter.is_silent:
        return FaultKind.COUNTER_SILENT
    if counter.quality is CountQuality.BLOCKED:
        return FaultKind.COUNTER_BLOCKED
    if counter.implausible:
        return FaultKind.COUNTER_IMPLAUSIBLE
    if counter.epoch in counter.fell_back:
        return FaultKind.COUNTER_FELL_BACK
    return FaultKind.COUNTER_RESTARTED if counter.epochs_seen > 1 else None
