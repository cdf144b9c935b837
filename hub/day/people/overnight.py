"""Who stays overnight: a filter that lets people leave would forget them, so they are reckoned by themselves.

Three marks a day. At dusk (18:00) the estimate of the filter is taken down, and from then on who enters and who leaves,
the latter with the shortfall. At night (02:00) that balance says how many must still be inside; its error is the
filter's at dusk and that of some crossings. In the morning (10:00) the night is judged again: as many as left before
others came must have been inside. What nights are like here is learned from that, some ten nights back, and is what
the next night begins with, beside those who have not been seen to leave.

Errors of the balance have heavy tails (groups pass uncounted), so it is held against each number of stayers by
Student's t. A quantile is taken, not the mean: a balance that says nothing after a busy evening leaves a room empty
that has been empty at night so far. It is a little more than the median, for to forget somebody is worse than to
reckon with one who has gone. Once a few have crossed in the morning the filter knows by itself.
`docs/occupancy.md` says what this can tell and what it cannot.
"""

from math import sqrt

from msgspec import Struct

DUSK_H, NIGHT_H, MORNING_H = 18, 2, 10

MOST_STAYERS = 24
NOBODY = 0.7
"""How likely nobody stays, before anything is learned."""
LESS_LIKELY = 0.9
"""Each number of stayers above one, than the number before."""
NIGHT_FADES = 0.9
NIGHT_COUNTS = 4.0
"""Of nights: what a night counts beside the prior, and what of it is left after each further one."""
STAYS_ON = 0.1
"""How likely those who were not seen to leave are there in the next night, whatever nights are like here."""

BALANCE_VARIANCE = 8.0
CROSSING_VARIANCE = 0.8
"""Of one counted crossing, in people squared: CalIt2's days differ by half as much from their own ratio."""
FILTER_DOUBT = 2.0
"""Times the filter's variance: at dusk stays change, and it is surer than it should be."""
MORNING_SD = 0.7
MORNING_OFF = 0.8
"""People who seem to leave a room in the morning that held nobody: CalIt2 has one or two in every other morning."""
FREEDOM = 3.0
"""Of Student's t: few, for when a balance is off, it may be far off."""
VALUE_QUANTILE = 0.6
QUIET_CROSSINGS = 10
LEARNED_NIGHTS = 10.0
"""In the unit of `Overnight.nights`: three nights."""


class Overnight(Struct, kw_only=True):
    """Lists have an entry for each number of people from none to `MOST_STAYERS`."""

    nights: list[float]
    """What was learned: how often so many stayed, fading."""
    left_over: list[float]
    """Of the last night those who were not seen to leave; empty before the first."""
    tonight: list[float]
    """Since the night's mark how likely so many stay; empty by day."""
    is_evening: bool = False
    balance: float = 0.0
    """Since dusk."""
    variance: float = 0.0
    moved: float = 0.0
    """Entered less left since the night's mark."""
    lowest: float = 0.0
    """Of `moved`; not above zero."""
    crossings: int = 0
    """Since the night's mark."""


def new_overnight() -> Overnight:
    return Overnight(nights=[0.0] * (MOST_STAYERS + 1), left_over=[], tonight=[])


def _prior() -> tuple[float, ...]:
    some = [LESS_LIKELY**people for people in range(1, MOST_STAYERS + 1)]
    return (NOBODY, *((1 - NOBODY) * it / sum(some) for it in some))


PRIOR = _prior()


def dusk(state: Overnight, people: float, variance: float) -> None:
    """The filter's estimate at 18:00."""
    state.is_evening, state.balance, state.variance = True, people, BALANCE_VARIANCE + FILTER_DOUBT * variance


def crossed(state: Overnight, people: float) -> None:
    """One was counted: 1 for in, -1 and more for out."""
    if state.is_evening:
        state.balance += people
        state.variance += CROSSING_VARIANCE
    elif state.tonight:
        state.crossings += 1
        state.moved += people
        state.lowest = min(state.lowest, state.moved)


def night(state: Overnight) -> None:
    """02:00: whom the evening's balance leaves inside."""
    if not state.is_evening:
        return
    total = 1 + sum(state.nights)
    likely = [(it + prior) / total for it, prior in zip(state.nights, PRIOR, strict=True)]
    if state.left_over:
        pairs = zip(likely, state.left_over, strict=True)
        likely = [(1 - STAYS_ON) * it + STAYS_ON * left for it, left in pairs]
    sd = sqrt(state.variance)
    state.tonight = _normal([it * _student(state.balance - people, sd) for people, it in enumerate(likely)])
    state.is_evening, state.moved, state.lowest, state.crossings = False, 0.0, 0.0, 0


def morning(state: Overnight) -> None:
    """10:00: what the morning says of the night, and what is learned from it."""
    if not state.tonight:
        return
    left = -state.lowest
    judged = _normal([it * _left_by_then(left, people) for people, it in enumerate(state.tonight)])
    state.nights = [NIGHT_FADES * it + NIGHT_COUNTS * new for it, new in zip(state.nights, judged, strict=True)]
    state.left_over = [0.0] * (MOST_STAYERS + 1)
    for people, it in enumerate(judged):
        state.left_over[max(0, round(people - max(0.0, left - MORNING_OFF)))] += it
    state.tonight = []


def at_most(state: Overnight, most: int) -> None:
    """No more than so many are inside."""
    state.balance = min(state.balance, most)
    likely = [it if round(people + state.lowest) <= most else 0.0 for people, it in enumerate(state.tonight)]
    state.tonight = _normal(likely) if any(likely) else []


def is_telling(state: Overnight) -> bool:
    """Whether a night is known better from here than from the filter: until a few have crossed."""
    return bool(state.tonight) and state.crossings <= QUIET_CROSSINGS


def has_learned(state: Overnight) -> bool:
    """Whether what is said of a night comes from nights of this room."""
    return sum(state.nights) > LEARNED_NIGHTS


def stayers(state: Overnight, probability: float) -> int:
    """The quantile of those who stay and have not left yet, between the night's mark and the morning's."""
    below = 0.0
    for people, it in enumerate(state.tonight):
        below += it
        if below >= probability:
            return max(0, round(people + state.lowest))
    return MOST_STAYERS


def _student(off: float, sd: float) -> float:
    """Student's t but for a factor that does not depend on `off`."""
    return float((1 + (off / sd) ** 2 / FREEDOM) ** (-(FREEDOM + 1) / 2))


def _left_by_then(left: float, people: int) -> float:
    """The likelihood that `left` were seen to leave before others came, if `people` stayed overnight: any number of
    them, fewer more likely than all, for most leave when others come already."""
    shares = [sqrt(it) for it in range(people + 1, 0, -1)]
    pairs = [(share, _student(left - seen - MORNING_OFF, MORNING_SD)) for seen, share in enumerate(shares)]
    return sum(share * it for share, it in pairs) / sum(shares)


def _normal(likely: list[float]) -> list[float]:
    total = sum(likely)
    return [it / total for it in likely]
