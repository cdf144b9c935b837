"""Appointments from a CSV file, as spreadsheets and booking systems export them; `docs/book.md` has the format.

A line is an entry: a quote that is not closed spoils its own line and no other. Bytes in, a `Reading` out.
"""

import csv
import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from hub.book import entries
from hub.book.entries import LINE_BYTES_MAX, Contact, Entry, Gathering, Reading, Services, Wrong, shown
from hub.day.lobby import Lobby

COLUMNS = ("uid", "service", "start", "date", "time", "party", "name", "phone", "email")
DELIMITERS = (",", ";")

_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})\Z", re.ASCII)
_TIME = re.compile(r"(\d{1,2})[:hH](\d{2})(?::(\d{2}))?\Z", re.ASCII)

_BOM = b"\xef\xbb\xbf"
_NOTHING = b' \t,;"'
"""What an empty row of a spreadsheet is made of."""


def read_csv(data: bytes, lobby: Lobby) -> Reading:
    """Every line of `data`. Times without an offset are the lobby's own."""
    gathering = Gathering()
    lines = entries.lines(data.removeprefix(_BOM))
    number, line = next(((number, line) for number, line in lines if line.strip()), (0, b""))
    header = _Header(gathering.decoded(line[:LINE_BYTES_MAX]))
    if header.missing:
        do = f"let the first line name the columns: {', '.join(COLUMNS)}"
        gathering.refuse(number, "", Wrong(f"the file has no column {header.missing!r}", do))
        return gathering.reading()
    if header.unread:
        gathering.note(f"columns that are not read: {shown(', '.join(header.unread))}")
    reader = _Reader(lobby, header, gathering)
    for number, line in lines:
        if gathering.is_full and line.strip(_NOTHING):
            gathering.refuse_the_rest(number)
            break
        reader.read(number, line)
    return gathering.reading()


class _Header:
    """The first line: which column is where."""

    def __init__(self, line: str) -> None:
        self.delimiter = max(DELIMITERS, key=line.count)
        try:
            names = [name.strip().lower() for name in next(csv.reader([line], delimiter=self.delimiter), [])]
        except csv.Error:
            names = []
        self.size = len(names)
        self.places = {name: place for place, name in reversed([*enumerate(names)]) if name in COLUMNS}
        self.unread = [name for place, name in enumerate(names) if name and self.places.get(name) != place]

    @property
    def missing(self) -> str:
        """The first column that is needed and not there; empty when all are."""
        has_start = "start" in self.places or {"date", "time"} <= self.places.keys()
        needed = {"uid": "uid" in self.places, "service": "service" in self.places, "start": has_start}
        return next((name for name, is_there in needed.items() if not is_there), "")


class _Reader:
    def __init__(self, lobby: Lobby, header: _Header, gathering: Gathering) -> None:
        self._header = header
        self._gathering = gathering
        self._services = Services(lobby)
        self._zone = ZoneInfo(lobby.site.time_zone)

    def read(self, number: int, line: bytes) -> None:
        """One line: an entry, a fault, or nothing if it is empty."""
        if not line.strip(_NOTHING):
            return
        uid = ""
        try:
            if len(line) > LINE_BYTES_MAX:
                raise entries.too_long(len(line))
            fields = self._fields(self._gathering.decoded(line))
            if not any(fields.values()):
                return
            uid = entries.uid(fields["uid"])
            self._gathering.keep(self._entry(number, uid, fields))
        except Wrong as wrong:
            self._gathering.refuse(number, uid, wrong)

    def _fields(self, line: str) -> dict[str, str]:
        """Every column's text; empty for those that are not there."""
        header = self._header
        try:
            cells = next(csv.reader([line], delimiter=header.delimiter, strict=True), [])
        except csv.Error:
            raise Wrong(
                "a quote is not closed on its line, or text follows it", "write quotes in texts twice"
            ) from None
        if len(cells) > header.size and any(cells[header.size :]):
            raise Wrong(
                f"the line has {len(cells)} fields and the header {header.size}",
                f"put texts with {header.delimiter!r} in quotes",
            )
        places = header.places
        return {
            name: cells[places[name]].strip() if places.get(name, len(cells)) < len(cells) else "" for name in COLUMNS
        }

    def _entry(self, number: int, uid: str, fields: Mapping[str, str]) -> Entry:
        return Entry(
            uid=uid,
            line=number,
            service=self._services.named(fields["service"], "service"),
            slot_at=entries.instant(self._start(fields)),
            party_people=entries.party(fields["party"]),
            contact=Contact(
                name=entries.text(fields["name"], "name", entries.NAME_CHARS_MAX),
                phone=entries.text(fields["phone"], "phone", entries.PHONE_CHARS_MAX),
                email=entries.text(fields["email"], "email", entries.EMAIL_CHARS_MAX),
            ),
        )

    def _start(self, fields: Mapping[str, str]) -> datetime:
        """From `start`, or from `date` and `time`."""
        if fields["start"]:
            return self._iso(fields["start"])
        date, time = fields["date"], fields["time"]
        if not date or not time:
            raise Wrong(
                f"{'time' if date else 'date'} is missing", "write the day like 2026-03-02, the time like 09:30"
            )
        match = _ISO_DATE.match(date)
        day_first = _DAY_FIRST.match(date)
        year, month, day = match.groups() if match else reversed(day_first.groups()) if day_first else ("0", "0", "0")
        clock = _TIME.match(time)
        if clock is None:
            raise Wrong(f"time {shown(time)} is no time of day", "write it like 09:30")
        hour, minute, second = (int(part or 0) for part in clock.groups())
        try:
            midnight = datetime(int(year), int(month), int(day), tzinfo=self._zone)
        except ValueError:
            raise Wrong(f"date {shown(date)} is no day", "write it like 2026-03-02 or 02/03/2026") from None
        try:
            return midnight.replace(hour=hour, minute=minute, second=second)
        except ValueError:
            raise Wrong(f"time {shown(time)} is no time of day", "write it like 09:30") from None

    def _iso(self, start: str) -> datetime:
        """`2026-03-02T09:30`, with or without an offset."""
        try:
            here = datetime.fromisoformat(start)
        except ValueError:
            here = None
        # A day alone is a beginning too, of midnight, and nobody means it.
        if here is None or len(start) < len("20260302T0930"):
            raise Wrong(f"start {shown(start)} is no day with a time", "write it like 2026-03-02T09:30")
        return here if here.tzinfo else here.replace(tzinfo=self._zone)
