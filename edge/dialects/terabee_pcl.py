"""Terabee People Flow Counting L and XL: totals of those who came and went under it, over LoRaWAN or pushed as JSON."""

from typing import Any

from edge.counters.frame import Frame
from edge.counters.readings import Refuse, Said
from edge.counters.terabee import (
    FLOW,
    PORT_ACCESS_POINT,
    PORT_AREA,
    PORT_REBOOT,
    PORT_SET_AREA,
    PORT_SETTINGS,
    PORT_TIME,
    PORT_VERSION,
    Command,
    Commands,
    counts,
    dotted,
    either,
    u8,
    u16,
)
from edge.counters.terabee_push import pushed
from edge.dialects import FrameDialect

PORT = 1

BITS = {0: "TPC_STOPPED", 1: "TPC_STUCK", 2: "MULTI_DEV_ISSUE", 3: "WIFI_AP_ENABLED"}

_PARTS = ("PEOPLE_COUNTING", "WEB_GUI", "LORA_AGENT", "ACCESS_POINT", "UPDATER_WEB_GUI", "FAN_SERVICE")

COMMANDS: Commands = {
    **FLOW,
    (PORT_REBOOT, 1): Command("CMD_DEV_RBT"),
    (PORT_REBOOT, 2): Command("CMD_TPC_RST"),
    **{
        (PORT_VERSION, number): Command(f"CMD_GET_VER_{part}", {"software_version": dotted})
        for number, part in enumerate(_PARTS, 1)
    },
    (PORT_ACCESS_POINT, 1): Command("CMD_GET_AP_STATE", {"state": either("enabled", "disabled")}),
    (PORT_ACCESS_POINT, 129): Command("CMD_SET_AP_STATE"),
    (PORT_TIME, 1): Command("CMD_FORCE_TIME_SYNC"),
    (PORT_SETTINGS, 1): Command("CMD_GET_HEIGHT", {"mounting_height": u16}),
    (PORT_SETTINGS, 129): Command("CMD_SET_HEIGHT"),
    (PORT_SETTINGS, 2): Command("CMD_GET_REVERSE", {"direction": either("reversed", "normal")}),
    (PORT_SETTINGS, 130): Command("CMD_SET_REVERSE"),
    (PORT_SETTINGS, 3): Command("CMD_GET_PUSH_PERIOD", {"push_period_min": u16}),
    (PORT_SETTINGS, 131): Command("CMD_SET_PUSH_PERIOD"),
    (PORT_SET_AREA, 0): Command("CMD_SET_AREA_PTS"),
}

X_BITS, Y_BITS = 7, 6


def read(frame: bytes, port: int | None) -> Said:
    return _area(frame) if port == PORT_AREA else counts(frame, port, (PORT,), BITS, COMMANDS)


def _area(frame: bytes) -> Said:
    """The corners of the area in which it counts, 13 bits each, at the end of the bytes."""
    reader = Frame(frame)
    corners = u8(reader)
    packed = reader.take(-(-corners * (X_BITS + Y_BITS) // 8))
    reader.end()
    bits, points = int.from_bytes(packed, "big"), list[dict[str, int]]()
    for _ in range(corners):
        points.insert(0, {"x": bits >> Y_BITS & (1 << X_BITS) - 1, "y": bits & (1 << Y_BITS) - 1})
        bits >>= X_BITS + Y_BITS
    if bits:
        raise Refuse("bad-value", "an area with more bits than corners")
    value: dict[str, Any] = {"nb_of_points": corners, "points": points}
    said = Said(fields={"cmd": {"name": "CMD_GET_AREA_PTS", "id": None, "success": True, "value": value}})
    said.flag("settings-answer")
    return said


DIALECT = FrameDialect(
    family="terabee-pcl",
    names=("terabee-l-xl", "terabee-l", "terabee-xl", "people-flow-counting-l-xl", "terabee-people-flow-counting-l-xl"),
    what="Terabee People Flow Counting L and XL over LoRaWAN, or pushed as JSON: totals of a door",
    ports=(PORT,),
    read=read,
    read_json=pushed,
)
