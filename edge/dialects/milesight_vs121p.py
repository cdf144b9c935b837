"""Milesight VS121-P: the camera of a VS121 on a cable, which sends JSON over MQTT or HTTP.

It tells how many are there, which regions are taken, and who crossed its line: in the interval, since the totals were
cleared, or just now. Its times are local, with the zone beside them. What the maker prints of it is no sound JSON.
Source: Milesight's page "VS121-P communication protocol".
"""

from collections.abc import Iterator
from typing import Any

from edge.counters.instants import in_offset, local
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.dialects import JsonDialect

EVENTS = ("region people counting", "line crossing", "people flow", "dwell", "people counting")
SIDES = "ABCD"


def read(value: Any) -> Said:
    told = Table.of(value)
    if "device_info" not in told or "time_info" not in told:
        raise Refuse("unknown-shape", "neither device_info nor time_info, so not of a VS121-P")
    if "event" not in told and not any(key.endswith("_counted") for key in told.content):
        raise Refuse("unknown-shape", "without an event, so not of a VS121-P")
    event = told.maybe_text("event")
    if event and not any(known in event.lower() for known in EVENTS):
        raise Refuse("not-a-count", f"event {event!r} tells of no count that is known")
    about = told.table("device_info")
    said = Said(device=about.maybe_text("device_sn") or about.maybe_text("device_mac").lower())
    instants = _instants(said, told.table("time_info"))
    if "snapshot" in told:
        said.flag("picture-dropped")
    said.fields |= {"event": event, "report_type": told.maybe_text("report_type")}
    said.read(_there(said, told, instants))
    said.read(_passed(told, instants))
    if not said.readings:
        said.flag("no-count")
    return said


def _instants(said: Said, told: Table) -> dict[str, Any]:
    """Of the readings. An hour that may or may not hold summer time stays local: the maker does not say."""
    found: dict[str, Any] = {}
    is_summer = told.content.get("dst_status") in (True, 1)
    for key, name in (("start_time", "since"), ("end_time", "until"), ("time", "at")):
        if key not in told:
            continue
        text = told.text(key)
        here = local(text, told.place(key), "%Y/%m/%d %H:%M:%S") if "/" in text else local(text, told.place(key))
        at = None if is_summer else in_offset(here, told.content.get("timezone"))
        if at is None:
            found[f"local_{name}"] = here
            said.flag("local-time")
        else:
            found[name] = at
    return found


def _there(said: Said, told: Table, instants: dict[str, Any]) -> Iterator[Reading]:
    at = instants.get("until") or instants.get("at")
    here = instants.get("local_until") or instants.get("local_at") or ""
    for key in ("max_counted", "Max_counted"):
        if key in told:
            said.fields["max_counted"] = told.natural(key)
    if "current_total" in told:
        yield Reading(kind=Kind.OCCUPANCY, people=told.natural("current_total"), at=at, local_at=here)
    if not any(key in told for key in ("current_counted", "occupancy")):
        return
    numbers = told.list("numbering_regions") if "numbering_regions" in told else []
    for key, name in (("current_counted", "people"), ("occupancy", "present")):
        if key not in told:
            continue
        values = told.list(key)
        if len(values) != len(numbers):
            raise Refuse("bad-value", f"{key} holds {len(values)} numbers for {len(numbers)} regions")
        for number, value in zip(numbers, values, strict=True):
            region = Table({"region": number, key: value}, key)
            people = region.natural(key)
            if name == "present" and people > 1:
                raise Refuse("bad-value", f"occupancy of a region is {people}, neither 0 nor 1")
            yield Reading(
                kind=Kind.OCCUPANCY if name == "people" else Kind.PRESENCE,
                register=f"region-{region.natural('region')}",
                people=people if name == "people" else None,
                present=bool(people) if name == "present" else None,
                at=at,
                local_at=here,
            )


def _passed(told: Table, instants: dict[str, Any]) -> Iterator[Reading]:
    if "in_counted" in told or "out_counted" in told:
        entered, left = told.natural("in_counted"), told.natural("out_counted")
        yield Reading(kind=Kind.PERIOD, register="line", entered=entered, left=left, **instants)
    moment = {name: value for name, value in instants.items() if name.endswith(("at", "until"))}
    moment = {name.replace("until", "at"): value for name, value in moment.items()}
    if "total_data" in told:
        total = told.table("total_data")
        entered, left = total.natural("in_cumulative_counted"), total.natural("out_cumulative_counted")
        yield Reading(kind=Kind.TOTAL, register="line", entered=entered, left=left, **moment)
    if "line_trigger_data" in told:
        now = told.table("line_trigger_data")
        entered, left = now.natural("in"), now.natural("out")
        yield Reading(kind=Kind.DELTA, register="line", entered=entered, left=left, unsaid=("kind",), **moment)
    if "flow_data" in told:
        flow = told.table("flow_data")
        for way in flow.content:
            if len(way) != 3 or way[0] not in SIDES or way[1] != "-" or way[2] not in SIDES:
                raise Refuse("bad-value", f"{flow.place(way[:20])} is no way from one side to another")
            count, direction = flow.natural(way), way.lower()
            unsaid = ("direction",)
            yield Reading(
                kind=Kind.PERIOD, register="flow", direction=direction, count=count, unsaid=unsaid, **instants
            )


DIALECT = JsonDialect(
    family="milesight-vs121p",
    names=("vs121p", "milesight-vs121-p", "vs121-p"),
    what="Milesight VS121-P, JSON: people in regions, line crossings",
    is_loose=True,
    read=read,
)
