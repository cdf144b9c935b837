"""What must fit together in a lobby file: references, unique names, hours, zones, languages.

Each check yields (where, fault). Items that are wrong in themselves are reported elsewhere and left out here, but their
ids count, so that one fault does not cause ten.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import words
from hub.day.hours import WEEKDAYS
from hub.day.lobby import OUTSIDE, Device, DeviceKind, Site
from hub.site import RESERVED_SITES
from wire import topics
from wire.errors import UnknownTopic

Where = tuple[str | int, ...]
Fault = tuple[Where, str]

LISTS = ("services", "rooms", "priorities", "doors", "desks", "devices")

NEEDS: dict[DeviceKind, tuple[str, ...]] = {
    DeviceKind.BOARD: ("room",),
    DeviceKind.SIGN: ("room",),
    DeviceKind.PANEL: ("desk",),
    DeviceKind.KIOSK: ("room",),
    DeviceKind.PRINTER: (),
    DeviceKind.COUNTER: ("door",),
}
"""The references that a device of each kind must have."""

MAY_HAVE: dict[DeviceKind, tuple[str, ...]] = {DeviceKind.KIOSK: ("printer",), DeviceKind.PRINTER: ("room",)}
"""Those that it may have beyond them."""

LABELS = (
    ("services", "name", True),
    ("services", "bring", False),
    ("rooms", "name", True),
    ("priorities", "name", True),
    ("doors", "name", False),
)
"""List name, key, and whether a text in the site's first language is needed there."""

LABEL_CHARS_MAX = 200
"""Half of what a message allows, and more than any display shows."""

DESK_CHARS_MAX = 12
"""What still can be read from the back of the room."""

REFERENCES = ("room", "desk", "door", "printer")

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z|24:00\Z")
_PERIOD = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)\Z")


@dataclass(kw_only=True)
class Parts:
    """The pieces of a lobby file that are sound by themselves."""

    site: Site | None
    hours: dict[str, Any]
    items: dict[str, dict[int, Any]] = field(default_factory=lambda: {name: {} for name in LISTS})
    """List name to index to item."""
    ids: dict[str, list[str | None]] = field(default_factory=lambda: {name: [] for name in LISTS})
    """List name to the id (of devices: `node/device`) of every item, sound or not; None where there is none."""

    def known(self, name: str) -> list[str]:
        return [an_id for an_id in self.ids[name] if an_id is not None]

    def printers(self) -> list[str]:
        """Addresses of printers, and of devices whose kind is not known: they may be meant to be one."""
        devices = self.items["devices"]
        known = enumerate(self.ids["devices"])
        return [a for index, a in known if a and (index not in devices or devices[index].kind is DeviceKind.PRINTER)]


def faults_between(parts: Parts) -> Iterator[Fault]:
    """Everything that does not fit together."""
    for check in _CHECKS:
        yield from check(parts)


def _site(parts: Parts) -> Iterator[Fault]:
    site = parts.site
    if site is None:
        return
    yield from _id(("site", "id"), site.id)
    if site.id in RESERVED_SITES:
        yield ("site", "id"), f"{site.id!r} is an address of the hub itself; choose another"
    if site.time_zone not in available_timezones() or not _zone_exists(site.time_zone):
        close = get_close_matches(site.time_zone, sorted(available_timezones()), n=1)
        hint = f"did you mean {close[0]!r}?" if close else "write it like Europe/Paris"
        yield ("site", "time_zone"), f"{site.time_zone!r} is no time zone; {hint}"
    for index, language in enumerate(site.languages):
        if language not in words.LANGUAGES:
            known = ", ".join(words.LANGUAGES)
            yield ("site", "languages", index), f"{language!r} has no catalog; there are {known}"
        elif language in site.languages[:index]:
            yield ("site", "languages", index), f"{language!r} stands there twice; remove one"
    if site.public_url.endswith("/"):
        yield ("site", "public_url"), f"{site.public_url!r} ends in a slash; remove it"
    if site.public_url and not site.public_url.startswith(("http://", "https://")):
        yield ("site", "public_url"), f"{site.public_url!r} is no web address; write it like https://lobby.example.org"
    if not _CLOCK.match(site.day_turns_at) or site.day_turns_at == "24:00":
        yield ("site", "day_turns_at"), f"{site.day_turns_at!r} is no time of day; write it like 04:00"


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _hours(parts: Parts) -> Iterator[Fault]:
    for day, periods in parts.hours.items():
        if day not in WEEKDAYS:
            yield ("hours", day), f"unknown day; days are {', '.join(WEEKDAYS)}"
            continue
        yield from _periods(day, periods if isinstance(periods, list) else [])


def _periods(day: str, periods: Sequence[Any]) -> Iterator[Fault]:
    seen: list[tuple[str, str, str]] = []
    for index, period in enumerate(periods):
        where: Where = ("hours", day, index)
        if not isinstance(period, str):
            continue
        match = _PERIOD.match(period)
        if match is None or not all(_CLOCK.match(clock) for clock in match.groups()):
            yield where, f"{period!r} is no period of a day; write it like 08:00-12:30, times from 00:00 to 24:00"
            continue
        begin, end = match.groups()
        if begin >= end:
            yield where, f"{period!r} ends before it begins; a period ends on the day it begins, at 24:00 at the latest"
            continue
        for earlier_begin, earlier_end, earlier in seen:
            if begin < earlier_end and earlier_begin < end:
                yield where, f"{period!r} overlaps {earlier!r}; join or part them"
        seen.append((begin, end, period))


def _names(parts: Parts) -> Iterator[Fault]:
    for name in LISTS:
        for index, item in parts.items[name].items():
            yield from _id((name, index, "id"), item.id)
            if name != "devices":
                yield from _twice((name, index, "id"), item.id, parts.ids[name][:index])
    for index, room in parts.items["rooms"].items():
        if room.id == OUTSIDE:
            yield ("rooms", index, "id"), f"{OUTSIDE!r} means everything that is no room; choose another id"
    yield from _letters(parts)
    desk_names: list[str] = []
    for index, desk in parts.items["desks"].items():
        yield from _twice(("desks", index, "name"), desk.name, desk_names)
        desk_names.append(desk.name)


def _letters(parts: Parts) -> Iterator[Fault]:
    letters: list[str] = []
    for index, service in parts.items["services"].items():
        if not re.match(r"[A-Z]\Z", service.letter):
            yield ("services", index, "letter"), f"{service.letter!r} is not one capital letter from A to Z"
        yield from _twice(("services", index, "letter"), service.letter, letters)
        letters.append(service.letter)


def _steps(parts: Parts) -> Iterator[Fault]:
    for index, service in parts.items["services"].items():
        for at, step in enumerate(service.then):
            yield from _refers(("services", index, "then", at), "service", step, parts.known("services"))
            yield from _twice(("services", index, "then", at), step, [service.id, *service.then[:at]])


def _labels(parts: Parts) -> Iterator[Fault]:
    if parts.site is None:
        return
    first = parts.site.languages[0]
    labels: list[tuple[Where, dict[str, str], bool]] = [(("site", "name"), parts.site.name, True)]
    for name, key, is_needed in LABELS:
        labels += (((name, index, key), getattr(item, key), is_needed) for index, item in parts.items[name].items())
    for where, label, is_needed in labels:
        if (label or is_needed) and not label.get(first, "").strip():
            yield where, f"has no text in {first!r}, the first of the site's languages; add it"
        for language, text in label.items():
            if language not in parts.site.languages:
                yield (*where, language), f"{language!r} is none of the site's languages; add it there or remove it"
            elif len(text) > LABEL_CHARS_MAX:
                yield (*where, language), f"{len(text)} characters; the limit is {LABEL_CHARS_MAX}"


def _doors(parts: Parts) -> Iterator[Fault]:
    rooms = [OUTSIDE, *parts.known("rooms")]
    for index, door in parts.items["doors"].items():
        for key in ("from_room", "to_room"):
            yield from _refers(("doors", index, key), "room", getattr(door, key), rooms)
        if door.from_room == door.to_room:
            yield ("doors", index, "to"), f"leads from {door.to_room!r} to itself; a door joins two rooms"


def _desks(parts: Parts) -> Iterator[Fault]:
    for index, desk in parts.items["desks"].items():
        if not desk.name.strip() or len(desk.name) > DESK_CHARS_MAX or not desk.name.isprintable():
            what = f"{desk.name[:40]!r} cannot stand above a desk; write 1 to {DESK_CHARS_MAX} letters or digits"
            yield ("desks", index, "name"), what
        yield from _refers(("desks", index, "room"), "room", desk.room, parts.known("rooms"))
        for at, service in enumerate(desk.serves):
            own = len(desk.services)
            where: Where = ("desks", index, "services", at) if at < own else ("desks", index, "helps", at - own)
            yield from _refers(where, "service", service, parts.known("services"))
            yield from _twice(where, service, desk.serves[:at])


def _devices(parts: Parts) -> Iterator[Fault]:
    addresses: list[str] = []
    known = {
        "room": parts.known("rooms"),
        "desk": parts.known("desks"),
        "door": parts.known("doors"),
        "printer": parts.printers(),
    }
    for index, device in parts.items["devices"].items():
        yield from _id(("devices", index, "node"), device.node)
        if device.node == topics.HUB:
            yield ("devices", index, "node"), f"{topics.HUB!r} is the hub's own name on the wire; choose another"
        yield from _twice(("devices", index, "id"), device.address, addresses)
        addresses.append(device.address)
        yield from _references(index, device, known)


def _references(index: int, device: Device, known: dict[str, list[str]]) -> Iterator[Fault]:
    needs = NEEDS[device.kind]
    allowed = needs + MAY_HAVE.get(device.kind, ())
    for key in REFERENCES:
        value = getattr(device, key)
        where: Where = ("devices", index, key)
        if not value and key in needs:
            yield where, f"is missing; a {device.kind} needs it"
        elif value and key not in allowed:
            yield where, f"{value!r} means nothing for a {device.kind}; remove it"
        elif value and not (value == OUTSIDE and device.kind is DeviceKind.KIOSK and key == "room"):
            yield from _refers(where, key, value, known[key])
    if device.kind is not DeviceKind.BOARD and device.calls != Device.calls:
        yield ("devices", index, "calls"), f"{device.calls} means nothing for a {device.kind}; remove it"


def _id(where: Where, value: str) -> Iterator[Fault]:
    try:
        topics.check_id(str(where[-1]), value)
    except UnknownTopic:
        yield where, f"{value!r} may hold only a-z, 0-9 and '-', 1 to 64 of them, no '-' at either end"


def _twice(where: Where, value: str, before: Sequence[Any]) -> Iterator[Fault]:
    if value in before:
        yield where, f"{value!r} is taken already; choose another"


def _refers(where: Where, what: str, value: str, known: Sequence[str]) -> Iterator[Fault]:
    if value not in known:
        yield where, f"there is no {what} {value!r}; {did_you_mean(value, known)}"


def did_you_mean(written: str, known: Sequence[str]) -> str:
    """What was perhaps meant, else all that there is."""
    close = get_close_matches(written, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"there are {', '.join(dict.fromkeys(known))}" if known else "there is none"


_CHECKS: tuple[Callable[[Parts], Iterator[Fault]], ...] = (
    _site,
    _hours,
    _names,
    _steps,
    _labels,
    _doors,
    _desks,
    _devices,
)
