"""Who will come today: drawn before the day begins, from the scenario and a seed alone.

Each visitor has chance of their own, so that one more visitor changes nobody else's day. Pure; knows no hub.
"""

import random
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from itertools import accumulate, pairwise
from typing import TypeVar

from simulator.scenario import Visitors

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """One visitor, or a party that comes together."""

    name: str
    comes_at_s: float
    """Seconds after midnight, local time."""
    service: str
    language: str
    party_people: int
    has_phone: bool
    watches_live: bool
    """Keeps the page of the ticket open."""
    is_no_show: bool
    patience_s: float
    walk_s: float
    look_up_s: float
    slowness: float
    """Standard normal: how long this visitor keeps a desk, compared with others."""
    code: str = ""
    """Of the invitation to an appointment; empty without one."""
    wants_priority: bool = False
    takes_second_ticket: bool = False
    comes_back: bool = False
    """After not being there when called."""
    is_without_ticket: bool = False


def crowd(visitors: Visitors, seed: int | str) -> list[Character]:
    """All visitors of the day, in the order in which they come."""
    curve = Curve(visitors.curve)
    drawn = [_character(visitors, curve, i, seed) for i in range(visitors.count)]
    return sorted(drawn, key=lambda it: (it.comes_at_s, it.name))


def _character(visitors: Visitors, curve: "Curve", index: int, seed: int | str) -> Character:
    chance = random.Random(f"{seed}/visitor/{index}")
    whims = random.Random(f"{seed}/visitor/{index}/whims")
    return Character(
        name=f"visitor-{index}",
        comes_at_s=curve.at_share(chance.random()),
        service=weighted(chance, visitors.services),
        language=weighted(chance, visitors.languages),
        party_people=weighted(chance, visitors.party_people),
        has_phone=chance.random() < visitors.phone,
        watches_live=chance.random() < visitors.phone_live,
        is_no_show=chance.random() < visitors.no_show,
        patience_s=chance.uniform(*visitors.patience_s),
        walk_s=chance.uniform(*visitors.walk_s),
        look_up_s=chance.uniform(*visitors.look_up_s),
        slowness=chance.gauss(0, 1),
        wants_priority=whims.random() < visitors.priority,
        takes_second_ticket=whims.random() < visitors.second_ticket,
        comes_back=whims.random() < visitors.comes_back,
        is_without_ticket=whims.random() < visitors.without_ticket,
    )


def weighted(chance: random.Random, weights: Mapping[T, float]) -> T:
    """One of the keys, as often as its weight says."""
    return chance.choices(list(weights), weights=list(weights.values()))[0]


class Curve:
    """A rate over the day: straight lines between its points, nothing outside."""

    def __init__(self, points: Mapping[time, float]) -> None:
        """At least two points, in any order, with a rate above 0 among them."""
        self._points = sorted((seconds(at), rate) for at, rate in points.items())
        areas = [(b - a) * (low + high) / 2 for (a, low), (b, high) in pairwise(self._points)]
        self._until = [0.0, *accumulate(areas)]
        """Of each point, the area under the curve before it."""

    def at_share(self, share: float) -> float:
        """Seconds after midnight before which `share` (0 to 1) of the area lies."""
        area = share * self._until[-1]
        i = min(bisect_right(self._until, area), len(self._points) - 1) - 1
        (begins_s, low), (ends_s, high) = self._points[i], self._points[i + 1]
        rest, steepness = area - self._until[i], (high - low) / (ends_s - begins_s)
        # rest = low * x + steepness * x² / 2, solved for x in a form that a flat piece does not break
        root = max(low * low + 2 * steepness * rest, 0.0) ** 0.5
        return begins_s + (2 * rest / (low + root) if low + root else 0.0)


def seconds(at: time) -> float:
    """Seconds after midnight."""
    return at.hour * 3_600 + at.minute * 60 + at.second + at.microsecond / 1e6
