"""A real day as an office's queue system told it: which numbers were seen to be issued and called between two looks.

Reads the file, and says when each ticket of a day was issued and called as nearly as its brackets allow. It knows the
columns; it does not know hubs.
"""

import csv
import io
import lzma
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import time
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

COLUMNS = (
    "office",
    "queue_id",
    "date",
    "prefix",
    "number",
    "issued_after",
    "issued_by",
    "called_after",
    "called_by",
)
XZ_MAGIC = b"\xfd7zXZ\x00"
BAD_ROWS_NAMED = 10
"""Rows that are named one by one when they cannot be used; the rest is counted."""
NAMED_CHARS_MAX = 300
"""Of what there is instead of what was asked for."""

IN_TIME_S = 5.0
"""Who is called in the same bracket in which they came was there at least this long before."""


class TicketsError(ValueError):
    """The file, the office or the date cannot be used; one line."""


class Row(NamedTuple):
    """One ticket of the file; instants in seconds after midnight, local time."""

    queue: str
    prefix: str
    number: int
    issued_after_s: int
    issued_by_s: int
    called_after_s: int
    called_by_s: int


class Ticket(NamedTuple):
    """One ticket, with the instants that its brackets imply."""

    queue: str
    prefix: str
    number: int
    issued_at_s: float
    called_at_s: float


def read(path: Path, office: str, date: str, say: Callable[[str], None]) -> list[Row]:
    """The usable rows of `office` on `date`, in the file's order. Rows that cannot be used are told to `say`.

    Raises:
        TicketsError: no such file, office or date, or not a file of this kind.
    """
    mine: list[tuple[int, dict[str, str]]] = []
    offices: dict[str, set[str]] = defaultdict(set)
    for line, cells in _cells(path):
        offices[cells["office"]].add(cells["date"])
        if cells["office"] == office and cells["date"] == date:
            mine.append((line, cells))
    if not offices:
        raise TicketsError(f"{path}: has no tickets, only the names of its columns")
    if office not in offices:
        near = get_close_matches(office, sorted(offices), n=5, cutoff=0.4) or sorted(offices)
        raise TicketsError(f"{path}: no office {office!r}; did you mean {_named(near)}?")
    if not mine:
        raise TicketsError(f"{path}: {office!r} has no tickets on {date!r}; it has {_named(sorted(offices[office]))}")
    return _usable(mine, say)


def _named(found: Iterable[str]) -> str:
    """What the file has, as far as somebody would read on."""
    text = ", ".join(map(repr, found))
    return text if len(text) <= NAMED_CHARS_MAX else f"{text[:NAMED_CHARS_MAX]}…"


def _cells(path: Path) -> Iterable[tuple[int, dict[str, str]]]:
    """(line, column to cell) of every row."""
    try:
        data = path.read_bytes()
        if path.suffix == ".xz" or data.startswith(XZ_MAGIC):
            data = lzma.decompress(data)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise TicketsError(f"{path}: cannot be read: {error.strerror}") from None
    except lzma.LZMAError as error:
        raise TicketsError(f"{path}: is not a whole xz file ({error}); compress it anew, or give it plain") from None
    except UnicodeDecodeError as error:
        raise TicketsError(f"{path}: is not UTF-8 at byte {error.start}; save it as CSV in UTF-8") from None
    rows = csv.DictReader(io.StringIO(text, newline=""), restval="")
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise TicketsError(f"{path}: has no column {', '.join(missing)}; the first line must name {', '.join(COLUMNS)}")
    return _lines(path, rows)


def _lines(path: Path, rows: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, str]]]:
    try:
        for cells in rows:
            yield rows.line_num, cells
    except csv.Error as error:
        raise TicketsError(f"{path}: line {rows.line_num + 1} cannot be read: {error}") from None


def _usable(lines: Iterable[tuple[int, dict[str, str]]], say: Callable[[str], None]) -> list[Row]:
    rows: dict[tuple[str, str, int], Row] = {}
    bad = 0
    for line, cells in lines:
        try:
            row = _row(cells)
        except ValueError as error:
            why = str(error)
        else:
            if rows.setdefault(row[:3], row) is row:
                continue
            why = f"ticket {row.prefix}{row.number} of queue {row.queue} is there already"
        bad += 1
        if bad <= BAD_ROWS_NAMED:
            say(f"line {line} left out: {why}")
    if bad > BAD_ROWS_NAMED:
        say(f"{bad - BAD_ROWS_NAMED} more lines left out, {bad} in all")
    if not rows:
        raise TicketsError("none of the day's rows can be used")
    return list(rows.values())


def _row(cells: dict[str, str]) -> Row:
    """
    Raises:
        ValueError: what is wrong with the row.
    """
    if not cells["queue_id"].strip():
        raise ValueError("it has no queue_id")
    if not (cells["number"].isascii() and cells["number"].isdigit()):
        raise ValueError(f"number {cells['number'][:40]!r} is not a whole number")
    issued_after_s, issued_by_s = _bracket(cells, "issued")
    called_after_s, called_by_s = _bracket(cells, "called")
    if called_by_s < issued_after_s:
        raise ValueError(f"called by {cells['called_by']}, before it was issued after {cells['issued_after']}")
    return Row(
        cells["queue_id"].strip(),
        cells["prefix"].strip(),
        int(cells["number"]),
        issued_after_s,
        issued_by_s,
        called_after_s,
        called_by_s,
    )


def _bracket(cells: dict[str, str], what: str) -> tuple[int, int]:
    after, by = cells[f"{what}_after"], cells[f"{what}_by"]
    try:
        after_s, by_s = _seconds(after), _seconds(by)
    except ValueError:
        raise ValueError(f"{what} after {after[:20]!r} by {by[:20]!r}: must be times, hh:mm") from None
    if by_s < after_s:
        raise ValueError(f"{what} by {by}, before it was {what} after {after}")
    return after_s, by_s


def _seconds(text: str) -> int:
    at = time.fromisoformat(text)
    return at.hour * 3_600 + at.minute * 60 + at.second


def implied(rows: Sequence[Row]) -> list[Ticket]:
    """When each ticket was issued and called: those of one queue that share a bracket are spread evenly over it, in
    the order of their numbers, so that one alone is at its middle. Nobody is called before they came.
    """
    ordered = sorted(rows, key=lambda row: (row.queue, row.prefix, row.number))
    issued = _spread([(row.queue, row.issued_after_s, row.issued_by_s) for row in ordered])
    called = _spread([(row.queue, row.called_after_s, row.called_by_s) for row in ordered])
    return [
        Ticket(row.queue, row.prefix, row.number, min(issued_at_s, called_at_s - IN_TIME_S), called_at_s)
        for row, issued_at_s, called_at_s in zip(ordered, issued, called, strict=True)
    ]


def _spread(brackets: Sequence[tuple[str, int, int]]) -> list[float]:
    shares = Counter(brackets)
    places: Counter[tuple[str, int, int]] = Counter()
    instants = []
    for bracket in brackets:
        _, after_s, by_s = bracket
        instants.append(after_s + (by_s - after_s) * (places[bracket] + 0.5) / shares[bracket])
        places[bracket] += 1
    return instants


MARK_S = 300
"""The office's system was looked at every five minutes."""


def calls_by_mark(called: Iterable[tuple[str, float]], marks: range) -> dict[str, list[int]]:
    """Per queue, how many of `called` (queue, seconds after midnight) were called at each mark or before."""
    instants: dict[str, list[float]] = defaultdict(list)
    for queue, at_s in called:
        instants[queue].append(at_s)
    counts = {}
    for queue, all_s in instants.items():
        all_s.sort()
        reached, row = 0, []
        for mark_s in marks:
            while reached < len(all_s) and all_s[reached] <= mark_s:
                reached += 1
            row.append(reached)
        counts[queue] = row
    return counts


def calls_difference_max(file: Iterable[tuple[str, float]], hub: Iterable[tuple[str, float]]) -> int:
    """The largest difference in calls of a queue between two histories, at any five-minute mark of the day."""
    marks = range(0, 24 * 3_600 + MARK_S, MARK_S)
    nothing = [0] * len(marks)
    theirs, ours = calls_by_mark(file, marks), calls_by_mark(hub, marks)
    return max(
        (
            abs(a - b)
            for queue in theirs.keys() | ours.keys()
            for a, b in zip(theirs.get(queue, nothing), ours.get(queue, nothing), strict=True)
        ),
        default=0,
    )
