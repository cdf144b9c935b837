"""Milesight VS351: a small thermopile counter above a door, over LoRaWAN.

It tells what a VS350 tells; power, and how it was set up, it tells in its own way. Source:
Milesight-IoT/SensorDecoders, vs351.
"""

from typing import Any

from edge.counters.frame import Frame
from edge.counters.milesight import ENABLE, PORT, YES, Answers, Channels, group, one_of, skip, tenths, u8, u16, u32
from edge.counters.readings import Said
from edge.dialects import FrameDialect, milesight_vs350
from edge.dialects.milesight_vs350 import alarm, passage

CHANNELS: Channels = {
    **milesight_vs350.CHANNELS,
    (0xFF, 0xCC): {
        "power_status": one_of({0: "battery supply", 1: "external power supply", 2: "battery charging"}),
    },
}

_WEEKDAYS = ("everyday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
SCHEDULE = group({"weekday": one_of(dict(enumerate(_WEEKDAYS))), "hour": u8, "minute": u8})


def _alarm(frame: Frame) -> dict[str, Any]:
    """As a VS350's, but it may freeze."""
    return alarm(frame, tenths)


ANSWERS: Answers = {
    **milesight_vs350.ANSWERS,
    0x04: {"confirm_mode_enable": ENABLE},
    0x05: {"lora_channel_mask_config[]": group({"id": u8, "mask": u16})},
    0x06: {"alarms[]": _alarm},
    0x27: {"clear_history": YES},
    0x28: {"query_device_status": YES},
    0x40: {"adr_enable": ENABLE},
    0x41: {"lora_port": u8},
    0x75: {"hibernate_config": group({"enable": ENABLE, "start_time": u16, "end_time": u16, "_weekdays": skip(1)})},
    0x77: {"installation_height": u16},
    0x8F: {"report_interval": u16},
    0x97: {"history_enable": ENABLE},
    0xEC: {"detection_direction": one_of({0: "forward", 1: "reverse"})},
    0xED: {"reset_cumulative_schedule_config": SCHEDULE},
}

EXTENDED: Answers = {
    **milesight_vs350.EXTENDED,
    0x85: {"rejoin_config": group({"enable": ENABLE, "max_count": u8})},
    0x86: {"data_rate": u8},
    0x87: {"tx_power_level": u8},
    0x8B: {"lorawan_version": one_of({1: "v1.0.2", 2: "v1.0.3"})},
    0x8C: {"rx2_data_rate": u8},
    0x8D: {"rx2_frequency": u32},
    0xA2: {"installation_scene": one_of({0: "no_door_access", 1: "door_controlled_access"})},
    0xA3: {"lora_join_mode": one_of({0: "ABP", 1: "OTAA"})},
}


def read(frame: bytes, port: int | None) -> Said:
    return passage(frame, CHANNELS, ANSWERS, EXTENDED)


DIALECT = FrameDialect(
    family="milesight-vs351",
    names=("vs351",),
    what="Milesight VS351 over LoRaWAN: totals of a door",
    ports=(PORT,),
    read=read,
)
