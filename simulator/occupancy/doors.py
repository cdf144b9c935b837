"""What a file's counts say against the counter of each of its doors."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from hub.day.people.checks import Counted, Fault, Hour
from hub.day.people.verdicts import judged
from simulator.occupancy.files import Counts

HOURS = range(24)


def faults(counts: Counts) -> dict[str, list[Fault]]:
    """Of each door that has some; of half hours, in which no door is named, none."""
    sums: dict[tuple[str, date, int, bool], int] = defaultdict(int)
    for row in counts.rows:
        if row.door:
            sums[row.door, row.at.date(), row.at.hour, row.is_entry] += row.counted
    days = sorted({day for _, day, _, _ in sums})
    doors = sorted({door for door, _, _, _ in sums})
    counted = [Counted(day, {door: _hours(sums, door, day) for door in doors}) for day in days]
    found: dict[str, list[Fault]] = {}
    for verdict in judged(counted, today=None):
        found.setdefault(verdict.counter, []).append(verdict.fault)
    return found


def _hours(sums: dict[tuple[str, date, int, bool], int], door: str, day: date) -> Sequence[Hour]:
    return [Hour(sums.get((door, day, hour, True), 0), sums.get((door, day, hour, False), 0)) for hour in HOURS]
