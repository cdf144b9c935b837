"""Two beams with direction."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.beams import BLOCKED_S, Beam, Beams, Crossing
from wire.messages import CountQuality

O, I = Beam.OUTER, Beam.INNER  # noqa: E741 - the two beams as they are drawn
ENTERED, LEFT = Crossing.ENTERED, Crossing.LEFT


def crossings(path: str) -> list[Crossing]:
    """What is counted when the beams change as in `"O I o i"`: capital for dark, small for clear, 0.1 s apart."""
    beams = Beams()
    found = []
    for step, letter in enumerate(path.split()):
        crossing = beams.edge(O if letter in "Oo" else I, letter.isupper(), step / 10)
        if crossing is not None:
            found.append(crossing)
    return found


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("O I o i", [ENTERED]),
        ("I O i o", [LEFT]),
        ("O o", []),
        ("I i", []),
        ("O I i o", []),
        ("I O o i", []),
        ("O I o O i o", []),
    ],
    ids=["enters", "leaves", "looks in", "looks out", "turns back", "turns back inside", "turns back behind the door"],
)
def test_a_person_is_counted_by_the_side_on_which_they_end(path: str, counted: list[Crossing]) -> None:
    assert crossings(path) == counted


def test_two_close_behind_each_other_are_two() -> None:
    assert crossings("O I o O i I o i") == [ENTERED, ENTERED]
    assert crossings("I O i I o O i o") == [LEFT, LEFT]


def test_the_first_of_two_counts_even_if_the_second_turns_back() -> None:
    assert crossings("O I o O i I o O i o") == [ENTERED]


def test_flicker_in_the_middle_of_a_body_counts_nothing_more() -> None:
    assert crossings("O I o O o i") == [ENTERED]
    assert crossings("O I i I o i") == [ENTERED]


def test_an_edge_that_is_told_twice_changes_nothing() -> None:
    assert crossings("O O I I o o i i") == [ENTERED]


def test_a_beam_that_stays_dark_is_blocked_until_it_clears() -> None:
    beams = Beams()
    assert beams.blocked_at_s is None
    beams.edge(I, True, 100.0)
    assert beams.blocked_at_s == 100.0 + BLOCKED_S
    assert beams.quality(100.0 + BLOCKED_S - 0.1) is CountQuality.OK
    assert beams.quality(100.0 + BLOCKED_S) is CountQuality.BLOCKED
    beams.edge(I, False, 200.0)
    assert beams.quality(200.0) is CountQuality.OK


class Walker(NamedTuple):
    """Somebody who walks through: how far behind the one before, and for how long each beam is dark."""

    gap_s: float
    dark_s: float
    lag_share: float
    """When the second beam goes dark, as a share of `dark_s`: less than one, for a body is thicker than that."""


walkers = st.lists(
    st.builds(Walker, st.floats(0.01, 2), st.floats(0.1, 1), st.floats(0.1, 0.9)), min_size=1, max_size=12
)


def walk(beams: Beams, group: list[Walker], first: Beam, second: Beam, at_s: float) -> tuple[list[Crossing], float]:
    """Everyone of `group` through, in single file, nobody overtaking at either beam."""
    edges: list[tuple[float, Beam, bool]] = []
    clear_at_s = {first: at_s, second: at_s}
    for walker in group:
        dark_at_s = clear_at_s[first] + walker.gap_s
        later_s = max(dark_at_s + walker.dark_s * walker.lag_share, clear_at_s[second] + 0.005)
        clear_at_s[first] = max(dark_at_s + walker.dark_s, later_s + 0.001)
        clear_at_s[second] = clear_at_s[first] + walker.dark_s * walker.lag_share
        edges += [(dark_at_s, first, True), (clear_at_s[first], first, False)]
        edges += [(later_s, second, True), (clear_at_s[second], second, False)]
    found = [beams.edge(beam, is_dark, when_s) for when_s, beam, is_dark in sorted(edges)]
    return [crossing for crossing in found if crossing is not None], max(clear_at_s.values()) + 0.1


@given(group=walkers)
def test_a_file_of_people_is_counted_to_the_last_however_close_they_walk(group: list[Walker]) -> None:
    entered, _ = walk(Beams(), group, O, I, 0.0)
    assert entered == [ENTERED] * len(group)
    left, _ = walk(Beams(), group, I, O, 0.0)
    assert left == [LEFT] * len(group)


@given(groups=st.lists(st.tuples(st.booleans(), walkers), max_size=6))
def test_groups_that_wait_for_each_other_are_counted_by_their_way(groups: list[tuple[bool, list[Walker]]]) -> None:
    beams, at_s = Beams(), 0.0
    for is_entering, group in groups:
        way, first, second = (ENTERED, O, I) if is_entering else (LEFT, I, O)
        found, at_s = walk(beams, group, first, second, at_s)
        assert found == [way] * len(group)


@given(edges=st.lists(st.tuples(st.sampled_from([O, I]), st.booleans()), max_size=200))
def test_never_more_people_than_each_beam_has_seen(edges: list[tuple[Beam, bool]]) -> None:
    beams = Beams()
    dark = {O: False, I: False}
    pulses = {O: 0, I: 0}
    counted = 0
    for step, (beam, is_dark) in enumerate(edges):
        pulses[beam] += is_dark and not dark[beam]
        dark[beam] = is_dark
        counted += beams.edge(beam, is_dark, float(step)) is not None
        assert counted <= min(pulses.values())
