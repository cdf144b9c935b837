"""What is usual, from days that were: the middle of them and the half around it. Pure: numbers in, numbers out.

Quartiles are those of linear interpolation between the two nearest days (the default of R and NumPy, type 7 of Hyndman
and Fan, 1996).
"""

from collections.abc import Mapping, Sequence
from math import floor

from msgspec import Struct

DAYS_MIN = 3
"""Fewer have no half around their middle that would say anything."""


class Usual(Struct, frozen=True, kw_only=True):
    """Of one quantity on several days."""

    median: float
    low: float
    """A quarter of the days had less; the median itself while there are too few days to say."""
    high: float
    days: int


def usual(values: Sequence[float]) -> Usual | None:
    """None for no days."""
    if not values:
        return None
    ordered = sorted(values)
    middle = quantile(ordered, 0.5)
    if len(ordered) < DAYS_MIN:
        return Usual(median=middle, low=middle, high=middle, days=len(ordered))
    return Usual(median=middle, low=quantile(ordered, 0.25), high=quantile(ordered, 0.75), days=len(ordered))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Of values in ascending order, at least one; `share` from 0 to 1."""
    at = share * (len(ordered) - 1)
    below = floor(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def usual_by_slot(days: Sequence[Mapping[int, int]]) -> dict[int, Usual]:
    """Each slot of a day to what is usual in it; a day that does not know a slot has no say in it."""
    slots = sorted({slot for day in days for slot in day})
    found = {slot: usual([day[slot] for day in days if slot in day]) for slot in slots}
    return {slot: it for slot, it in found.items() if it is not None}
