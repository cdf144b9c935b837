"""What the rest of the hub may do with a site's appointment book. Pages and API know this, and nothing of tables."""

from datetime import date, datetime
from typing import Protocol

from msgspec import Struct

from hub.book.entries import Contact, Fault

SOURCE_CHARS_MAX = 200


class Changed(Struct, frozen=True, kw_only=True):
    """An appointment that an import has changed."""

    uid: str
    line: int
    """Where the file has it; 0 when it is missing there."""
    service: str
    slot_at: datetime


class LeftAlone(Struct, frozen=True, kw_only=True):
    """An appointment that the file has otherwise, whose visitor is here already."""

    uid: str
    line: int
    number: str
    """Of the visitor's ticket."""


class ImportReport(Struct, frozen=True, kw_only=True):
    """What became of a file, entry by entry."""

    site: str
    time_zone: str
    source: str
    added: tuple[Changed, ...]
    moved: tuple[Changed, ...]
    """Other time, service or party."""
    contacts: tuple[Changed, ...]
    """Same appointment, other name, phone or e-mail address."""
    cancelled: tuple[Changed, ...]
    left: tuple[LeftAlone, ...]
    refused: tuple[Fault, ...]
    unchanged: int
    notes: tuple[str, ...]
    """What was assumed about the file."""

    @property
    def accepted(self) -> int:
        """How many entries are now in the book as the file has them."""
        changed = (self.added, self.moved, self.contacts, self.cancelled)
        return self.unchanged + sum(len(entries) for entries in changed)


class BookedView(Struct, frozen=True, kw_only=True):
    """An appointment as its office sees it."""

    uid: str
    source: str
    service: str
    slot_at: datetime
    party_people: int
    is_cancelled: bool
    number: str
    """Of its ticket, if it has been checked in today; empty otherwise."""
    code: str
    """What the visitor checks in with."""
    contact: Contact


class BookView(Struct, frozen=True, kw_only=True):
    """The book of a site, by slot."""

    site: str
    time_zone: str
    appointments: tuple[BookedView, ...]


class Book(Protocol):
    """The book of one site."""

    async def import_file(self, data: bytes, *, source: str, keep_missing: bool = False) -> ImportReport:
        """Make the book say what the file `data` says; see `hub.book.plan.plan`. Never fails for what is in the file.

        Raises:
            Unwritten: the database cannot be read. What it did not take is among the refused entries.
        """

    async def view(self, day: date | None = None) -> BookView:
        """The appointments of the service day `day`; without it, of today and later.

        Raises:
            Unwritten: the database cannot be read.
        """
