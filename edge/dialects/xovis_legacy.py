"""Xovis sensors with firmware 3 and 4: the "line count data" and "zone count data" that they push, in JSON; and the
count data that they write in XML.

For each line who went forward and backward in each interval; which of them is in, only who drew the line knows. There
are no totals: an interval that is lost is lost. Source: hennedo/xovis-prometheus-exporter and sdu-cfei/xovis-driver.
"""

from collections.abc import Iterator
from typing import Any

from edge.counters import xovis_markup
from edge.counters.instants import aware
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table, short_text
from edge.counters.xovis import meaning, names, there
from edge.dialects import JsonDialect


def read(value: Any) -> Said:
    told = Table.of(value)
    if "content" not in told or "sensor-info" not in told:
        raise Refuse("unknown-shape", "without content and sensor-info, so not a push of firmware 3 or 4")
    about = told.table("sensor-info")
    said = Said(device=about.text("serial-number").lower())
    said.fields = {key: about.maybe_text(key) for key in ("name", "group", "device-type") if key in about}
    if "status" in told and (code := told.table("status").text("code")) != "OK":
        said.flag("sensor-not-ok")
        said.fields["status"] = code
    elements = list(told.table("content").tables("element"))
    for name, element in zip(names(elements, "element-name", "element-id", "element"), elements, strict=True):
        said.read(_element(said, element, name))
    if not said.readings:
        said.flag("no-count")
    return said


def _element(said: Said, element: Table, name: str) -> Iterator[Reading]:
    is_zone = element.maybe_text("data-type").upper().startswith("ZONE")
    for measurement in element.tables("measurement"):
        since, until = (aware(measurement.get(key), measurement.place(key)) for key in ("from", "to"))
        if since >= until:
            raise Refuse("bad-instant", f"{measurement.place('to')} is not after its beginning")
        seen: set[str] = set()
        for number in measurement.tables("value"):
            label = number.text("label")
            if label in seen:
                raise Refuse("duplicate-key", f"{number.place('label')} {label!r} stands twice")
            seen.add(label)
            kind, way = meaning(label)
            if is_zone and label.lower() in ("count", "people"):
                kind = Kind.OCCUPANCY
            if kind is Kind.PERIOD:
                yield Reading(
                    kind=kind,
                    register=name,
                    direction=way,
                    count=number.natural("value"),
                    since=since,
                    until=until,
                    unsaid=("direction",),
                )
            elif kind is Kind.OCCUPANCY:
                yield from there(said, name, number.integer("value"), until)
            else:
                said.flag("numbers-left-out")
                said.fields[f"{name}/{short_text(label, 'label')}"] = number.integer("value")


DIALECT = JsonDialect(
    family="xovis-legacy",
    names=("xovis-legacy-linecount", "xovis-v3", "xovis-v4", "xovis-pc2", "xovis-pc3"),
    what="Xovis, firmware 3 and 4, JSON or XML: intervals of lines and zones",
    is_stream=True,
    read_xml=xovis_markup.read,
    read=read,
)
