"""AXIS People Counter, 2D and 3D: the sums of today, how many are inside, what it pushes for each interval, and what it
keeps.

The sums begin anew at midnight of the camera, and its times there name no zone; what it pushes names UTC, and where a
time of Unix stands beside, that is taken. What it keeps are rows by instant, whose columns it names beside; an instant
ends its interval, as libraries that read theirs each night found out. Of an interval shorter than a day nobody says
whether "total in" is of the interval or of the day, so its kind is left open. Source: Axis' "People counter API" and
"P8815-2 3D people counter API", and what reads the Occupancy Estimator at the University of Virginia's library.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from edge.counters.instants import aware, aware_or_local, local, unix
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table, whole
from edge.dialects import JsonDialect

PUSHED = "Axis Retail Data"
SUMS = (("in", "out"), ("total_in", "total_out"), ("total in", "total out"), ("totalin", "totalout"))
DAY_S = 86_400
_STAMP = "%Y%m%d%H%M%S"


def read(value: Any) -> Said:
    told = Table.of(value)
    if "apiName" in told:
        return _pushed(told)
    if "counter" in told and "data" in told:
        return _kept(told)
    if "days" in told and "in" not in told:
        raise Refuse("not-a-count", "it tells which days there are, not who came")
    if "serial" not in told or not ("timestamp" in told or "unixtime" in told):
        raise Refuse("unknown-shape", "without a serial and a timestamp, so not of AXIS People Counter")
    keys = next((keys for keys in SUMS if keys[0] in told), None)
    if "occupancy" not in told and keys is None:
        raise Refuse("not-a-count", "it tells neither who came nor how many are inside")
    said = Said(device=_serial(told.text("serial")))
    if name := told.maybe_text("name"):
        said.fields["name"] = name
    moment = _moment(said, told)
    if keys is not None:
        entered, left = (told.natural(key) for key in keys)
        said.read([Reading(kind=Kind.TOTAL, entered=entered, left=left, **moment)])
        said.flag("resets-daily")
    if "occupancy" in told:
        said.read(_inside(said, told.integer("occupancy"), moment))
    return said


def _serial(text: str) -> str:
    """Some say it with colons and some without."""
    return text.replace(":", "").upper()


def _moment(said: Said, told: Table) -> dict[str, Any]:
    if "unixtime" in told:
        return {"at": unix(told.get("unixtime"), "unixtime")}
    text = told.text("timestamp")
    at, here = None, ""
    if text.isdigit():
        here = local(text, "timestamp", _STAMP)
    else:
        at, here = aware_or_local(text, "timestamp")
    if here:
        said.flag("local-time")
        return {"local_at": here, "unsaid": ("zone",)}
    return {"at": at}


def _inside(said: Said, people: int, moment: dict[str, Any]) -> Iterator[Reading]:
    """Who came less who went may fall below nobody; then it says nothing."""
    if people < 0:
        said.flag("negative-balance")
        said.fields["occupancy"] = people
        return
    yield Reading(kind=Kind.OCCUPANCY, people=people, **moment)


# --- what it pushes ------------------------------------------------------------------------------------------


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
    if not said.readings and not said.flags:
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


# --- what it keeps -------------------------------------------------------------------------------------------


def _kept(told: Table) -> Said:
    counter = told.table("counter")
    said = Said(device=_serial(counter.text("serial")), fields={"name": counter.maybe_text("name")})
    every_s = counter.natural("delta")
    if not 0 < every_s <= DAY_S:
        raise Refuse("bad-value", f"counter.delta is {every_s} s, no interval of a day or less")
    columns = [name.strip().lower() for name in counter.table("types").content]
    if not {"in", "out", "total in", "total out", "occupancy"} & set(columns):
        raise Refuse("missing-field", "counter.types names neither in nor out nor occupancy")
    data = told.table("data")
    for stamp in data.content:
        values = data.list(stamp)
        if len(values) != len(columns):
            raise Refuse("bad-value", f"{data.place(stamp)} holds {len(values)} numbers for {len(columns)} columns")
        row = {name: whole(number, data.place(stamp)) for name, number in zip(columns, values, strict=True)}
        said.read(_row(said, Table(row, data.place(stamp)), local(stamp, "an instant of data", _STAMP), every_s))
    said.flag("local-time" if said.readings else "no-count")
    return said


def _row(said: Said, row: Table, until: str, every_s: int) -> Iterator[Reading]:
    since = (datetime.fromisoformat(until) - timedelta(seconds=every_s)).isoformat(timespec="seconds")
    for keys, kind in (("in", "out"), ()), (("total in", "total out"), () if every_s == DAY_S else ("kind",)):
        entered, left = (row.natural(key) if key in row else None for key in keys)
        if entered is not None or left is not None:
            yield Reading(
                kind=Kind.PERIOD,
                entered=entered,
                left=left,
                local_since=since,
                local_until=until,
                unsaid=("zone", *kind),
            )
    if "occupancy" in row:
        yield from _inside(said, row.integer("occupancy"), {"local_at": until, "unsaid": ("zone",)})


DIALECT = JsonDialect(
    family="axis-people-counter",
    names=("axis-people-counter-live-sum", "axis-live-sum", "axis-retail-data", "axis-occupancy-estimator"),
    what="AXIS People Counter, JSON: the sums of today, people inside, pushed and kept intervals",
    read=read,
)
