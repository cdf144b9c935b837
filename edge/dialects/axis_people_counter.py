"""AXIS People Counter, 2D and 3D: the sums of today, how many are inside, and what it pushes for each interval.

The sums begin anew at midnight of the camera, and its times there name no zone; what it pushes names UTC. Source:
Axis' "People counter API" and "P8815-2 3D people counter API".
"""

from collections.abc import Iterator
from typing import Any

from edge.counters.instants import aware, aware_or_local, local
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.dialects import JsonDialect

PUSHED = "Axis Retail Data"


def read(value: Any) -> Said:
    told = Table.of(value)
    if "apiName" in told:
        return _pushed(told)
    if "serial" not in told or "timestamp" not in told:
        raise Refuse("unknown-shape", "without a serial and a timestamp, so not of AXIS People Counter")
    if "occupancy" not in told and "in" not in told:
        raise Refuse("not-a-count", "it tells which days there are, not who came")
    said = Said(device=_serial(told.text("serial")))
    if name := told.maybe_text("name"):
        said.fields["name"] = name
    moment = _moment(said, told)
    if "in" in told or "total_in" in told:
        keys = ("in", "out") if "in" in told else ("total_in", "total_out")
        entered, left = (told.natural(key) for key in keys)
        said.read([Reading(kind=Kind.TOTAL, entered=entered, left=left, **moment)])
        said.flag("resets-daily")
    if "occupancy" in told:
        said.read([Reading(kind=Kind.OCCUPANCY, people=told.natural("occupancy"), **moment)])
    return said


def _serial(text: str) -> str:
    """Some say it with colons and some without."""
    return text.replace(":", "").upper()


def _moment(said: Said, told: Table) -> dict[str, Any]:
    text = told.text("timestamp")
    at, here = None, ""
    if text.isdigit():
        here = local(text, "timestamp", "%Y%m%d%H%M%S")
    else:
        at, here = aware_or_local(text, "timestamp")
    if here:
        said.flag("local-time")
        return {"local_at": here, "unsaid": ("zone",)}
    return {"at": at}


def _pushed(told: Table) -> Said:
    if told.text("apiName") != PUSHED:
        raise Refuse("unknown-shape", f"{told.text('apiName')!r} is not what AXIS People Counter pushes")
    sensor = told.table("sensor")
    said = Said(device=_serial(sensor.text("serial")))
    data = told.table("data")
    for measurement in data.tables("measurements") if "measurements" in data else ():
        if measurement.text("kind") != "people-counts":
            said.flag("other-measurements")
            continue
        said.read(_interval(said, measurement))
    if not said.readings:
        said.flag("connection-test")
    elif len(said.readings) == 1 and (since := said.readings[0].since) is not None:
        said.message = f"{said.device}/{since.isoformat()}"
    return said


def _interval(said: Said, measurement: Table) -> Iterator[Reading]:
    since, until = (aware(measurement.get(key), measurement.place(key)) for key in ("utcFrom", "utcTo"))
    if since >= until:
        raise Refuse("bad-instant", f"{measurement.place('utcTo')} is not after its beginning")
    ways: dict[str, int] = {}
    for item in measurement.tables("items"):
        way = item.text("direction")
        if way not in ("in", "out") or way in ways:
            raise Refuse("bad-value", f"{item.place('direction')} is {way!r}, where in and out are meant, once each")
        ways[way] = item.natural("count")
        if (adults := item.maybe_natural("adults")) is not None:
            said.fields[f"adults_{way}"] = adults
    yield Reading(kind=Kind.PERIOD, entered=ways.get("in"), left=ways.get("out"), since=since, until=until)


DIALECT = JsonDialect(
    family="axis-people-counter",
    names=("axis-people-counter-live-sum", "axis-live-sum", "axis-retail-data", "axis-occupancy-estimator"),
    what="AXIS People Counter, JSON: the sums of today, people inside, pushed intervals",
    read=read,
)
