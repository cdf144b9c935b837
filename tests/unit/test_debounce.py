"""Contacts that bounce, made into presses."""

from hypothesis import given
from hypothesis import strategies as st

from edge.debounce import QUIET_S, STUCK_S, Debounce, Gesture

BOUNCE_S = st.floats(0.0001, QUIET_S / 10)
LONG_S = 0.8

Told = list[tuple[Gesture, float]]


def gestures(edges: list[tuple[bool, float]], *, long_s: float | None = None, until_s: float = 100.0) -> Told:
    """What comes of `edges` when its level is looked at whenever it should be; a lost edge is written with its level
    alone, so that what is looked at is the truth."""
    debounce, told, level = Debounce(long_s), [], False

    def look_until(end_s: float) -> None:
        while (look_at_s := debounce.look_at_s) is not None and look_at_s <= end_s:
            if (gesture := debounce.look(level, look_at_s)) is not None:
                told.append((gesture, round(look_at_s, 6)))

    for is_down, at_s in edges:
        look_until(at_s)
        level = is_down
        if (gesture := debounce.edge(is_down, at_s)) is not None:
            told.append((gesture, at_s))
    look_until(until_s)
    return told


def short_presses(edges: list[tuple[bool, float]]) -> list[float]:
    told = gestures(edges)
    assert {gesture for gesture, _ in told} <= {Gesture.SHORT}
    return [at_s for _, at_s in told]


def test_a_press_counts_at_its_first_edge() -> None:
    assert short_presses([(True, 5.0), (False, 5.2)]) == [5.0]


def test_bounces_of_press_and_release_are_not_presses() -> None:
    bouncing = [(True, 1.0), (False, 1.001), (True, 1.002), (False, 1.2), (True, 1.201), (False, 1.202)]
    assert short_presses(bouncing) == [1.0]


def test_two_presses_in_a_row_are_two() -> None:
    assert short_presses([(True, 1.0), (False, 1.1), (True, 1.2), (False, 1.3)]) == [1.0, 1.2]


def test_a_lost_release_does_not_swallow_the_next_press() -> None:
    assert short_presses([(True, 1.0), (True, 2.0), (False, 2.1)]) == [1.0, 2.0]


@given(presses=st.lists(st.lists(BOUNCE_S, max_size=8), max_size=10), is_long=st.booleans())
def test_however_a_contact_bounces_each_press_counts_once(presses: list[list[float]], is_long: bool) -> None:
    edges: list[tuple[bool, float]] = []
    at_s = 0.0
    for bounces in presses:
        for level in (True, False):  # going down and coming up bounce alike, and settle in between
            at_s += 2 * QUIET_S
            edges.append((level, at_s))
            for pause_s in bounces:
                edges.append((not level, at_s + pause_s / 2))
                at_s += pause_s
                edges.append((level, at_s))
    told = gestures(edges, long_s=LONG_S if is_long else None)
    assert [gesture for gesture, _ in told] == [Gesture.SHORT] * len(presses)


# --- long presses ------------------------------------------------------------------------------------------------


def test_a_key_with_two_meanings_is_short_once_its_release_has_settled() -> None:
    assert gestures([(True, 1.0), (False, 1.3)], long_s=LONG_S) == [(Gesture.SHORT, 1.3 + QUIET_S)]


def test_a_key_that_is_held_is_long_while_it_is_still_down_and_nothing_else_after() -> None:
    assert gestures([(True, 1.0), (False, 3.0), (True, 3.005), (False, 3.006)], long_s=LONG_S) == [(Gesture.LONG, 1.8)]


def test_a_release_that_was_lost_is_found_when_the_level_is_looked_at() -> None:
    debounce = Debounce(LONG_S)
    debounce.edge(True, 1.0)
    assert debounce.look_at_s == 1.8
    assert debounce.look(False, 1.8) is Gesture.SHORT
    assert debounce.look_at_s is None


def test_a_press_whose_release_was_lost_counts_at_the_latest_with_the_next_press() -> None:
    debounce = Debounce(LONG_S)
    assert debounce.edge(True, 1.0) is None
    assert debounce.edge(True, 1.5) is Gesture.SHORT
    assert debounce.edge(False, 1.6) is None
    assert debounce.look(False, 1.7) is Gesture.SHORT


def test_what_is_long_may_change_between_two_presses() -> None:
    debounce = Debounce(LONG_S)
    debounce.long_s = 2.0
    debounce.edge(True, 1.0)
    assert debounce.look(True, 1.8) is None
    assert debounce.look(True, 3.0) is Gesture.LONG


# --- keys that stick ---------------------------------------------------------------------------------------------


def test_a_key_that_stays_down_is_stuck_once_and_free_when_it_comes_up() -> None:
    told = gestures([(True, 1.0), (False, 70.0)])
    assert told == [(Gesture.SHORT, 1.0), (Gesture.STUCK, 1.0 + STUCK_S), (Gesture.FREE, 70.0 + QUIET_S)]


def test_a_stuck_key_whose_release_was_lost_is_found_free() -> None:
    debounce = Debounce()
    debounce.edge(True, 1.0)
    assert debounce.look(True, 31.0) is Gesture.STUCK
    assert debounce.look(True, 61.0) is None
    assert debounce.look_at_s == 61.0 + STUCK_S
    assert debounce.look(False, 91.0) is Gesture.FREE


def test_a_key_that_comes_up_just_before_a_long_press_is_looked_at_when_its_contact_is_quiet() -> None:
    debounce = Debounce(LONG_S)
    debounce.edge(True, 10.0)
    released_at_s = 10.0 + LONG_S - QUIET_S / 10
    debounce.edge(False, released_at_s)
    assert debounce.look_at_s == released_at_s + QUIET_S, "once, and not over and over from the long press on"
    assert debounce.look(False, released_at_s + QUIET_S) is Gesture.SHORT


def test_a_key_that_is_down_from_the_beginning_is_no_press_but_may_stick() -> None:
    debounce = Debounce(LONG_S)
    debounce.found_down(0.0)
    assert debounce.look(True, 10.0) is None
    assert debounce.look(True, STUCK_S) is Gesture.STUCK
    assert debounce.look(False, 100.0) is Gesture.FREE


@given(
    edges=st.lists(st.tuples(st.booleans(), st.floats(0.0005, 40.0)), max_size=20),
    long_s=st.sampled_from([None, LONG_S]),
)
def test_whatever_a_contact_does_stuck_and_free_alternate_and_all_ends(
    edges: list[tuple[bool, float]], long_s: float | None
) -> None:
    at_s, moved = 0.0, []
    for is_down, pause_s in edges:
        at_s += pause_s
        moved.append((is_down, at_s))
    moved.append((False, at_s + 1.0))
    told = [gesture for gesture, _ in gestures(moved, long_s=long_s, until_s=at_s + 1000)]
    sticking = [gesture for gesture in told if gesture in (Gesture.STUCK, Gesture.FREE)]
    assert sticking == [Gesture.STUCK, Gesture.FREE] * (len(sticking) // 2)
