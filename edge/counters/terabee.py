"""Terabee's frames: one port for counts, and further ports for answers to commands. Numbers have their largest byte
first. Source: the maker's decoders (Terabee/pcm_lora_payload_decoder, pcl_…, poc_…, and TheThingsNetwork's copies)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.counters.frame import Frame, exactly
from edge.counters.readings import Kind, Reading, Refuse, Said

TOTAL_WRAPS_AT = 2**32

PORT_COUNTS, PORT_REBOOT, PORT_VERSION, PORT_ACCESS_POINT, PORT_REJOIN, PORT_TIME = 2, 3, 4, 5, 6, 7
PORT_ANALOG, PORT_SETTINGS, PORT_AREA, PORT_SET_AREA = 8, 100, 101, 102

ACKNOWLEDGED = 0xFF
FAILED = 0xFF

Read = Callable[[Frame], Any]


@dataclass(frozen=True)
class Command:
    """What a device answers to one command. Without `read`, it only says whether it obeyed."""

    name: str
    read: Mapping[str, Read] | None = None


Commands = Mapping[tuple[int, int], Command]
"""Port and number."""


def u8(frame: Frame) -> int:
    return frame.natural(1)


def u16(frame: Frame) -> int:
    return frame.natural(2, big=True)


def u32(frame: Frame) -> int:
    return frame.natural(4, big=True)


def either(yes: str, no: str) -> Read:
    return lambda frame: yes if u8(frame) == 1 else no


def letters(frame: Frame) -> str:
    """ASCII to the end of the frame, or up to a zero.

    Raises:
        Refuse: there is none.
    """
    text = (frame.take(1) + frame.rest()).partition(b"\0")[0]
    if not text.isascii() or not text.decode("ascii").isprintable():
        raise Refuse("bad-value", "a version that is no text")
    return text.decode("ascii")


def version(frame: Frame) -> str:
    """Behind a byte that means nothing."""
    frame.take(1)
    return letters(frame)


def module_version(frame: Frame) -> str:
    """Of the radio's own software, which the device must ask for."""
    if frame.peek(0) == FAILED:
        frame.rest()
        return "failure to retrieve"
    return letters(frame)


def device_type(frame: Frame) -> str:
    told = letters(frame)
    return told if told != "XXX" else "not recognized"


def dotted(frame: Frame) -> str:
    return ".".join(str(byte) for byte in frame.take(3))


COUNTS: Mapping[str, Read] = {"count_in": u32, "count_out": u32}

FLOW: Commands = {
    (PORT_COUNTS, 1): Command("CMD_CNT_RST"),
    (PORT_COUNTS, 2): Command("CMD_CNT_GET", COUNTS),
    (PORT_COUNTS, 130): Command("CMD_CNT_SET"),
    (PORT_REJOIN, 1): Command("CMD_FORCE_REJOIN"),
}
"""Of both counters of people who pass."""


def counts(frame: bytes, port: int | None, ports: tuple[int, ...], bits: Mapping[int, str], commands: Commands) -> Said:
    """Totals of those who came and went, and a byte of bits; or the answer to a command.

    Raises:
        Refuse: it is neither.
    """
    if port is not None and port not in ports:
        return answer(frame, port, commands)
    reader = exactly(frame, 9, "a frame of counts")
    said = Said(fields={name: read(reader) for name, read in COUNTS.items()})
    said.fields["flags"] = status(said, u8(reader), bits)
    said.read([_totals(said.fields)])
    return said


def _totals(told: Mapping[str, int]) -> Reading:
    entered, left = told["count_in"], told["count_out"]
    return Reading(kind=Kind.TOTAL, entered=entered, left=left, wraps_at=TOTAL_WRAPS_AT, unsaid=("instant",))


NOT_TRUSTED = frozenset({"TPC_STOPPED", "TPC_STUCK", "STOPPED", "STUCK", "WARMUP", "MULTI_DEV_ISSUE"})
"""While one of these stands, what it counts is not what passes."""


def status(said: Said, byte: int, bits: Mapping[int, str]) -> dict[str, int]:
    """The bits that are set, by the maker's names, and what they mean for us."""
    found = {name: 1 for bit, name in bits.items() if byte >> bit & 1}
    if byte & ~sum(1 << bit for bit in bits):
        said.flag("status-unknown")
    said.flag(*(name.lower().replace("_", "-") for name in found))
    if NOT_TRUSTED & found.keys():
        said.flag("not-trusted")
    return found


def answer(frame: bytes, port: int, commands: Commands) -> Said:
    """
    Raises:
        Refuse: no command of this device is answered so.
    """
    reader = Frame(frame)
    is_acknowledged = frame[0] == ACKNOWLEDGED
    number = u8(reader) if not is_acknowledged else reader.take(2)[1]
    command = commands.get((port, number))
    if command is None:
        if port not in {known for known, _ in commands}:
            raise Refuse("wrong-port", f"this device sends nothing on port {port}")
        raise Refuse("unknown-command", f"command {number} of port {port} is none of this device")
    said = Said()
    said.flag("settings-answer")
    told: dict[str, Any] = {"name": command.name, "id": number, "success": True}
    if is_acknowledged:
        told["success"] = u8(reader) != FAILED
        _what_was_done(said, command.name, done=told["success"])
    elif command.read is None:
        raise Refuse("unknown-command", f"{command.name} is only ever acknowledged, and this is no acknowledgement")
    else:
        told["value"] = {name: read(reader) for name, read in command.read.items()}
        if command.read is COUNTS:
            said.read([_totals(told["value"])])
    reader.end()
    said.fields["cmd"] = told
    return said


def _what_was_done(said: Said, name: str, *, done: bool) -> None:
    if not done:
        said.flag("setting-refused-by-device")
    elif name in ("CMD_CNT_RST", "CMD_CNT_SET"):
        said.flag("totals-cleared")
    elif name in ("CMD_DEV_RBT", "CMD_DEVICE_REBOOT", "CMD_TPC_RST"):
        said.flag("device-restarted")
