"""Files of door crossings with a known truth, made by chance from a seed: a hall, who stays how long, and counters that
err. Nothing in them is tuned to the filter that is held against them."""

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, log, pi
from pathlib import Path

Stay = Callable[[random.Random], float]
OPENS_AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
OPEN_S = 10 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Errors:
    """Of counters, as shares of those who cross."""

    missed_in: float = 0.02
    missed_out: float = 0.06
    double: float = 0.01
    swapped: float = 0.005


def log_normal(mean_s: float, sigma: float) -> Stay:
    return lambda chance: chance.lognormvariate(log(mean_s) - sigma * sigma / 2, sigma)


def exponential(mean_s: float) -> Stay:
    return lambda chance: chance.expovariate(1 / mean_s)


def two_kinds(short_s: float, long_s: float, share_short: float) -> Stay:
    return lambda chance: (
        chance.gauss(short_s, short_s / 5) if chance.random() < share_short else chance.gauss(long_s, long_s / 5)
    )


def write(path: Path, *, seed: int, stay: Stay, errors: Errors, days: int, a_day: int) -> None:
    """A file in the form of crossings: `a_day` visitors on each of `days`, more of them at noon."""
    chance = random.Random(seed)
    crossings = [it for day in range(days) for it in _day(chance, OPENS_AT + timedelta(days=day), stay, a_day)]
    people = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["ts", "door", "true_dir", "reported_dir", "counted", "true_occupancy"])
        for at, is_entry in sorted(crossings):
            people += 1 if is_entry else -1
            missed = chance.random() < (errors.missed_in if is_entry else errors.missed_out)
            counted = 0 if missed else 2 if chance.random() < errors.double else 1
            reported = is_entry != (chance.random() < errors.swapped)
            door = "A" if chance.random() < 0.7 else "B"
            words = ["in" if it else "out" for it in (is_entry, reported)]
            writer.writerow([at.replace(tzinfo=None, microsecond=0).isoformat(), door, *words, counted, people])


def _day(chance: random.Random, opens_at: datetime, stay: Stay, visitors: int) -> list[tuple[datetime, bool]]:
    found: list[tuple[datetime, bool]] = []
    while len(found) < 2 * visitors:
        share = chance.random()
        if chance.random() > 0.6 - 0.4 * cos(2 * pi * share):
            continue
        came_at = opens_at + timedelta(seconds=share * OPEN_S)
        found += [(came_at, True), (came_at + timedelta(seconds=max(2.0, stay(chance))), False)]
    return found
