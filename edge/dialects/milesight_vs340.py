"""Milesight VS340 and VS341: tell whether a seat is taken, over LoRaWAN. They count nobody. Source:
Milesight-IoT/SensorDecoders, vs340 and vs341."""

from edge.counters.frame import Frame
from edge.counters.milesight import (
    ABOUT,
    ENABLE,
    PORT,
    YES,
    Answers,
    Channels,
    command,
    group,
    hexed,
    i8,
    one_of,
    skip,
    u8,
    u16,
    walk,
)
from edge.counters.readings import Said
from edge.dialects import FrameDialect
from edge.dialects.milesight_vs330 import TAKEN, with_presence


def _tenths(frame: Frame) -> float:
    return u16(frame) / 10


def _byte_tenths(frame: Frame) -> float:
    return u8(frame) / 10


CHANNELS: Channels = {**ABOUT, (0x03, 0x00): {"occupancy": one_of(TAKEN)}}

ANSWERS: Answers = {
    0x10: {"reboot": YES},
    0x28: {"query_device_status": YES},
    0x2F: {"led_indicator_enable": ENABLE},
    0x35: {"d2d_key": hexed(8)},
    0x84: {"d2d_enable": ENABLE},
    0x8E: {"_sort": skip(1), "report_interval": u16},
    0x95: {"vacancy_reporting_interval": u16},
    0x96: {
        "d2d_master_config[]": group(
            {
                "mode": one_of({1: "occupied", 2: "vacant"}),
                "enable": ENABLE,
                "lora_uplink_enable": ENABLE,
                "d2d_cmd": command,
                "time": u16,
                "time_enable": ENABLE,
            }
        )
    },
    0x98: {"pir_collect_settings": group({"enable": ENABLE, "count": u16, "_rest": skip(2)})},
    0x99: {
        "thermopile_collect_settings": group(
            {"enable": ENABLE, "separate": _tenths, "threshold_l": _byte_tenths, "threshold_h": _byte_tenths}
        )
    },
    0xB2: {"thermopile_negative_threshold": i8},
}


def read(frame: bytes, port: int | None) -> Said:
    return with_presence(walk(frame, CHANNELS, ANSWERS))


DIALECT = FrameDialect(
    family="milesight-vs340",
    names=("vs340", "milesight-vs341", "vs341"),
    what="Milesight VS340 and VS341 over LoRaWAN: whether a seat is taken",
    ports=(PORT,),
    read=read,
)
