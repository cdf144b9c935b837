"""IMBuildings People Counter and Office Occupancy Counter: two infrared beams on batteries, over LoRaWAN or NB-IoT.

It tells who passed each way since the message before, and totals; it calls the ways A and B, and only who hung it up
knows which is in. Its bytes carry a header, or the port says of which variant they are. Sources: the maker's pages
(IMBUILDINGS/docs, "Payload definitions") and its decoders (IMBUILDINGS/PayloadParser, and the copies in
TheThingsNetwork/lorawan-devices, `vendor/imbuildings`), whose names for the same differ.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from edge.counters.frame import Frame, exactly
from edge.counters.instants import clock
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.dialects import FrameDialect

PEOPLE_COUNTER = 2
DOWNLINK = 0xF1
TOTAL_WRAPS_AT = 2**16

PORT, PORT_ANSWERS = 1, 10
PORT_OF_VARIANT = {24: 4, 26: 6, 27: 7, 28: 8, 212: 12}
"""Where a variant comes without its header, as the maker advises."""
OTHER_PORTS = {
    **dict.fromkeys((11, 13), "a Comfort Sensor"),
    **dict.fromkeys((16, 17, 18), "a Desk Sensor"),
    **dict.fromkeys((33, 34), "a button"),
}
OTHERS = {1: "a Comfort Sensor or a Desk Sensor", 3: "a button", 4: "a pulse counter", 5: "a tracker"}

_STATUS, _SENSOR = ("device_status", "battery_voltage"), ("sensor_status",)
_COUNTS, _TOTALS = ("counter_a", "counter_b"), ("total_counter_a", "total_counter_b")
_SINCE_THE_LAST = (*_STATUS, *_COUNTS, *_SENSOR, *_TOTALS, "payload_counter")

VARIANTS: Mapping[int, tuple[str, ...]] = {
    2: ("byte_a", "byte_b", *_SENSOR),
    3: (*_COUNTS, *_SENSOR),
    4: ("datetime", *_COUNTS, *_SENSOR),
    5: (*_STATUS, *_COUNTS, *_SENSOR, "payload_counter"),
    6: _SINCE_THE_LAST,
    7: (*_SENSOR, *_TOTALS),
    8: (*_STATUS, *_SENSOR),
    9: (*_SINCE_THE_LAST, "rssi", "ce_level"),
    12: (*_STATUS, *_SENSOR, "on", "off"),
}
"""What stands behind the header of each, in its order. What variant 1 says the maker does not tell."""
OLDER = (2, 3, 4)
"""Their header has six bytes of name instead of eight, and tells of power and radio."""
_OLD_HEADER = (*_STATUS, "rssi")

BYTES = {
    **dict.fromkeys((*_COUNTS, *_TOTALS, "battery_voltage", "on", "off"), 2),
    "datetime": 7,
}
"""Of a value, where it is not one."""


def _length(names: tuple[str, ...]) -> int:
    return sum(BYTES.get(name, 1) for name in names)


def _header_length(variant: int) -> int:
    return 8 + _length(_OLD_HEADER) if variant in OLDER else 10


def read(frame: bytes, port: int | None) -> Said:
    if _has_header(frame):
        return _with_header(frame)
    if (variant := PORT_OF_VARIANT.get(port or 0)) is not None:
        names = VARIANTS[variant]
        if len(frame) > _length(names) and frame[:2] == bytes((PEOPLE_COUNTER, variant)):
            return _with_header(frame)  # which was cut
        return _counts(exactly(frame, _length(names), f"variant {variant} without its header"), variant, names, "")
    if port in OTHER_PORTS:
        raise Refuse("not-a-count", f"port {port} is of {OTHER_PORTS[port]}, which counts no people")
    if port == PORT_ANSWERS or frame[:2] == bytes((DOWNLINK, 1)):
        return _answer(frame)
    return _with_header(frame)


def _has_header(frame: bytes) -> bool:
    if len(frame) < 2 or frame[0] != PEOPLE_COUNTER or frame[1] not in VARIANTS:
        return False
    return len(frame) == _header_length(frame[1]) + _length(VARIANTS[frame[1]])


def _with_header(frame: bytes) -> Said:
    if frame[0] in OTHERS:
        raise Refuse("not-a-count", f"this is {OTHERS[frame[0]]}, which counts no people")
    if frame[0] != PEOPLE_COUNTER:
        raise Refuse("unknown-shape", f"type {frame[0]} is none of IMBuildings’ devices")
    if len(frame) < 2:
        raise Refuse("truncated", "the frame ends after its type")
    variant = frame[1]
    if variant not in VARIANTS:
        raise Refuse("unknown-shape", f"variant {variant} of a people counter is none that is known")
    names = VARIANTS[variant]
    reader = exactly(frame, _header_length(variant) + _length(names), f"variant {variant}")
    reader.take(2)
    device = reader.take(6 if variant in OLDER else 8).hex()
    return _counts(reader, variant, (*_OLD_HEADER, *names) if variant in OLDER else names, device)


def _counts(reader: Frame, variant: int, names: tuple[str, ...], device: str) -> Said:
    said = Said(device=device)
    said.fields |= {"payload_type": PEOPLE_COUNTER, "payload_variant": variant}
    if device:
        said.fields |= {
            "device_type_identifier": PEOPLE_COUNTER,
            "device_type": "People Counter",
            "device_type_variant": variant,
            "device_id": device,
        }
    at = None
    for name in names:
        if name == "datetime":
            at = _datetime(said, reader.take(BYTES[name]))
        else:
            said.fields[name.replace("byte_", "counter_")] = _value(reader, name)
    reader.end()
    told = said.fields
    if "on" in told:
        told["sensor_activity"] = {"on": told.pop("on"), "off": told.pop("off")}
    if "payload_counter" in told:
        said.message = f"{device}/{told['payload_counter']}/{told['counter_a']}/{told['counter_b']}"
    said.read(_readings(told, at))
    if not said.readings:
        said.flag("alive")
    return said


def _value(reader: Frame, name: str) -> int | float:
    if name == "rssi":
        return int.from_bytes(reader.take(1), "big", signed=True)
    value = reader.natural(BYTES.get(name, 1), big=True)
    return value / 100 if name == "battery_voltage" else value


def _datetime(said: Said, digits: bytes) -> datetime | None:
    """Two decimal digits a byte, from the century to the second, in UTC; None while nobody has set the clock.

    Raises:
        Refuse: it never was.
    """
    text = digits.hex()
    if not any(digits):
        said.flag("clock-unset")
        return None
    try:
        at = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise Refuse("bad-instant", f"datetime {text} is no instant") from None
    said.fields["datetime"] = f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
    if (at_clock := clock(int(at.timestamp()))) is None:
        said.flag("clock-unset")
    return at_clock


def _readings(told: Mapping[str, Any], at: datetime | None) -> list[Reading]:
    found = []
    for kind, name in ((Kind.PERIOD, "counter"), (Kind.TOTAL, "total_counter")):
        found += [
            Reading(
                kind=kind,
                direction=way,
                count=told[f"{name}_{way}"],
                wraps_at=TOTAL_WRAPS_AT if kind is Kind.TOTAL else None,
                at=at,
                unsaid=("direction",) if at else ("direction", "instant"),
            )
            for way in "ab"
            if f"{name}_{way}" in told
        ]
    return found


_SETTINGS: Mapping[int, str] = {
    0x02: "device_id",
    0x1E: "interval",
    0x1F: "event",
    0x20: "payload",
    0x21: "heartbeat.interval",
    0x22: "heartbeat.payload",
    0x2B: "device_address",
    0x2F: "confirmed_messages",
    0x33: "fport",
    0x36: "heartbeat.fport",
    0x50: "ooc_distance",
    0x51: "led_indication",
    0x52: "button_delay_time",
    0xC8: "device_commands",
    0xF0: "errors",
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
        if length < 2:
            raise Refuse("bad-value", f"a setting of {length} bytes")
        where, _, name = _SETTINGS.get(which, f"setting_{which:02x}").rpartition(".")
        table = said.fields.setdefault(where, {}) if where else said.fields
        table[name] = _setting(name, reader.take(length - 2))
    said.device = str(said.fields.get("device_id", ""))
    return said


def _setting(name: str, value: bytes) -> Any:
    if name == "event" and len(value) == 3:
        return {"type": value[0], "count": value[1], "timeout": value[2]}
    if name == "payload" and len(value) == 3:
        return {"type": value[0], "variant": value[1], "header": value[2] == 1}
    return value[0] if len(value) == 1 else value.hex()


DIALECT = FrameDialect(
    family="imbuildings-people-counter",
    names=("imbuildings", "imb-people-counter"),
    what="IMBuildings People Counter over LoRaWAN or NB-IoT: two ways, A and B",
    ports=(PORT, *PORT_OF_VARIANT),
    read=read,
)
