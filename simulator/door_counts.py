"""Door counts of a real building from a file, as UCI's CalIt2 has them.

A line for each half hour and direction: flow (7 out, 9 in), date (month/day/year), when the half hour begins, people.

    9,09/21/05,08:30:00,18

It knows the file. Who the people are is decided elsewhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

HALF_HOUR_S = 1_800
FLOWS = {"7": "left", "9": "entered"}
PEOPLE_MAX = 10_000
"""Through one door in half an hour; more is a slip of the pen."""
FAULTS_MAX = 20
"""Told of one file; who sees twenty has seen enough."""
SHOWN_CHARS = 30

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2})\Z", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):(00|30)(?::00)?\Z", re.ASCII)


class CountsError(ValueError):
    """A file of counts that cannot be used; one line per fault."""


@dataclass(frozen=True, kw_only=True)
class HalfHour:
    """People through a door within half an hour."""

    begins: time
    entered: int
    left: int


@dataclass(kw_only=True)
class DoorCounts:
    """All days of a file."""

    days: dict[date, list[HalfHour]] = field(default_factory=dict)
    """Each day's half hours, in order. Half hours that the file does not have are not there."""


def read(path: Path) -> DoorCounts:
    """The counts of the file at `path`.

    Raises:
        CountsError: it cannot be read, or some of its lines are wrong.
    """
    try:
        lines = path.read_text("ascii").splitlines()
    except OSError as error:
        raise CountsError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        what = f"byte {error.object[error.start]:#04x} at {error.start} is not ASCII; counts are digits and commas"
        raise CountsError(f"{path}: {what}") from None
    found: dict[tuple[date, time], dict[str, int]] = {}
    faults = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            faults += [f"{path}: line {number}: {fault}" for fault in _take(line, found)]
    if not found and not faults:
        faults.append(f"{path}: no counts; a line is flow,date,time,people like 9,09/21/05,08:30:00,18")
    if faults:
        more = len(faults) - FAULTS_MAX
        raise CountsError("\n".join([*faults[:FAULTS_MAX], *([f"{path}: and {more} more"] if more > 0 else [])]))
    counts = DoorCounts()
    for (day, begins), people in sorted(found.items()):
        half_hour = HalfHour(begins=begins, entered=people.get("entered", 0), left=people.get("left", 0))
        counts.days.setdefault(day, []).append(half_hour)
    return counts


def _take(line: str, found: dict[tuple[date, time], dict[str, int]]) -> Iterator[str]:
    """Add one line to what was found, or tell what is wrong with it."""
    fields = [it.strip() for it in line.split(",")]
    if len(fields) != 4:
        yield f"{len(fields)} fields; expected 4: flow,date,time,people"
        return
    flow, day, begins, people = fields
    on, at = _date(day), _TIME.match(begins)
    faults = []
    if flow not in FLOWS:
        faults.append(f"flow {_shown(flow)}; expected 7 (out) or 9 (in)")
    if on is None:
        faults.append(f"date {_shown(day)}; expected month/day/year like 09/21/05")
    if at is None:
        faults.append(f"time {_shown(begins)}; expected the begin of a half hour like 08:30:00")
    if not (people.isascii() and people.isdigit() and int(people[:9]) <= PEOPLE_MAX and len(people) <= 9):
        faults.append(f"people {_shown(people)}; expected a number from 0 to {PEOPLE_MAX}")
    if faults or on is None or at is None:
        yield from faults
        return
    half_hour = found.setdefault((on, time(int(at[1]), int(at[2]))), {})
    if FLOWS[flow] in half_hour:
        yield f"{line.strip()} repeats flow {flow} of this half hour; expected each once"
    half_hour[FLOWS[flow]] = int(people)


def _date(text: str) -> date | None:
    match = _DATE.match(text)
    if match is None:
        return None
    month, day, year = (int(part) for part in match.groups())
    try:
        return date(2000 + year, month, day)
    except ValueError:
        return None


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS] + "…")
