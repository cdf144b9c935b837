"""Hikvision people counting cameras: what they tell a listening host, as XML or JSON.

Who came and went since the counts were cleared (`realTime`, at midnight unless told otherwise) or in an interval
(`timeRange`), children apart where the camera tells them; and what was found when it was asked for a day, whose
intervals end with their last second and may name no time zone. A camera counts one region or several. The maker prints
JSON with an address that wants quotation marks, and some cameras write offsets such as `-5:00`. Source: Hikvision's
"Device Network SDK (People Counting)": JSON_Metadata_PeopleCounting, XML_EventNotificationAlert_PeopleCountingEventMsg,
XML_CountingStatisticsResult; and what reads cameras of the series DS-2XM.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as Xml

from edge.counters import loose_json, sent
from edge.counters.instants import aware, aware_or_local
from edge.counters.markup import name_of, root_of
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.dialects import TextDialect

ROOTS = ("EventNotificationAlert", "CountingStatisticsResult")


def read(topic: str, text: str) -> Said:
    if text.lstrip().startswith("<"):
        name, content = _tree(text)
        return _result(Table(content)) if name == ROOTS[1] else _alert(Table(content))
    value, flags = loose_json.loose(text)
    told = Table.of(sent.sample(value))
    if "Metadata" in told:
        said = _metadata(told.table("Metadata"))
    elif ROOTS[0] in told:
        said = _alert(told.table(ROOTS[0]))
    elif ROOTS[1] in told:
        said = _result(told.table(ROOTS[1]))
    elif "eventType" in told:
        said = _alert(told)
    else:
        raise Refuse("unknown-shape", "neither Metadata nor an alert, so not of a Hikvision camera")
    said.flag(*flags)
    return said


def _metadata(told: Table) -> Said:
    if told.maybe_text("subType") != "PeopleCounting":
        raise Refuse("not-a-count", f"metadata of {told.maybe_text('subType')!r} count nobody")
    about, counted = told.table("DevInfo"), told.table("Situation")
    said = Said(device=about.text("macAddress").lower())
    channel = about.content.get("channel")
    at = aware(told.get("time"), told.place("time"))
    entered, left = counted.natural("enterRegionPeopleNum"), counted.natural("leaveRegionPeopleNum")
    said.read([Reading(kind=Kind.TOTAL, register=_channel(channel), entered=entered, left=left, at=at)])
    said.flag("resets-daily")
    return said


def _channel(channel: Any) -> str:
    return f"channel-{channel}" if isinstance(channel, str | int) and str(channel).isalnum() else ""


def _alert(told: Table) -> Said:
    if told.maybe_text("eventType").lower() != "peoplecounting":
        raise Refuse("not-a-count", f"an alert of {told.maybe_text('eventType')!r} counts nobody")
    said = Said(device=told.maybe_text("macAddress").lower())
    adults = list(told.each("peopleCounting"))
    for counted in adults:
        said.read([_counted(said, told, counted, counted, "")])
        said.fields |= {key: counted.digits(key) for key in ("pass", "duplicatePeople") if key in counted}
    if "childCounting" in told and len(adults) == 1:
        children = told.table("childCounting")
        said.read([_counted(said, told, adults[0], children, "children")])
    registers = [reading.register for reading in said.readings if not reading.of]
    if len(set(registers)) < len(registers):
        raise Refuse("duplicate-key", "one region is counted twice, and nobody says which count is meant")
    first = said.readings[0] if said.readings else None
    if first is not None and first.since is not None and first.until is not None and len(adults) == 1:
        said.message = f"{said.device}/{first.register}/{first.since.isoformat()}/{first.until.isoformat()}"
    return said


def _counted(said: Said, told: Table, span: Table, counted: Table, of: str) -> Reading:
    """What `counted` tells, by the method and in the time of `span`."""
    entered, left = counted.digits("enter"), counted.digits("exit" if "exit" in counted else "leave")
    register = _register(told, span)
    is_late = str(told.content.get("isDataRetransmission", "")).lower() == "true"
    method = (span.maybe_text("statisticalMethods") or _method(span)).lower()
    if method == "realtime":
        when = span.table("RealTime").get("time") if "RealTime" in span else told.get("dateTime")
        said.flag("resets-daily")
        at = aware(when, "RealTime.time")
        return Reading(kind=Kind.TOTAL, register=register, of=of, entered=entered, left=left, at=at, is_late=is_late)
    if method not in ("timerange", "signaltrigger"):
        raise Refuse("bad-value", f"statistics by {method!r} are not known")
    times = span.table("TimeRange")
    since, until = (aware(times.get(key), times.place(key)) for key in ("startTime", "endTime"))
    if since >= until:
        raise Refuse("bad-instant", "TimeRange.endTime is not after its beginning")
    return Reading(
        kind=Kind.PERIOD,
        register=register,
        of=of,
        entered=entered,
        left=left,
        since=since,
        until=until,
        is_late=is_late,
    )


def _method(span: Table) -> str:
    """Some leave it out; the time that stands there tells."""
    told = [method for key, method in (("RealTime", "realTime"), ("TimeRange", "timeRange")) if key in span]
    if len(told) != 1:
        raise Refuse("missing-field", f"{span.place('statisticalMethods')} is missing")
    return told[0]


def _register(told: Table, span: Table) -> str:
    """The channel, and the region if it is not the first: a camera with one region calls it 1, or does not name it."""
    channel, region = _channel(told.content.get("channelID")), span.content.get("regionsID")
    if not isinstance(region, str | int) or not str(region).isalnum() or str(region) == "1":
        return channel
    return f"{channel}-region-{region}".removeprefix("-")


# --- what is found for a day that was asked for --------------------------------------------------------------


def _result(told: Table) -> Said:
    said = Said()
    found = told.content.get("matchList")
    for match in told.table("matchList").each("matchElement") if isinstance(found, dict) else ():
        said.read(_match(said, match))
    if not said.readings:
        said.flag("no-count")
    return said


def _match(said: Said, match: Table) -> Iterator[Reading]:
    span = match.table("timeSpan")
    (since, here_since), (until, here_until) = (
        aware_or_local(span.get(key), span.place(key)) for key in ("startTime", "endTime")
    )
    until = None if until is None else _behind(until)
    here_until = _behind(datetime.fromisoformat(here_until)).isoformat(timespec="seconds") if here_until else ""
    if bool(here_since) != bool(here_until) or str(since or here_since) >= str(until or here_until):
        raise Refuse("bad-instant", f"{span.place('endTime')} is not after its beginning")
    if here_since:
        said.flag("local-time")
    yield Reading(
        kind=Kind.PERIOD,
        entered=match.digits("enterCount"),
        left=match.digits("exitCount"),
        since=since,
        until=until,
        local_since=here_since,
        local_until=here_until,
        unsaid=("zone",) if here_since else (),
    )


def _behind(last: datetime) -> datetime:
    """The instant up to which an interval goes whose last second is told."""
    return last + timedelta(seconds=1) if last.second == 59 else last


# --- XML -----------------------------------------------------------------------------------------------------


def _tree(text: str) -> tuple[str, dict[str, Any]]:
    """Its name; elements as objects, and what is in them as text.

    Raises:
        Refuse: it is no such XML.
    """
    root = root_of(text)
    if name_of(root) not in ROOTS:
        raise Refuse("unknown-shape", f"{name_of(root)[:40]!r} is no alert of a Hikvision camera")
    return name_of(root), _object(root, 0)


def _object(element: Xml.Element, depth: int) -> dict[str, Any]:
    """Elements that hold others may stand several times, and then are a list; a text may not change its mind."""
    if depth > loose_json.DEPTH_MAX:
        raise Refuse("not-xml", "it is nested too deep")
    found: dict[str, Any] = {}
    for child in element:
        name = name_of(child)
        value = _object(child, depth + 1) if len(child) else (child.text or "").strip()
        if name not in found:
            found[name] = value
        elif isinstance(value, dict) and isinstance(found[name], dict | list):
            found[name] = [*(found[name] if isinstance(found[name], list) else [found[name]]), value]
        elif found[name] != value:
            raise Refuse("duplicate-key", f"{name[:40]!r} stands twice, with different values")
    return found


DIALECT = TextDialect(
    family="hikvision-people-counting",
    names=("hikvision", "hikvision-peoplecounting", "hikvision-people-counter"),
    what="Hikvision people counting, XML or JSON: totals or intervals of a channel",
    read=read,
)
