"""Figures and how they are told: a table for people, a line of JSON for programs.

Each measurement is taken in turns with its raw twin, so that whatever else the machine does meets both alike.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

TURNS = 7
TURN_S = 0.2
"""A figure takes some three seconds."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One thing measured: ours, the raw twin's, and how they compare."""

    name: str
    unit: str
    """`µs`, `ms` and `s` are better when small, anything per second when large."""
    ours: float
    raw: float
    raw_name: str

    @property
    def ratio(self) -> float:
        """Ours in terms of the raw twin's."""
        return self.ours / self.raw


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (above 0, at most 1) of them do not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def rates(ours: Callable[[], int], raw: Callable[[], int]) -> tuple[float, float]:
    """How many things per second each does, the median of all turns. A call returns how many it did."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(TURNS):
        for work, per_s in zip((ours, raw), found, strict=True):
            per_s.append(_rate(work))
    return median(found[0]), median(found[1])


def _rate(work: Callable[[], int]) -> float:
    began_s = perf_counter()
    done = 0
    while (passed_s := perf_counter() - began_s) < TURN_S or not done:
        done += work()
    return done / passed_s


def table(figures: Sequence[Figure]) -> str:
    """A line each."""
    rows = [("", "ours", "raw", "ratio", "raw is")]
    rows += [
        (f"{it.name}, {it.unit}", _short(it.ours), _short(it.raw), f"{it.ratio:.2f}", it.raw_name) for it in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = []
    for name, *numbers, raw_name in rows:
        middle = "  ".join(number.rjust(width) for number, width in zip(numbers, widths[1:4], strict=True))
        lines.append(f"{name.ljust(widths[0])}  {middle}  {raw_name}")
    return "\n".join(lines)


def as_json(figures: Sequence[Figure]) -> str:
    """All of it on one line."""
    told = {
        it.name: {"unit": it.unit, "ours": round(it.ours, 3), "raw": round(it.raw, 3), "ratio": round(it.ratio, 3)}
        for it in figures
    }
    return json.dumps(told, separators=(",", ":"))


def _short(value: float) -> str:
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
