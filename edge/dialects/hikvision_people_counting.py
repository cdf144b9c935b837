"""Hikvision people counting cameras: what they tell a listening host, as XML or JSON.

Who came and went since the counts were cleared (`realTime`, at midnight unless told otherwise) or in an interval
(`timeRange`). The maker prints JSON with an address that wants quotation marks. Source: Hikvision's "Device Network SDK
(People Counting)": JSON_Metadata_PeopleCounting, XML_EventNotificationAlert_PeopleCountingEventMsg.
"""

from typing import Any
from xml.etree import ElementTree as Xml

from edge.counters import loose_json
from edge.counters.instants import aware
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.dialects import TextDialect

ELEMENTS_MAX = 500


def read(topic: str, text: str) -> Said:
    if text.lstrip().startswith("<"):
        return _alert(Table(_tree(text)), "exit")
    value, flags = loose_json.loose(text)
    told = Table.of(value)
    if "Metadata" in told:
        said = _metadata(told.table("Metadata"))
    elif "EventNotificationAlert" in told:
        said = _alert(told.table("EventNotificationAlert"), "exit")
    elif "eventType" in told:
        said = _alert(told, "exit")
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


def _alert(told: Table, out: str) -> Said:
    if told.maybe_text("eventType").lower() != "peoplecounting":
        raise Refuse("not-a-count", f"an alert of {told.maybe_text('eventType')!r} counts nobody")
    said = Said(device=told.maybe_text("macAddress").lower())
    counted = told.table("peopleCounting")
    entered, left = counted.digits("enter"), counted.digits(out if out in counted else "leave")
    method, register = counted.text("statisticalMethods"), _channel(told.content.get("channelID"))
    if "pass" in counted:
        said.fields["pass"] = counted.digits("pass")
    if "duplicatePeople" in counted:
        said.fields["duplicatePeople"] = counted.digits("duplicatePeople")
    is_late = str(told.content.get("isDataRetransmission", "")).lower() == "true"
    if method == "realTime":
        when = counted.table("RealTime").get("time") if "RealTime" in counted else told.get("dateTime")
        at = aware(when, "RealTime.time")
        said.read([Reading(kind=Kind.TOTAL, register=register, entered=entered, left=left, at=at, is_late=is_late)])
        said.flag("resets-daily")
        return said
    if method not in ("timeRange", "signalTrigger"):
        raise Refuse("bad-value", f"statistics by {method!r} are not known")
    span = counted.table("TimeRange")
    since, until = (aware(span.get(key), span.place(key)) for key in ("startTime", "endTime"))
    if since >= until:
        raise Refuse("bad-instant", "TimeRange.endTime is not after its beginning")
    said.read(
        [
            Reading(
                kind=Kind.PERIOD,
                register=register,
                entered=entered,
                left=left,
                since=since,
                until=until,
                is_late=is_late,
            )
        ]
    )
    said.message = f"{said.device}/{register}/{since.isoformat()}/{until.isoformat()}"
    return said


def _tree(text: str) -> dict[str, Any]:
    """Elements as objects, and what is in them as text. Nothing may define names of its own: such a few lines can mean
    billions.

    Raises:
        Refuse: it is no such XML.
    """
    if "<!" in text:
        raise Refuse("unsafe-xml", "it defines names of its own; a camera does not")
    try:
        root = Xml.fromstring(text.strip())
    except (Xml.ParseError, ValueError):  # ValueError for a text that names another encoding
        raise Refuse("not-xml", "not XML that can be read") from None
    if sum(1 for _ in root.iter()) > ELEMENTS_MAX:
        raise Refuse("too-large", f"more than {ELEMENTS_MAX} elements")
    if _name(root) != "EventNotificationAlert":
        raise Refuse("unknown-shape", f"{_name(root)[:40]!r} is no alert of a Hikvision camera")
    return _object(root, 0)


def _object(element: Xml.Element, depth: int) -> dict[str, Any]:
    if depth > loose_json.DEPTH_MAX:
        raise Refuse("not-xml", "it is nested too deep")
    found: dict[str, Any] = {}
    for child in element:
        name = _name(child)
        value = _object(child, depth + 1) if len(child) else (child.text or "").strip()
        if name in found and found[name] != value:
            raise Refuse("duplicate-key", f"{name[:40]!r} stands twice, with different values")
        found[name] = value
    return found


def _name(element: Xml.Element) -> str:
    return element.tag.rpartition("}")[2]


DIALECT = TextDialect(
    family="hikvision-people-counting",
    names=("hikvision", "hikvision-peoplecounting", "hikvision-people-counter"),
    what="Hikvision people counting, XML or JSON: totals or intervals of a channel",
    read=read,
)
