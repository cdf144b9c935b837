"""How makes of people counters speak, one file each, and the one place where a message of any of them is read.

A file of this folder that has a `DIALECT` is found by itself; nothing else has to name it. All of it is pure: bytes
go in, readings or a refusal come out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from edge.counters import loose_json, sent
from edge.counters.instants import aware
from edge.counters.readings import Decoded, Reading, Refuse, Refused, Said, refused
from edge.counters.sent import Uplink
from edge.counters.table import Table


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One family of counters that speak alike."""

    family: str
    names: tuple[str, ...] = ()
    """By which it is called as well."""
    what: str
    """One line for people who look for theirs."""


@dataclass(frozen=True, kw_only=True)
class FrameDialect(Dialect):
    """Sends bytes by radio."""

    ports: tuple[int, ...]
    """On which its counts come; a frame without a port is taken for one of these."""
    read: Callable[[bytes, int | None], Said]
    read_json: Callable[[Table], Said | None] | None = None
    """What it says where it has a network instead of a radio; None if it is something else."""


@dataclass(frozen=True, kw_only=True)
class JsonDialect(Dialect):
    """Sends JSON."""

    read: Callable[[Any], Said]
    is_loose: bool = False
    """What it prints is known to be no sound JSON."""
    is_stream: bool = False
    """Several values may come at once."""
    read_xml: Callable[[str], Said] | None = None
    """What it says the same in, if it was told to or is older."""
    device_in: Callable[[str], str] | None = None
    """Of a topic: whose message it is, if that does not stand in the message."""


@dataclass(frozen=True, kw_only=True)
class TextDialect(Dialect):
    """Sends whatever fits a topic: a word, a number, JSON."""

    read: Callable[[str, str], Said]
    """Of a topic, which may be unknown and then is empty, and a text."""


@dataclass(frozen=True, kw_only=True)
class Wrapper(Dialect):
    """A network server, which wraps the frames of others."""

    unwrap: Callable[[Any], Uplink | None]
    """None if it is not of this server."""


Result = Decoded | Refused


@cache
def known() -> dict[str, Dialect]:
    """All of them by family, in the order of their files."""
    found: dict[str, Dialect] = {}
    for file in iter_modules(__path__):
        dialect = getattr(import_module(f"{__name__}.{file.name}"), "DIALECT", None)
        if dialect is not None:
            found[dialect.family] = dialect
    return found


@cache
def _names() -> dict[str, tuple[Dialect, ...]]:
    """Every name to the families that it may mean: a make stands for all of its own."""
    found: dict[str, tuple[Dialect, ...]] = {}
    for dialect in known().values():
        for name in (dialect.family, *dialect.names):
            found[name] = (*found.get(name, ()), dialect)
    for dialect in known().values():
        make = dialect.family.partition("-")[0]
        if dialect not in found.get(make, ()):
            found[make] = (*found.get(make, ()), dialect)
    return found


@cache
def _joined_names() -> dict[str, tuple[Dialect, ...]]:
    """The same without the dashes, which people set elsewhere."""
    return {name.replace("-", ""): found for name, found in _names().items()}


def named(name: str) -> tuple[Dialect, ...]:
    """What is meant by `Milesight VS 121`, `milesight-vs121-02` or `ttn-terabee-l-xl`; empty if nobody is."""
    asked = "-".join(name.strip().lower().replace("_", " ").replace("/", " ").replace("-", " ").split())
    for beginning in ("", "derived-", "ttn-"):
        rest = asked.removeprefix(beginning).replace("milesight-iot-", "milesight-")
        while rest:
            if found := _names().get(rest) or _joined_names().get(rest.replace("-", "")):
                return found
            rest = rest.rpartition("-")[0]
    return ()


def _told_by(label: str) -> tuple[Dialect, ...]:
    """What somebody else's label tells, such as `Door VS350 EU868`: a model anywhere in it tells more than a make."""
    found = named(label)
    if len(found) == 1:
        return found
    words = re.findall(r"[a-z]+[0-9]+", label.lower())
    models = [it for word in words for it in _names().get(word, ())]
    return tuple(dict.fromkeys(models)) or found


def decode(name: str, message: bytes, *, topic: str = "", port: int | None = None, device: str = "") -> Result:
    """What `message` of the family `name` says. With `device`, only what that device says.

    Never raises: what cannot be used is refused, with a code and a sentence.
    """
    try:
        decoded = _decode(_meant(name), sent.without_mark(message), topic, port)
        _check_device(decoded, device)
    except Refuse as refuse:
        return refused(refuse)
    return decoded


def _meant(name: str) -> tuple[Dialect, ...]:
    if candidates := named(name):
        return candidates
    raise Refuse("unknown-family", f"{name[:40]!r} is no family that is known; guichet-edge decode --list names them")


def _check_device(decoded: Decoded, device: str) -> None:
    if device and _bare(decoded.device) != _bare(device):
        whose = f"of {decoded.device!r}" if decoded.device else "of a device without a name"
        raise Refuse("wrong-device", f"a message {whose}; only {device!r} is heard here")


def _bare(device: str) -> str:
    """`24:E1:24-13` and `24e12413` are one."""
    return "".join(letter for letter in device.lower() if letter not in ":-. ")


def _decode(candidates: Sequence[Dialect], message: bytes, topic: str, port: int | None) -> Decoded:
    sent.check_size(message)
    frames = [dialect for dialect in candidates if isinstance(dialect, FrameDialect)]
    wrapped = _unwrapped(candidates, message) if frames or isinstance(candidates[0], Wrapper) else None
    if wrapped is not None:
        return _unpack(*wrapped, frames)
    if isinstance(candidates[0], Wrapper):
        raise Refuse("unknown-shape", f"not what {candidates[0].family} sends")
    return _one_of([partial(_read, it, message, topic, port) for it in candidates])


def _unwrapped(candidates: Sequence[Dialect], message: bytes) -> tuple[Wrapper, Uplink] | None:
    """The frame inside of what a network server sends, whichever of them it is."""
    if (value := sent.json_in(message)) is None:
        return None
    named_ones = [it for it in candidates if isinstance(it, Wrapper)]
    for wrapper in named_ones or [it for it in known().values() if isinstance(it, Wrapper)]:
        if (uplink := wrapper.unwrap(value)) is not None:
            return wrapper, uplink
    return None


def _unpack(wrapper: Wrapper, uplink: Uplink, frames: Sequence[FrameDialect]) -> Decoded:
    """The counter's own words out of those of a network server."""
    if len(uplink.frame) > sent.FRAME_BYTES_MAX:
        raise Refuse("too-large", f"{len(uplink.frame)} bytes are more than a frame of LoRaWAN holds")
    meant = [it for name in uplink.names for it in _told_by(name) if isinstance(it, FrameDialect)]
    if frames and meant and not set(frames) & set(meant):
        raise Refuse("wrong-device", f"the network server calls it {uplink.names[0]!r}, not {frames[0].family}")
    candidates = [it for it in frames if it in meant] or list(frames) or meant or _by_port(uplink.port)
    inner = _one_of([partial(_read_frame, it, uplink.frame, uplink.port) for it in candidates])
    is_told = len(candidates) == 1 and bool(meant or frames)
    flags = [flag for flag in inner.flags if flag != "family-inferred"] + ([] if is_told else ["family-inferred"])
    return Decoded(
        family=inner.family,
        via=wrapper.family,
        readings=inner.readings,
        flags=(*flags, *uplink.flags),
        device=uplink.device or inner.device,
        message=uplink.message,
        at=None if uplink.at is None else aware(uplink.at, "the time of the uplink"),
        port=uplink.port,
        fields=inner.fields,
    )


def _by_port(port: int | None) -> list[FrameDialect]:
    """Who sends counts there: makers say on which port, and some are alone on theirs."""
    if port == 0:
        raise Refuse("wrong-port", "port 0 carries commands of the network, and no counts")
    found = [it for it in known().values() if isinstance(it, FrameDialect) and port in it.ports]
    if not found:
        raise Refuse("unknown-family", f"nobody says of which make it is, and no known counter sends on port {port}")
    return found


def _one_of(readers: Sequence[Callable[[], Decoded]]) -> Decoded:
    """The answer of the only candidate that understands the message, or of several that understand the same."""
    answers: list[Decoded] = []
    refusals: list[Refuse] = []
    for reader in readers:
        try:
            answers.append(reader())
        except Refuse as refuse:
            refusals.append(refuse)
    if not answers:
        raise next((it for it in refusals if it.code not in _NOT_MEANT), refusals[0])
    first = answers[0]
    if len(readers) == 1:
        return first
    if any(answer.readings != first.readings for answer in answers):
        families = ", ".join(answer.family for answer in answers)
        raise Refuse("ambiguous-family", f"it would mean different things as {families}; name one of them")
    return Decoded(
        family=first.family,
        readings=first.readings,
        flags=(*first.flags, "family-inferred"),
        device=first.device,
        message=first.message,
        port=first.port,
        fields=first.fields,
    )


_NOT_MEANT = frozenset({"unknown-shape", "wrong-port", "not-hex", "not-json", "not-text", "unknown-channel"})
"""Refusals that say least when several families were tried."""


def _read(dialect: Dialect, message: bytes, topic: str, port: int | None) -> Decoded:
    match dialect:
        case FrameDialect():
            value = None if dialect.read_json is None else sent.json_in(message)
            if dialect.read_json is not None and value is not None and (said := dialect.read_json(Table.of(value))):
                return _told(dialect, said)
            frame, told = sent.frame_in(message)
            return _read_frame(dialect, frame, told if port is None else port)
        case JsonDialect():
            text = sent.text_of(message)
            is_xml = dialect.read_xml is not None and text.lstrip().startswith("<")
            said = dialect.read_xml(text) if dialect.read_xml is not None and is_xml else _read_json(dialect, text)
            if dialect.device_in is not None and not said.device:
                said.device = dialect.device_in(topic)
            return _told(dialect, said)
        case TextDialect():
            return _told(dialect, dialect.read(topic, sent.text_of(message)))
        case _:
            raise Refuse("unknown-shape", f"not what {dialect.family} sends")


def _read_frame(dialect: FrameDialect, frame: bytes, port: int | None) -> Decoded:
    if not frame:
        raise Refuse("empty", "the frame is empty")
    if port == 0:
        raise Refuse("wrong-port", "port 0 carries commands of the network, and no counts")
    if len(frame) > sent.FRAME_BYTES_MAX:
        raise Refuse("too-large", f"{len(frame)} bytes are more than a frame of LoRaWAN holds")
    return _told(dialect, dialect.read(frame, port), port)


def _read_json(dialect: JsonDialect, text: str) -> Said:
    if dialect.is_stream:
        values, flags = loose_json.one_after_another(text)
    else:
        value, flags = (loose_json.loose if dialect.is_loose else loose_json.strict)(text)
        values = [value]
    said = Said()
    for value in values:
        one = dialect.read(sent.sample(value))
        said.read(one.readings)
        said.flag(*one.flags)
        said.fields |= one.fields
        said.device = _same(said.device, one.device)
        said.message = one.message if len(values) == 1 else ""
    said.flag(*flags)
    return said


def _same(first: str, second: str) -> str:
    if first and second and first != second:
        raise Refuse("wrong-device", f"one message of two devices, {first!r} and {second!r}")
    return first or second


READINGS_MAX = 2_000
"""A day in minutes is 1,440; more is no report."""


def _told(dialect: Dialect, said: Said, port: int | None = None) -> Decoded:
    if len(said.readings) > READINGS_MAX:
        raise Refuse("too-large", f"{len(said.readings)} readings are more than the {READINGS_MAX} of one report")
    return Decoded(
        family=dialect.family,
        readings=tuple(said.readings),
        flags=tuple(said.flags) if said.flags or said.readings else ("no-count",),
        device=said.device,
        message=said.message,
        port=port,
        fields=said.fields,
    )


__all__ = [
    "Decoded",
    "Dialect",
    "FrameDialect",
    "JsonDialect",
    "Reading",
    "Refused",
    "TextDialect",
    "Wrapper",
    "decode",
]
