"""Parametric PCR2: a radar that counts who passes from left to right and from right to left, over LoRaWAN.

It tells who passed since the message before, and in its extended frames the sums since it was switched on. Which way
is in, only who hung it up knows. Sources: the maker's decoders in TheThingsNetwork/lorawan-devices,
`vendor/parametric`, and its pages, "PCR2 LoRaWAN Payload" V2 to V5.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from edge.counters.frame import Frame, exactly
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.dialects import FrameDialect

PORT, PORT_SETTINGS, PORT_NEW_SETTINGS = 14, 190, 1
SUM_WRAPS_AT = 2**16
MARK = b"\xbe\x01"

ELSYS = {0x01: "TEMP", 0x0A: "LTR", 0x16: "RTL"}
"""The names of the plain frame's three values, each of two bytes."""
CAYENNE = {(0, 0x66): "LTR", (1, 0x66): "RTL", (2, 0x67): "TEMP"}
"""The names of the values in Cayenne's form, by channel and type; further channels tell of power."""
CAYENNE_BYTES = {0x00: 1, 0x01: 1, 0x02: 2, 0x03: 2, 0x65: 2, 0x66: 1, 0x67: 2, 0x68: 1, 0x73: 2}
BYTE_MAX = 0xFF
EXTENDED = {3: 16, 4: 17}
"""The version of an extended frame to its bytes."""
SETTINGS = {2: 14, 3: 20, 4: 31, 5: 34, 6: 35}
"""The version of a frame of settings to its bytes."""

COUNTS, IDENTITY, CONFIGURATION = 0xA5, 0xD5, 0xC5
SORTS = {COUNTS: (10,), IDENTITY: (9,), CONFIGURATION: (6, 7)}
"""What firmware 4 sends, by its fourth byte, to how many bytes it may have."""
PORT_OF = {COUNTS: PORT, IDENTITY: PORT_SETTINGS, CONFIGURATION: PORT_NEW_SETTINGS}
TYPES = {0: "PCR2-IN", 1: "PCR2-OD", 4: "PCR2-XIO", 5: "PCR2-ODS", 6: "PCR2-ODA", 7: "PCR2-ODB", 8: "PCR2-ODBS"}

_V3 = (("DeviceClass", 1), ("UplinkType", 1), ("UplinkInterval", 2), ("LinkCheckInterval", 2), ("CapacityLimit", 2))
_LATER = (*_V3, ("HoldoffTime", 2), ("InactivityTimeout", 2))
_V4 = (("MountingDirection", 1), ("MountingTilt", 1), ("DetectionAngle", 1), ("MinDist", 2), ("MaxDist", 2))
_V5 = (("RadarEnabled", 1), ("BeamAngle", 1), ("MinDist", 2), ("MaxDist", 2), ("MinSpeed", 1), ("MaxSpeed", 1))

NUMBERS: Mapping[int, tuple[tuple[str, int], ...]] = {
    2: (
        ("UplinkType", 1),
        ("UplinkInterval", 2),
        ("LinkCheckInterval", 2),
        ("HoldoffTime", 2),
        ("RadarSensitivity", 1),
    ),
    3: (*_V3, ("HoldoffTime", 2), ("RadarSensitivity", 1)),
    4: (*_LATER, *_V4, ("MinSpeed", 1), ("MaxSpeed", 1), ("RadarSensitivity", 1)),
    5: (*_LATER, *_V5, ("RadarAutotune", 1), ("RadarSensitivity", 1)),
    6: (*_LATER, *_V5, ("RadarAutotune", 1), ("RadarSensitivity", 1)),
}
"""What follows the payload type, with its bytes."""


def read(frame: bytes, port: int | None) -> Said:
    if port not in (None, PORT, PORT_SETTINGS, PORT_NEW_SETTINGS):
        raise Refuse("wrong-port", f"a PCR2 counts on port {PORT}, not on {port}")
    if frame[0] == MARK[0]:
        return _marked(frame, port)
    if port == PORT_NEW_SETTINGS:
        raise Refuse("wrong-port", f"this frame of a PCR2 comes on port {PORT} or {PORT_SETTINGS}, not on {port}")
    if port == PORT_SETTINGS or (port is None and len(frame) == SETTINGS[2]):
        return _settings(exactly(frame, SETTINGS[2], "a frame of settings without a version"), 2)
    if frame[0] in ELSYS:
        return _plain(frame)
    if frame[0] == 0:
        return _cayenne(frame)
    raise Refuse("unknown-shape", f"a frame that begins with {frame[0]:02X} is none that a PCR2 counts in")


def _marked(frame: bytes, port: int | None) -> Said:
    """With the maker's mark and a version behind it; or, since firmware 4, with the model and what sort of frame it is.
    Where both could be meant, its length tells."""
    reader = Frame(frame)
    if reader.take(2) != MARK:
        raise Refuse("unknown-shape", f"a frame that begins with {frame[:2].hex().upper()} is none of a PCR2")
    version, sort = reader.natural(1), reader.peek(0)
    if sort in SORTS and len(frame) in SORTS[sort]:
        if port not in (None, PORT_OF[sort]):
            raise Refuse("wrong-port", f"this frame of a PCR2 comes on port {PORT_OF[sort]}, not on {port}")
        return _since_4(frame)
    if port != PORT_SETTINGS and EXTENDED.get(version) == len(frame):
        return _extended(reader, version)
    if port in (None, PORT_SETTINGS) and SETTINGS.get(version) == len(frame):
        return _settings(reader, version)
    begins = f"a frame that begins with {frame[:4].hex().upper()}"
    known = (SETTINGS if port == PORT_SETTINGS else EXTENDED).get(version) or max(SORTS.get(sort or 0, (0,)))
    if known or sort is None:
        exactly(frame, known or 4, begins)
    raise Refuse("unknown-shape", f"{begins} is none of a PCR2 that is known")


def _since_4(frame: bytes) -> Said:
    """Whether its numbers are since the message before or since it was switched on, nothing that we know of says."""
    reader, said = Frame(frame), Said()
    reader.take(2)
    said.fields["DevType"] = TYPES.get(reader.natural(1), "?")
    sort = reader.natural(1)
    if sort != COUNTS:
        said.flag("settings-answer")
    if sort == COUNTS:
        said.fields |= {"LTR": _u16(reader), "RTL": _u16(reader)}
        said.fields |= {"SBX_BATT": reader.natural(1) * 100, "DCNT": reader.natural(1)}
        said.read([replace(it, unsaid=("kind", *it.unsaid)) for it in _passed(said.fields)])
    elif sort == IDENTITY:
        reader.take(1)
        said.fields |= {"Firmware": _packed(reader), "SBXVersion": _packed(reader)}
    else:
        said.fields["Config"] = reader.rest().hex()
    return said


def _packed(reader: Frame) -> str:
    first, last = reader.take(2)
    return f"{first >> 4}.{first & 0x0F}.{last}"


def _cayenne(frame: bytes) -> Said:
    """A byte for each way, so that it is full at 255."""
    reader, said = Frame(frame), Said()
    while reader:
        channel, sort = reader.natural(1), reader.natural(1)
        name = CAYENNE.get((channel, sort)) or (f"{channel}_{sort:02x}" if channel > 2 else "")
        if not name or sort not in CAYENNE_BYTES:
            raise Refuse(
                "unknown-channel", f"channel {channel:02X} {sort:02X} at byte {reader.at - 2} is none of a PCR2"
            )
        if name in said.fields:
            raise Refuse("duplicate-channel", f"{name} is said twice")
        said.fields[name] = _cayenne_value(reader, sort)
    said.read(
        replace(it, unsaid=("everybody", *it.unsaid)) if it.count == BYTE_MAX else it for it in _passed(said.fields)
    )
    return said


def _cayenne_value(reader: Frame, sort: int) -> int:
    """A temperature has two bytes for Cayenne and one on the maker's page; what follows it is channel 3."""
    if sort != 0x67:
        return reader.natural(CAYENNE_BYTES[sort], big=True)
    if reader.peek(1) is None or (reader.peek(1) == 3 and reader.peek(2) not in (None, 3)):
        return int.from_bytes(reader.take(1), "big", signed=True)
    return _degrees(reader)


def _u16(reader: Frame) -> int:
    return reader.natural(2, big=True)


def _degrees(reader: Frame) -> int:
    """Of the processor, in whole degrees, as the maker rounds them."""
    return int.from_bytes(reader.take(2), "big", signed=True) // 10


def _plain(frame: bytes) -> Said:
    reader, said = Frame(frame), Said()
    while reader:
        sort = reader.natural(1)
        if sort not in ELSYS:
            raise Refuse("unknown-channel", f"value {sort:02X} at byte {reader.at - 1} is none of a PCR2")
        if ELSYS[sort] in said.fields:
            raise Refuse("duplicate-channel", f"{ELSYS[sort]} is said twice")
        said.fields[ELSYS[sort]] = _degrees(reader) if ELSYS[sort] == "TEMP" else _u16(reader)
    said.read(_passed(said.fields))
    return said


def _extended(reader: Frame, version: int) -> Said:
    told: dict[str, Any] = {name: _u16(reader) for name in ("LTR", "RTL", "LTR_SUM", "RTL_SUM")}
    told["SBX_BATT"] = reader.natural(1 if version == 3 else 2, big=True)
    told["SBX_PV"] = _u16(reader)
    told["DIFF"] = abs(told["LTR_SUM"] - told["RTL_SUM"])
    told["TEMP"] = _degrees(reader)
    said = Said(fields=told)
    said.read(_passed(told))
    return said


def _passed(told: Mapping[str, int]) -> list[Reading]:
    found = []
    for kind, ending in ((Kind.PERIOD, ""), (Kind.TOTAL, "_SUM")):
        found += [
            Reading(
                kind=kind,
                direction=way,
                count=told[f"{way.upper()}{ending}"],
                wraps_at=SUM_WRAPS_AT if kind is Kind.TOTAL else None,
                unsaid=("direction", "instant"),
            )
            for way in ("ltr", "rtl")
            if f"{way.upper()}{ending}" in told
        ]
    return found


def _settings(reader: Frame, version: int) -> Said:
    told: dict[str, Any] = {"DeviceType": reader.natural(1), "Firmware": _version(reader)}
    told |= {"OperationMode": reader.natural(1), "PayloadType": reader.natural(1)}
    told |= {name: reader.natural(length, big=True) for name, length in NUMBERS[version]}
    if version >= 5:
        told["SBXVersion"] = _version(reader)
    if version == 6:
        told["RadarChannel"] = reader.natural(1)
    reader.end()
    said = Said(fields=told)
    said.flag("settings-answer")
    return said


def _version(reader: Frame) -> str:
    return ".".join(str(byte) for byte in reader.take(3))


DIALECT = FrameDialect(
    family="parametric-pcr2",
    names=("pcr2",),
    what="Parametric PCR2 over LoRaWAN: left to right and right to left",
    ports=(PORT,),
    read=read,
)
