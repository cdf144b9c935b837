"""What Xovis sensors of older firmware write as XML: who went forward and backward over each line since and until.

A line has one value, or one for each interval of its granularity, in their order. The name spaces are those of
`xovis.com/count-data-sequence` and `count-line-sequence`. Source: what collects such files from where sensors put them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from xml.etree import ElementTree as Xml

from edge.counters.instants import aware
from edge.counters.markup import name_of, root_of
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import natural, short_text

WAYS = {"fw-count": "fw", "bw-count": "bw"}


def read(text: str) -> Said:
    root = root_of(text)
    lines = list(_within(root, "count-lines", "count-line"))
    if not lines or _text(root, "date-from") is None:
        raise Refuse("unknown-shape", "without dates and count-lines, so not of a Xovis sensor")
    sensor = _child(root, "sensor")
    said = Said(device=(_text(sensor, "serial-number") or _text(sensor, "mac-address") or "").lower())
    said.fields = {"name": name} if (name := _text(sensor, "name")) else {}
    since, until = (aware(_text(root, key), key) for key in ("date-from", "date-to"))
    if since >= until:
        raise Refuse("bad-instant", "date-to is not after date-from")
    names = [short_text(line.get("line-name") or f"line-{number}", "line-name") for number, line in enumerate(lines)]
    if len(set(names)) < len(names):
        raise Refuse("duplicate-key", "two lines are called alike, and nothing tells them apart")
    granularity = _child(root, "granularity")
    told_s = "" if granularity is None else granularity.get("seconds", "")
    for name, line in zip(names, lines, strict=True):
        said.read(_line(name, list(_within(line, "count-values", "value")), since, until, told_s))
    if not said.readings:
        said.flag("no-count")
    return said


def _line(name: str, values: list[Xml.Element], since: datetime, until: datetime, told_s: str) -> Iterator[Reading]:
    """`told_s` is the length of each interval as it is written; empty if it is not."""
    length = (until - since) / max(len(values), 1)
    if length % timedelta(seconds=1) or (values and told_s not in ("", f"{length.total_seconds():.0f}")):
        raise Refuse("bad-value", f"{len(values)} values of {name!r} are not one for each of its intervals")
    for number, value in enumerate(values):
        for key, way in WAYS.items():
            count = _text(value, key)
            if count is None:
                continue
            whole = int(count) if count.isascii() and count.isdigit() and len(count) <= 16 else count
            yield Reading(
                kind=Kind.PERIOD,
                register=name,
                direction=way,
                count=natural(whole, f"{name}/{key}"),
                since=since + number * length,
                until=since + (number + 1) * length,
                unsaid=("direction",),
            )


def _child(element: Xml.Element | None, name: str) -> Xml.Element | None:
    return next((it for it in element if name_of(it) == name), None) if element is not None else None


def _within(element: Xml.Element, group: str, name: str) -> Iterator[Xml.Element]:
    for each in element:
        if name_of(each) == group:
            yield from (it for it in each if name_of(it) == name)


def _text(element: Xml.Element | None, name: str) -> str | None:
    found = _child(element, name)
    return (found.text or "").strip() if found is not None else None
