"""Appointment files and books for tests."""

from dataclasses import replace
from datetime import date

from hub.book.book import BookedView, BookView, Changed, ImportReport
from hub.book.entries import Contact, Entry, Fault
from hub.book.plan import Booked
from hub.day.lobby import Lobby
from hub.errors import Unwritten
from tests.given import MONDAY_9H, a_lobby


def paris() -> Lobby:
    """The lobby of `tests.given`, in a zone where clocks are changed."""
    lobby = a_lobby()
    return replace(lobby, site=replace(lobby.site, time_zone="Europe/Paris"))


def an_event(uid: str, *lines: str) -> str:
    """A VEVENT."""
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT", ""))


def a_calendar(*events: str, head: str = "") -> bytes:
    """An iCalendar file."""
    text = "".join(("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\n", head, *events, "END:VCALENDAR\r\n"))
    return text.encode()


def booked(from_entry: Entry, source: str = "file", *, is_cancelled: bool = False) -> Booked:
    """The appointment that the book has after `from_entry` was imported from `source`."""
    return Booked(
        id=f"id-{from_entry.uid}",
        source=source,
        uid=from_entry.uid,
        sequence=from_entry.sequence,
        service=from_entry.service,
        slot_at=from_entry.slot_at,
        party_people=from_entry.party_people,
        is_cancelled=is_cancelled,
        code_hash=f"hash-{from_entry.uid}",
        contact=Contact() if is_cancelled else from_entry.contact,
    )


class StillBook:
    """A book that says the same whatever it is given, and remembers what that was."""

    def __init__(self) -> None:
        self.given: list[tuple[int, str, bool]] = []
        self.days: list[date | None] = []
        self.is_gone = False

    async def import_file(self, data: bytes, *, source: str, keep_missing: bool = False) -> ImportReport:
        if self.is_gone:
            raise Unwritten("the disk is gone")
        self.given.append((len(data), source, keep_missing))
        return ImportReport(
            site="hall",
            time_zone="UTC",
            source=source,
            added=(Changed(uid="1", line=2, service="passports", slot_at=MONDAY_9H),),
            moved=(),
            contacts=(),
            cancelled=(),
            left=(),
            refused=(Fault(line=3, what="no day", do="mend it"),),
            unchanged=0,
            notes=(),
        )

    async def view(self, day: date | None = None) -> BookView:
        if self.is_gone:
            raise Unwritten("the disk is gone")
        self.days.append(day)
        one = BookedView(
            uid="1",
            source="f",
            service="passports",
            slot_at=MONDAY_9H,
            party_people=1,
            is_cancelled=False,
            number="",
            code="K70F2M1X",
            contact=Contact(name="Zoé"),
        )
        return BookView(site="hall", time_zone="UTC", appointments=(one,))
