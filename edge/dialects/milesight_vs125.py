"""Milesight VS125, and VS133-P and VS135-P, which speak like it: cameras that send JSON over MQTT or HTTP.

Lines have totals since they were cleared (at midnight, if it was told so) and who crossed in the interval; everybody,
and among them children, staff and groups. What a line says in the moment of a crossing the maker documents nowhere:
some print one person there and some a total, so its kind is left open. Regions have how many are in them. Source:
Milesight's pages of the VS125, and what devices in the field send.
"""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from edge.counters.instants import aware_or_local, in_offset
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.counters.table import Table
from edge.dialects import JsonDialect

OF = {"total": "", "children": "children", "staff": "staff", "group": "groups"}

LINES = {
    "line_periodic_data": (Kind.PERIOD, "in", "out"),
    "line_total_data": (Kind.TOTAL, "in_counted", "out_counted"),
    "line_trigger_data": (Kind.DELTA, "in", "out"),
}
REGIONS = ("region_data", "region_trigger_data")
OTHERS = (
    "dwell_time_data",
    "dwell_start_time",
    "attention_region_trigger_data",
    "di_trigger_data",
    "alarm_data",
    "line_count_data",
    "region_periodic_data",
)
_ABOUT = ("device_name", "firmware_version", "hardware_version", "running_time", "cus_device_id", "cus_site_id")


def read(value: Any) -> Said:
    told = Table.of(value)
    if not any(key in told for key in (*LINES, *REGIONS, *OTHERS, "region_count_data")) or "device_info" not in told:
        raise Refuse("unknown-shape", "without a line and without a region, so not of a VS125")
    about = told.table("device_info")
    said = Said(device=about.maybe_text("device_sn") or about.maybe_text("device_mac").lower())
    said.fields |= {key: about.content[key] for key in _ABOUT if isinstance(about.content.get(key), str | int)}
    instants = _instants(said, told.table("time_info")) if "time_info" in told else {}
    is_late = told.content.get("isRetransmission") is True
    unsaid = () if instants else ("instant",)
    for key, (kind, entered, left) in LINES.items():
        for line in told.tables(key) if key in told else ():
            for reading in _line(line, kind, (entered, left), instants, unsaid):
                said.read([replace(reading, is_late=True)] if is_late else [reading])
    for region in _regions(told):
        said.read(_region(region, instants, unsaid))
    said.flag(*(["retransmitted"] if is_late else []))
    if not said.readings:
        said.flag("no-count")
    return said


def _instants(said: Said, told: Table) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, name in (("start_time", "since"), ("end_time", "until"), ("time", "at"), ("trigger_time", "at")):
        if key not in told:
            continue
        at, here = aware_or_local(told.text(key), told.place(key))
        if here and told.content.get("dst_status") in (False, 0):
            at = in_offset(here, told.content.get("time_zone"))
        if at is None:
            found[f"local_{name}"] = here
            said.flag("local-time")
        else:
            found[name] = at
    return found


def _moment(instants: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("until", "at"): value for name, value in instants.items() if not name.endswith("since")}


def _groups(told: Table, key: str) -> Iterator[tuple[str, Table]]:
    """Everybody, and whom it tells apart; some firmware counts everybody alone, without a table for them.

    Raises:
        Refuse: it says nothing of anybody.
    """
    found = [(of, told.table(group)) for group, of in OF.items() if group in told]
    if not found and key not in told:
        raise Refuse("missing-field", f"{told.place('total')} is missing")
    yield from found or [("", told)]


def _line(
    line: Table, kind: Kind, keys: tuple[str, str], instants: dict[str, Any], unsaid: tuple[str, ...]
) -> Iterator[Reading]:
    register = f"line-{line.natural('line')}"
    for of, counts in _groups(line, keys[0]):
        yield Reading(
            kind=kind,
            register=register,
            of=of,
            entered=counts.natural(keys[0]),
            left=counts.natural(keys[1]),
            unsaid=(*unsaid, "kind") if kind is Kind.DELTA else unsaid,
            **(instants if kind is Kind.PERIOD else _moment(instants)),
        )


def _regions(told: Table) -> Iterator[Table]:
    """They stand alone in some firmware, and in a table in other."""
    for key in REGIONS:
        if key in told:
            table = told.table(key)
            yield from table.tables("region_count_data") if "region_count_data" in table else ()
    if "region_count_data" in told:
        yield from told.tables("region_count_data")


def _region(region: Table, instants: dict[str, Any], unsaid: tuple[str, ...]) -> Iterator[Reading]:
    for of, counts in _groups(region, "current_total"):
        yield Reading(
            kind=Kind.OCCUPANCY,
            register=f"region-{region.natural('region')}",
            of=of,
            people=counts.natural("current_total"),
            unsaid=unsaid,
            **_moment(instants),
        )


_LIKE = ("vs125", "vs133", "vs135")

DIALECT = JsonDialect(
    family="milesight-vs125",
    names=("vs125", *(f"{make}{model}{p}" for make in ("milesight-", "") for model in _LIKE for p in ("p", "-p"))),
    what="Milesight VS125, VS133-P and VS135-P, JSON: totals of lines, people in regions",
    is_loose=True,
    read=read,
)
