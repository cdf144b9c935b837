"""Irisys Vector 4D: registers that the installer has named, over HTTP or MQTT, in JSON.

By HTTP each register has its value, which only ever grows until the device is switched off, and in newer firmware
what the last period added; by MQTT come changes as they happen, all values now and then, and an empty list as a sign
of life. Which register counts who comes in, only its name or a tag says. Source: IrisysUK/vectorhttppost, the maker's
guides to HTTP POST, count logging and MQTT, and uva-linklab/irisys-mqtt-influxdb.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from edge.counters.instants import aware
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.dialects import JsonDialect

LINES = ("", "line", "custom")
"""The types of registers that count who passes; firmware that tells no type leaves it open."""
_NAME, _CHANGE, _INSTANT = (
    ("name", "register", "registername"),
    ("value", "change", "delta", "count"),
    ("timestamp", "time"),
)


def read(value: Any) -> Said:
    if isinstance(value, list):
        return _changes(value)
    told = Table.of(value)
    if "CountLogs" in told:
        return _logs(told)
    if "counts" in told:
        said = Said()
        for count in told.tables("counts"):
            reading = Reading(
                kind=Kind.TOTAL,
                register=count.text("name"),
                count=count.natural("count"),
                unsaid=("direction", "instant"),
            )
            said.read([reading])
        return said
    if "HistogramLogs" in told:
        raise Refuse("not-a-count", "how tall people are, and how long they stay; no count comes with that")
    raise Refuse("unknown-shape", "without CountLogs and without counts, so not of an Irisys Vector")


def device_in(topic: str) -> str:
    """`irisys/<serial number>/live_counts`: messages of MQTT do not name their device otherwise."""
    parts = topic.split("/")
    serial = next((part for part in parts if part.upper().startswith("V4D-")), "")
    return serial or (parts[-2] if len(parts) >= 3 else "")


def _logs(told: Table) -> Said:
    said = Said(device=told.text("FriendlyDeviceSerial"))
    entries = list(told.tables("CountLogs"))
    for key in ("DeviceName", "SiteName", "TimeZone"):
        if key in told:
            said.fields[key] = told.maybe_text(key)
    for entry in entries:
        if "Counts" not in entry:
            said.flag("clock-changed" if "ClockChangedFrom" in entry else "no-count")
            continue
        said.read(_entry(said, entry))
    logged = [entry.natural("LogEntryId") for entry in entries if "LogEntryId" in entry]
    if logged:
        said.fields["LogEntryId"] = logged[-1]
        # A device that was set back numbers its entries from the beginning.
        when = entries[-1].maybe_text("Timestamp")
        said.message = f"{said.device}/{'+'.join(map(str, logged[:8]))}/{when}"
    if not entries:
        said.flag("alive")
    return said


def _entry(said: Said, entry: Table) -> Iterator[Reading]:
    at = aware(entry.get("Timestamp"), entry.place("Timestamp"))
    since = aware(entry.get("StartTimestamp"), entry.place("StartTimestamp")) if "StartTimestamp" in entry else None
    if since is not None and since >= at:
        raise Refuse("bad-instant", f"{entry.place('Timestamp')} is not after the beginning of its period")
    for register in entry.tables("Counts"):
        name = register.maybe_text("Name") or f"register-{register.natural('RegisterId')}"
        sort = register.maybe_text("RegisterType").lower()
        if sort not in LINES:
            said.flag("other-registers")
            said.fields[name] = register.integer("Value")
            continue
        way = _way(register)
        told = register.natural("Value")
        unsaid = () if way else ("direction",) if sort else ("direction", "register")
        yield Reading(kind=Kind.TOTAL, register=name, at=at, unsaid=unsaid, **_counted(way, told))
        if "LogPeriodValue" in register:
            added = register.natural("LogPeriodValue")
            yield Reading(kind=Kind.PERIOD, register=name, since=since, until=at, unsaid=unsaid, **_counted(way, added))


def _way(register: Table) -> str:
    """`entered` or `left` if a tag says so, else empty."""
    tags = register.list("Tags") if register.content.get("Tags") is not None else []
    said = {str(tag).replace(" ", "").lower() for tag in tags}
    if ("direction=in" in said) == ("direction=out" in said):
        return ""
    return "entered" if "direction=in" in said else "left"


def _counted(way: str, count: int) -> dict[str, Any]:
    return {way: count} if way else {"count": count}


def _changes(value: list[Any]) -> Said:
    said = Said()
    summed: dict[tuple[str, datetime], int] = {}  # several may pass in one second
    if not value:
        said.flag("alive")
    for number, item in enumerate(value):
        told = Table.of(item, f"[{number}]")
        by_name = {key.lower().replace("_", ""): key for key in told.content}
        name, change = _key(told, by_name, _NAME), _key(told, by_name, _CHANGE)
        at = aware(told.get(instant := _key(told, by_name, _INSTANT)), told.place(instant))
        added = told.integer(change)
        if added < 0:
            said.flag("negative-change")  # a zone that somebody has left; nobody passes backwards
            said.fields[told.text(name)] = added
            continue
        summed[told.text(name), at] = summed.get((told.text(name), at), 0) + added
    for (register, at), count in summed.items():
        said.read([Reading(kind=Kind.DELTA, register=register, count=count, at=at, unsaid=("direction",))])
    return said


def _key(told: Table, by_name: Mapping[str, str], wanted: tuple[str, ...]) -> str:
    found = next((by_name[name] for name in wanted if name in by_name), None)
    if found is None:
        raise Refuse("missing-field", f"{told.place(wanted[0])} is missing")
    return found


DIALECT = JsonDialect(
    family="irisys-vector",
    names=("irisys", "irisys-vector-4d", "irisys-vector-httppost", "vector-4d"),
    what="Irisys Vector 4D, JSON: registers by HTTP POST or MQTT",
    is_loose=True,
    device_in=device_in,
    read=read,
)
