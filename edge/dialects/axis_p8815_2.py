"""AXIS P8815-2 3D People Counter: who came and went in each interval, as it exports them, in times that name no zone;
how many are inside now; and what it pushes.

An export comes as JSON or as a table with commas. An hour of which the camera knows nothing holds null. Source: Axis'
"P8815-2 3D people counter API".
"""

import csv
from collections.abc import Iterator

from edge.counters import loose_json, sent
from edge.counters.instants import local
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.dialects import TextDialect, axis_people_counter

DIGITS_MAX = 16


def read(topic: str, text: str) -> Said:
    if not text.lstrip().startswith(("{", "[")):
        return _export(_rows(text))
    told = Table.of(sent.sample(loose_json.strict(text)[0]))
    if "error" in told:
        raise Refuse("not-a-count", "the camera answers with an error")
    if "method" in told:
        raise Refuse("not-a-count", f"an answer to {told.maybe_text('method')!r}")
    if "apiName" in told or "occupancy" in told:
        return axis_people_counter.read(told.content)
    if not isinstance(told.content.get("data"), list):
        raise Refuse("unknown-shape", "without a list of data, so no export of a P8815-2")
    return _export(told.tables("data"))


def _rows(text: str) -> Iterator[Table]:
    """Each line below the first as an object by the names in the first."""
    try:
        lines = list(csv.reader(text.strip().splitlines()))
    except csv.Error:
        raise Refuse("unknown-shape", "neither JSON nor a table") from None
    names = [name.strip().lower() for name in lines[0]]
    if not {"start", "end"} <= set(names) or not ({"in", "out"} <= set(names) or "peak" in names):
        raise Refuse(
            "unknown-shape", "neither JSON nor a table with start, end, in and out, or with start, end and peak"
        )
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(names):
            raise Refuse("truncated", f"line {number} has {len(line)} columns, where the first has {len(names)}")
        yield Table({name: _cell(text) for name, text in zip(names, line, strict=True)}, f"line {number}")


def _cell(text: str) -> str | int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX else text or None


def _export(intervals: Iterator[Table]) -> Said:
    said = Said()
    for interval in intervals:
        said.read(_interval(said, interval))
    said.flag("local-time" if said.readings else "no-count")
    return said


def _interval(said: Said, interval: Table) -> Iterator[Reading]:
    since, until = (local(interval.get(key), interval.place(key)) for key in ("start", "end"))
    if since >= until:
        raise Refuse("bad-instant", f"{interval.place('end')} {until} is not after {since}")
    if "in" not in interval and "peak" in interval:
        interval.natural_or_null("peak")
        said.flag("peaks-only")
        return
    entered, left = interval.natural_or_null("in"), interval.natural_or_null("out")
    if entered is None and left is None:
        said.flag("gaps")
        return
    yield Reading(kind=Kind.PERIOD, entered=entered, left=left, local_since=since, local_until=until, unsaid=("zone",))


DIALECT = TextDialect(
    family="axis-p8815-2",
    names=("axis-p8815", "p8815-2", "axis-3d-people-counter", "axis-p8815-2-export"),
    what="AXIS P8815-2, JSON or CSV: its export of intervals, people inside, pushed intervals",
    read=read,
)
