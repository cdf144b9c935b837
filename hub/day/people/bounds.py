"""From what the filter knows to three whole numbers: a value and the bounds between which the truth lies."""

from math import ceil, erfc, floor, sqrt
from statistics import NormalDist

from hub.day.people.state import People

NEGLIGIBLE = 1e-5
"""Hypotheses below it move no bound by a person."""
HALVINGS = 10
"""Of an interval of some ten standard deviations: a bound is right to a hundredth of it."""
FAR = 0.6
SLIP_PEOPLE = 1.1
NEARER_PEOPLE = 2.0
NEAR = 1.5
"""The filter's spread grows with the people, as if at any time all stayed alike. They do not: of a few, some are slow
to leave, and of many these are a few. So above the value a bound goes `FAR` times as far as the filter says, and some
standard deviations of `SLIP_PEOPLE` farther. It comes no more than `NEARER_PEOPLE` nearer by that, for whoever has
reason to doubt a count is not to be reassured, and goes at most `NEAR` times as far, for who has just counted is sure.
Chosen with halls of other stays and other errors than the promised one's (`tests/door_variants.py`)."""


def mean_people(state: People) -> float:
    return sum(w * it for w, it in zip(state.weights, state.means, strict=True))


def variance_people(state: People) -> float:
    mean = mean_people(state)
    known = zip(state.weights, state.means, state.variances, strict=True)
    return sum(w * (variance + (it - mean) ** 2) for w, it, variance in known)


def bounds(state: People, confidence: float) -> tuple[int, int]:
    """Lower and upper bound: each is passed with the probability 1 - `confidence` (0.5 to 1)."""
    mean = mean_people(state)
    highest = mean + 8 * sqrt(variance_people(state)) + 5
    kept = [(w, m, v) for w, m, v in zip(state.weights, state.means, state.variances, strict=True) if w > NEGLIGIBLE]
    shapes = [(w, m, v / (9 * m * m)) for w, m, v in kept]
    off = _quantile(shapes, confidence, highest) - mean
    slips = NormalDist().inv_cdf(confidence) * SLIP_PEOPLE
    upper = ceil(mean + min(NEAR * off, max(FAR * off + slips, off - NEARER_PEOPLE)) - 0.5)
    lower = floor(_quantile(shapes, 1 - confidence, highest) + 0.5)
    value = round(mean)
    return min(lower, value), max(upper, value)


def _quantile(shapes: list[tuple[float, float, float]], probability: float, highest: float) -> float:
    low, high = 0.0, highest
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _below(shapes, middle) < probability:
            low = middle
        else:
            high = middle
    return high


def _below(shapes: list[tuple[float, float, float]], people: float) -> float:
    """The probability of fewer than that many. The cube root of a gamma variable is almost normal (Wilson and
    Hilferty, PNAS 17, 1931)."""
    below = 0.0
    for weight, mean, c in shapes:
        below += weight * 0.5 * erfc((1 - c - (people / mean) ** (1 / 3)) / sqrt(2 * c))
    return below
