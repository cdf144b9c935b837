"""Zigbee2MQTT: sensors that know whether somebody is there, over MQTT. None of them counts people. Source:
zigbee2mqtt.io, "MQTT topics and messages"."""

from collections.abc import Mapping
from typing import Any

from edge.counters import loose_json
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.counters.topics import each, liveness
from edge.dialects import TextDialect

STATES = ("state", "battery", "linkquality", "voltage", "illuminance", "illuminance_lux", "device_temperature")
WARNINGS = {"battery_low": "battery-low", "tamper": "tampered"}


def read(topic: str, text: str) -> Said:
    return each(topic, text, _one)


def _one(topic: str, text: str) -> Said:
    parts = topic.split("/")
    said = Said(device=parts[1] if len(parts) > 1 else "")
    if text.strip() in ("online", "offline"):
        liveness(said, text.strip())
        return said
    told = Table.of(loose_json.strict(text)[0])
    if len(parts) > 1 and parts[1] == "bridge" and parts[-1] != "state":
        raise Refuse("not-a-count", "what the bridge says of itself")
    if set(told.content) == {"state"} and told.content["state"] in ("online", "offline"):
        liveness(said, told.text("state"))
        return said
    said.fields = _states(told.content)
    said.flag(*(flag for key, flag in WARNINGS.items() if told.content.get(key) is True))
    for key in ("occupancy", "presence"):
        if key not in told:
            continue
        if told.content[key] is None:
            said.flag("not-known-yet")  # of a sensor that has not spoken since the bridge was started
            continue
        present = told.flag(key)
        said.read([Reading(kind=Kind.PRESENCE, present=present, unsaid=("count", "instant"))])
    if not said.readings and "not-known-yet" not in said.flags:
        raise Refuse("not-a-count", "neither occupancy nor presence; this device does not know who is there")
    if len({reading.present for reading in said.readings}) > 1:
        raise Refuse("bad-value", "occupancy and presence contradict each other")
    said.readings = said.readings[:1]
    return said


def _states(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: content[key] for key in STATES if isinstance(content.get(key), int | float | str)}


DIALECT = TextDialect(
    family="zigbee2mqtt",
    names=("zigbee2mqtt-occupancy", "z2m", "zigbee"),
    what="Zigbee2MQTT: whether somebody is there",
    read=read,
)
