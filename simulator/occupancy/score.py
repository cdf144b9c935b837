"""How good estimates were, held against the truth of their file; and what a gate would have done with them.

Everything about people is weighted by time: an estimate counts for as long as it stood, but for half an hour at most,
so that a quiet night does not make a bad day good. Gates are weighted by requests: each counted entry asks for one
place, and is admitted if the upper bound and one more are within the limit.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from msgspec import Struct

from simulator.occupancy.replay import Estimated

LONGEST_S = 1800.0
NEAR_PEOPLE = 2
QUIET_HOUR = 4
"""Nobody is in an office building then, on an ordinary night."""
SATURDAY = 5


class Gate(Struct, frozen=True, kw_only=True):
    """What a gate with that limit would have done. Shares are from 0 to 1, of the requests at which the truth is known;
    None where nothing was asked."""

    limit: int
    admissions: int | None
    """None where no counted entry stands by itself, as in half hours."""
    wrongful_admissions: float | None
    """Of the admissions: the share for which the room was truly full."""
    wrongful_holds: float | None
    """Of the requests for which there truly was a place: the share that was held."""


class Score(Struct, frozen=True, kw_only=True):
    """People and shares (0 to 1), weighted by time; None without the truth."""

    mae: float | None
    bias: float | None
    """Estimate less truth."""
    coverage: float | None
    """How often the truth was within the bounds."""
    width: float
    """Upper less lower bound, on average."""
    within_2: float | None
    limits: list[Gate]


class Quiet(Struct, frozen=True, kw_only=True):
    """The estimates at 04:00 on weekdays."""

    nights: int
    mean_people: float
    highest_people: float
    within_4: float
    """The share of nights with at most four people."""


def score(estimated: Sequence[Estimated], limits: Sequence[int]) -> Score:
    width = total = 0.0
    known = error = bias = covered = near = 0.0
    for it, lasted_s in _lasting(estimated):
        total += lasted_s
        width += lasted_s * (it.upper - it.lower)
        truth = it.row.true_people
        if truth is None:
            continue
        off = it.value - truth
        known += lasted_s
        error += lasted_s * abs(off)
        bias += lasted_s * off
        covered += lasted_s * (it.lower <= truth <= it.upper)
        near += lasted_s * (abs(off) <= NEAR_PEOPLE)

    def share(part: float) -> float | None:
        return round(part / known, 4) if known else None

    return Score(
        mae=share(error),
        bias=share(bias),
        coverage=share(covered),
        width=round(width / total, 4) if total else 0.0,
        within_2=share(near),
        limits=[_gate(estimated, limit) for limit in limits],
    )


def _lasting(estimated: Sequence[Estimated]) -> Iterator[tuple[Estimated, float]]:
    for it, following in pairwise(estimated):
        lasted_s = (following.known_at - it.known_at).total_seconds()
        if lasted_s:
            yield it, min(lasted_s, LONGEST_S)


def _gate(estimated: Sequence[Estimated], limit: int) -> Gate:
    asked = admissions = judged = wrongful_admissions = places = wrongful_holds = 0
    for it, truth in zip(estimated, _truths_before(estimated), strict=True):
        if it.upper_before is None:
            continue
        is_admitted = it.upper_before + 1 <= limit
        asked += 1
        admissions += is_admitted
        if truth is None:
            continue
        is_full = truth >= limit
        judged += is_admitted
        wrongful_admissions += is_admitted and is_full
        places += not is_full
        wrongful_holds += not is_admitted and not is_full
    return Gate(
        limit=limit,
        admissions=admissions if asked else None,
        wrongful_admissions=round(wrongful_admissions / judged, 5) if judged else None,
        wrongful_holds=round(wrongful_holds / places, 5) if places else None,
    )


def _truths_before(estimated: Sequence[Estimated]) -> Iterator[int | None]:
    """The people inside when each crossing began: as its true direction says, else as many as after the row before."""
    before: int | None = None
    for it in estimated:
        row = it.row
        if row.true_people is not None and row.true_entry is not None:
            before = row.true_people - (1 if row.true_entry else -1)
        yield before
        before = row.true_people


def quiet(estimated: Sequence[Estimated]) -> Quiet | None:
    """None if the file holds no weekday's 04:00."""
    people: dict[datetime, float] = {}
    for it, following in pairwise(estimated):
        hour = it.known_at.replace(hour=QUIET_HOUR, minute=0, second=0, microsecond=0)
        if hour < it.known_at:
            hour += timedelta(days=1)
        if it.known_at <= hour < following.known_at and hour.weekday() < SATURDAY:
            people[hour] = it.value
    if not people:
        return None
    values = list(people.values())
    return Quiet(
        nights=len(values),
        mean_people=round(sum(values) / len(values), 2),
        highest_people=round(max(values), 2),
        within_4=round(sum(it <= 4 for it in values) / len(values), 4),
    )
