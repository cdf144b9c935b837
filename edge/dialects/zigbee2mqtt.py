"""Zigbee2MQTT: sensors that know whether somebody is there, over MQTT. One of them, ShinaSystem's CSM-300ZB, knows how
many are.

A sensor tells all that it knows as one object, or each of it on a topic of its own, if it was set so. Its name may hold
slashes. What the bridge last heard it says again with every message, so the counter's word for who passed last is no
crossing. Source: zigbee2mqtt.io, "MQTT topics and messages", and zigbee-herdsman-converters.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from edge.counters import loose_json
from edge.counters.instants import aware, unix
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.counters.topics import each, liveness
from edge.dialects import TextDialect

AVAILABILITY = "availability"
PRESENCE = ("occupancy", "presence")
PEOPLE = "people"
STATES = (
    "state",
    "status",
    "battery",
    "linkquality",
    "voltage",
    "illuminance",
    "illuminance_lux",
    "device_temperature",
)
WARNINGS = {"battery_low": "battery-low", "tamper": "tampered"}


def read(topic: str, text: str) -> Said:
    return each(topic, text, _one)


def _one(topic: str, text: str) -> Said:
    parts = topic.split("/")
    leaf = parts[-1] if len(parts) > 2 and parts[-1] in (AVAILABILITY, PEOPLE, *PRESENCE) else ""
    is_bridge = len(parts) > 1 and parts[1] == "bridge"
    said = Said(device="" if is_bridge else "/".join(parts[1:-1] if leaf else parts[1:]))
    if text.strip() in ("online", "offline"):
        liveness(said, text.strip())
        return said
    if not leaf and not is_bridge and len(parts) > 2 and not text.lstrip().startswith("{"):
        raise Refuse("not-a-count", f"topic …/{parts[-1][:40]} tells nothing of people")
    value = loose_json.strict(text)[0]
    told = Table({leaf: value}) if leaf in (PEOPLE, *PRESENCE) and not isinstance(value, Mapping) else Table.of(value)
    if is_bridge and parts[-1] != "state":
        raise Refuse("not-a-count", "what the bridge says of itself")
    if set(told.content) == {"state"} and told.content["state"] in ("online", "offline"):
        liveness(said, told.text("state"))
        return said
    said.fields = _states(told.content)
    said.flag(*(flag for key, flag in WARNINGS.items() if told.content.get(key) is True))
    present = list(_present(said, told))
    if len({reading.present for reading in present}) < 2:
        present = [replace(reading, register="") for reading in present[:1]]
    said.read([*_people(said, told), *present])
    if not said.readings and "not-known-yet" not in said.flags:
        raise Refuse("not-a-count", "neither occupancy nor presence; this device does not know who is there")
    return said


def _people(said: Said, told: Table) -> Iterator[Reading]:
    if PEOPLE not in told:
        return
    if told.content[PEOPLE] is None:
        said.flag("not-known-yet")
        return
    at = _last_seen(told)
    yield Reading(kind=Kind.OCCUPANCY, people=told.natural(PEOPLE), at=at, unsaid=() if at else ("instant",))


def _present(said: Said, told: Table) -> Iterator[Reading]:
    """A device may have two senses, and one of them may be slower than the other."""
    at = _last_seen(told)
    for key in PRESENCE:
        if key not in told:
            continue
        if told.content[key] is None:
            said.flag("not-known-yet")  # of a sensor that has not spoken since the bridge was started
            continue
        unsaid = ("count",) if at is not None else ("count", "instant")
        yield Reading(kind=Kind.PRESENCE, register=key, present=told.flag(key), at=at, unsaid=unsaid)


def _last_seen(told: Table) -> datetime | None:
    """Which the bridge adds where it was told to, as text or in milliseconds."""
    seen = told.content.get("last_seen")
    if seen is None:
        return None
    return aware(seen, "last_seen") if isinstance(seen, str) else unix(seen, "last_seen", per_s=1000)


def _states(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: content[key] for key in STATES if isinstance(content.get(key), int | float | str)}


DIALECT = TextDialect(
    family="zigbee2mqtt",
    names=("zigbee2mqtt-occupancy", "z2m", "zigbee"),
    what="Zigbee2MQTT: whether somebody is there, and of one sensor how many",
    read=read,
)
