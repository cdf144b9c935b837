"""Frigate: detects people in the pictures of cameras, and publishes over MQTT.

For each zone and camera it tells how many people it sees there, and for each person it follows the zones that were
entered and left. A person who is lost from sight and found again is another one to it, so what it tells of crossings is
worth less than how many it sees. It does not know which side of a zone is in. Its own example has remarks in it.
Source: Frigate's page on MQTT.
"""

from typing import Any

from edge.counters import loose_json
from edge.counters.instants import unix
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.counters.topics import each, liveness, people
from edge.dialects import TextDialect

PERSON = "person"
LABELS_OF_ALL = ("all",)


def read(topic: str, text: str) -> Said:
    return each(topic, text, _one)


def _one(topic: str, text: str) -> Said:
    text = text.strip()
    if text.startswith("{"):
        value, flags = loose_json.loose(text)
        said = _event(Table.of(value))
        said.flag(*flags)
        return said
    said = Said()
    parts = topic.split("/") if topic else []
    if text in ("online", "offline") and (not parts or parts[-1] == "available"):
        liveness(said, text)
        return said
    if parts and parts[-1] == "active":
        said.flag("moving-only")
        parts = parts[:-1]
    if len(parts) >= 2 and parts[-1] != PERSON:
        if parts[-1] in LABELS_OF_ALL or text.isdigit():
            said.flag("not-a-person")
            return said
        raise Refuse("not-a-count", f"topic …/{parts[-1][:40]} tells of no people")
    register = parts[-2] if len(parts) >= 2 else ""
    number = people(text, "the number of people")
    unsaid = ("instant",) if register else ("instant", "register")
    of = "moving" if "moving-only" in said.flags else ""
    said.read([Reading(kind=Kind.OCCUPANCY, register=register, of=of, people=number, unsaid=unsaid)])
    return said


def _event(told: Table) -> Said:
    if "before" not in told or "after" not in told or "type" not in told:
        raise Refuse("not-a-count", "neither a number nor an event of a person")
    sort = told.text("type")
    if sort not in ("new", "update", "end"):
        raise Refuse("bad-value", f"an event of type {sort!r} is not known")
    after = told.table("after")
    if "label" not in after:
        raise Refuse("not-a-count", "a review, which tells nothing that its events do not")
    at = unix(after.get("frame_time"), "after.frame_time")
    said = Said(device=after.text("camera"))
    said.message = f"{after.text('id')}/{after.content.get('frame_time')}/{sort}"
    said.fields = {"id": after.text("id"), "type": sort, "label": after.text("label")}
    if after.text("label") != PERSON:
        said.flag("not-a-person")
        return said
    if after.content.get("false_positive") is True:
        said.flag("false-positive")
        return said
    # What is new has entered the zones that it stands in; what has ended has left those in which it was seen last.
    before_zones = set() if sort == "new" else _zones(told.table("before") if told.content["before"] else after)
    after_zones = set() if sort == "end" else _zones(after)
    if sort == "end":
        before_zones |= _zones(after)
    for zone in sorted(after_zones - before_zones):
        said.read([Reading(kind=Kind.CROSSING, register=zone, entered=1, at=at, unsaid=("direction",))])
    for zone in sorted(before_zones - after_zones):
        said.read([Reading(kind=Kind.CROSSING, register=zone, left=1, at=at, unsaid=("direction",))])
    if not said.readings:
        said.flag("no-count")
    return said


def _zones(told: Table) -> set[str]:
    zones: list[Any] = told.list("current_zones")
    if not all(isinstance(zone, str) and zone.isprintable() and len(zone) <= 128 for zone in zones):
        raise Refuse("bad-value", f"{told.place('current_zones')} holds something other than names")
    return set(zones)


DIALECT = TextDialect(
    family="frigate",
    names=("frigate-events", "frigate-zone", "frigate-person"),
    what="Frigate over MQTT: people in a zone, and those who enter and leave it",
    read=read,
)
