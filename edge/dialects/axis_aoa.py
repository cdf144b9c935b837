"""AXIS Object Analytics: an Axis camera that publishes what its scenarios count, over MQTT.

A scenario of crossings tells totals since its reset, all as texts; only `totalHuman` counts people, for `total` counts
cars too. It counts one way, and which one only the name of the scenario says. A scenario of occupancy tells how many
are in its area, as `human`. The scenario and the serial number stand in events only where the camera was told so, and
else in the topic. Whoever asks the camera itself (`getAccumulatedCounts`, `getOccupancy`) gets the same numbers.
Source: AxisCommunications/tutorial-axis-object-analytics-to-grafana, and Axis' developer pages.
"""

import re
from typing import Any

from edge.counters import loose_json, sent
from edge.counters.instants import aware, unix
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.dialects import TextDialect

TOPIC_LETTERS = 80
_SCENARIO = re.compile(r"ObjectAnalytics/(\w{1,64})\Z")
_SERIAL = re.compile(r"axis/([0-9A-Fa-f]{12})/event/")


def read(topic: str, text: str) -> Said:
    told = Table.of(sent.sample(loose_json.strict(text)[0]))
    if "method" in told:
        return _answer(told)
    if "message" not in told:
        raise Refuse("unknown-shape", "without a message, so not an event of an Axis camera")
    named = told.maybe_text("topic") or (topic if "/event/" in topic else "")
    serial = told.maybe_text("serial") or _serial_in(topic)
    found = _SCENARIO.search(named)
    if named and found is None:
        raise Refuse("not-a-count", f"topic {named[-TOPIC_LETTERS:]!r} is none of AXIS Object Analytics")
    if not (named or serial or "timestamp" in told):
        raise Refuse("unknown-shape", "without a topic, a timestamp and a serial, so not an event of an Axis camera")
    data = told.table("message").table("data")
    scenario = found[1] if found else ""
    at = unix(told.get("timestamp"), "timestamp", per_s=1000) if "timestamp" in told else None
    said = Said(device=serial, fields=_numbers(data))
    said.flag(*([] if scenario else ["scenario-unknown"]))
    if scenario.endswith(("Interval", "Threshold")):
        raise Refuse("not-a-count", f"{scenario} tells that a number was reached; its scenario tells the totals")
    if any(key in data for key in ("startTime", "resetTime", "totalHuman")):
        said.read([_crossings(said, data, scenario, at)])
    elif "human" in data:
        said.read([Reading(kind=Kind.OCCUPANCY, register=scenario, people=data.digits("human"), at=at)])
    elif "active" in data:
        raise Refuse("not-a-count", "it tells that something moves, not how much")
    else:
        raise Refuse("missing-field", "message.data.totalHuman is missing; this scenario counts no people")
    return said


def _serial_in(topic: str) -> str:
    """`axis/0123456789AB/event/…` unless the camera was told another beginning."""
    found = _SERIAL.match(topic)
    return found[1].upper() if found else ""


def _answer(told: Table) -> Said:
    """What the camera says when it is asked; of which scenario, only who has asked knows."""
    method = told.text("method")
    if method not in ("getAccumulatedCounts", "getOccupancy"):
        raise Refuse("not-a-count", f"an answer to {method!r}")
    if "error" in told:
        raise Refuse("not-a-count", "the camera refuses to tell")
    data = told.table("data")
    said = Said(fields=_numbers(data), flags=["scenario-unknown"])
    people = next((key for key in ("totalHuman", "human") if key in data), None)
    if people is None:
        raise Refuse("missing-field", "data.totalHuman is missing; this scenario counts no people")
    when = next((key for key in ("timeStamp", "timestamp") if key in data), None)
    at = None if when is None else aware(data.get(when), f"data.{when}")
    unsaid = () if at is not None else ("instant",)
    if method == "getOccupancy":
        said.read([Reading(kind=Kind.OCCUPANCY, people=data.digits(people), at=at, unsaid=unsaid)])
        return said
    since = aware(data.get("resetTime"), "data.resetTime") if "resetTime" in data else None
    count = data.digits(people)
    said.read([Reading(kind=Kind.TOTAL, count=count, since=since, at=at, unsaid=("direction", *unsaid))])
    return said


def _crossings(said: Said, data: Table, scenario: str, at: Any) -> Reading:
    if "totalHuman" not in data:
        raise Refuse("missing-field", "message.data.totalHuman is missing; total counts other things than people")
    if (reason := data.maybe_text("reason")) not in ("", "human"):
        said.flag("not-a-person")
        said.fields["reason"] = reason
    began = next((key for key in ("startTime", "resetTime") if key in data), "")
    since = aware(data.get(began), f"message.data.{began}") if began else None
    count = data.digits("totalHuman")
    return Reading(kind=Kind.TOTAL, register=scenario, count=count, since=since, at=at, unsaid=("direction",))


def _numbers(data: Table) -> dict[str, int]:
    return {key: number for key in data.content if (number := _number(data, key)) is not None}


def _number(data: Table, key: str) -> int | None:
    value = data.content[key]
    if not key.startswith("total") and key not in ("human", "car", "bus", "truck", "bike", "otherVehicle"):
        return None
    return data.digits(key) if isinstance(value, str | int) else None


DIALECT = TextDialect(
    family="axis-aoa",
    names=("axis-object-analytics", "aoa", "axis-aoa-crossline", "axis-aoa-occupancy"),
    what="AXIS Object Analytics, JSON: totals of a scenario, or people in its area",
    read=read,
)
