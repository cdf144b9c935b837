"""Milesight's frames: channel, type, value, again and again. Each model knows its own channels and says so in tables.

Whoever wrote the tables looked each channel up in the maker's decoders (Milesight-IoT/SensorDecoders, `vs-series`).
Where those go on with what is missing, or stop at what they do not know, this refuses the frame: half a frame is no
count. Numbers have their smallest byte first, but for two masks that their readers name.
"""

from collections.abc import Callable, Mapping
from typing import Any

from edge.counters.frame import Frame
from edge.counters.readings import Refuse, Said

Reader = Callable[[Frame], Any]
Spec = Mapping[str, Reader]
"""Names to what reads them, in their order. A name that begins with `_` is read and thrown away; one that ends with
`[]` collects what comes several times."""
Channels = Mapping[tuple[int, int], Spec]
"""Channel and type to what follows."""
Answers = Mapping[int, Spec]
"""What a device answers to a setting, by type."""

PORT = 85
"""Milesight's application port. It can be set otherwise, so no port is refused but 0."""

ANSWER = (0xFE, 0xFF)
ANSWER_OF_HISTORY = 0xFC
ANSWER_EXTENDED = (0xF8, 0xF9)
ANSWER_WITH_RESULT = 0xF8
_RESULTS = {0: "success", 1: "forbidden", 2: "invalid parameter"}


# --- what a value looks like ---------------------------------------------------------------------------------


def u8(frame: Frame) -> int:
    return frame.natural(1)


def u16(frame: Frame) -> int:
    return frame.natural(2)


def u16_big(frame: Frame) -> int:
    return frame.natural(2, big=True)


def u24(frame: Frame) -> int:
    return frame.natural(3)


def u32(frame: Frame) -> int:
    return frame.natural(4)


def i8(frame: Frame) -> int:
    return int.from_bytes(frame.take(1), "little", signed=True)


def i16(frame: Frame) -> int:
    return int.from_bytes(frame.take(2), "little", signed=True)


def tenths(frame: Frame) -> float:
    return i16(frame) / 10


def skip(length: int) -> Reader:
    return lambda frame: frame.take(length)


def hexed(length: int) -> Reader:
    return lambda frame: frame.take(length).hex()


def command(frame: Frame) -> str:
    """Of device to device, the bytes in the other order."""
    return frame.take(2)[::-1].hex()


def decimals(length: int, before: str = "") -> Reader:
    """A version such as `31.7.0.75`."""
    return lambda frame: before + ".".join(str(byte) for byte in frame.take(length))


def version_nibbles(frame: Frame) -> str:
    """`0110` is v1.1."""
    first, second = frame.take(2)
    return f"v{first:x}.{second >> 4}"


def version_hex(frame: Frame) -> str:
    """`0110` is v1.10."""
    first, second = frame.take(2)
    return f"v{first:x}.{second:x}"


def protocol(frame: Frame) -> str:
    byte = u8(frame)
    return f"v{byte >> 4}.{byte & 0x0F}"


def one_of(words: Mapping[int, str], read: Reader = u8) -> Reader:
    """`unknown` for a number that stands for nothing."""
    return lambda frame: words.get(read(frame), "unknown")


def always(word: str) -> Reader:
    """A byte that says nothing, behind a type that says all."""

    def read(frame: Frame) -> str:
        frame.take(1)
        return word

    return read


def group(spec: Spec) -> Reader:
    return lambda frame: dict(_values(spec, frame))


def _values(spec: Spec, frame: Frame) -> list[tuple[str, Any]]:
    read = [(name, reader(frame)) for name, reader in spec.items()]
    return [(name, value) for name, value in read if not name.startswith("_")]


ENABLE = one_of({0: "disable", 1: "enable"})
YES = always("yes")


def named_interval(told: Mapping[str, int]) -> dict[str, int]:
    """Of two intervals that share a type, the one that is meant."""
    name = {0: "retransmit_interval", 1: "resend_interval"}.get(told["sort"])
    return {name: told["interval_s"]} if name else {}


# --- what many models say ------------------------------------------------------------------------------------

CLEARED = frozenset({"clear_cumulative_count", "clear_all_cumulative_count", "clear_total_count"})
"""Answers after which totals begin at zero."""

CLASSES = {0: "Class A", 1: "Class B", 2: "Class C", 3: "Class CtoB"}

ABOUT: Channels = {
    (0xFF, 0x01): {"ipso_version": protocol},
    (0xFF, 0x09): {"hardware_version": version_nibbles},
    (0xFF, 0x0A): {"firmware_version": version_hex},
    (0xFF, 0xFF): {"tsl_version": decimals(2, "v")},
    (0xFF, 0x16): {"sn": hexed(8)},
    (0xFF, 0x0F): {"lorawan_class": one_of(CLASSES)},
    (0xFF, 0xFE): {"reset_event": always("reset")},
    (0xFF, 0x0B): {"device_status": always("on")},
    (0x01, 0x75): {"battery": u8},
}
"""Of the models that run on batteries."""

STATE: Channels = {key: ABOUT[key] for key in ((0xFF, sort) for sort in (0x0A, 0xFF, 0x0F, 0xFE, 0x0B))}
"""What the maker's pages promise of the cameras too, though its decoders for them do not know it."""

_ASKED = one_of({0: "success", 1: "time out of range", 2: "no data"})
HISTORY_ASKED: Channels = {(0xFC, sort): {"history_request": _ASKED} for sort in (0x6B, 0x6C)}
"""Whether there is something to send again, of the models that keep what was not heard."""


def walk(content: bytes, channels: Channels, answers: Answers, extended: Answers | None = None) -> Said:
    """All that a frame says, under the maker's names.

    Raises:
        Refuse: it ends too early, or holds what this model does not send; it is not used at all then.
    """
    said = Said()
    frame = Frame(content)
    while frame:
        begins_at = frame.at
        channel, sort = u8(frame), u8(frame)
        spec = channels.get((channel, sort))
        if spec is None and channel in ANSWER:
            spec = answers.get(sort)
            said.flag("settings-answer")
        elif channel == ANSWER_OF_HISTORY:
            said.flag("settings-answer")
        if spec is not None:
            _take(said, _values(spec, frame))
        elif channel in ANSWER_EXTENDED and extended and sort in extended:
            _answer_extended(said, channel, sort, _values(extended[sort], frame), frame)
        else:
            where = f"channel {channel:02X} {sort:02X} at byte {begins_at}"
            raise Refuse("unknown-channel", f"{where} is none of this model; nobody knows how long it is")
    _tell_about(said)
    return said


def _answer_extended(said: Said, channel: int, sort: int, values: list[tuple[str, Any]], frame: Frame) -> None:
    said.flag("settings-answer")
    if channel == ANSWER_WITH_RESULT and (result := u8(frame)) != 0:
        told = {"channel_type": sort, "result": _RESULTS.get(result, "unknown"), "request": dict(values)}
        _take(said, [("device_response_result", told)])
        said.flag("setting-refused-by-device")
        return
    _take(said, values)


def _take(said: Said, values: list[tuple[str, Any]]) -> None:
    for name, value in values:
        if name.endswith("[]"):
            said.fields.setdefault(name[:-2], []).append(value)
        elif said.fields.get(name, value) != value and "dwell" not in name:
            raise Refuse("duplicate-channel", f"{name} is said twice: {said.fields[name]} and {value}")
        else:
            said.fields[name] = value


def _tell_about(said: Said) -> None:
    said.device = said.fields.get("sn", "")
    if said.fields.pop("d2d_key", None) is not None:
        said.flag("key-withheld")  # it opens the device to whoever reads a log
    if "reset_event" in said.fields:
        said.flag("device-restarted")
    if said.fields.get("battery", 100) > 100:
        said.flag("battery-unknown")
    if CLEARED & said.fields.keys():
        said.flag("totals-cleared")
