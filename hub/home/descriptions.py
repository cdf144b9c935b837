"""What Home Assistant is told of a lobby's devices: one for the lobby, one for each room and each node.

Pure: a lobby goes in, descriptions go out, in the form that its MQTT integration documents for devices. Names are those
of the lobby file in its first language. There is nothing of visitors or staff in them.
"""

from collections.abc import Iterator
from typing import Any

from hub import standing
from hub.day.lobby import Device, DeviceKind, Label, Lobby
from wire import home
from wire.messages import RoomQuality

Description = dict[str, Any]

EXPIRES_S = 180
"""A figure that was not said again for so long is unavailable: three times the hub's minute."""


def descriptions(lobby: Lobby, version: str) -> Iterator[tuple[str, Description]]:
    """(topic, description) of each device of a lobby."""
    site = lobby.site.id
    of_lobby = _device(_id(site), _named(lobby, lobby.site.name), "Lobby")
    yield _described(of_lobby, home.state(site, "lobby"), dict(_of_lobby(lobby)), version)
    for room in lobby.rooms:
        device = _device(_id(site, "room", room.id), _named(lobby, room.name), "Room", via=_id(site))
        yield _described(device, home.state(site, "room", room.id), dict(_of_room(_id(site, "room", room.id))), version)
    for node in dict.fromkeys(device.node for device in lobby.devices):
        device = _device(_id(site, "node", node), node, "Computer", via=_id(site))
        components = _of_node(_id(site, "node", node), [it for it in lobby.devices if it.node == node])
        yield _described(device, home.state(site, "node", node), dict(components), version)


def _id(*parts: str) -> str:
    """Ids hold letters, digits and `-`, so `_` between them keeps `a-b` of `c` apart from `a` of `b-c`."""
    return "_".join(("guichet", *parts))


def _named(lobby: Lobby, name: Label) -> str:
    return next((name[it] for it in lobby.site.languages if it in name), next(iter(name.values()), lobby.site.id))


def _device(device: str, name: str, model: str, via: str = "") -> Description:
    found: Description = {"identifiers": [device], "name": name, "manufacturer": "guichet", "model": model}
    return found | {"via_device": via} if via else found


def _described(device: Description, state: str, components: Description, version: str) -> tuple[str, Description]:
    said = {
        "device": device,
        "origin": {"name": "guichet", "sw_version": version},
        "availability": [{"topic": home.AVAILABILITY}],
        "state_topic": state,
        "qos": 1,
        "components": components,
    }
    return home.description(device["identifiers"][0]), said


def _of_lobby(lobby: Lobby) -> Iterator[tuple[str, Description]]:
    device = _id(lobby.site.id)
    for service in lobby.services:
        name, key = _named(lobby, service.name), _key(service.id)
        waiting = _sensor(device, f"waiting_{key}", f"{name}: tickets in line", f"waiting['{service.id}']")
        yield f"waiting_{key}", waiting | {"state_class": "measurement", "unit_of_measurement": "tickets"}
        wait = _sensor(device, f"wait_{key}", f"{name}: expected wait", f"wait_s['{service.id}']")
        yield f"wait_{key}", wait | {"device_class": "duration", "unit_of_measurement": "s"}
    desks = _sensor(device, "desks_open", "Open desks", "desks_open")
    yield "desks_open", desks | {"state_class": "measurement", "unit_of_measurement": "desks"}


def _of_room(device: str) -> Iterator[tuple[str, Description]]:
    people = {"state_class": "measurement", "unit_of_measurement": "people", "icon": "mdi:account-group"}
    for key, name in (("people", "People"), ("lower", "At least"), ("upper", "At most"), ("limit", "Limit")):
        yield key, _sensor(device, key, name, key) | people
    for key, name in (("entered", "Entered today"), ("left", "Left today")):
        yield key, _sensor(device, key, name, key) | {"unit_of_measurement": "people"}
    quality = _sensor(device, "quality", "Count", "quality")
    yield "quality", quality | {"device_class": "enum", "options": [quality.value for quality in RoomQuality]}
    over = _sensor(device, "over", "Over the limit", "over", platform="binary_sensor")
    yield "over", over | {"device_class": "problem"}


def _of_node(device: str, devices: list[Device]) -> Iterator[tuple[str, Description]]:
    there = _sensor(device, "online", "Connected", "online", platform="binary_sensor")
    yield "online", there | {"device_class": "connectivity", "entity_category": "diagnostic"}
    needs = _sensor(device, "needs", "Needs somebody", "needs", platform="binary_sensor")
    yield "needs", needs | {"device_class": "problem", "entity_category": "diagnostic"}
    temperature = _sensor(device, "temperature", "Temperature", "temperature_c")
    yield (
        "temperature",
        temperature
        | {
            "device_class": "temperature",
            "unit_of_measurement": "°C",
            "state_class": "measurement",
            "entity_category": "diagnostic",
        },
    )
    free = _sensor(device, "disk_free", "Free disk space", "disk_free_mb")
    yield (
        "disk_free",
        free | {"device_class": "data_size", "unit_of_measurement": "MB", "entity_category": "diagnostic"},
    )
    for it in devices:
        words = standing.DEVICE_STATES.get(it.kind)
        if words is not None:
            key = f"state_{_key(it.id)}"
            name = {DeviceKind.PRINTER: "Paper", DeviceKind.COUNTER: "Counter"}[it.kind]
            state = _sensor(device, key, f"{name} ({it.id})", f"devices['{it.id}']")
            yield key, state | {"device_class": "enum", "options": list(words)}
        if it.kind is DeviceKind.COUNTER:
            key, path = f"doubted_{_key(it.id)}", f"doubted['{it.id}']"
            doubted = _sensor(device, key, f"Counts wrongly ({it.id})", path, platform="binary_sensor")
            yield key, doubted | {"device_class": "problem", "entity_category": "diagnostic"}


def _key(name: str) -> str:
    """An id as a part of a template's and a component's name."""
    return name.replace("-", "_")


def _sensor(device: str, key: str, name: str, path: str, platform: str = "sensor") -> Description:
    """A component that reads `path` of its device's state. `None`, which a template makes of null, is unknown there."""
    found: Description = {
        "platform": platform,
        "unique_id": f"{device}_{key}",
        "name": name,
        "value_template": "{{ value_json." + path + " }}",
        "expire_after": EXPIRES_S,
    }
    if platform == "binary_sensor":
        found |= {"payload_on": "True", "payload_off": "False"}
    return found
