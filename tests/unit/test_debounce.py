"""Contacts that bounce, made into presses."""

from hypothesis import given
from hypothesis import strategies as st

from edge.debounce import QUIET_S, Debounce

BOUNCE_S = st.floats(0.0001, QUIET_S / 10)


def presses(edges: list[tuple[bool, float]]) -> list[float]:
    debounce = Debounce()
    return [at_s for is_down, at_s in edges if debounce.edge(is_down, at_s)]


def test_a_press_counts_at_its_first_edge() -> None:
    assert presses([(True, 5.0), (False, 5.2)]) == [5.0]


def test_bounces_of_press_and_release_are_not_presses() -> None:
    bouncing = [(True, 1.0), (False, 1.001), (True, 1.002), (False, 1.2), (True, 1.201), (False, 1.202)]
    assert presses(bouncing) == [1.0]


def test_two_presses_in_a_row_are_two() -> None:
    assert presses([(True, 1.0), (False, 1.1), (True, 1.2), (False, 1.3)]) == [1.0, 1.2]


def test_a_lost_release_does_not_swallow_the_next_press() -> None:
    assert presses([(True, 1.0), (True, 2.0), (False, 2.1)]) == [1.0, 2.0]


@given(presses=st.lists(st.lists(BOUNCE_S, max_size=8), max_size=10))
def test_however_a_contact_bounces_each_press_counts_once(presses: list[list[float]]) -> None:
    debounce = Debounce()
    counted = 0
    at_s = 0.0
    for bounces in presses:
        for level in (True, False):  # going down and coming up bounce alike, and settle in between
            at_s += 2 * QUIET_S
            counted += debounce.edge(level, at_s)
            for pause_s in bounces:
                counted += debounce.edge(not level, at_s + pause_s / 2)
                at_s += pause_s
                counted += debounce.edge(level, at_s)
    assert counted == len(presses)
