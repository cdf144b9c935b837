"""Door counts in a file, in one of two forms that are told apart by their first line.

*Crossings*: CSV with a header; a row for each crossing with `ts` (ISO 8601), `reported_dir` (`in` or `out`), `counted`
(how often the counter counted it; 0 for not at all), and if known `door`, `true_dir` and `true_occupancy` (the people
inside just after it).

*Intervals*: CSV without a header, as the UCI set CalIt2: flow (9 in, 7 out), date m/d/y, the time at which the half
hour begins, and how many were counted in it.

Instants that name no zone are taken as they stand; nothing but their differences and the hour of the day matters.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

INTERVAL = timedelta(minutes=30)
FLOW_IN, FLOW_OUT = "9", "7"
MOST_COUNTED = 10_000
"""In one row; more is a broken file."""
KNOWN = "ts,reported_dir,counted[,door,true_dir,true_occupancy] with a row for each crossing, or 9,07/24/05,00:00:00,3"


class DoorFileError(Exception):
    """The file cannot be read; says where and why, in a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one row of the file says."""

    ts: str
    at: datetime
    door: str
    is_entry: bool
    counted: int
    true_people: int | None = None
    """Inside just after it; None where the file does not know."""
    true_entry: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A whole file."""

    rows: list[Row]
    is_intervals: bool
    """Each row counts what crossed in the half hour from its instant on; else at its instant."""

    @property
    def has_truth(self) -> bool:
        return any(row.true_people is not None for row in self.rows)


def read(path: Path) -> Counts:
    """
    Raises:
        DoorFileError: with the line and what is wrong in it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DoorFileError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DoorFileError(f"{path}: is no text in UTF-8") from None
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise DoorFileError(f"{path}: is empty; expected is {KNOWN}")
    is_intervals = first.split(",")[0].strip() in (FLOW_IN, FLOW_OUT)
    try:
        rows = list(_intervals(lines)) if is_intervals else list(_crossings(lines))
    except _BadLine as error:
        raise DoorFileError(f"{path}, line {error.line}: {error}") from None
    if not rows:
        raise DoorFileError(f"{path}: has no rows")
    return Counts(rows=rows, is_intervals=is_intervals)


class _BadLine(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def _crossings(lines: list[str]) -> Iterator[Row]:
    reader = csv.DictReader(lines)
    missing = {"ts", "reported_dir", "counted"} - set(reader.fieldnames or ())
    if missing:
        raise _BadLine(1, f"the column {sorted(missing)[0]} is missing; expected is {KNOWN}")
    before: datetime | None = None
    for cells in reader:
        line = reader.line_num
        if None in cells.values() or None in cells:
            raise _BadLine(line, "has not as many columns as the header")
        at = _instant(line, cells["ts"])
        if before is not None and at < before:
            raise _BadLine(line, f"{cells['ts']} is earlier than the row before; rows must be in order")
        before = at
        truth, direction = cells.get("true_occupancy") or "", cells.get("true_dir") or ""
        yield Row(
            ts=cells["ts"],
            at=at,
            door=cells.get("door") or "",
            is_entry=_is_entry(line, cells["reported_dir"]),
            counted=_number(line, cells["counted"], "counted"),
            true_people=_number(line, truth, "true_occupancy") if truth else None,
            true_entry=_is_entry(line, direction) if direction else None,
        )


def _instant(line: int, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise _BadLine(line, f"{text!r} is no instant such as 1999-05-02T06:59:36") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _is_entry(line: int, text: str) -> bool:
    if text not in ("in", "out"):
        raise _BadLine(line, f"{text!r} is no direction; write in or out")
    return text == "in"


def _number(line: int, text: str, what: str) -> int:
    if not text.strip().isdecimal() or int(text) > MOST_COUNTED:
        raise _BadLine(line, f"{what} is {text!r}, no whole number from 0 to {MOST_COUNTED}")
    return int(text)


def _intervals(lines: list[str]) -> Iterator[Row]:
    before: datetime | None = None
    for line, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        cells = [it.strip() for it in text.split(",")]
        if len(cells) != 4 or cells[0] not in (FLOW_IN, FLOW_OUT):
            raise _BadLine(line, f"{text!r} is no row such as 9,07/24/05,00:00:00,3 (9 for in, 7 for out)")
        try:
            at = datetime.strptime(f"{cells[1]} {cells[2]}", "%m/%d/%y %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            raise _BadLine(line, f"{cells[1]},{cells[2]} is no date m/d/y with a time") from None
        if before is not None and at < before:
            raise _BadLine(line, f"{cells[1]},{cells[2]} is earlier than the row before; rows must be in order")
        before = at
        counted = _number(line, cells[3], "the count")
        yield Row(ts=at.replace(tzinfo=None).isoformat(), at=at, door="", is_entry=cells[0] == FLOW_IN, counted=counted)


def together(counts: Counts) -> Iterator[list[Row]]:
    """Rows that are known at the same time: of one half hour all, else each alone."""
    if counts.is_intervals:
        for _, rows in groupby(counts.rows, key=lambda row: row.at):
            yield list(rows)
    else:
        for row in counts.rows:
            yield [row]
