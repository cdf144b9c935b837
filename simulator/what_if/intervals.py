"""Means of several days, with the interval in which the mean of all such days lies, 95 times in 100.

Student's interval: mean ± t · s / √n, with s the standard deviation of n independent days and t the quantile of the
t distribution with n - 1 degrees of freedom. Two scenarios that live through the same days are compared day by day, so
the interval of their differences is as narrow as the days are alike. Pure.
"""

import math
from collections.abc import Sequence
from functools import cache
from statistics import fmean, stdev

from msgspec import Struct

LEVEL = 0.95
DAYS_MIN = 2
HALVINGS = 60
"""More change nothing in a float."""


class Interval(Struct, frozen=True, kw_only=True):
    """A mean of days and its interval."""

    mean: float
    low: float
    high: float

    @property
    def is_distinguishable(self) -> bool:
        """From zero: that lies outside of the interval."""
        return self.low > 0 or self.high < 0


def interval(days: Sequence[float | None]) -> Interval | None:
    """The mean of the days that have a value; None when these are fewer than two."""
    known = [value for value in days if value is not None]
    if len(known) < DAYS_MIN:
        return None
    mean = fmean(known)
    reach = quantile(len(known) - 1) * stdev(known) / math.sqrt(len(known))
    return Interval(mean=mean, low=mean - reach, high=mean + reach)


def difference(days: Sequence[float | None], base: Sequence[float | None]) -> Interval | None:
    """By how much `days` are above the same days of `base`."""
    pairs = zip(days, base, strict=True)
    return interval([None if a is None or b is None else a - b for a, b in pairs])


@cache
def quantile(freedom: int, level: float = LEVEL) -> float:
    """The t within which, on both sides of 0, `level` of the t distribution lies; `freedom` is at least 1."""
    low, high = 0.0, 1.0
    while share_within(high, freedom) < level:
        high *= 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if share_within(middle, freedom) < level else (low, middle)
    return high


def share_within(t: float, freedom: int) -> float:
    """How much of the t distribution lies between -t and t: Abramowitz and Stegun, Handbook of Mathematical Functions,
    26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine, is_odd = math.cos(angle), freedom % 2
    term = cosine if is_odd else 1.0
    total = 0.0 if freedom == 1 else term
    for i in range(2 + is_odd, freedom, 2):
        term *= cosine * cosine * (i - 1) / i
        total += term
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if is_odd else total
