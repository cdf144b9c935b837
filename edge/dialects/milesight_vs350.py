"""Milesight VS350: a battery-driven counter beside a passage, over LoRaWAN.

It tells totals, which it may set back by itself at an hour or after an interval, and who passed since the report
before. What was not heard comes again later, with its instant. Source: Milesight-IoT/SensorDecoders, vs350.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from edge.counters.frame import Frame
from edge.counters.instants import clock
from edge.counters.milesight import (
    ABOUT,
    ENABLE,
    HISTORY_ASKED,
    PORT,
    YES,
    Answers,
    Channels,
    Spec,
    command,
    group,
    hexed,
    i16,
    named_interval,
    one_of,
    skip,
    tenths,
    u8,
    u16,
    u32,
    walk,
)
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.dialects import FrameDialect

TOTAL_WRAPS_AT = 2**16

ALARM = one_of(
    {
        0: "threshold alarm release",
        1: "threshold alarm",
        3: "high temperature alarm",
        4: "high temperature alarm release",
    }
)
_TOTALS: Spec = {"total_in": u16, "total_out": u16}
_PERIODS: Spec = {"period_in": u16, "period_out": u16}


def _history(frame: Frame) -> dict[str, int]:
    at_s, sort = u32(frame), u8(frame)
    if sort not in (0, 1):
        raise Refuse("unknown-channel", f"history of type {sort:02X} is none of this model")
    spec = {**_PERIODS, **_TOTALS} if sort else _PERIODS
    return {"timestamp": at_s, **{name: reader(frame) for name, reader in spec.items()}}


CHANNELS: Channels = {
    **ABOUT,
    **HISTORY_ASKED,
    (0x03, 0x67): {"temperature": tenths},
    (0x04, 0xCC): _TOTALS,
    (0x05, 0xCC): _PERIODS,
    (0x0A, 0xEF): {"timestamp": u32},
    (0xFF, 0xAC): {
        "install_config": group(
            {
                "install_method": one_of({0: "side", 1: "top"}),
                "install_height": u8,
                "compensation": u8,
                "sensitivity_report_enable": ENABLE,
            }
        )
    },
    (0xFF, 0xAD): {"people_threshold_trigger_mode": one_of({0: "threshold", 1: "multiple"})},
    (0x81, 0xEE): {"current_sensitivity": u8},
    (0x83, 0x67): {"temperature": tenths, "temperature_alarm": ALARM},
    (0x84, 0xCC): {**_TOTALS, "total_count_alarm": ALARM},
    (0x85, 0xCC): {**_PERIODS, "period_count_alarm": ALARM},
    (0x20, 0xCE): {"history[]": _history},
}

_CONDITIONS = {0: "disable", 1: "below", 2: "above", 3: "between", 4: "outside"}
_ALARMS = {1: "people_period_alarm_config", 2: "people_cumulative_alarm_config", 3: "temperature_alarm_config"}


def alarm(frame: Frame, degrees: Callable[[Frame], float]) -> dict[str, Any]:
    """What it watches stands in three bits of the byte that also says how."""
    mode = u8(frame)
    condition = _CONDITIONS.get(mode & 7, "unknown")
    name = _ALARMS.get(mode >> 3 & 7, "")
    names = ("threshold_min", "threshold_max") if name.startswith("temperature") else ("threshold_out", "threshold_in")
    reader = degrees if name.startswith("temperature") else u16
    told = {"condition": condition, **{threshold: reader(frame) for threshold in names}}
    frame.take(4)
    return {name: told} if name else {}


def _alarm(frame: Frame) -> dict[str, Any]:
    return alarm(frame, lambda it: u16(it) / 10)


def _zone(frame: Frame) -> str:
    """`UTC+8`, `UTC-9:30`."""
    minutes = i16(frame)
    hours, rest = divmod(abs(minutes), 60)
    offset = f"{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}"
    return f"UTC{offset}" if minutes else "UTC"


_MODES = {
    1: "someone_enter",
    2: "someone_leave",
    3: "counting_threshold_alarm",
    4: "temperature_threshold_alarm",
    5: "temperature_threshold_alarm_release",
}

ANSWERS: Answers = {
    0x06: {"alarms[]": _alarm},
    0x10: {"reboot": YES},
    0x28: {"report_status": YES},
    0x35: {"d2d_key": hexed(8)},
    0x4A: {"sync_time": YES},
    0x68: {"history_enable": ENABLE},
    0x69: {"retransmit_enable": ENABLE},
    0x6A: {"intervals[]": group({"sort": u8, "interval_s": u16})},
    0x6B: {"stop_transmit": YES},
    0x6D: {"stop_transmit": YES},
    0x84: {"d2d_enable": ENABLE},
    0x8E: {"_sort": skip(1), "report_interval": u16},
    0x96: {
        "d2d_master_config[]": group(
            {
                "mode": one_of(_MODES),
                "enable": ENABLE,
                "lora_uplink_enable": ENABLE,
                "d2d_cmd": command,
                "time": u16,
                "time_enable": ENABLE,
            }
        )
    },
    0xA6: {"reset_cumulative_enable": ENABLE},
    0xA7: {"reset_cumulative_interval": u16},
    0xA8: {"resets[]": u8},
    0xA9: {"report_cumulative_enable": ENABLE},
    0xAA: {"report_temperature_enable": ENABLE},
    0xAB: {"temperature_calibration_settings": group({"enable": ENABLE, "calibration_value": tenths})},
    0xBD: {"time_zone": _zone},
    0xEF: {"reset_cumulative_config": group({"enable": ENABLE, "hour": u8, "minute": u8})},
}

EXTENDED: Answers = {0x10: {"report_type": one_of({0: "period", 1: "immediately"})}}


def read(frame: bytes, port: int | None) -> Said:
    return passage(frame, CHANNELS, ANSWERS, EXTENDED)


def passage(frame: bytes, channels: Channels, answers: Answers, extended: Answers) -> Said:
    """What any counter of this series says of who passed."""
    said = walk(frame, channels, answers, extended)
    for alarm in said.fields.pop("alarms", []):
        said.fields |= alarm
    for interval in said.fields.pop("intervals", []):
        said.fields |= named_interval(interval)
    for way in said.fields.pop("resets", []):
        said.fields |= {1: {"reset_cumulative_in": "yes"}, 2: {"reset_cumulative_out": "yes"}}.get(way, {})
        said.flag("totals-cleared")
    for name in ("temperature_alarm", "total_count_alarm", "period_count_alarm"):
        if str(said.fields.get(name, "release")).endswith("alarm"):
            said.flag(name.replace("_", "-"))
    at = _at(said, said.fields)
    said.read(_readings(said.fields, at, is_late=False))
    for entry in said.fields.get("history", []):
        said.read(_readings(entry, _at(said, entry), is_late=True))
    return said


def _at(said: Said, told: dict[str, Any]) -> datetime | None:
    if "timestamp" not in told:
        return None
    if (at := clock(told["timestamp"])) is None:
        said.flag("clock-unset")
    return at


def _readings(told: dict[str, Any], at: datetime | None, *, is_late: bool) -> Iterator[Reading]:
    for kind, name in ((Kind.TOTAL, "total"), (Kind.PERIOD, "period")):
        if f"{name}_in" in told:
            yield Reading(
                kind=kind,
                entered=told[f"{name}_in"],
                left=told[f"{name}_out"],
                wraps_at=TOTAL_WRAPS_AT if kind is Kind.TOTAL else None,
                at=at,
                is_late=is_late,
                unsaid=() if at else ("instant",),
            )


DIALECT = FrameDialect(
    family="milesight-vs350",
    names=("vs350",),
    what="Milesight VS350 over LoRaWAN: totals of a passage",
    ports=(PORT,),
    read=read,
)
