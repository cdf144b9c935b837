"""What is wrong with an agent file, in sentences: where, what, and what to write instead.

It reads the file as it was written, so that what contradicts itself is told even when other things are wrong too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from edge.devices import drivers, known, usual_driver
from edge.settings import SPI_PINS, SPI_SELECT_PIN, DeviceSettings, Uses
from wire.mqtt import Broker

GIVEN_MAX = 60
"""Letters of a wrong value that are repeated."""

TOO_DEEP = "not TOML that can be read: brackets or dotted names are nested too deep"
TOO_LONG = "not TOML that can be read: a number has thousands of digits"

Devices = list[tuple[str, Mapping[str, Any]]]
"""Where each device stands in the file, and what is written there."""


def sentence(fault: ErrorDetails) -> str:
    """One line for one fault that pydantic found."""
    if fault["type"] == "json_invalid":  # the text is sound, for the agent wrote it; pydantic bounds its nesting
        return TOO_DEEP
    where = _path(fault["loc"])
    if fault["type"] == "variant":
        return _unknown_variant(where, fault)
    return f"{where}: {_what(fault)}"


def variant(device: Any) -> str:
    """Kind and driver of a table, such as `board/page`, as far as it names them."""
    if not isinstance(device, Mapping):
        return ""
    kind = device.get("kind")
    return f"{kind}/{device.get('driver', usual_driver(str(kind)))}"


def _unknown_variant(where: str, fault: ErrorDetails) -> str:
    """A device of no known kind, or with a driver that its kind does not have."""
    device = fault["input"]
    if not isinstance(device, Mapping):
        return f"{where}: {_short(device)} is no table"
    if "kind" not in device:
        return f"{where}.kind: missing; it must be given"
    kind = device["kind"]
    if not isinstance(kind, str) or kind not in drivers():
        return f"{where}.kind: {_short(kind)} is unknown; use {_either(list(drivers()))}"
    return f"{where}.driver: {_short(device.get('driver'))} is none for a {kind}; use {_either(drivers()[kind])}"


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _path(loc: tuple[int | str, ...]) -> str:
    """`devices[2].pins.next`; without the names that pydantic gives to variants and to keys."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
        elif "/" not in part and part != "[key]":
            path += f".{part}" if path else part
    return path or "agent file"


def _what(fault: ErrorDetails) -> str:
    given = _short(fault.get("input"))
    match fault["type"]:
        case "missing":
            return "missing; it must be given"
        case "unexpected_keyword_argument":
            return "no such setting; check its spelling or remove it"
        case "int_type" | "int_from_float":
            return f"{given} is no whole number; write it without quotes or fraction"
        case "bool_type":
            return f"{given} is neither true nor false"
        case "string_type" | "path_type":
            return f"{given} is no text; put it in quotes"
        case "enum" | "literal_error":
            return f"{given} is unknown; use {fault['ctx']['expected']}"
        case "dataclass_type" | "dict_type":
            return f"{given} is no table"
        case "list_type":
            return f"{given} is no list; write [[devices]] above each device"
        case _:
            return fault["msg"]


def _short(given: object) -> str:
    """As it was written, on one line; a whole table is cut off."""
    text = repr(given)
    return text if len(text) <= GIVEN_MAX else f"{text[:GIVEN_MAX]}…"


def cross_faults(table: Mapping[str, Any]) -> list[str]:
    """What does not fit together: names, pins and ports used twice, lamps without a key."""
    listed = table.get("devices")
    devices = [(f"devices[{i}]", it) for i, it in enumerate(listed if isinstance(listed, list) else [])]
    tables = [(path, device) for path, device in devices if isinstance(device, Mapping)]
    return [*_used_twice("name", _ids(tables)), *_used_twice("pin", _pins(tables)),
            *_used_twice("port", _ports(tables)), *_lamps_without_key(tables), *_long_without_key(tables),
            *_used_twice("user", _users(table, tables)), *_unfit_identity(table)]  # fmt: skip


def _unfit_identity(table: Mapping[str, Any]) -> Iterator[str]:
    broker = table.get("broker")
    if "identity_dir" not in table or not isinstance(broker, str):
        return
    if not broker.startswith("mqtts://"):
        yield "identity_dir: a certificate needs TLS; write the broker as mqtts://host:8883"
    if "ca_file" in table:
        yield "ca_file: the authority lies in identity_dir; leave it out"


def _users(table: Mapping[str, Any], devices: Devices) -> Uses:
    """Who we are at the node's broker, which lets each user in once: a second one with the same name throws the first
    out, for ever."""
    given = [("broker", table.get("broker")), *((f"{path}.broker", device.get("broker")) for path, device in devices)]
    known = [(path, broker) for path, url in given if (broker := _broker(url)) is not None]
    for path, broker in known:
        if str(broker) == str(known[0][1]) and known[0][0] == "broker" and broker.username:
            yield path, broker.username


def _broker(url: Any) -> Broker | None:
    """None if it cannot be one, of which others tell."""
    try:
        return Broker.parse(url) if isinstance(url, str) else None
    except ValueError:
        return None


def _used_twice(what: str, uses: Uses) -> Iterator[str]:
    first: dict[str | int, str] = {}
    for path, used in uses:
        if used in first:
            yield f"{path}: {what} {used!r} is used by {first[used]} already; choose another"
        first.setdefault(used, path)


def _ids(devices: Devices) -> Uses:
    for path, device in devices:
        if isinstance(device.get("id"), str):
            yield f"{path}.id", device["id"]


def _described(device: Mapping[str, Any]) -> type[DeviceSettings]:
    """What is known of such a device; of one of no known kind, nothing but its name."""
    return known().get(variant(device), DeviceSettings)


def _ports(devices: Devices) -> Uses:
    for path, device in devices:
        yield from ((f"{path}.{name}", port) for name, port in _described(device).ports_used(device))


def _pins(devices: Devices) -> Uses:
    buses: set[int] = set()
    for path, device in devices:
        described = _described(device)
        yield from ((f"{path}.{name}", pin) for name, pin in described.pins_used(device))
        if described.has_spi:
            port, select = device.get("spi_port", 0), device.get("spi_device", 0)
            if not isinstance(port, int) or not isinstance(select, int):
                continue
            if port in SPI_PINS and port not in buses:
                buses.add(port)
                yield from ((f"{path}.spi_port", pin) for pin in SPI_PINS[port])
            if (port, select) in SPI_SELECT_PIN:
                yield f"{path}.spi_device", SPI_SELECT_PIN[port, select]


def _long_without_key(devices: Devices) -> Iterator[str]:
    for path, device in devices:
        long, keys = device.get("long"), device.get("pins", device.get("keys"))
        if isinstance(long, Mapping) and isinstance(keys, Mapping):
            for name in long:
                if name not in keys:
                    yield f"{path}.long.{name}: there is no such key; wire it or remove its long press"


def _lamps_without_key(devices: Devices) -> Iterator[str]:
    for path, device in devices:
        lamps, pins = device.get("lamps"), device.get("pins")
        if isinstance(lamps, Mapping) and isinstance(pins, Mapping):
            for name in lamps:
                if name not in pins:
                    yield f"{path}.lamps.{name}: no such key in pins; give it a key or remove the lamp"
