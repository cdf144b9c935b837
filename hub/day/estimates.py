"""How long a visitor will wait, said as well as the day allows.

Pace: the mean time between the last calls of a service, times the visitor's place in line. Until a service has been
called often enough, its nominal time is divided among the open desks that serve it. No estimate is given while no
desk is open for the service.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from hub.day.model import Day, ServiceState

PACE_CALLS = 9
"""Calls that the pace looks back on: eight intervals follow a change of staff within minutes and are not nervous."""

PACE_CALLS_MIN = 4
PAUSE_MAX = timedelta(minutes=30)
"""A longer gap between two calls is a lunch break, not a pace."""


def mean_gap_s(calls_at: Sequence[datetime]) -> float | None:
    """Between two calls, on average, breaks left out; None while there are too few to say."""
    if len(calls_at) < PACE_CALLS_MIN:
        return None
    whole = calls_at[-1] - calls_at[0]
    if whole <= PAUSE_MAX:
        return whole.total_seconds() / (len(calls_at) - 1)
    gaps = [gap for earlier, later in pairwise(calls_at) if (gap := later - earlier) <= PAUSE_MAX]
    return sum(gaps, timedelta()).total_seconds() / len(gaps) if len(gaps) >= PACE_CALLS_MIN - 1 else None


def pace_s(state: ServiceState) -> float | None:
    """Seconds between two calls of a service, as seen lately; None if no desk is open for it."""
    if not state.open_desks:
        return None
    if state.gap_s is not None:
        return state.gap_s
    return state.service.nominal_service_s / max(1, state.own_desks)


def wait_s(day: Day, service: str, ahead: int, now: datetime) -> int | None:
    """Expected seconds until someone with `ahead` people before them is called; None if it cannot be said.

    The time since the last call counts as waited already, up to one interval.
    """
    state = day.services[service]
    pace = pace_s(state)
    if pace is None:
        return None
    since_s = (now - state.calls_at[-1]).total_seconds() if state.calls_at else 0.0
    return max(0, round((ahead + 1) * pace - min(max(since_s, 0.0), pace)))
