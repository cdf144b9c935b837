"""What the filter of a room knows at one instant, and what it has learned for good.

A room is described by several *stays* at a time: hypotheses of how long people stay on average at present, from half a
minute to eight hours, each with a weight. Under each of them the number of people inside is a random quantity of known
mean and variance (a gamma distribution), and so is the *shortfall*: how many exits are missed for each exit that is
counted. Both are correlated, which is how a quiet night teaches what was missed during the day.
"""

from math import exp, log

from msgspec import Struct

STAY_SHORTEST_S = 30.0
STAY_STEP = 1.5
"""Each hypothesis is that much longer than the one before: finer ones do not make the estimate better."""
STAYS = 17
"""The longest hypothesis is 5.5 h on average; who stays longer than that by much is not told from who was missed."""
STAY_S = tuple(STAY_SHORTEST_S * STAY_STEP**i for i in range(STAYS))

PRIOR_STAY_S = 900.0
PRIOR_SPREAD = 1.4
"""Before anything is learned, people stay some 15 minutes, give or take a factor of four (log-normal)."""
PRIOR_SHORTFALL = 0.03
PRIOR_SHORTFALL_SD = 0.05
"""Counters miss more who leave than who enter: 3 % more, give or take 5 % (CalIt2: 4 to 7 %)."""

TICKETS = 50
"""So many tickets say how long people stay, before the counts know it better."""
TICKET_EVIDENCE = 0.02
"""Of one ticket: as much as four exits."""
TICKET_SPREAD = 0.5
"""Who has no ticket stays as long, give or take a factor of 1.6 (log-normal)."""

FEWEST_PEOPLE = 0.02
"""A gamma distribution has no mean of zero; this is nobody."""
FLOW_MEMORY_S = 900.0


class Learned(Struct, kw_only=True):
    """What is worth keeping when a day ends: how long people stay here, and how many leave uncounted."""

    stays: list[float]
    """For each stay of `STAY_S` how much evidence there was of it, in hundreds of exits, fading."""
    shortfall: float = PRIOR_SHORTFALL
    shortfall_var: float = PRIOR_SHORTFALL_SD**2


class People(Struct, kw_only=True):
    """The people of a room. Lists have one entry for each stay."""

    weights: list[float]
    """How likely that stay is at present; they add up to one."""
    means: list[float]
    variances: list[float]
    shortfalls: list[float]
    shortfall_vars: list[float]
    covariances: list[float]
    """Of people and shortfall."""
    stays: list[float]
    """See `Learned.stays`."""
    usual: list[float]
    """How likely each stay is at any time, from prior and `stays`."""
    entries_per_s: float = 1 / 300
    """Lately, see `FLOW_MEMORY_S`."""
    blind_s: float = 0.0
    """For so long it is no evidence who leaves, nor that nobody does: see `hub.day.people.crossings`."""
    unmixed_s: float = 0.0
    """Time that has passed since stays were last allowed to change."""
    tickets: int = 0
    """How many have said how long their visitors stayed,"""
    tickets_s: float = 0.0
    """and how long that was together."""


def prior_stays() -> list[float]:
    """How likely each stay is before anything is learned."""
    raw = [exp(-0.5 * (log(it / PRIOR_STAY_S) / PRIOR_SPREAD) ** 2) for it in STAY_S]
    total = sum(raw)
    return [it / total for it in raw]


PRIOR = tuple(prior_stays())


def usual_stays(stays: list[float]) -> list[float]:
    """How likely each stay is: the prior counts as much as a hundred exits."""
    total = sum(stays) + 1.0
    return [(learned + prior) / total for learned, prior in zip(stays, PRIOR, strict=True)]


def stayed(state: People, for_s: float) -> None:
    """The visitor of a ticket was inside for so long. On the first days that says sooner than crossings how long people
    stay here on average; later crossings know it better, since they are also of people without a ticket."""
    if state.tickets >= TICKETS:
        return
    state.tickets, state.tickets_s = state.tickets + 1, state.tickets_s + for_s
    mean_s = max(state.tickets_s / state.tickets, STAY_SHORTEST_S)
    likely = [exp(-0.5 * (log(it / mean_s) / TICKET_SPREAD) ** 2) for it in STAY_S]
    total = sum(likely)
    state.stays = [known + TICKET_EVIDENCE * it / total for known, it in zip(state.stays, likely, strict=True)]
    state.usual = usual_stays(state.stays)


def new_learned() -> Learned:
    return Learned(stays=[0.0] * STAYS)


def begin(learned: Learned | None = None, people: float = 0.0, variance: float = 0.0) -> People:
    """A room with `people` inside, give or take the root of `variance`."""
    known = learned or new_learned()
    usual = usual_stays(known.stays)
    return People(
        weights=list(usual),
        means=[max(people, FEWEST_PEOPLE)] * STAYS,
        variances=[max(variance, FEWEST_PEOPLE)] * STAYS,
        shortfalls=[known.shortfall] * STAYS,
        shortfall_vars=[known.shortfall_var] * STAYS,
        covariances=[0.0] * STAYS,
        stays=list(known.stays),
        usual=usual,
    )


def learned(state: People) -> Learned:
    """What the next day begins with."""
    weights = state.weights
    shortfall = sum(w * it for w, it in zip(weights, state.shortfalls, strict=True))
    spread = zip(weights, state.shortfalls, state.shortfall_vars, strict=True)
    variance = sum(w * (var + (it - shortfall) ** 2) for w, it, var in spread)
    return Learned(stays=list(state.stays), shortfall=shortfall, shortfall_var=variance)


def set_people(state: People, people: float, variance: float) -> None:
    """Somebody has counted, or the room is known to be empty: what was learned stays."""
    state.means = [max(people, FEWEST_PEOPLE)] * STAYS
    state.variances = [max(variance, FEWEST_PEOPLE)] * STAYS
    state.covariances = [0.0] * STAYS
