"""Terabee People Counting M: totals of those who came and went under it, over LoRaWAN."""

from edge.counters.readings import Said
from edge.counters.terabee import (
    FLOW,
    PORT_ACCESS_POINT,
    PORT_ANALOG,
    PORT_REBOOT,
    PORT_SETTINGS,
    PORT_VERSION,
    Command,
    Commands,
    counts,
    device_type,
    either,
    module_version,
    u16,
    u32,
    version,
)
from edge.dialects import FrameDialect

PORT, PORT_BEFORE = 82, 1
"""Counts came on port 1 before they came on 82."""

BITS = {0: "TPC_STOPPED", 1: "TPC_STUCK", 2: "NETWORK_ON"}

ABOUT: Commands = {
    (PORT_VERSION, 138): Command("CMD_GET_SW_VER", {"software_version": version}),
    (PORT_VERSION, 128): Command("CMD_GET_DEVICE_TYPE", {"device_type": device_type}),
    (PORT_VERSION, 139): Command("CMD_GET_LORA_MODULE_VERSION", {"lora_module_version": module_version}),
    (PORT_ACCESS_POINT, 1): Command("CMD_GET_ACCESS_POINT_STATE", {"state": either("ENABLED", "DISABLED")}),
    (PORT_ACCESS_POINT, 129): Command("CMD_SET_ACCESS_POINT_STATE"),
    (PORT_ANALOG, 1): Command("CMD_GET_ANALOG_OUTPUT", {"state": either("ENABLED", "DISABLED"), "max_occupancy": u16}),
    (PORT_ANALOG, 129): Command("CMD_SET_ANALOG_OUTPUT"),
    (PORT_REBOOT, 1): Command("CMD_DEVICE_REBOOT"),
    (PORT_SETTINGS, 129): Command("CMD_SET_HEIGHT"),
    (PORT_SETTINGS, 1): Command("CMD_GET_HEIGHT", {"mounting_height": u16}),
    (PORT_SETTINGS, 131): Command("CMD_SET_PUSH_PERIOD"),
    (PORT_SETTINGS, 3): Command("CMD_GET_PUSH_PERIOD", {"push_period_s": u32}),
}
"""Of the two newer devices."""

COMMANDS: Commands = {
    **FLOW,
    **ABOUT,
    (PORT_REBOOT, 2): Command("CMD_TPC_RST"),
    (PORT_SETTINGS, 130): Command("CMD_SET_COUNTING_DIRECTION"),
    (PORT_SETTINGS, 2): Command("CMD_GET_COUNTING_DIRECTION", {"direction": either("IN", "OUT")}),
    (PORT_SETTINGS, 132): Command("CMD_SET_CABLE_CONNECTION"),
    (PORT_SETTINGS, 4): Command("CMD_GET_CABLE_CONNECTION", {"cable_position": either("LEFT", "RIGHT")}),
}


def read(frame: bytes, port: int | None) -> Said:
    return counts(frame, port, (PORT, PORT_BEFORE), BITS, COMMANDS)


DIALECT = FrameDialect(
    family="terabee-pcm",
    names=("terabee-m", "people-flow-counting-m", "terabee-people-flow-counting-m", "terabee-people-counting-m"),
    what="Terabee People Counting M over LoRaWAN: totals of a door",
    ports=(PORT,),
    read=read,
)
