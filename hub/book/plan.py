"""What a file changes in the book. Pure: the book's rows and a reading in, changes out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from hub.book.entries import Cancellation, Contact, Entry, Fault, Reading, shown
from hub.day.hours import service_day
from hub.day.inputs import CancelAppointment, KnowAppointment, MoveAppointment
from hub.day.lobby import Lobby
from hub.day.model import Day


class Booked(Struct, frozen=True, kw_only=True):
    """An appointment as the book has it."""

    id: str
    """Opaque and random: the day's name for it."""
    source: str
    """Which file it came from; no other may touch it."""
    uid: str
    sequence: int
    service: str
    slot_at: datetime
    party_people: int
    is_cancelled: bool
    code_hash: str
    contact: Contact = Contact()
    """Empty once it has been erased."""


class Kind(StrEnum):
    """What happens to an appointment."""

    ADDED = "added"
    MOVED = "moved"
    """Another time, service or party."""
    CONTACT = "contact"
    """The same appointment, of somebody who is reached otherwise."""
    CANCELLED = "cancelled"
    KEPT = "kept"
    """The same in everything but its sequence."""


class Change(Struct, frozen=True, kw_only=True):
    """One appointment's way from what it was to what it will be."""

    kind: Kind
    line: int
    """Of the file; 0 when the file does not mention it."""
    after: Booked
    """Of one that is new, `id` and `code_hash` are still empty."""


class Left(Struct, frozen=True, kw_only=True):
    """The file wants another appointment than the visitor has checked in for: left as it is."""

    uid: str
    line: int
    number: str
    """Of the visitor's ticket."""


class Plan(Struct, frozen=True, kw_only=True):
    """What an import does."""

    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    faults: tuple[Fault, ...]
    unchanged: int
    notes: tuple[str, ...]


def plan(
    book: Sequence[Booked],
    reading: Reading,
    *,
    source: str,
    lobby: Lobby,
    now: datetime,
    retention: timedelta,
    checked_in: Mapping[str, str],
    keep_missing: bool = False,
) -> Plan:
    """Compare `reading`, of the file `source`, with the whole `book` of one site.

    `retention` is how long after a slot its contact is kept. `checked_in` has the appointments of today that have a
    ticket, and its number. An appointment that came from `source` before and is missing now is cancelled if it lies
    ahead, on a service day between the first and the last that the file mentions; never when `keep_missing`, or when
    an entry's UID could not be read. What came from another source is not touched: the same UID there may mean another
    visitor, and the appointment's code is hers.
    """
    known = {booked.uid: booked for booked in book}
    comparison = _Comparison(source, lobby, now, retention, checked_in)
    for entry in reading.entries:
        comparison.compare(entry, known.get(entry.uid))
    for cancellation in reading.cancellations:
        comparison.cancel(cancellation, known.get(cancellation.uid))
    notes = list(reading.notes)
    missing = [] if keep_missing else list(_missing(book, reading, source, lobby, now))
    if missing and not reading.is_whole:
        notes.append(f"{len(missing)} missing appointments were kept: some entries have no readable UID")
        missing = []
    for booked in missing:
        comparison.cancel(Cancellation(uid=booked.uid, line=0, sequence=booked.sequence), booked)
    return Plan(
        changes=tuple(comparison.changes),
        left=tuple(comparison.left),
        faults=tuple(sorted((*reading.faults, *comparison.faults), key=lambda fault: fault.line)),
        unchanged=comparison.unchanged,
        notes=tuple(notes),
    )


def _missing(book: Sequence[Booked], reading: Reading, source: str, lobby: Lobby, now: datetime) -> Iterator[Booked]:
    days = sorted(service_day(lobby, entry.slot_at) for entry in reading.entries)
    uids = reading.uids
    for booked in book:
        could_be = booked.source == source and not booked.is_cancelled and booked.slot_at > now
        if could_be and days and booked.uid not in uids and days[0] <= service_day(lobby, booked.slot_at) <= days[-1]:
            yield booked


class _Comparison:
    """One entry after the other."""

    def __init__(
        self, source: str, lobby: Lobby, now: datetime, retention: timedelta, checked_in: Mapping[str, str]
    ) -> None:
        self.changes: list[Change] = []
        self.left: list[Left] = []
        self.faults: list[Fault] = []
        self.unchanged = 0
        self._source = source
        self._lobby = lobby
        self._today = service_day(lobby, now)
        self._erased_until = now - retention
        self._checked_in = checked_in

    def compare(self, entry: Entry, booked: Booked | None) -> None:
        """What `entry` makes of the appointment that the book has under its UID."""
        if booked and self._is_of_another_source(entry, booked):
            return
        wanted = Booked(
            id=booked.id if booked else "",
            source=self._source,
            uid=entry.uid,
            sequence=entry.sequence,
            service=entry.service,
            slot_at=entry.slot_at,
            party_people=entry.party_people,
            is_cancelled=False,
            code_hash=booked.code_hash if booked else "",
            contact=entry.contact,
        )
        if booked and self._is_stale(entry, booked):
            return
        if booked and _times(booked) == _times(wanted):
            self._compare_contact(entry, booked, wanted)
        elif self._is_over(entry.slot_at):
            self._refuse(entry, "its day is over", "nothing: only today and later can be booked")
        elif booked and booked.id in self._checked_in:
            self.left.append(Left(uid=entry.uid, line=entry.line, number=self._checked_in[booked.id]))
        else:
            kind = Kind.MOVED if booked and not booked.is_cancelled else Kind.ADDED
            self.changes.append(Change(kind=kind, line=entry.line, after=wanted))

    def cancel(self, cancellation: Cancellation, booked: Booked | None) -> None:
        """The appointment does not take place; for one that is unknown, cancelled or over there is nothing to do."""
        if booked is None or booked.is_cancelled or self._is_over(booked.slot_at):
            self.unchanged += 1
        elif self._is_of_another_source(cancellation, booked):
            return
        elif booked.id in self._checked_in:
            self.left.append(Left(uid=booked.uid, line=cancellation.line, number=self._checked_in[booked.id]))
        elif not self._is_stale(cancellation, booked):
            after = replace(booked, is_cancelled=True, sequence=cancellation.sequence, contact=Contact())
            self.changes.append(Change(kind=Kind.CANCELLED, line=cancellation.line, after=after))

    def _compare_contact(self, entry: Entry, booked: Booked, wanted: Booked) -> None:
        # What has been erased is not written again.
        if entry.slot_at > self._erased_until and entry.contact != booked.contact:
            self.changes.append(Change(kind=Kind.CONTACT, line=entry.line, after=wanted))
            return
        self.unchanged += 1
        if booked.sequence != wanted.sequence:
            after = replace(wanted, contact=booked.contact)
            self.changes.append(Change(kind=Kind.KEPT, line=entry.line, after=after))

    def _is_of_another_source(self, entry: Entry | Cancellation, booked: Booked) -> bool:
        if booked.source == self._source:
            return False
        theirs = shown(booked.source)
        what = f"UID {shown(entry.uid)} belongs to source {theirs}, and this file is source {shown(self._source)}"
        do = f"give it a UID of its own; if it is the same appointment, import it with --source {theirs}"
        self._refuse(entry, what, do)
        return True

    def _is_stale(self, entry: Entry | Cancellation, booked: Booked) -> bool:
        if entry.sequence >= booked.sequence:
            return False
        what = f"SEQUENCE {entry.sequence} is older than {booked.sequence}, which the book has"
        self._refuse(entry, what, "export the file again")
        return True

    def _is_over(self, slot_at: datetime) -> bool:
        return service_day(self._lobby, slot_at) < self._today

    def _refuse(self, entry: Entry | Cancellation, what: str, do: str) -> None:
        self.faults.append(Fault(line=entry.line, uid=entry.uid, what=what, do=do))


def _times(booked: Booked) -> tuple[object, ...]:
    return booked.service, booked.slot_at, booked.party_people, booked.is_cancelled


def day_input(after: Booked, day: Day) -> KnowAppointment | MoveAppointment | CancelAppointment | None:
    """What the open day has to learn when an appointment becomes `after`; None when it does not concern it."""
    assert day.lobby is not None
    known = day.appointments.get(after.id)
    if after.is_cancelled or service_day(day.lobby, after.slot_at) != day.day:
        return None if known is None else CancelAppointment(appointment=after.id)
    if known is None:
        return KnowAppointment(
            appointment=after.id,
            service=after.service,
            slot_at=after.slot_at,
            code_hash=after.code_hash,
            party_people=after.party_people,
        )
    if (known.service, known.slot_at, known.party_people) == (after.service, after.slot_at, after.party_people):
        return None
    return MoveAppointment(
        appointment=after.id, service=after.service, slot_at=after.slot_at, party_people=after.party_people
    )
