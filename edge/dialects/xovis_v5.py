"""Xovis sensors with firmware 5: what their push agents send, in JSON, alone, in a list, or one after another.

Logics tell who went forward and backward in each interval, or how many are in a zone; which way is in, only who drew
the line knows. An interval in which the sensor saw less than it should have is marked. Live data tell the value of a
counter at each change. Source: Xovis' "Sensor V5 API" as in eliona-smart-building-assistant/xovis-app, and what reads
it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from edge.counters.instants import aware, unix
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.counters.xovis import meaning, names, there
from edge.dialects import JsonDialect

ENVELOPES_MAX = 100
NO_COUNTS = {
    "status_data": "the state of a sensor",
    "recording_data": "a recording",
    "wifi_bt_data": "what phones send",
}


def read(value: Any) -> Said:
    if not isinstance(value, list):
        return _envelope(Table.of(value))
    if not 1 <= len(value) <= ENVELOPES_MAX:
        raise Refuse("unknown-shape", f"a list of {len(value)}; 1 to {ENVELOPES_MAX} come at once")
    said = Said()
    for number, item in enumerate(value):
        one = _envelope(Table.of(item, f"[{number}]"))
        if said.device and one.device and said.device != one.device:
            raise Refuse("wrong-device", f"one message of two devices, {said.device!r} and {one.device!r}")
        said.read(one.readings)
        said.flag(*one.flags)
        said.fields |= one.fields
        said.device = said.device or one.device
        said.message = one.message if len(value) == 1 else ""
    return said


def _envelope(told: Table) -> Said:
    if "logics_data" in told:
        return _logics(told.table("logics_data"))
    if "live_data" in told:
        return _live(told.table("live_data"))
    if "connection_test" in told:
        said = Said()
        said.flag("connection-test")
        return said
    for key, what in NO_COUNTS.items():
        if key in told:
            raise Refuse("not-a-count", f"{what}; no count comes with that")
    if "config" in told and "type" in told:
        raise Refuse("not-a-count", "this is the configuration of a push agent, not what it pushes")
    raise Refuse("unknown-shape", "neither logics_data nor live_data nor connection_test, so not a push of firmware 5")


def _about(data: Table) -> Said:
    sensor = data.table("sensor_info") if "sensor_info" in data else None
    said = Said(device=sensor.text("serial_number").lower() if sensor else "")
    if "package_info" in data:
        package = data.table("package_info")
        version = str(package.content.get("version", "5"))
        if not version.startswith("5"):
            raise Refuse("unknown-shape", f"version {version[:10]!r} of the push is not known")
        if "id" in package:
            said.message = f"{said.device}/{package.maybe_natural('agent_id') or 0}/{package.natural('id')}"
    return said


def _logics(data: Table) -> Said:
    said = _about(data)
    logics = list(data.tables("logics"))
    for name, logic in zip(names(logics, "name", "id", "logic"), logics, strict=True):
        for record in logic.tables("records") if "records" in logic else ():
            said.read(_record(said, record, name))
    return _told(said)


def _instant(record: Table, key: str) -> datetime:
    """As text, or in milliseconds since 1970, as the agent was told."""
    value = record.get(key)
    return aware(value, record.place(key)) if isinstance(value, str) else unix(value, record.place(key), per_s=1000)


def _record(said: Said, record: Table, name: str) -> Iterator[Reading]:
    since, until = _instant(record, "from"), _instant(record, "to")
    if since >= until:
        raise Refuse("bad-instant", f"{record.place('to')} is not after its beginning")
    samples, expected = record.maybe_natural("samples"), record.maybe_natural("samples_expected")
    unsaid: tuple[str, ...] = ()
    if samples is not None and expected is not None and samples < expected:
        said.flag("partly-blind")
        unsaid = ("everybody",)
    for count in record.tables("counts"):
        label = count.text("name")
        kind, way = meaning(label)
        if kind is Kind.PERIOD:
            yield Reading(
                kind=kind,
                register=name,
                direction=way,
                count=count.natural("value"),
                since=since,
                until=until,
                unsaid=("direction", *unsaid),
            )
        elif kind is Kind.OCCUPANCY:
            yield from there(said, name, count.integer("value"), until, unsaid)
        else:
            said.flag("numbers-left-out")
            said.fields[f"{name}/{label}"] = count.content.get("value")


def _live(data: Table) -> Said:
    """Of all that happened in the view, the counters that changed. Whoever was seen is not looked at."""
    said = _about(data)
    counters = _counters(data)
    for frame in data.tables("frames"):
        at = _instant(frame, "time")
        for event in frame.tables("events") if "events" in frame else ():
            if event.text("category") != "COUNT":
                continue
            told = event.table("attributes")
            counter = told.natural("counter_id")
            logic, label = counters.get(counter, (f"counter-{counter}", ""))
            kind, way = meaning(label)
            value = told.integer("counter_value")
            if kind is Kind.OCCUPANCY:
                said.read(there(said, logic, value, at))
            elif kind is Kind.PERIOD:
                count = told.natural("counter_value")
                unsaid = ("direction",)
                said.read([Reading(kind=Kind.TOTAL, register=logic, direction=way, count=count, at=at, unsaid=unsaid)])
            else:
                said.flag("numbers-left-out")
                said.fields[f"{logic}/{label}"] = value
    return _told(said)


def _told(said: Said) -> Said:
    """A sensor that was started again numbers its packages from the beginning, so their time stands beside."""
    if not said.readings:
        said.flag("no-count")
    elif said.message and (at := said.readings[0].at or said.readings[0].until) is not None:
        said.message += f"/{at.isoformat()}"
    return said


def _counters(data: Table) -> Mapping[int, tuple[str, str]]:
    """Counter to the name of its logic and its own, if the push describes them."""
    if "config" not in data:
        return {}
    config = data.table("config")
    drawn = list(config.tables("logics")) if "logics" in config else []
    called = names(drawn, "name", "id", "logic")
    logics = {it.natural("id"): name for it, name in zip(drawn, called, strict=True)}
    counts = config.tables("counts") if "counts" in config else ()
    found = {}
    for count in counts:
        logic = count.maybe_natural("logic_id") or 0
        found[count.natural("id")] = (logics.get(logic) or f"logic-{logic}", count.maybe_text("name"))
    return found


DIALECT = JsonDialect(
    family="xovis-v5",
    names=("xovis-v5-agent", "xovis-pc2s", "xovis-pf"),
    what="Xovis, firmware 5, JSON: intervals of logics, counters of live data",
    is_stream=True,
    read=read,
)
