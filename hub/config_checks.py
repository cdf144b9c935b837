"""What must fit together in a lobby file: references, unique names, hours, zones, languages.

Each check yields (where, fault). A key that is wrong in itself is reported elsewhere and is None here: it hides nothing
of the other keys of its item, and causes no other fault.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import words
from hub.day.hours import WEEKDAYS
from hub.day.lobby import OUTSIDE, Device, DeviceKind
from hub.site import RESERVED_SITES
from wire import acl, topics
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
    DeviceKind.LIGHT: ("room",),
    DeviceKind.SPEAKER: ("room",),
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

KNOWN_AS = {
    acl.WATCH: "the name of whoever may hear all at the broker",
    acl.HOME: "the name of Home Assistant at the broker",
}
"""Names at the broker that no node can have."""

REFERENCES = ("room", "desk", "door", "printer")

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z|24:00\Z")
_PERIOD = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)\Z")


@dataclass(kw_only=True)
class Parts:
    """The pieces of a lobby file: of each item the keys that are sound by themselves, the others None."""

    site: SimpleNamespace
    hours: dict[str, Any]
    items: dict[str, list[SimpleNamespace]]

    def ids(self, name: str) -> list[str | None]:
        return [item.id for item in self.items[name]]

    def rooms(self) -> list[str | None]:
        return [an_id for an_id in self.ids("rooms") if an_id != OUTSIDE]

    def printers(self) -> list[str | None]:
        """Addresses of printers, and of devices whose kind is not known: they may be meant to be one."""
        return [address(it) for it in self.items["devices"] if it.kind in (DeviceKind.PRINTER, None)]


def address(device: SimpleNamespace) -> str | None:
    return None if device.node is None or device.id is None else f"{device.node}/{device.id}"


def faults_between(parts: Parts) -> Iterator[Fault]:
    """Everything that does not fit together."""
    for check in _CHECKS:
        yield from check(parts)


def _site(parts: Parts) -> Iterator[Fault]:
    site = parts.site
    yield from _id(("site", "id"), site.id)
    if site.id in RESERVED_SITES:
        yield ("site", "id"), f"{site.id!r} is an address of the hub itself; choose another"
    zone, url, turns_at = site.time_zone, site.public_url, site.day_turns_at
    if zone is not None and (zone not in available_timezones() or not _zone_exists(zone)):
        close = get_close_matches(zone, sorted(available_timezones()), n=1)
        hint = f"did you mean {close[0]!r}?" if close else "write it like Europe/Paris"
        yield ("site", "time_zone"), f"{zone!r} is no time zone; {hint}"
    languages = site.languages or ()
    for index, language in enumerate(languages):
        if language not in words.LANGUAGES:
            known = ", ".join(words.LANGUAGES)
            yield ("site", "languages", index), f"{language!r} has no catalog; there are {known}"
        elif language in languages[:index]:
            yield ("site", "languages", index), f"{language!r} stands there twice; remove one"
    if url and url.endswith("/"):
        yield ("site", "public_url"), f"{url!r} ends in a slash; remove it"
    if url and not url.startswith(("http://", "https://")):
        yield ("site", "public_url"), f"{url!r} is no web address; write it like https://lobby.example.org"
    if turns_at is not None and (not _CLOCK.match(turns_at) or turns_at == "24:00"):
        yield ("site", "day_turns_at"), f"{turns_at!r} is no time of day; write it like 04:00"


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
        if faults := list(_period(where, period)):
            yield from faults
            continue
        begin, end = period.split("-")
        for earlier_begin, earlier_end, earlier in seen:
            if begin < earlier_end and earlier_begin < end:
                yield where, f"{period!r} overlaps {earlier!r}; join or part them"
        seen.append((begin, end, period))


def _names(parts: Parts) -> Iterator[Fault]:
    for name in LISTS:
        ids = parts.ids(name)
        for index, an_id in enumerate(ids):
            yield from _id((name, index, "id"), an_id)
            if name != "devices":
                yield from _twice((name, index, "id"), an_id, ids[:index])
            if name == "rooms" and an_id == OUTSIDE:
                yield ("rooms", index, "id"), f"{OUTSIDE!r} means everything that is no room; choose another id"
    letters = [service.letter for service in parts.items["services"]]
    for index, letter in enumerate(letters):
        where: Where = ("services", index, "letter")
        if letter is not None and not re.match(r"[A-Z]\Z", letter):
            yield where, f"{letter!r} is not one capital letter from A to Z"
        yield from _twice(where, letter, letters[:index])


def _steps(parts: Parts) -> Iterator[Fault]:
    for index, service in enumerate(parts.items["services"]):
        then = service.then or ()
        for at, step in enumerate(then):
            yield from _refers(("services", index, "then", at), "service", step, parts.ids("services"))
            yield from _twice(("services", index, "then", at), step, [service.id, *then[:at]])


def _labels(parts: Parts) -> Iterator[Fault]:
    labels: list[tuple[Where, dict[str, str] | None, bool]] = [(("site", "name"), parts.site.name, True)]
    for name, key, is_needed in LABELS:
        items = enumerate(parts.items[name])
        labels += (((name, index, key), getattr(item, key), is_needed) for index, item in items)
    for where, label, is_needed in labels:
        if label is not None:
            yield from _label(where, label, is_needed, parts.site.languages)


def _label(where: Where, label: dict[str, str], is_needed: bool, languages: Sequence[str] | None) -> Iterator[Fault]:
    if languages and (label or is_needed) and not label.get(languages[0], "").strip():
        yield where, f"has no text in {languages[0]!r}, the first of the site's languages; add it"
    for language, text in label.items():
        if languages and language not in languages:
            yield (*where, language), f"{language!r} is none of the site's languages; add it there or remove it"
        if len(text) > LABEL_CHARS_MAX:
            yield (*where, language), f"{len(text)} characters; the limit is {LABEL_CHARS_MAX}"


def _doors(parts: Parts) -> Iterator[Fault]:
    rooms = [OUTSIDE, *parts.rooms()]
    counted = {device.door for device in parts.items["devices"] if device.kind == DeviceKind.COUNTER}
    for index, door in enumerate(parts.items["doors"]):
        for key in ("from_room", "to_room"):
            yield from _refers(("doors", index, key), "room", getattr(door, key), rooms)
        if door.to_room is not None and door.from_room == door.to_room:
            yield ("doors", index, "to"), f"leads from {door.to_room!r} to itself; a door joins two rooms"
        if door.uncounted_share is not None and door.id is not None and door.id in counted:
            yield ("doors", index, "uncounted_share"), f"{door.id!r} has a counter; remove one of the two"


def _admitted(parts: Parts) -> Iterator[Fault]:
    """Whoever is invited into a room has to be seen to come in. Silent while a door may be meant that is misspelt."""
    counted = {device.door for device in parts.items["devices"] if device.kind in (DeviceKind.COUNTER, None)}
    doors = {door.id: {door.from_room, door.to_room} for door in parts.items["doors"]}
    ends: set[str | None] = set().union(*doors.values())
    if not (counted <= set(doors) - {None} and ends <= {OUTSIDE, *parts.rooms()} - {None}):
        return
    for index, room in enumerate(parts.items["rooms"]):
        if room.admitted and room.id is not None and not any(room.id in doors[door] for door in counted):
            what = f"{room.id!r} has no counter at any door, so nobody would be seen to come in; add one"
            yield ("rooms", index, "admitted"), what


def _gates(parts: Parts) -> Iterator[Fault]:
    """Of each room the warning level and how far it must empty before it opens again."""
    for index, room in enumerate(parts.items["rooms"]):
        if room.warn_at_people is not None and room.warn_at_share is not None:
            yield ("rooms", index, "warn_at_share"), "says the same as 'warn_at_people'; remove one"
        for key in ("warn_at_people", "reopens_below_people"):
            value, limit = getattr(room, key), room.limit_people
            if value is not None and limit is not None and value > limit:
                yield ("rooms", index, key), f"{value} is more than the limit of {limit}; write at most that"


def _scheduled(parts: Parts) -> Iterator[Fault]:
    """Limits of certain hours. What is no table is reported elsewhere."""
    for index, room in enumerate(parts.items["rooms"]):
        for at, span in enumerate(room.limits or ()):
            where: Where = ("rooms", index, "limits", at)
            if not isinstance(span, dict):
                continue
            if isinstance(period := span.get("hours"), str):
                yield from _period((*where, "hours"), period)
            days = span.get("days", ())
            for day in days if isinstance(days, list) else ():
                if day not in WEEKDAYS:
                    yield (*where, "days"), f"unknown day {day!r}; days are {', '.join(WEEKDAYS)}"


def _known_empty(parts: Parts) -> Iterator[Fault]:
    """Hours at which a room is known to be empty."""
    for index, room in enumerate(parts.items["rooms"]):
        for at, clock in enumerate(room.empty_at or ()):
            where: Where = ("rooms", index, "empty_at", at)
            if isinstance(clock, str) and (not _CLOCK.match(clock) or clock == "24:00"):
                yield where, f"{clock!r} is no time of day; write it like 22:00"
            elif clock in room.empty_at[:at]:
                yield where, f"{clock!r} stands there twice; remove one"


def _period(where: Where, period: str) -> Iterator[Fault]:
    match = _PERIOD.match(period)
    if match is None or not all(_CLOCK.match(clock) for clock in match.groups()):
        yield where, f"{period!r} is no period of a day; write it like 08:00-12:30, times from 00:00 to 24:00"
    elif match[1] >= match[2]:
        yield where, f"{period!r} ends before it begins; a period ends on the day it begins, at 24:00 at the latest"


def _desks(parts: Parts) -> Iterator[Fault]:
    names = [desk.name for desk in parts.items["desks"]]
    for index, desk in enumerate(parts.items["desks"]):
        name = desk.name
        if name is not None and (not name.strip() or len(name) > DESK_CHARS_MAX or not name.isprintable()):
            what = f"{name[:40]!r} cannot stand above a desk; write 1 to {DESK_CHARS_MAX} letters or digits"
            yield ("desks", index, "name"), what
        yield from _twice(("desks", index, "name"), name, names[:index])
        yield from _refers(("desks", index, "room"), "room", desk.room, parts.rooms())
        own, helped = desk.services or (), desk.helps or ()
        for at, service in enumerate([*own, *helped]):
            where: Where = (
                ("desks", index, "services", at) if at < len(own) else ("desks", index, "helps", at - len(own))
            )
            yield from _refers(where, "service", service, parts.ids("services"))
            yield from _twice(where, service, [*own, *helped][:at])


def _devices(parts: Parts) -> Iterator[Fault]:
    addresses = [address(device) for device in parts.items["devices"]]
    known = {
        "room": parts.rooms(),
        "desk": parts.ids("desks"),
        "door": parts.ids("doors"),
        "printer": parts.printers(),
    }
    for index, device in enumerate(parts.items["devices"]):
        yield from _id(("devices", index, "node"), device.node)
        if device.node == topics.HUB:
            yield ("devices", index, "node"), f"{topics.HUB!r} is the hub's own name on the wire; choose another"
        if device.node in KNOWN_AS:
            yield ("devices", index, "node"), f"{device.node!r} is {KNOWN_AS[device.node]}; choose another"
        yield from _twice(("devices", index, "id"), addresses[index], addresses[:index])
        yield from _references(index, device, known)


def _offline(parts: Parts) -> Iterator[Fault]:
    """Numbers that a kiosk gives while it is cut off are nobody else's, and it prints them beside itself."""
    taken = [service.letter for service in parts.items["services"]]
    for index, device in enumerate(parts.items["devices"]):
        letter, where = device.offline_letter, ("devices", index, "offline_letter")
        if device.kind not in (DeviceKind.KIOSK, None):
            for key in ("offline_letter", "offline_numbers"):
                value = getattr(device, key)
                if value not in (getattr(Device, key), None):
                    yield ("devices", index, key), f"{value!r} means nothing for a {device.kind}; remove it"
        elif letter:
            if not re.match(r"[A-Z]\Z", letter):
                yield where, f"{letter!r} is not one capital letter from A to Z"
            yield from _twice(where, letter, taken)
            if device.printer is not None and device.printer.partition("/")[0] != device.node:
                yield where, f"{letter!r} needs a printer at the kiosk's own node; name it as its printer"
            taken.append(letter)


def _references(index: int, device: SimpleNamespace, known: dict[str, list[str | None]]) -> Iterator[Fault]:
    kind = device.kind
    needs = NEEDS.get(kind, ())
    allowed = needs + MAY_HAVE.get(kind, ()) if kind else REFERENCES
    for key in REFERENCES:
        value = getattr(device, key)
        where: Where = ("devices", index, key)
        if value == "" and key in needs:
            yield where, f"is missing; a {kind} needs it"
        elif value and key not in allowed:
            yield where, f"{value!r} means nothing for a {kind}; remove it"
        elif value and not (value == OUTSIDE and kind in (DeviceKind.KIOSK, None) and key == "room"):
            yield from _refers(where, key, value, known[key])
    if kind not in (DeviceKind.SPEAKER, None) and device.says not in (Device.says, None):
        yield ("devices", index, "says"), f"{device.says!r} means nothing for a {kind}; remove it"
    if kind not in (DeviceKind.BOARD, DeviceKind.SPEAKER, None) and device.calls not in (Device.calls, None):
        yield ("devices", index, "calls"), f"{device.calls} means nothing for a {kind}; remove it"


def _id(where: Where, value: str | None) -> Iterator[Fault]:
    if value is not None and not _is_id(value):
        yield where, f"{value!r} may hold only a-z, 0-9 and '-', 1 to 64 of them, no '-' at either end"


def _is_id(value: str) -> bool:
    try:
        topics.check_id("id", value)
    except UnknownTopic:
        return False
    return True


def _twice(where: Where, value: str | None, before: Sequence[str | None]) -> Iterator[Fault]:
    if value is not None and value in before:
        yield where, f"{value!r} is taken already; choose another"


def _refers(where: Where, what: str, value: str | None, known: Sequence[str | None]) -> Iterator[Fault]:
    """No fault where the id that is meant may be one that is itself wrong, and reported there."""
    names = [name for name in known if name is not None]
    if value is None or value in names or len(names) < len(known):
        return
    meant = get_close_matches(value, names, n=1)
    if all(_is_id(step) for name in meant for step in name.split("/")):
        yield where, f"there is no {what} {value!r}; {did_you_mean(value, names)}"


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
    _admitted,
    _gates,
    _scheduled,
    _known_empty,
    _desks,
    _devices,
    _offline,
)
