"""Milesight VS330: tells whether a cubicle is taken, over LoRaWAN. It counts nobody. Source:
Milesight-IoT/SensorDecoders, vs330."""

from edge.counters.milesight import ABOUT, ENABLE, PORT, YES, Answers, Channels, group, one_of, skip, u8, u16, u32, walk
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.dialects import FrameDialect

LEARNT = one_of({0: "not_executed", 1: "success", 2: "failed_due_to_collection", 3: "failed_due_to_pir_interrupt"})
TAKEN = {0: "vacant", 1: "occupied"}

CHANNELS: Channels = {
    **ABOUT,
    (0x02, 0x82): {"distance": u16},
    (0x03, 0x8E): {"occupancy": one_of(TAKEN)},
    (0x04, 0x8E): {"calibration_status": one_of({0: "failed", 1: "success"})},
    (0x04, 0xA8): {"learn_status": LEARNT},
    (0x08, 0xA8): {"second_learn_status": LEARNT},
    (0x09, 0xA9): {"collection_count": u32},
    (0x02, 0xA5): {"distanceInfo": group({f"distance{number}": u16 for number in (1, 2, 3, 4)})},
    (0x06, 0xA6): {"ambient_counts": u32},
    # The maker's decoder reads one byte of it and goes on four: the other three mean nothing that is known.
    (0x07, 0xA7): {"similarity": u8, "_rest": skip(3)},
}

ANSWERS: Answers = {
    0x02: {"collection_interval": u16},
    0x03: {"report_interval": u16},
    0x10: {"reboot": YES},
    0x70: {"human_exist_height": u16},
    0x71: {"test_enable": ENABLE},
    0x72: {"test_duration": u16},
    0x7A: {"back_test_config": group({"enable": ENABLE, "distance": u16})},
}


def read(frame: bytes, port: int | None) -> Said:
    return with_presence(walk(frame, CHANNELS, ANSWERS))


def with_presence(said: Said) -> Said:
    """What a sensor of one place says: taken or not.

    Raises:
        Refuse: it says neither.
    """
    taken = said.fields.get("occupancy")
    if taken == "unknown":
        raise Refuse("bad-value", "neither vacant nor occupied")
    if taken is not None:
        present = taken == TAKEN[1]
        said.read([Reading(kind=Kind.PRESENCE, present=present, unsaid=("count", "instant"))])
    return said


DIALECT = FrameDialect(
    family="milesight-vs330",
    names=("vs330",),
    what="Milesight VS330 over LoRaWAN: whether a place is taken",
    ports=(PORT,),
    read=read,
)
