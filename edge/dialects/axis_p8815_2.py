"""AXIS P8815-2 3D People Counter: who came and went in each interval, as it exports them, in times that name no zone.
Source: Axis' "P8815-2 3D people counter API"."""

from collections.abc import Iterator
from typing import Any

from edge.counters.instants import local
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.dialects import JsonDialect


def read(value: Any) -> Said:
    told = Table.of(value)
    if "error" in told:
        raise Refuse("not-a-count", "the camera answers with an error")
    if not isinstance(told.content.get("data"), list):
        raise Refuse("unknown-shape", "without a list of data, so no export of a P8815-2")
    said = Said()
    said.read(_intervals(said, told))
    said.flag("local-time" if said.readings else "no-count")
    return said


def _intervals(said: Said, told: Table) -> Iterator[Reading]:
    for interval in told.tables("data"):
        since, until = (local(interval.get(key), interval.place(key)) for key in ("start", "end"))
        if since >= until:
            raise Refuse("bad-instant", f"{interval.place('end')} {until} is not after {since}")
        if "in" not in interval and "peak" in interval:
            interval.natural("peak")
            said.flag("peaks-only")
            continue
        entered, left = interval.natural("in"), interval.natural("out")
        yield Reading(
            kind=Kind.PERIOD, entered=entered, left=left, local_since=since, local_until=until, unsaid=("zone",)
        )


DIALECT = JsonDialect(
    family="axis-p8815-2",
    names=("axis-p8815", "p8815-2", "axis-3d-people-counter", "axis-p8815-2-export"),
    what="AXIS P8815-2, JSON: its export of intervals",
    read=read,
)
