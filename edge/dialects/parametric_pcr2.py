"""Parametric PCR2: a radar that counts who passes from left to right and from right to left, over LoRaWAN.

It tells who passed since the message before, and in its extended frames the sums since it was switched on. Which way
is in, only who hung it up knows. Source: the maker's decoder in TheThingsNetwork/lorawan-devices, `vendor/parametric`.
"""

from collections.abc import Mapping
from typing import Any

from edge.counters.frame import Frame, exactly
from edge.counters.readings import Kind, Reading, Refuse, Said
from edge.dialects import FrameDialect

PORT, PORT_SETTINGS = 14, 190
SUM_WRAPS_AT = 2**16

ELSYS = {0x01: "TEMP", 0x0A: "LTR", 0x16: "RTL"}
"""The names of the plain frame's three values, each of two bytes."""
EXTENDED = {3: 16, 4: 17}
"""The version of an extended frame to its bytes."""
SETTINGS = {2: 14, 3: 20, 4: 31, 5: 34, 6: 35}
"""The version of a frame of settings to its bytes."""

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
    if port not in (None, PORT, PORT_SETTINGS):
        raise Refuse("wrong-port", f"a PCR2 counts on port {PORT}, not on {port}")
    is_marked = frame[:2] == b"\xbe\x01"
    if port == PORT_SETTINGS or (port is None and len(frame) in SETTINGS.values() and not _is_extended(frame)):
        return _settings(frame, is_marked=is_marked)
    if is_marked:
        return _extended(frame)
    if frame[0] not in ELSYS:
        raise Refuse("unknown-shape", f"a frame that begins with {frame[0]:02X} is none that a PCR2 counts in")
    return _plain(frame)


def _is_extended(frame: bytes) -> bool:
    return frame[:2] == b"\xbe\x01" and len(frame) > 2 and EXTENDED.get(frame[2]) == len(frame)


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


def _extended(frame: bytes) -> Said:
    version = frame[2] if len(frame) > 2 else 0
    if version not in EXTENDED:
        raise Refuse("unknown-shape", f"version {version} of the extended frame is not known")
    reader = exactly(frame, EXTENDED[version], f"an extended frame of version {version}")
    reader.take(3)
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


def _settings(frame: bytes, *, is_marked: bool) -> Said:
    version = next((version for version, length in SETTINGS.items() if length == len(frame)), 0)
    if not version or (version > 2 and (not is_marked or frame[2] != version)):
        raise Refuse("unknown-shape", f"{len(frame)} bytes are no settings of a PCR2 that are known")
    reader = Frame(frame)
    reader.take(3 if version > 2 else 0)
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
