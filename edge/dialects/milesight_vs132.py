"""Milesight VS132: a distance camera above a door, over LoRaWAN.

It tells the totals since they were cleared, and who came and went since the report before. It has no clock. Source:
Milesight-IoT/SensorDecoders, vs132.
"""

from edge.counters.milesight import ENABLE, PORT, STATE, YES, Answers, Channels, decimals, hexed, u8, u16, u32, walk
from edge.counters.readings import Kind, Reading, Said
from edge.dialects import FrameDialect

TOTAL_WRAPS_AT = 2**32

CHANNELS: Channels = {
    **STATE,
    (0xFF, 0x01): {"protocol_version": u8},
    (0xFF, 0x16): {"sn": hexed(8)},
    (0xFF, 0x09): {"hardware_version": decimals(2)},
    (0xFF, 0x1F): {"firmware_version": decimals(4)},
    (0x03, 0xD2): {"total_counter_in": u32},
    (0x04, 0xD2): {"total_counter_out": u32},
    (0x05, 0xCC): {"periodic_counter_in": u16, "periodic_counter_out": u16},
}

ANSWERS: Answers = {
    0x03: {"report_interval": u16},
    0x04: {"confirm_mode_enable": ENABLE},
    0x10: {"reboot": YES},
    0x40: {"adr_enable": ENABLE},
    0x42: {"wifi_enable": ENABLE},
    0x43: {"periodic_report_enable": ENABLE},
    0x51: {"clear_total_count": YES},
}


def read(frame: bytes, port: int | None) -> Said:
    said = walk(frame, CHANNELS, ANSWERS)
    told = said.fields
    unsaid = ("instant",)
    if "total_counter_in" in told or "total_counter_out" in told:
        entered, left = told.get("total_counter_in"), told.get("total_counter_out")
        said.read([Reading(kind=Kind.TOTAL, entered=entered, left=left, wraps_at=TOTAL_WRAPS_AT, unsaid=unsaid)])
    if "periodic_counter_in" in told:
        entered, left = told["periodic_counter_in"], told["periodic_counter_out"]
        said.read([Reading(kind=Kind.PERIOD, entered=entered, left=left, unsaid=unsaid)])
    return said


DIALECT = FrameDialect(
    family="milesight-vs132",
    names=("vs132",),
    what="Milesight VS132 over LoRaWAN: totals of a door",
    ports=(PORT,),
    read=read,
)
