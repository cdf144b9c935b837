"""Milesight VS360: two posts with a beam between them, over LoRaWAN.

It tells totals and periods as a VS350 does, and when its two halves do not see each other: what it counts then means
little. Source: Milesight-IoT/SensorDecoders, vs360.
"""

from edge.counters.frame import Frame
from edge.counters.milesight import ABOUT, ENABLE, HISTORY_ASKED, PORT, Answers, Channels, group, one_of, u8, u16
from edge.counters.readings import Said
from edge.dialects import FrameDialect, milesight_vs350
from edge.dialects.milesight_vs350 import passage
from edge.dialects.milesight_vs351 import SCHEDULE

ALARM = one_of({1: "threshold_alarm"})
_EVENTS = {0: "counting_anomaly", 1: "node_device_without_response", 2: "devices_misaligned"}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

CHANNELS: Channels = {
    **{key: spec for key, spec in ABOUT.items() if "battery" not in spec},
    **HISTORY_ASKED,
    (0x01, 0x75): {"battery_main": u8},
    (0x02, 0x75): {"battery_node": u8},
    (0x03, 0xF4): {"event[]": group({"type": one_of(_EVENTS), "status": one_of({0: "alarm_release", 1: "alarm"})})},
    **{key: milesight_vs350.CHANNELS[key] for key in ((0x04, 0xCC), (0x05, 0xCC), (0x0A, 0xEF), (0x20, 0xCE))},
    (0x84, 0xCC): {"total_in": u16, "total_out": u16, "total_count_alarm": ALARM},
    (0x85, 0xCC): {"period_in": u16, "period_out": u16, "period_count_alarm": ALARM},
}


def _days(frame: Frame) -> dict[str, str]:
    bits = u8(frame)
    return {day: "enable" if bits >> place & 1 else "disable" for place, day in enumerate(_DAYS, 1)}


_SAME = (0x06, 0x10, 0x28, 0x35, 0x4A, 0x68, 0x69, 0x6A, 0x6D, 0x84, 0x8E, 0x96, 0xA6, 0xA8, 0xA9, 0xBD)
ANSWERS: Answers = {
    **{sort: milesight_vs350.ANSWERS[sort] for sort in _SAME},
    0x75: {"hibernate_config": group({"enable": ENABLE, "start_time": u16, "end_time": u16, "weekdays": _days})},
    0xED: {"reset_cumulative_schedule_config": SCHEDULE},
    0xFC: {"counting_mode": one_of({2: "high_mode", 3: "low_mode"})},
    0xFD: {"led_indicator_enable": ENABLE},
}


def read(frame: bytes, port: int | None) -> Said:
    said = passage(frame, CHANNELS, ANSWERS, milesight_vs350.EXTENDED)
    standing = {event["type"]: event["status"] for event in said.fields.get("event", [])}
    for sort, status in standing.items():
        if status == "alarm":
            said.flag(sort.replace("_", "-"), "not-trusted")
    return said


DIALECT = FrameDialect(
    family="milesight-vs360",
    names=("vs360",),
    what="Milesight VS360 over LoRaWAN: totals of a beam between two posts",
    ports=(PORT,),
    read=read,
)
