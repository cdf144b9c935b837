"""What the devices of a lobby say to Home Assistant. Pure: the day and the nodes go in; null is what nobody knows."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hub import standing
from hub.day import estimates, occupancy
from hub.day.lobby import DeviceKind
from hub.day.model import Day
from hub.nodes import Node
from hub.self_tests import Against
from wire import home
from wire.messages import NodeStatus, PanelState

State = dict[str, Any]


def of_day(site: str, day: Day, now: datetime) -> Iterator[tuple[str, State]]:
    """(topic, state) of the lobby and of its rooms; none while no day is open."""
    if not day.is_open:
        return
    lobby: State = {
        "waiting": {service: state.waiting for service, state in day.services.items()},
        "wait_s": {service: estimates.wait_s(day, service, it.waiting, now) for service, it in day.services.items()},
        "desks_open": sum(state != PanelState.CLOSED for _, state in standing.desks(day)),
    }
    yield home.state(site, "lobby"), lobby
    for room, state in day.rooms.items():
        known = occupancy.estimate(day, room)
        said: State = {
            "people": known.value,
            "lower": known.lower,
            "upper": known.upper,
            "limit": state.limit_people,
            "entered": state.entered_people,
            "left": state.left_people,
            "quality": known.quality.value,
            "over": None if known.value is None else known.value > state.limit_people,
        }
        yield home.state(site, "room", room), said


def of_nodes(site: str, day: Day, nodes: Mapping[str, Node], against: Against) -> Iterator[tuple[str, State]]:
    """(topic, state) of each node; `against` is what speaks against its people counters."""
    words = {it.device: it.state for it in standing.devices(day)}
    for name, node in nodes.items():
        is_online = node.status is NodeStatus.ONLINE
        health = node.health if is_online else None
        said: State = {
            "online": is_online,
            "needs": bool(health.faults or node.machine) if health else None,
            "temperature_c": health.temperature_c if health else None,
            "disk_free_mb": health.disk_free_mb if health else None,
            "devices": {
                device.partition("/")[2]: state for device, state in words.items() if device.partition("/")[0] == name
            },
            "doubted": {
                it.id: it.address in against
                for it in day.devices.values()
                if it.kind is DeviceKind.COUNTER and it.node == name
            },
        }
        yield home.state(site, "node", name), said
