"""Appointments from an iCalendar file (RFC 5545); `docs/book.md` says which properties are read.

The file is split into its events here, and only the properties that are read are handed to the icalendar library, one
event at a time: what is wrong with one event is nothing to the others, and the cost grows with the file's size alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event

from hub.book import entries
from hub.book.entries import (
    LINE_BYTES_MAX,
    Cancellation,
    Contact,
    Entry,
    Gathering,
    Reading,
    Services,
    Wrong,
    shown,
)
from hub.day.lobby import Lobby

PARTY = "X-GUICHET-PARTY"
"""iCalendar has no word for how many people come."""

ONCE = ("UID", "DTSTART", "SUMMARY", "STATUS", "SEQUENCE", PARTY)
SERIES = ("RRULE", "RDATE", "RECURRENCE-ID")
READ = frozenset({*ONCE, *SERIES, "CATEGORIES", "ATTENDEE"})

PROPERTY_CHARS_MAX = 2_048
PROPERTIES_MAX = 50
"""Of one event, among those that are read."""

READ_CHARS_MAX = 5_000_000
"""Of all events, twice what so many have as a rule: a million takes the library up to ten seconds."""

SEQUENCE_MAX = 2**31 - 1

_NAME = re.compile(r"[A-Za-z0-9-]+")
_VENDORS_ZONE = re.compile(r'(;TZID="?)/[^:;"]*?/(?=[A-Za-z_]+/[^/:;"]+"?[:;])')
"""`/vendor.example/Europe/Paris`, as some programs name a zone to make it their own."""


@dataclass(slots=True)
class _Block:
    """An event of the file, as far as it has been read."""

    line: int
    properties: list[str] = field(default_factory=list)
    depth: int = 0
    """In how many components inside the event we are: alarms, for instance."""
    wrong: Wrong | None = None

    @property
    def uid(self) -> str:
        """As it stands there, so that a fault of the event can name it; empty if it does not."""
        for text in self.properties:
            if text[:4].upper() in ("UID:", "UID;"):
                return entries.one_line(text.partition(":")[2])[: entries.UID_CHARS_MAX]
        return ""


def read_ics(data: bytes, lobby: Lobby) -> Reading:
    """Every event of `data`. Floating times are the lobby's own."""
    gathering = Gathering()
    reader = _Reader(lobby, gathering)
    for number, text in _logical_lines(data, gathering):
        if (gathering.is_full and reader.needs_room(text)) or reader.chars > READ_CHARS_MAX:
            gathering.refuse_the_rest(number)
            break
        reader.take(number, text)
    else:
        reader.end()
    return gathering.reading()


def _logical_lines(data: bytes, gathering: Gathering) -> Iterator[tuple[int, str | Wrong]]:
    """Lines with their continuations (which begin with a blank) joined, and where they begin."""
    begun, size = 0, 0
    parts: list[bytes] = []

    def joined() -> str | Wrong:
        return entries.too_long(size) if size > LINE_BYTES_MAX else gathering.decoded(b"".join(parts))

    for number, line in entries.lines(data):
        is_more = bool(parts) and line[:1] in (b" ", b"\t")
        if not is_more:
            if parts:
                yield begun, joined()
            begun, size, parts = number, 0, []
        piece = line[1:] if is_more else line
        size += len(piece)
        # What will be refused is not kept.
        if size <= LINE_BYTES_MAX or not parts:
            parts.append(piece)
    if parts:
        yield begun, joined()


class _Reader:
    def __init__(self, lobby: Lobby, gathering: Gathering) -> None:
        self._gathering = gathering
        self._services = Services(lobby)
        self._zone = ZoneInfo(lobby.site.time_zone)
        self._block: _Block | None = None
        self._cancels_all = False
        self.chars = 0
        """Handed to the library so far."""

    def needs_room(self, text: str | Wrong) -> bool:
        """Whether with this line there is one entry more, sound or not; the calendar's end is none."""
        return self._block is not None or isinstance(text, Wrong) or text.strip().upper() == "BEGIN:VEVENT"

    def take(self, number: int, text: str | Wrong) -> None:
        """The next line of the file."""
        block = self._block
        if isinstance(text, Wrong):
            if block is None:
                self._gathering.refuse(number, "", text)
            else:
                block.wrong = block.wrong or text
            return
        mark = text.strip().upper()
        if mark == "BEGIN:VEVENT" or (block and not block.depth and mark == "END:VCALENDAR"):
            self.end()
            self._block = _Block(number) if mark == "BEGIN:VEVENT" else None
        elif block is None:
            self._cancels_all |= mark == "METHOD:CANCEL"
        elif mark == "END:VEVENT":
            self._block = None
            self._finish(block)
        elif mark.startswith("BEGIN:"):
            block.depth += 1
        elif mark.startswith("END:"):
            block.depth = max(0, block.depth - 1)
        elif not block.depth:
            self._keep(block, text)

    def end(self) -> None:
        """No more is to come of the event under way."""
        block, self._block = self._block, None
        if block is not None:
            wrong = Wrong("the event has no END:VEVENT", "look whether the file was cut off")
            self._gathering.refuse(block.line, block.uid, block.wrong or wrong)

    def _keep(self, block: _Block, text: str) -> None:
        name = _NAME.match(text)
        if name is None or name[0].upper() not in READ or len(block.properties) >= PROPERTIES_MAX:
            return
        if len(text) > PROPERTY_CHARS_MAX:
            what = f"{name[0].upper()} has {len(text)} characters, more than {PROPERTY_CHARS_MAX}"
            block.wrong = block.wrong or Wrong(what, "shorten it")
            return
        block.properties.append(_VENDORS_ZONE.sub(r"\1", text))
        self.chars += len(text)

    def _finish(self, block: _Block) -> None:
        try:
            if block.wrong:
                raise block.wrong
            self._gathering.keep(self._entry(block.line, _parsed(block)))
        except Wrong as wrong:
            self._gathering.refuse(block.line, block.uid, wrong)

    def _entry(self, line: int, event: Event) -> Entry | Cancellation:
        uid = entries.uid(str(event.get("UID", "")))
        sequence = int(event.get("SEQUENCE", 0))
        if not 0 <= sequence <= SEQUENCE_MAX:
            raise Wrong(f"SEQUENCE {shown(str(sequence))} is no count of changes", "export the event again")
        if self._cancels_all or str(event.get("STATUS", "")).upper() == "CANCELLED":
            return Cancellation(uid=uid, line=line, sequence=sequence)
        if any(name in event for name in SERIES):
            raise Wrong("the event is a series", "export its appointments one by one")
        return Entry(
            uid=uid,
            line=line,
            service=self._service(event),
            slot_at=entries.instant(self._start(event)),
            party_people=entries.party(str(event.get(PARTY, ""))),
            contact=_contact(event),
            sequence=sequence,
        )

    def _service(self, event: Event) -> str:
        """The first category that is a service, else the summary."""
        for category in _all(event, "CATEGORIES"):
            for name in category.cats:
                found = self._services.id_of(str(name))
                if found is not None:
                    return found
        return self._services.named(str(event.get("SUMMARY", "")), "SUMMARY")

    def _start(self, event: Event) -> datetime:
        start = event.get("DTSTART")
        if start is None:
            raise Wrong("DTSTART is missing", "give the event a beginning")
        here = start.dt
        if not isinstance(here, datetime):
            raise Wrong("the event has a day and no time", "give it a time")
        if here.tzinfo is not None:
            return here
        if zone := start.params.get("TZID"):
            raise Wrong(f"time zone {shown(str(zone))} is not known", "write it like Europe/Paris, or the time in UTC")
        self._gathering.note(f"times without a zone were read as {self._zone.key}")
        return here.replace(tzinfo=self._zone)


def _parsed(block: _Block) -> Event:
    """The block's event; every property that is read is sound, and there once if it may be there once.

    Raises:
        Wrong: it is not so.
    """
    source = "\r\n".join(("BEGIN:VEVENT", *block.properties, "END:VEVENT", ""))
    try:
        event = Event.from_ical(source)
    except (ValueError, OSError) as error:  # OSError: a zone's name that is no file's name
        raise Wrong(f"the event cannot be read ({shown(str(error))})", "export it again") from None
    assert isinstance(event, Event)
    for name, fault in event.errors:
        raise Wrong(f"{name or 'a line of the event'} cannot be read ({shown(fault)})", "export it again")
    for name in ONCE:
        if isinstance(event.get(name), list):
            raise Wrong(f"{name} stands there more than once", "export the event again")
    return event


def _contact(event: Event) -> Contact:
    """From the first attendee that has one of them each."""
    found = {"name": "", "phone": "", "email": ""}
    for attendee in _all(event, "ATTENDEE"):
        scheme, _, address = str(attendee).partition(":")
        kind = {"mailto": "email", "tel": "phone"}.get(scheme.lower())
        if kind:
            found[kind] = found[kind] or address
        found["name"] = found["name"] or str(attendee.params.get("CN", ""))
    return Contact(
        name=entries.text(found["name"], "name", entries.NAME_CHARS_MAX),
        phone=entries.text(found["phone"], "phone", entries.PHONE_CHARS_MAX),
        email=entries.text(found["email"], "email", entries.EMAIL_CHARS_MAX),
    )


def _all(event: Event, name: str) -> list[Any]:
    """Every property of this name."""
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]
