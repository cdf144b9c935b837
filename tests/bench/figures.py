"""Figures: one value of ours, what the raw thing beside it reached in the same run, and whether that meets the bar.

Each measurement takes turns with its raw twin, so that whatever else the machine does meets both alike.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.bench.rows import ROWS, Row

TURNS = 7
TURN_S = 0.2
"""A rate takes some three seconds."""


@dataclass(frozen=True)
class Figure:
    """What a row came to."""

    name: str
    value: float
    reference: float | None = None
    """None where nothing raw does the like, and where the raw thing came to nothing."""

    @property
    def row(self) -> Row:
        return ROWS[self.name]

    @property
    def ratio(self) -> float | None:
        """The value in terms of the reference."""
        return self.value / self.reference if self.reference else None

    @property
    def shares(self) -> list[float]:
        """Of each bar of its row: 1 and less meets it, 2 is twice as much, or half as fast, as it may be."""
        found = [
            (bar, mine)
            for bar, mine in ((self.row.bar, self.value), (self.row.ratio_bar, self.ratio))
            if bar is not None and mine is not None
        ]
        return [_share(bar, mine, is_large_better=self.row.is_better_when_large) for bar, mine in found]

    @property
    def meets(self) -> bool | None:
        """All of its bars; None if it has none."""
        return all(share <= 1 for share in self.shares) if self.shares else None


def _share(bar: float, value: float, *, is_large_better: bool) -> float:
    if bar == 0:
        return 1 + value
    return bar / max(value, 1e-9) if is_large_better else value / bar


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a measurement is given."""

    folder: Path
    """Empty, and its own; figures of a disk are those of this folder's."""
    quick: bool
    """A tenth of the work: figures that show whether something works, and not how well."""
    tell: Callable[[float], None]
    """Told how much is done, 0 to 1."""

    def scaled(self, number: int) -> int:
        return max(1, number // 10) if self.quick else number


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (above 0, at most 1) of them do not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def rates(ours: Callable[[], int], raw: Callable[[], int], *, turn_s: float = TURN_S) -> tuple[float, float]:
    """How many things per second each does, the median of all turns. A call returns how many it did."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(TURNS):
        for work, per_s in zip((ours, raw), found, strict=True):
            per_s.append(_rate(work, turn_s))
    return median(found[0]), median(found[1])


def _rate(work: Callable[[], int], turn_s: float) -> float:
    began_s = perf_counter()
    done = 0
    while (passed_s := perf_counter() - began_s) < turn_s or not done:
        done += work()
    return done / passed_s
