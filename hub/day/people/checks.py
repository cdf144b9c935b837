"""What a counter's own counts say against it: is it mounted the wrong way round, does it stand still, does it drift?

Pure findings from sums per hour; what stands against a counter because of them, and for how long, is for
`hub.day.people.verdicts`. A counter that is silent or blocked is not found from sums: it says so itself, or says
nothing (`hub.day.occupancy`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from math import sqrt
from typing import NamedTuple

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
    """The worst first: the first two make a room's number worthless."""

    SWAPPED = "swapped"
    STUCK = "stuck"
    DRIFTING = "drifting"
    DIFFERING = "differing"
    """From the other counter of its passage; see `hub.day.same_door`."""


WHAT_TO_DO = {
    Fault.SWAPPED: "It seems to count entries as exits: swap its two beams or its direction, then count the room once.",
    Fault.STUCK: "It counts nobody although people come: look for what covers or moved it, and restart it.",
    Fault.DRIFTING: "It misses more in one direction than it used to: clean and align it, then count the room once.",
    Fault.DIFFERING: "It and the other counter of its door do not agree: walk through and see which one is wrong.",
}


class Hour(Struct, frozen=True):
    """What a counter counted within an hour."""

    entered: int
    left: int

    @property
    def crossings(self) -> int:
        return self.entered + self.left


class Counted(NamedTuple):
    """What the counters of a room counted on one local day."""

    day: date
    hours: Mapping[str, Sequence[Hour]]
    """Counter to the hours of the day, in order; all have as many."""


def is_swapped(day: Sequence[Hour]) -> bool:
    """A room fills before it empties: a door through which people first leave and then enter is the wrong way round.

    `day`: the hours of a service day of this counter, in order, from a time at which the room was empty. A door at
    which many enter that leave by another one is none of the sort: its balance does not return.
    """
    if not is_busy(day):
        return False
    lowest, highest, balance = _extremes(day)
    least = SWAPPED_SHARE * total(day).crossings
    return -lowest > least and highest < -lowest / 4 and abs(balance) < -lowest / 2


def fills_first(day: Sequence[Hour]) -> bool:
    """Whether the counts of a busy day are those of a room that fills before it empties: what a swapped counter, once
    it is turned round, shows on its first day."""
    lowest, highest, _ = _extremes(day)
    return is_busy(day) and highest > -lowest


def is_busy(day: Sequence[Hour]) -> bool:
    """Whether there are enough crossings to say anything."""
    return total(day).crossings >= FEWEST_CROSSINGS


def is_stuck(usual_share: float, others_since: int) -> bool:
    """Whether a counter stands still that usually has a share (0 to 1) of the room's crossings, and has seen none since
    the others saw so many."""
    return usual_share < 1 and others_since * usual_share / (1 - usual_share) > FALSE_ALARM


def stands_still(counter: str, days: Sequence[Counted]) -> bool:
    """Whether on the last of these days it saw nobody for some hours in which it should have, by its usual share of
    these hours' crossings.

    A door that is shut on that weekday, or as often as not, has no usual share.
    """
    before, (day, hours) = days[:-1], days[-1]
    same = [it for it in before if it.day.weekday() == day.weekday()]
    for span in _quiet_spans(counter, hours):
        used = [it for it in before if _crossings(it.hours[counter], span)]
        if 2 * len(used) <= len(before) or (same and not any(it in used for it in same)):
            continue
        own = sum(_crossings(it.hours[counter], span) for it in before)
        every = sum(_crossings(of, span) for it in before for of in it.hours.values())
        if is_stuck(own / every, sum(_crossings(of, span) for of in hours.values())):
            return True
    return False


def is_drifting(before: Hour, lately: Hour) -> bool:
    """Whether exits per entry are lately others than they were `before`; both are sums of several days."""
    if min(before.entered, lately.entered, before.left, lately.left) < FEWEST_CROSSINGS:
        return False
    doubt = sqrt(ratio_sd(before) ** 2 + ratio_sd(lately) ** 2)
    return abs(ratio(lately) - ratio(before)) > max(DRIFT, DRIFT_SDS * doubt)


def ratio(counted: Hour) -> float:
    """Exits per entry."""
    return counted.left / counted.entered


def ratio_sd(counted: Hour) -> float:
    """By how much that is off by chance: one standard deviation."""
    return sqrt(CROSSING_VARIANCE * counted.crossings) / counted.entered


def total(hours: Iterable[Hour]) -> Hour:
    entered = left = 0
    for it in hours:
        entered += it.entered
        left += it.left
    return Hour(entered, left)


def _extremes(day: Sequence[Hour]) -> tuple[int, int, int]:
    """The lowest and the highest balance of the day, from none on, and the one in its end."""
    balance = lowest = highest = 0
    for hour in day:
        balance += hour.entered - hour.left
        lowest, highest = min(lowest, balance), max(highest, balance)
    return lowest, highest, balance


def _quiet_spans(counter: str, hours: Mapping[str, Sequence[Hour]]) -> Iterator[range]:
    """Hours on end in which it counted nobody, up to the last in which anybody did: those to come say nothing."""
    ends = max((n + 1 for of in hours.values() for n, it in enumerate(of) if it.crossings), default=0)
    begins = 0
    for n, it in enumerate(hours[counter][:ends]):
        if it.crossings:
            if begins < n:
                yield range(begins, n)
            begins = n + 1
    if begins < ends:
        yield range(begins, ends)


def _crossings(hours: Sequence[Hour], span: range) -> int:
    return sum(hours[n].crossings for n in span)
