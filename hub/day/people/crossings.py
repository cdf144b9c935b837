"""Somebody crosses, or nobody does: what that says about the people inside. Changes a `People` in place.

The model, for people who stay T seconds on average (the hypothesis of one entry of the lists):

- whoever is inside leaves within the next second with probability 1/T, so counted exits come at the rate
  N / (T (1 + shortfall)). Seeing one is evidence of many inside, seeing none for a while is evidence of few;
- exits come in clumps (pairs leave together, and some are counted twice), so one exit within `CLUMP_S` is evidence and
  the others, as well as the rest of that time, are none: a counter with a dead time (Knoll, Radiation Detection and
  Measurement, 4th ed., 4.VII);
- a counted entry adds one person and a counted exit takes 1 + shortfall away, each with some variance: people pass
  side by side, turn around, or are taken for going the other way;
- T changes: about once an hour the room does something else, with a stay drawn from what is usual here.

With N gamma distributed (mean m, variance v), Poisson exits at rate a N update m and v in closed form (the gamma
distribution is conjugate to the Poisson: Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6). N moves together with
the shortfall as in a Kalman filter. Changes of T merge the hypotheses by their moments, as in the interacting multiple
model filter (Blom and Bar-Shalom, IEEE Trans. Automatic Control 33(8), 1988).
"""

from math import erfc, exp, log, pi, sqrt

from hub.day.people.state import FEWEST_PEOPLE, FLOW_MEMORY_S, STAY_S, STAYS, People, usual_stays

LEAVING_PER_S = tuple(1 / it for it in STAY_S)

ENTRY_VARIANCE = 0.06
EXIT_VARIANCE = 0.10
"""In people squared for one counted crossing, when as many are counted as cross: 2 to 3 % missed, 1 % counted twice,
0.5 % taken for the other direction, and half as much again for what no data sheet says."""
SHORTFALL_VARIANCE = 2.0
"""More for each exit that is missed; twice that of independent misses, for misses come in groups."""
FALSE_EXITS = 0.02
"""Of the crossings: exits that nobody made."""
DRIFT_VARIANCE = 5e-8
"""Of the shortfall, for each counted exit: one percent in a thousand people."""
CLUMP_S = 1.5
"""Whole seconds are what most files have: this is the same one and the next."""

CHANGES_PER_S = 1 / 3600
MIX_S = 60.0
"""Stays change no more often than that: it costs as much as a crossing."""
LEARNED_EXITS = 1600.0
"""How many exits are remembered; older ones fade."""
EXITS_PER_UNIT = 200.0

SHORTFALL_RANGE = (-0.3, 0.5)
SHORTFALL_VARIANCE_RANGE = (1e-7, 0.02)
FAITH = 0.99
"""Correlations beyond this would be an artefact of rounding."""
IMPOSSIBLE = 1e-9
"""What is less likely is an artefact of rounding, too."""
ROOT_OF_TWO, ROOT_OF_TWO_PI = sqrt(2), sqrt(2 * pi)
UNLIKELY = 1e-7
"""Hypotheses below it are carried along, but not updated."""


def pass_time(state: People, for_s: float) -> None:
    """Nobody has been counted for so long."""
    while for_s > 0:
        step_s = min(for_s, MIX_S)
        for_s -= step_s
        blind_s = min(step_s, state.blind_s)
        state.blind_s -= blind_s
        if step_s > blind_s:
            _nobody_left(state, step_s - blind_s)
        state.entries_per_s *= exp(-step_s / FLOW_MEMORY_S)
        state.unmixed_s += step_s
        if state.unmixed_s >= MIX_S:
            _change_stays(state, state.unmixed_s)
            state.unmixed_s = 0.0


def enter(state: People) -> None:
    """One person was counted in."""
    state.entries_per_s += 1 / FLOW_MEMORY_S
    means, variances = state.means, state.variances
    for i, shortfall in enumerate(state.shortfalls):
        means[i] += 1.0
        variances[i] += ENTRY_VARIANCE - (SHORTFALL_VARIANCE * shortfall if shortfall < 0 else 0.0)


def leave(state: People) -> None:
    """One person was counted out."""
    if state.blind_s <= 0:
        _somebody_left(state)
        state.blind_s = CLUMP_S
    for i in range(STAYS):
        if state.weights[i] < UNLIKELY:
            continue
        shortfall, doubt = state.shortfalls[i], state.shortfall_vars[i]
        noise = EXIT_VARIANCE + (SHORTFALL_VARIANCE * shortfall if shortfall > 0 else 0.0)
        state.variances[i] += doubt - 2 * state.covariances[i] + noise
        state.covariances[i] -= doubt
        state.shortfall_vars[i] = doubt + DRIFT_VARIANCE
        state.means[i] -= 1 + shortfall
        _keep_possible(state, i)


def _somebody_left(state: People) -> None:
    false_per_s = state.entries_per_s * FALSE_EXITS
    weights = state.weights
    for i in range(STAYS):
        if weights[i] < UNLIKELY:
            continue
        mean, variance, shortfall = state.means[i], state.variances[i], state.shortfalls[i]
        excess = variance / mean
        real_per_s = mean * LEAVING_PER_S[i] / (1 + shortfall)
        weights[i] *= real_per_s + false_per_s
        real = real_per_s / (real_per_s + false_per_s)
        _move(state, i, mean + real * excess, variance + real * (2 - real) * excess * excess)
    _normalise(state)


def at_most(state: People, people: int) -> None:
    """No more than `people` are inside: of each hypothesis what lies beyond is taken away (the moments of a truncated
    normal distribution: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1, 2nd ed., 13.10), and
    those that said so are less likely for it."""
    for i in range(STAYS):
        mean, variance = state.means[i], state.variances[i]
        deviation = sqrt(variance)
        edge = (people + 0.5 - mean) / deviation
        within = 0.5 * erfc(-edge / ROOT_OF_TWO)
        if within < IMPOSSIBLE:
            state.weights[i] *= IMPOSSIBLE
            _move(state, i, float(people), FEWEST_PEOPLE)
        else:
            state.weights[i] *= within
            ratio = exp(-0.5 * edge * edge) / (ROOT_OF_TWO_PI * within)
            left = max(1 - ratio * (edge + ratio), IMPOSSIBLE)
            _move(state, i, mean - deviation * ratio, variance * left)
        _keep_possible(state, i)
    _normalise(state)


def _nobody_left(state: People, for_s: float) -> None:
    weights = state.weights
    for i in range(STAYS):
        if weights[i] < UNLIKELY:
            continue
        mean, variance = state.means[i], state.variances[i]
        excess = variance / mean
        less = 1 + LEAVING_PER_S[i] / (1 + state.shortfalls[i]) * for_s * excess
        weights[i] *= less ** (-mean / excess)
        _move(state, i, mean / less, variance / (less * less))
        _keep_possible(state, i)
    _normalise(state)


def _move(state: People, i: int, mean: float, variance: float) -> None:
    """Evidence about the people is evidence about the shortfall, as far as the two move together."""
    gain = state.covariances[i] / state.variances[i]
    state.shortfalls[i] += gain * (mean - state.means[i])
    doubt = state.shortfall_vars[i] + gain * gain * (variance - state.variances[i])
    state.shortfall_vars[i] = max(doubt, SHORTFALL_VARIANCE_RANGE[0])
    state.covariances[i] = gain * variance
    state.means[i], state.variances[i] = mean, variance


def _keep_possible(state: People, i: int) -> None:
    low, high = SHORTFALL_RANGE
    state.shortfalls[i] = min(max(state.shortfalls[i], low), high)
    state.shortfall_vars[i] = doubt = min(state.shortfall_vars[i], SHORTFALL_VARIANCE_RANGE[1])
    state.means[i] = mean = max(state.means[i], FEWEST_PEOPLE)
    state.variances[i] = variance = min(max(state.variances[i], FEWEST_PEOPLE), 4 * mean * mean + 25)
    most = FAITH * sqrt(variance * doubt)
    state.covariances[i] = min(max(state.covariances[i], -most), most)


def _normalise(state: People) -> None:
    total = sum(state.weights)
    state.weights = [max(it / total, 1e-30) for it in state.weights]


def _change_stays(state: People, for_s: float) -> None:
    """Some of every hypothesis becomes what is usual here, with the people there are; and what is usual is learned."""
    share = min(0.5, CHANGES_PER_S * for_s)
    weights, means, shortfalls = state.weights, state.means, state.shortfalls
    mean = sum(w * it for w, it in zip(weights, means, strict=True))
    shortfall = sum(w * it for w, it in zip(weights, shortfalls, strict=True))
    variance = covariance = doubt = 0.0
    for i, w in enumerate(weights):
        off, short = means[i] - mean, shortfalls[i] - shortfall
        variance += w * (state.variances[i] + off * off)
        covariance += w * (state.covariances[i] + off * short)
        doubt += w * (state.shortfall_vars[i] + short * short)
    for i, w in enumerate(weights):
        total = (1 - share) * w + share * state.usual[i]
        new = share * state.usual[i] / total
        old = 1 - new
        off, short = mean - means[i], shortfall - shortfalls[i]
        both = old * new
        state.variances[i] = old * state.variances[i] + new * variance + both * off * off
        state.covariances[i] = old * state.covariances[i] + new * covariance + both * off * short
        state.shortfall_vars[i] = old * state.shortfall_vars[i] + new * doubt + both * short * short
        means[i] += new * off
        shortfalls[i] += new * short
        weights[i] = total
    _learn_stays(state, for_s)


def _learn_stays(state: People, for_s: float) -> None:
    evidence = state.entries_per_s * for_s / EXITS_PER_UNIT
    kept = 1 - min(1.0, evidence * EXITS_PER_UNIT / LEARNED_EXITS)
    state.stays = [kept * it + evidence * w for it, w in zip(state.stays, state.weights, strict=True)]
    state.usual = usual_stays(state.stays)


def usual_stay_s(state: People) -> float:
    """The usual stay, as a geometric mean."""
    return exp(sum(w * log(stay) for w, stay in zip(state.usual, STAY_S, strict=True)))
