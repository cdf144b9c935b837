"""IMBuildings People Counter: two infrared beams on batteries, over LoRaWAN.

It tells who passed each way since the message before, and totals; it calls the ways A and B, and only who hung it up
knows which is in. Its bytes carry a header, or the port says of which variant they are. Source: the maker's decoder in
TheThingsNetwork/lorawan-devices, `vendor/imbuildings`, in both of its versions, whose names for the same differ.
"""

from collections.abc import Mapping
from typing import Any

from edge.counters.frame import Frame, exactly
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.dialects import FrameDialect

PEOPLE_COUNTER = 2
DOWNLINK = 0xF1
TOTAL_WRAPS_AT = 2**16
HEADER_BYTES = 10

PORT_ANSWERS = 10
PORT_OF_VARIANT = {26: 6, 27: 7, 28: 8}
BYTES_OF_VARIANT = {6: 13, 7: 5, 8: 4}
"""Without the header."""
VARIANT_5_BYTES = 19

OTHERS = {1: "a Comfort Sensor", 3: "a button", 4: "a pulse counter", 5: "a tracker"}


def read(frame: bytes, port: int | None) -> Said:
    if (variant := PORT_OF_VARIANT.get(port or 0)) is not None and not _has_header(frame, variant):
        return _counts(exactly(frame, BYTES_OF_VARIANT[variant], f"variant {variant} without its header"), variant, "")
    if port == PORT_ANSWERS or frame[:2] == bytes((DOWNLINK, 1)):
        return _answer(frame)
    return _with_header(frame)


def _has_header(frame: bytes, variant: int) -> bool:
    return frame[:2] == bytes((PEOPLE_COUNTER, variant)) and len(frame) == HEADER_BYTES + BYTES_OF_VARIANT[variant]


def _with_header(frame: bytes) -> Said:
    if frame[0] in OTHERS:
        raise Refuse("not-a-count", f"this is {OTHERS[frame[0]]}, which counts no people")
    if frame[0] != PEOPLE_COUNTER:
        raise Refuse("unknown-shape", f"type {frame[0]} is none of IMBuildings’ devices")
    if len(frame) < 2:
        raise Refuse("truncated", "the frame ends after its type")
    variant = frame[1]
    if variant not in (5, *BYTES_OF_VARIANT):
        raise Refuse("unknown-shape", f"variant {variant} does not come over LoRaWAN")
    length = VARIANT_5_BYTES if variant == 5 else HEADER_BYTES + BYTES_OF_VARIANT[variant]
    reader = exactly(frame, length, f"variant {variant}")
    reader.take(2)
    return _counts(reader, variant, reader.take(8).hex())


def _counts(reader: Frame, variant: int, device: str) -> Said:
    told: dict[str, Any] = {"payload_type": PEOPLE_COUNTER, "payload_variant": variant}
    if device:
        told |= {
            "device_type_identifier": PEOPLE_COUNTER,
            "device_type": "People Counter",
            "device_type_variant": variant,
            "device_id": device,
        }
    if variant != 7:
        told |= {"device_status": reader.natural(1), "battery_voltage": reader.natural(2, big=True) / 100}
    if variant in (5, 6):
        told |= _pair(reader, "counter")
    told["sensor_status"] = reader.natural(1)
    if variant in (6, 7):
        told |= _pair(reader, "total_counter")
    if variant in (5, 6):
        told["payload_counter"] = reader.natural(1)
    reader.end()
    said = Said(fields=told, device=device)
    if "payload_counter" in told:
        said.message = f"{device}/{told['payload_counter']}/{told['counter_a']}/{told['counter_b']}"
    said.read(_readings(told))
    if "counter_a" not in told and "total_counter_a" not in told:
        said.flag("alive")
    return said


def _pair(reader: Frame, name: str) -> dict[str, int]:
    return {f"{name}_{way}": reader.natural(2, big=True) for way in "ab"}


def _readings(told: Mapping[str, Any]) -> list[Reading]:
    found = []
    for kind, name in ((Kind.PERIOD, "counter"), (Kind.TOTAL, "total_counter")):
        found += [
            Reading(
                kind=kind,
                direction=way,
                count=told[f"{name}_{way}"],
                wraps_at=TOTAL_WRAPS_AT if kind is Kind.TOTAL else None,
                unsaid=("direction", "instant"),
            )
            for way in "ab"
            if f"{name}_{way}" in told
        ]
    return found


_SETTINGS: Mapping[int, tuple[str, int]] = {
    0x02: ("device_id", 8),
    0x1E: ("interval", 1),
    0x1F: ("event", 3),
    0x20: ("payload", 3),
    0x21: ("heartbeat_interval", 1),
    0x22: ("heartbeat_payload", 3),
    0x2B: ("device_address", 4),
    0x2F: ("confirmed_messages", 1),
    0x33: ("fport", 1),
    0x36: ("heartbeat_fport", 1),
    0xF0: ("errors", 1),
}


def _answer(frame: bytes) -> Said:
    """Settings one after the other: how many bytes, which one, its value."""
    reader = Frame(frame)
    if reader.take(2) != bytes((DOWNLINK, 1)):
        raise Refuse("unknown-shape", f"an answer to a setting begins with {DOWNLINK:02X}01")
    said = Said()
    said.flag("settings-answer")
    while reader:
        length, which = reader.natural(1), reader.natural(1)
        name, _ = _SETTINGS.get(which, (f"setting_{which:02x}", 0))
        if length < 2:
            raise Refuse("bad-value", f"a setting of {length} bytes")
        value = reader.take(length - 2)
        said.fields[name] = value[0] if len(value) == 1 else value.hex()
    said.device = str(said.fields.get("device_id", ""))
    return said


DIALECT = FrameDialect(
    family="imbuildings-people-counter",
    names=("imbuildings", "imb-people-counter"),
    what="IMBuildings People Counter over LoRaWAN: two ways, A and B",
    ports=tuple(PORT_OF_VARIANT),
    read=read,
)
