"""Milesight VS121: a camera at the ceiling that counts people in regions and across a line, over LoRaWAN.

It tells how many are there, in which regions, and who crossed its line, since the report before and since its totals
were cleared. What crosses the line at this moment (`line_in`) the maker documents nowhere; it is told, and its kind is
left open. Source: Milesight-IoT/SensorDecoders, vs121.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from msgspec.structs import replace

from edge.counters.frame import Frame
from edge.counters.instants import clock
from edge.counters.milesight import (
    ENABLE,
    PORT,
    STATE,
    YES,
    Answers,
    Channels,
    Spec,
    command,
    decimals,
    group,
    hexed,
    one_of,
    u8,
    u16,
    u16_big,
    u24,
    u32,
    walk,
)
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.dialects import FrameDialect

REGIONS_MAX = 16
SIDES = "abcd"
TOTAL_WRAPS_AT = 2**16

WEEKDAYS = one_of({0: "sun", 1: "mon", 2: "tue", 3: "wed", 4: "thu", 5: "fri", 6: "sat"})
COUNTINGS = one_of({0: "region_people_counting", 1: "line_crossing_counting", 2: "people_flow_analysis"})
_CLOCK: Spec = {"start_hour": u8, "start_minute": u8, "end_hour": u8, "end_minute": u8}


def _next(frame: Frame) -> int:
    """What people count from one and the device from zero."""
    return u8(frame) + 1


def _serial(frame: Frame) -> str:
    """Six bytes, or eight in newer devices; nothing says which, but what follows begins with FF."""
    long = frame.peek(6) not in (0xFF, None) and frame.peek(8) in (0xFF, None)
    return frame.take(8 if long else 6).hex()


def _week(frame: Frame) -> dict[str, str]:
    mask = u8(frame)
    days = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
    return {day: "enable" if mask >> bit & 1 else "disable" for bit, day in enumerate(days)}


def _regions(first: int, last: int) -> Spec:
    return {f"region_{region}_count": u8 for region in range(first, last + 1)}


def _flow(side: str, others: str = SIDES) -> Spec:
    return {f"{side}_to_{other}": u16 for other in others}


def _people(frame: Frame) -> dict[str, int]:
    """The only number of this device with its largest byte first is the mask of the regions."""
    everybody, regions, mask = u8(frame), u8(frame), u16_big(frame)
    if regions > REGIONS_MAX:
        raise Refuse("bad-value", f"{regions} regions; this device has {REGIONS_MAX} at most")
    told = {"people_count_all": everybody, "region_count": regions, "mask_beyond": mask >> regions}
    return told | {f"region_{region + 1}": mask >> region & 1 for region in range(regions)}


_HISTORY: dict[int, Spec] = {
    0x01: {"_spread": _people},
    0x02: {"people_in": u16, "people_out": u16},
    0x03: {"people_count_max": u8},
    **{0x04 + part: _regions(4 * part + 1, 4 * part + 4) for part in range(4)},
    **{0x08 + 2 * row + half: _flow(SIDES[row], SIDES[2 * half : 2 * half + 2]) for row in range(4) for half in (0, 1)},
    0x10: {"people_total_in": u16, "people_total_out": u16},
    0x11: {"dwell_region": u8, "dwell_time_avg": u16, "dwell_time_max": u16},
    0x12: {"line_in": u16, "line_out": u16},
}


def _history(frame: Frame) -> dict[str, Any]:
    at_s, sort = u32(frame), u8(frame)
    if sort not in _HISTORY:
        raise Refuse("unknown-channel", f"history of type {sort:02X} is none of this model")
    told: dict[str, Any] = {"timestamp": at_s}
    for name, reader in _HISTORY[sort].items():
        value = reader(frame)
        told |= value if name == "_spread" else {name: value}
    return told


CHANNELS: Channels = {
    **STATE,
    (0xFF, 0x01): {"protocol_version": u8},
    (0xFF, 0x08): {"sn": _serial},
    (0xFF, 0x09): {"hardware_version": decimals(2)},
    (0xFF, 0x1F): {"firmware_version": decimals(4)},
    (0x04, 0xC9): {"people": _people},
    (0x05, 0xCC): {"people_in": u16, "people_out": u16},
    (0x06, 0xCD): {"people_count_max": u8},
    (0x07, 0xD5): _regions(1, 8),
    (0x08, 0xD5): _regions(9, 16),
    **{(0x09 + row, 0xDA): _flow(side) for row, side in enumerate(SIDES)},
    (0x0D, 0xCC): {"people_total_in": u16, "people_total_out": u16},
    (0x0E, 0xE4): {"dwell_region": u8, "dwell_time_avg": u16, "dwell_time_max": u16},
    (0x0F, 0x85): {"timestamp": u32},
    (0x10, 0xF7): {"line_in": u16, "line_out": u16},
    (0x20, 0xCE): {"history[]": _history},
}

ANSWERS: Answers = {
    0x03: {"from_now_on_report_interval": u24},
    0x04: {"confirm_mode_enable": ENABLE},
    0x05: {"lora_channel_mask": group({"id": u8, "mask": u16_big})},
    0x10: {"reboot": YES},
    0x11: {"device_time": group({"timestamp": u32})},
    0x35: {"d2d_key": hexed(8)},
    0x40: {"adr_enable": ENABLE},
    0x41: {"lora_port": u8},
    0x42: {"wifi_enable": ENABLE},
    0x43: {"report_regularly_enable": ENABLE},
    0x44: {"people_count_change_report_enable": ENABLE},
    0x45: {"people_counting_report_mode": one_of({0: "zero_to_nonzero", 1: "once_result_change"})},
    0x46: {"people_count_jitter_config": group({"enable": ENABLE, "time": u16})},
    0x48: {"line_detect_enable": ENABLE},
    0x50: {"region_people_counting_enable": ENABLE},
    0x51: {"clear_cumulative_count": YES},
    0x69: {"retransmission_enable": ENABLE},
    0x6A: {"_sort": u8, "retransmission_interval": u16},
    0x84: {"d2d_enable": ENABLE},
}

_INTERVALS = {0: "5min", 1: "10min", 2: "15min", 3: "30min", 4: "1h", 5: "4h", 6: "6h", 7: "8h", 8: "12h"}
_D2D: Spec = {"region": _next, "enable": ENABLE, "command": command}
_DWELL = group({"enable": ENABLE, "min_dwell_time": u16})
_LOG: Spec = {"_console": u8, "log_level": one_of({2: "error", 4: "debug"})}

EXTENDED: Answers = {
    0x10: {"periodic_report_scheme": one_of({0: "on_the_dot", 1: "from_now_on"})},
    0x11: {"on_the_dot_report_interval": one_of(_INTERVALS)},
    0x3D: {"line_detect_report_enable": ENABLE},
    0x85: {"rejoin_config": group({"enable": ENABLE, "max_count": u8})},
    0x86: {"data_rate": u8},
    0x87: {"tx_power_level": u8},
    0x88: _LOG,
    0x89: _LOG,
    0x8B: {"lorawan_version": one_of({1: "v1.0.2", 2: "v1.0.3"})},
    0x8C: {"rx2_data_rate": u8},
    0x8D: {"rx2_frequency": u32},
    0x8E: {"d2d_occupied_config": group(_D2D)},
    0x90: {"d2d_vacant_config": group({**_D2D, "delay_time": u16})},
    0x91: {"time_config": group({"mode": one_of({0: "sync_from_gateway", 1: "manual"}), "timestamp": u32})},
    0x92: {"region_people_counting_dwell_config": _DWELL},
    0x93: {"report_with_timestamp": one_of({0: "no", 1: "yes"})},
    0x94: {"timed_reset_cumulative_enable": ENABLE},
    0x95: {
        "reset_cumulative_schedule[]": group(
            {
                "mode": one_of({0: "modify", 1: "add", 2: "delete"}),
                "index": _next,
                "week_cycle": _week,
                "time": u24,
            }
        )
    },
    0x96: {
        "detect_region_config": group(
            {
                "enable": ENABLE,
                "detection_type": one_of({0: "mapped_region", 1: "unmapped_region"}),
                "reporting_type": one_of({0: "occupancy", 1: "region_people_counting"}),
            }
        )
    },
    0x97: {"time_schedule_config": group({"enable": ENABLE, "people_counting_type": COUNTINGS})},
    0x98: {"filter_u_turn_enable": ENABLE},
    0x99: {
        "time_schedule[]": group({"people_counting_type": COUNTINGS, "period": _next, "weekday": WEEKDAYS, **_CLOCK})
    },
    0xB7: {"region_people_counting_max_dwell_config": group({"enable": ENABLE, "max_dwell_time": u16})},
    0xBA: {"led_indicator_enable": ENABLE},
    0xCD: {"detect_duration_mode": one_of({0: "auto", 1: "manual"})},
    0xCF: {"detect_duration": u8},
    0xD0: {"time_zone": u8},
    0xD1: {"privacy_mask_enable": ENABLE},
    0xD2: {"detect_region_enable": ENABLE},
    0xD3: {"obstacle_mask_enable": ENABLE},
    0xD4: {"periodic_report_enable": ENABLE},
    0xD5: {
        "trigger_report_config": group(
            {"enable": ENABLE, "mode": one_of({0: "once_result_change", 1: "zero_to_nonzero"})}
        )
    },
    0xD6: {"region_dwell_config": group({"region": _next, "enable": ENABLE, "min_dwell_time": u16})},
    0xD7: {"work_schedule[]": group({"enable": ENABLE, "weekday": WEEKDAYS, "period": _next, **_CLOCK})},
    0xD8: {"clear_all_cumulative_count": YES},
    0xDC: {"d2d_vacant_enable": ENABLE},
    0xDD: {"d2d_occupied_enable": ENABLE},
}


def read(frame: bytes, port: int | None) -> Said:
    said = walk(frame, CHANNELS, ANSWERS, EXTENDED)
    said.fields |= said.fields.pop("people", {})
    said.read(_readings(said, said.fields, is_late=False))
    for entry in said.fields.get("history", []):
        said.read(_readings(said, entry, is_late=True))
    return said


def _readings(said: Said, told: dict[str, Any], *, is_late: bool) -> Iterator[Reading]:
    if told.pop("mask_beyond", 0):
        said.flag("regions-beyond-count")
    at = None
    if "timestamp" in told and (at := clock(told["timestamp"])) is None:
        said.flag("clock-unset")
    unsaid = () if at else ("instant",)
    for reading in (*_there(told), *_passed(told)):
        yield replace(reading, at=at, is_late=is_late, unsaid=(*unsaid, *reading.unsaid))


def _there(told: dict[str, Any]) -> Iterator[Reading]:
    if "people_count_all" in told:
        yield Reading(kind=Kind.OCCUPANCY, people=told["people_count_all"])
    for region in range(1, REGIONS_MAX + 1):
        if (people := told.get(f"region_{region}_count")) is not None:
            yield Reading(kind=Kind.OCCUPANCY, register=f"region-{region}", people=people)
        if (present := told.get(f"region_{region}")) is not None:
            yield Reading(kind=Kind.PRESENCE, register=f"region-{region}", present=bool(present))


_LINE = (
    (Kind.PERIOD, "people_", None, ()),
    (Kind.TOTAL, "people_total_", TOTAL_WRAPS_AT, ()),
    (Kind.DELTA, "line_", None, ("kind",)),
)
"""How it counts across its line, how that is called, where it wraps, and what is not known of it."""


def _passed(told: dict[str, Any]) -> Iterator[Reading]:
    for kind, name, wraps_at, unsaid in _LINE:
        if f"{name}in" in told:
            entered, left = told[f"{name}in"], told[f"{name}out"]
            yield Reading(kind=kind, register="line", entered=entered, left=left, wraps_at=wraps_at, unsaid=unsaid)
    for side, other in product(SIDES, SIDES):
        if (count := told.get(f"{side}_to_{other}")) is not None:
            way = f"{side}-{other}"
            yield Reading(kind=Kind.PERIOD, register="flow", direction=way, count=count, unsaid=("direction",))


DIALECT = FrameDialect(
    family="milesight-vs121",
    names=("vs121",),
    what="Milesight VS121 over LoRaWAN: people in regions, line crossings",
    ports=(PORT,),
    read=read,
)
