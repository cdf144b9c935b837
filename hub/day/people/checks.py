"""What a counter's own counts say against it: is it mounted the wrong way round, does it stand still, does it drift?

Pure findings from sums per hour; who is told, and when, is not known here. A counter that is silent or blocked is not
found from sums: it says so itself, or says nothing (`hub.day.occupancy`).
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import sqrt

from msgspec import Struct

FEWEST_CROSSINGS = 60
"""A day with fewer says nothing."""
SWAPPED_SHARE = 0.05
"""Of a day's crossings: so many more must have left than entered at some hour, with a balance by the evening."""
FALSE_ALARM = 12.0
"""A counter is missed after so many crossings that it should have seen: once in e¹² quiet hours by chance."""
DRIFT = 0.05
DRIFT_SDS = 4.0
CROSSING_VARIANCE = 0.4
"""As CalIt2's days differ from their own ratio; see `hub.day.people.overnight`."""


class Fault(StrEnum):
    SWAPPED = "swapped"
    STUCK = "stuck"
    DRIFTING = "drifting"


WHAT_TO_DO = {
    Fault.SWAPPED: "It seems to count entries as exits: swap its two beams or its direction, then count the room once.",
    Fault.STUCK: "It counts nobody while other doors are busy: look for what covers or moved it, and restart it.",
    Fault.DRIFTING: "It misses more in one direction than it used to: clean and align it, then count the room once.",
}


class Hour(Struct, frozen=True):
    """What a counter counted within an hour."""

    entered: int
    left: int

    @property
    def crossings(self) -> int:
        return self.entered + self.left


def is_swapped(day: Sequence[Hour]) -> bool:
    """A room fills before it empties: a door through which people first leave and then enter is the wrong way round.

    `day`: the hours of a service day of this counter, in order, from a time at which the room was empty. A door at
    which many enter that leave by another one is none of the sort: its balance does not return.
    """
    crossings = sum(hour.crossings for hour in day)
    if crossings < FEWEST_CROSSINGS:
        return False
    balance = lowest = highest = 0
    for hour in day:
        balance += hour.entered - hour.left
        lowest, highest = min(lowest, balance), max(highest, balance)
    least = SWAPPED_SHARE * crossings
    return -lowest > least and highest < -lowest / 4 and abs(balance) < -lowest / 2


def is_stuck(usual_share: float, others_since: int) -> bool:
    """Whether a counter stands still that usually has a share (0 to 1) of the room's crossings, and has seen none since
    the others saw so many."""
    return usual_share < 1 and others_since * usual_share / (1 - usual_share) > FALSE_ALARM


def is_drifting(before: Hour, lately: Hour) -> bool:
    """Whether exits per entry are lately others than they were `before`; both are sums of several days."""
    if min(before.entered, lately.entered, before.left, lately.left) < FEWEST_CROSSINGS:
        return False
    was, now = before.left / before.entered, lately.left / lately.entered
    sd = sqrt(sum(CROSSING_VARIANCE * it.crossings / it.entered**2 for it in (before, lately)))
    return abs(now - was) > max(DRIFT, DRIFT_SDS * sd)


def found(days: Mapping[str, Sequence[Sequence[Hour]]]) -> dict[str, list[Fault]]:
    """The faults of each counter of a room: its days, oldest first, each with its hours; all have the same days."""
    sums = {counter: [_sum(day) for day in of] for counter, of in days.items()}
    faults = {}
    for counter, of in days.items():
        is_wrong_way = sum(map(is_swapped, of)) * 2 > sum(_sum(day).crossings >= FEWEST_CROSSINGS for day in of) > 0
        own = [Fault.SWAPPED] if is_wrong_way else []
        if len(of) >= 2:
            others = sum(it[-1].crossings for other, it in sums.items() if other != counter)
            if sums[counter][-1].crossings == 0 and is_stuck(_share(sums, counter), others):
                own.append(Fault.STUCK)
            half = len(of) // 2
            if is_drifting(_sum(sums[counter][:half]), _sum(sums[counter][half:])):
                own.append(Fault.DRIFTING)
        faults[counter] = own
    return {counter: own for counter, own in faults.items() if own}


def _share(sums: Mapping[str, Sequence[Hour]], counter: str) -> float:
    """Of the room's crossings on all days but the last."""
    every = {it: _sum(of[:-1]).crossings for it, of in sums.items()}
    return every[counter] / max(1, sum(every.values()))


def _sum(hours: Sequence[Hour]) -> Hour:
    return Hour(sum(it.entered for it in hours), sum(it.left for it in hours))
