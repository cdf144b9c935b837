"""What stands against a counter: what its counts gave away on one day, until a whole day speaks for it again.

An alarm that comes and goes is believed by nobody. So a verdict does not end because a day says nothing, or because the
days on which it was found are long over. Pure: days go in, with what stood before.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec import Struct

from hub.day.people.checks import (
    FALSE_ALARM,
    FEWEST_CROSSINGS,
    Counted,
    Fault,
    Hour,
    fills_first,
    is_busy,
    is_drifting,
    is_swapped,
    ratio,
    ratio_sd,
    stands_still,
    total,
)

DRIFT_DAYS_MIN = 6
"""Fewer are too uneven to be held against each other."""
BACK_SDS = 4
"""Of what it was and what it became, so many standard deviations lie between them before counts tell which it is."""
COUNTS_AGAIN_SHARE = 0.25
"""Of what a counter that stood still should have seen: with so many it counts again, though fewer people may come."""


class Verdict(Struct, frozen=True, kw_only=True):
    """A counter and what is the matter with it."""

    counter: str
    fault: Fault
    since: date
    """The day that gave it away."""
    was: float = 0.0
    """Stuck: its usual share of the crossings. Drifting: exits per entry before."""
    became: float = 0.0
    """Drifting: exits per entry since."""


def judged(days: Sequence[Counted], *, today: Counted | None, kept: Iterable[Verdict] = ()) -> tuple[Verdict, ...]:
    """What stands against the counters of a room.

    `days`: those that are over, oldest first, and on which somebody crossed a door of the room. `today` so far may
    accuse a counter but not acquit it; None if nobody has come yet. `kept`: what stood when that was asked last.
    """
    every = [*days, today] if today is not None else list(days)
    if not every:
        return tuple(kept)
    stood = {(it.counter, it.fault): it for it in kept}
    found: list[Verdict] = []
    for counter in every[-1].hours:
        found += _swapped(counter, every, len(days), stood.get((counter, Fault.SWAPPED)))
        found += _stuck(counter, every, len(days), stood.get((counter, Fault.STUCK)))
        found += _drifting(counter, every, len(days), stood.get((counter, Fault.DRIFTING)))
    return tuple(found)


def _swapped(counter: str, days: Sequence[Counted], whole: int, stands: Verdict | None) -> Iterator[Verdict]:
    """On most of its busy days it was so."""
    turned = busy = 0
    for n, (day, hours) in enumerate(days):
        own = hours[counter]
        if stands is not None:
            if n < whole and day > stands.since and fills_first(own):
                stands, turned, busy = None, 0, 0
            continue
        turned += is_swapped(own)
        busy += is_busy(own)
        if 2 * turned > busy:
            stands = Verdict(counter=counter, fault=Fault.SWAPPED, since=day)
    if stands is not None:
        yield stands


def _stuck(counter: str, days: Sequence[Counted], whole: int, stands: Verdict | None) -> Iterator[Verdict]:
    for n, (day, _) in enumerate(days):
        if stands is not None:
            if n < whole and day > stands.since and _counts_again(stands, days[: n + 1]):
                stands = None
        elif stands_still(counter, days[: n + 1]):
            own = sum(total(it.hours[counter]).crossings for it in days[:n])
            every = sum(total(of).crossings for it in days[:n] for of in it.hours.values())
            stands = Verdict(counter=counter, fault=Fault.STUCK, since=day, was=own / every)
    if stands is not None:
        yield stands


def _counts_again(stands: Verdict, days: Sequence[Counted]) -> bool:
    own = total(days[-1].hours[stands.counter]).crossings
    others = sum(total(of).crossings for of in days[-1].hours.values()) - own
    usual = others * stands.was / (1 - stands.was)
    return own >= COUNTS_AGAIN_SHARE * max(usual, FALSE_ALARM) and not stands_still(stands.counter, days)


def _drifting(counter: str, days: Sequence[Counted], whole: int, stands: Verdict | None) -> Iterator[Verdict]:
    """The half of the days that came last is held against the one before: as many Mondays, as many Saturdays."""
    of = [total(it.hours[counter]) for it in days]
    half = len(of) // 2
    before, lately = total(of[:half]), total(of[half:])
    if stands is None and len(of) >= DRIFT_DAYS_MIN and is_drifting(before, lately):
        since, was, became = days[half].day, ratio(before), ratio(lately)
        stands = Verdict(counter=counter, fault=Fault.DRIFTING, since=since, was=was, became=became)
    if stands is not None and not _is_back(stands, days[:whole]):
        yield stands


def _is_back(stands: Verdict, days: Sequence[Counted]) -> bool:
    """Whether the newest of these days, as many as it takes to tell, are more like what it was: one of a busy door."""
    counted = Hour(0, 0)
    for day, hours in reversed(days):
        if day <= stands.since:
            break
        counted = total((counted, *hours[stands.counter]))
        if min(counted.entered, counted.left) < FEWEST_CROSSINGS:
            continue
        if BACK_SDS * ratio_sd(counted) <= abs(stands.became - stands.was):
            return abs(ratio(counted) - stands.was) < abs(ratio(counted) - stands.became)
    return False
