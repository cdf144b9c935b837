"""Milesight VS133 and VS135: distance cameras with up to four lines and four regions, over LoRaWAN.

Each line has totals since they were cleared, and who crossed since the report before; children, or staff in some
firmware, are counted among them and apart. What was not heard comes again later, with its instant. Source:
Milesight-IoT/SensorDecoders, vs133, vs135 and vs13x.
"""

import re
from collections.abc import Iterator
from typing import Any

from edge.counters.frame import Frame
from edge.counters.instants import clock
from edge.counters.milesight import (
    ENABLE,
    HISTORY_ASKED,
    PORT,
    STATE,
    YES,
    Answers,
    Channels,
    Spec,
    decimals,
    group,
    hexed,
    named_interval,
    one_of,
    protocol,
    u8,
    u16,
    u32,
    walk,
)
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.dialects import FrameDialect

LINES = (1, 2, 3, 4)
TOTAL_WRAPS_AT = 2**32
OCCLUSION = one_of({0: "alarm_released", 1: "alarm_triggered"})


def _lines(first: int, of: str) -> dict[int, Spec]:
    """Three numbers of each line, one after the other."""
    found: dict[int, Spec] = {}
    for line in LINES:
        number = first + 3 * (line - 1)
        found[number] = {f"line_{line}_{of}total_in": u32}
        found[number + 1] = {f"line_{line}_{of}total_out": u32}
        found[number + 2] = {f"line_{line}_{of}period_in": u16, f"line_{line}_{of}period_out": u16}
    return found


def _regions(of: str) -> Spec:
    return {f"region_{region}_{of}count": u8 for region in LINES}


_LINES = {**_lines(0x03, ""), **_lines(0x11, "child_")}


def _dwell(of: str) -> Any:
    def read(frame: Frame) -> dict[str, int]:
        region = u8(frame)
        return {f"region_{region}_{of}avg_dwell": u16(frame), f"region_{region}_{of}max_dwell": u16(frame)}

    return read


def _history(frame: Frame) -> dict[str, Any]:
    told: dict[str, Any] = {"timestamp": u32(frame)}
    sort = u8(frame)
    dwell = {0x10: "avg_dwell", 0x20: "max_dwell", 0x1E: "child_avg_dwell", 0x3C: "child_max_dwell"}
    if sort in dwell:
        region = u8(frame)
        return told | {f"region_{region}_{dwell[sort]}": u16(frame)}
    spec = {**_LINES, 0x0F: _regions(""), 0x1D: _regions("child_")}.get(sort)
    if spec is None:
        raise Refuse("unknown-channel", f"history of type {sort:02X} is none of this model")
    return told | {name: reader(frame) for name, reader in spec.items()}


def _occlusion(frame: Frame) -> dict[str, str]:
    frame.take(1)
    node = u8(frame)
    return {f"{f'node_{node}' if node else 'master'}_occlusion_alarm": OCCLUSION(frame)}


CHANNELS: Channels = {
    **STATE,
    **HISTORY_ASKED,
    (0xFF, 0x01): {"ipso_version": protocol},
    (0xFF, 0x09): {"hardware_version": decimals(2, "v")},
    (0xFF, 0x1F): {"firmware_version": decimals(4, "v")},
    (0xFF, 0x16): {"sn": hexed(8)},
    **{(number, 0xCC if "period" in next(iter(spec)) else 0xD2): spec for number, spec in _LINES.items()},
    (0x0F, 0xE3): _regions(""),
    (0x1D, 0xE3): _regions("child_"),
    (0x10, 0xE4): {"dwells[]": _dwell("")},
    (0x1E, 0xE4): {"dwells[]": _dwell("child_")},
    (0x50, 0xFC): {"alarms[]": _occlusion},
    (0x20, 0xCE): {"history[]": _history},
}

ANSWERS: Answers = {
    0x03: {"report_interval": u16},
    0x04: {"confirm_mode_enable": ENABLE},
    0x10: {"reboot": YES},
    0x11: {"timestamp": u32},
    0x27: {"clear_history": YES},
    0x40: {"adr_enable": ENABLE},
    0x42: {"wifi_enable": ENABLE},
    0x43: {"periodic_report_enable": ENABLE},
    0x44: {"trigger_report_enable": ENABLE},
    0x51: {"clear_total_count": YES},
    0x68: {"history_enable": ENABLE},
    0x69: {"retransmit_enable": ENABLE},
    0x6A: {"intervals[]": group({"sort": u8, "interval_s": u16})},
    0x6D: {"stop_transmit": YES},
}

_LOG_LEVEL = one_of({1: "fatal", 2: "error", 3: "warning", 4: "debug", 5: "trace"})

EXTENDED: Answers = {
    0x84: {"sync_time_from_gateway_config": group({"enable": ENABLE, "period": u16})},
    0x85: {"rejoin_config": group({"enable": ENABLE, "max_count": u8})},
    0x86: {"data_rate": u8},
    0x87: {"tx_power_level": u8},
    0x88: {"log_config": group({"console_log_level": _LOG_LEVEL, "file_log_level": _LOG_LEVEL})},
}

_LINE = re.compile(r"line_(\d)_(?:(child)_)?(total|period)_(in|out)")
_REGION = re.compile(r"region_(\d)_(?:(child)_)?count")
OF = {"child": "children", None: ""}


def read(frame: bytes, port: int | None) -> Said:
    said = walk(frame, CHANNELS, ANSWERS, EXTENDED)
    for name in ("dwells", "alarms"):
        for told in said.fields.pop(name, []):
            said.fields |= told
    for interval in said.fields.pop("intervals", []):
        said.fields |= named_interval(interval)
    if "alarm_triggered" in said.fields.values():
        said.flag("blocked")
    said.read(_readings(said.fields, None, is_late=False))
    for entry in said.fields.get("history", []):
        if (at := clock(entry["timestamp"])) is None:
            said.flag("clock-unset")
        said.read(_readings(entry, at, is_late=True))
    return said


def _readings(told: dict[str, Any], at: Any, *, is_late: bool) -> Iterator[Reading]:
    unsaid = () if at else ("instant",)
    lines: dict[tuple[str, str | None, str], dict[str, int]] = {}
    for name, value in told.items():
        if found := _LINE.fullmatch(name):
            line, of, sort, way = found.groups()
            lines.setdefault((line, of, sort), {})["entered" if way == "in" else "left"] = value
        elif found := _REGION.fullmatch(name):
            region, of = found.groups()
            yield Reading(
                kind=Kind.OCCUPANCY,
                register=f"region-{region}",
                of=OF[of],
                people=value,
                at=at,
                is_late=is_late,
                unsaid=unsaid,
            )
    for (line, of, sort), ways in lines.items():
        yield Reading(
            kind=Kind.TOTAL if sort == "total" else Kind.PERIOD,
            register=f"line-{line}",
            of=OF[of],
            entered=ways.get("entered"),
            left=ways.get("left"),
            wraps_at=TOTAL_WRAPS_AT if sort == "total" else None,
            at=at,
            is_late=is_late,
            unsaid=unsaid,
        )


DIALECT = FrameDialect(
    family="milesight-vs133",
    names=("vs133", "milesight-vs13x", "vs13x"),
    what="Milesight VS133 over LoRaWAN: totals of up to four lines, people in regions",
    ports=(PORT,),
    read=read,
)
