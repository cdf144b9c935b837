"""What the command line says of the book: tables for people, a CSV of codes for the office's letters."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from zoneinfo import ZoneInfo

from hub.book import codes
from hub.book.book import BookedView, BookView, Changed, ImportReport

CODE_COLUMNS = ("uid", "code", "service", "start", "party", "name", "phone", "email")

REFUSED_SHOWN_MAX = 200

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of them for a formula, and works it out."""


def of_import(report: ImportReport) -> Iterator[str]:
    """What became of a file, a line each."""
    zone = ZoneInfo(report.time_zone)
    for note in report.notes:
        yield f"note: {note}"
    words = {
        "added": report.added,
        "moved": report.moved,
        "contact changed": report.contacts,
        "cancelled": report.cancelled,
    }
    rows = [(word, _place(change.line), *_row(change, zone)) for word, changes in words.items() for change in changes]
    rows += [("left", _place(one.line), "", "", f"{one.uid} (is here already: {one.number})") for one in report.left]
    yield from _table(rows)
    for fault in report.refused[:REFUSED_SHOWN_MAX]:
        yield f"refused  {_place(fault.line)}: {fault.what}; {fault.do}"
    if len(report.refused) > REFUSED_SHOWN_MAX:
        yield f"refused  {len(report.refused) - REFUSED_SHOWN_MAX} more"
    counts = [f"{len(changes)} {word}" for word, changes in words.items()]
    counts += [f"{report.unchanged} unchanged", f"{len(report.left)} left", f"{len(report.refused)} refused"]
    yield f"{report.source}: {', '.join(counts)}"


def of_book(view: BookView, *, with_codes: bool, with_names: bool) -> Iterator[str]:
    """The book, a line each."""
    zone = ZoneInfo(view.time_zone)
    rows = [
        (
            _when(one, zone),
            one.service,
            f"{one.party_people} ×",
            *([codes.shown(one.code)] if with_codes else []),
            *([one.contact.name] if with_names else []),
            "cancelled" if one.is_cancelled else one.number,
            one.uid,
        )
        for one in view.appointments
    ]
    yield from _table(rows)
    yield f"{view.site}: {len(rows)} appointments"


def code_list(appointments: Sequence[BookedView], time_zone: str) -> str:
    """A CSV with the code of every appointment that takes place, for the office to send.

    Texts of the office's file that a spreadsheet would take for formulas begin with an apostrophe.
    """
    zone = ZoneInfo(time_zone)
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(CODE_COLUMNS)
    for one in appointments:
        contact = one.contact
        if not one.is_cancelled:
            code, start = codes.shown(one.code), _when(one, zone)
            cells = (
                one.uid,
                code,
                one.service,
                start,
                str(one.party_people),
                contact.name,
                contact.phone,
                contact.email,
            )
            rows.writerow([_harmless(cell) for cell in cells])
    return text.getvalue()


def _harmless(cell: str) -> str:
    """As a spreadsheet shows it and does not compute it."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell


def _row(change: Changed, zone: ZoneInfo) -> tuple[str, str, str]:
    return _when(change, zone), change.service, change.uid


def _when(one: Changed | BookedView, zone: ZoneInfo) -> str:
    """In the lobby's own time."""
    return f"{one.slot_at.astimezone(zone):%Y-%m-%d %H:%M}"


def _place(line: int) -> str:
    return f"line {line}" if line else "not in the file"


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
