"""The geometry of today beside the usual day, for a template that draws it as SVG.

Pure: slots of a day go in, places go out. It knows no words and no colours. Across, places are percents; the paths are
in a square of `SIDE` units that is stretched over the plot.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from math import ceil, floor, log10

from msgspec import Struct

from hub.web.usual import Usual

SIDE = 1_000
SLOTS_OF_HOUR = 4
HEADROOM = 1.12
PEOPLE_TICKS = 4
HOUR_TICKS_MAX = 6
STEPS_H = (1, 2, 3, 4, 6, 12)
NO_DAY_H = (8, 18)
"""What is drawn of a day of which nothing is known."""


class Tick(Struct, frozen=True, kw_only=True):
    """`at` in units from the top for people, in percent from the left for hours."""

    value: int
    at: float


class HourRow(Struct, frozen=True, kw_only=True):
    """An hour in figures."""

    hour: int
    usual: Usual | None
    """The highest of its quarters."""
    today: int | None


class UsualChart(Struct, frozen=True, kw_only=True):
    """Today beside the usual day."""

    people_ticks: tuple[Tick, ...]
    hour_ticks: tuple[Tick, ...]
    limit_at: float
    """Units from the top."""
    band: str
    """Path of the half of the days around the middle."""
    median: str
    today: str
    rows: tuple[HourRow, ...]


def usual_chart(usually: Mapping[int, Usual], today: Mapping[int, int], limit: int) -> UsualChart:
    """`usually` and `today` by slot of the day; the axis spans the hours in which anybody is or was there."""
    begin_h, end_h = _hours(usually, today)
    first, slots = begin_h * SLOTS_OF_HOUR, (end_h - begin_h) * SLOTS_OF_HOUR
    highest = max([limit, *(it.high for it in usually.values()), *today.values()])
    top = highest * HEADROOM

    def x(slot: int) -> int:
        return round(SIDE * (slot - first) / slots)

    def y(people: float) -> int:
        return round(SIDE * (1 - people / top))

    inside = range(first, first + slots)
    known = [slot for slot in inside if slot in usually]
    so_far = [slot for slot in inside if slot in today]
    return UsualChart(
        people_ticks=tuple(Tick(value=value, at=y(value)) for value in range(0, int(top) + 1, _step(top))),
        hour_ticks=tuple(_hour_ticks(begin_h, end_h)),
        limit_at=y(limit),
        band="".join(
            _steps([(x(slot), x(slot + 1), y(usually[slot].high)) for slot in run])
            + _back([(x(slot), x(slot + 1), y(usually[slot].low)) for slot in reversed(run)])
            for run in _runs(known)
        ),
        median="".join(_steps([(x(s), x(s + 1), y(usually[s].median)) for s in run]) for run in _runs(known)),
        today="".join(_steps([(x(slot), x(slot + 1), y(today[slot])) for slot in run]) for run in _runs(so_far)),
        rows=tuple(_row(hour, usually, today) for hour in range(begin_h, end_h)),
    )


def _hours(usually: Mapping[int, Usual], today: Mapping[int, int]) -> tuple[int, int]:
    """(first hour, the one after the last)."""
    seen = [slot for slot, it in usually.items() if it.high] + [slot for slot, people in today.items() if people]
    if not seen:
        return NO_DAY_H
    return min(seen) // SLOTS_OF_HOUR, max(seen) // SLOTS_OF_HOUR + 1


def _row(hour: int, usually: Mapping[int, Usual], today: Mapping[int, int]) -> HourRow:
    slots = range(hour * SLOTS_OF_HOUR, (hour + 1) * SLOTS_OF_HOUR)
    return HourRow(
        hour=hour,
        usual=max((usually[slot] for slot in slots if slot in usually), key=lambda it: it.median, default=None),
        today=max((today[slot] for slot in slots if slot in today), default=None),
    )


def _step(top: float) -> int:
    magnitude: int = 10 ** floor(log10(max(1.0, top / PEOPLE_TICKS)))
    return next(size * magnitude for size in (1, 2, 5, 10) if size * magnitude * (PEOPLE_TICKS + 1) >= top)


def _hour_ticks(begin_h: int, end_h: int) -> Iterator[Tick]:
    hours = end_h - begin_h
    step_h = next((step for step in STEPS_H if ceil(hours / step) <= HOUR_TICKS_MAX), STEPS_H[-1])
    for hour in range(begin_h, end_h + 1):
        if hour % step_h == 0:
            yield Tick(value=hour, at=round(100 * (hour - begin_h) / hours, 2))


def _runs(slots: Sequence[int]) -> list[list[int]]:
    """Slots that follow each other."""
    return [[slot for _, slot in run] for _, run in groupby(enumerate(slots), lambda it: it[1] - it[0])]


def _steps(spans: Sequence[tuple[int, int, int]]) -> str:
    """A line through (begin, end, height) of each slot."""
    return "".join(f"{'V' if n else f'M{begin} '}{height}H{end}" for n, (begin, end, height) in enumerate(spans))


def _back(spans: Sequence[tuple[int, int, int]]) -> str:
    """And back below it, to a closed band."""
    return "".join(f"V{height}H{begin}" for begin, _, height in spans) + "Z"
