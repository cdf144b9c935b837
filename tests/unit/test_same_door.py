"""Several counters at one door: one per lane is summed; of those that watch the same passage one leads."""

from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.day import occupancy
from hub.day.counter_signs import signs
from hub.day.hours import service_day
from hub.day.inputs import CloseDay, CorrectPeople, CountPeople, NoteSilence, OpenDay
from hub.day.lobby import Lobby
from hub.day.people.checks import Fault
from hub.history.points import Crossing
from tests.given import COUNTER, Story, a_lobby
from tests.history_day import points_of
from wire.messages import CountQuality, RoomQuality

FIRST, SECOND = COUNTER, "door-2/counter"


def a_hall(together: Literal["lanes", "same"] = "same") -> Lobby:
    """A hall whose only door has two counters."""
    lobby = a_lobby(limit_people=100)
    (counter,) = [it for it in lobby.devices if it.address == FIRST]
    doors = (replace(lobby.doors[0], together=together),)
    return replace(lobby, doors=doors, devices=(*lobby.devices, replace(counter, node="door-2")))


class Two(Story):
    """Both counters say what they have seen; both began at zero."""

    def __init__(self, together: Literal["lanes", "same"] = "same") -> None:
        super().__init__(a_hall(together))
        self.say(FIRST, 0).say(SECOND, 0)

    def say(self, device: str, entered: int, left: int = 0, quality: CountQuality = CountQuality.OK) -> "Two":
        self.when(CountPeople(device=device, epoch="e1", entered=entered, left=left, quality=quality))
        return self

    def silent(self, device: str, *, is_silent: bool = True) -> "Two":
        self.when(NoteSilence(device=device, is_silent=is_silent))
        return self

    def bounds(self) -> tuple[int | None, int | None, int | None]:
        found = occupancy.estimate(self.day, "main")
        return found.lower, found.value, found.upper

    def people(self) -> int | None:
        assert self.replayed() == self.day, "a restart knows as much"
        return self.bounds()[1]


def test_a_counter_for_each_lane_is_summed() -> None:
    assert Two("lanes").say(FIRST, 5).say(SECOND, 4).people() == 9


def test_of_two_that_watch_the_same_passage_one_is_counted() -> None:
    assert Two().say(FIRST, 5).say(SECOND, 5).people() == 5


def test_the_other_takes_over_with_what_it_saw_since_the_first_was_heard_last() -> None:
    story = Two().say(FIRST, 5).say(SECOND, 5).say(FIRST, 6).say(SECOND, 8).silent(FIRST)
    assert story.bounds() == (6, 8, 10), "the bounds are wider by that"
    assert story.say(SECOND, 10).people() == 10
    assert occupancy.quality(story.day, "main") is RoomQuality.LIVE


def test_the_room_stays_known_while_one_of_them_is_heard() -> None:
    story = Two().say(FIRST, 5).say(SECOND, 5).silent(FIRST)
    assert story.people() == 5
    assert story.silent(SECOND).people() is None


def test_the_first_one_back_goes_on_checking() -> None:
    story = Two().say(FIRST, 5).say(SECOND, 5).silent(FIRST).say(SECOND, 9)
    story.say(FIRST, 30).silent(FIRST, is_silent=False)
    assert story.people() == 9
    assert story.say(SECOND, 10).say(FIRST, 31).people() == 10


def test_after_both_were_silent_whoever_comes_back_first_brings_what_it_saw_meanwhile() -> None:
    story = Two().say(FIRST, 5).say(SECOND, 5).silent(FIRST).silent(SECOND)
    story.say(SECOND, 12).silent(SECOND, is_silent=False)
    assert story.say(SECOND, 13).people() == 13


def test_what_one_brings_that_was_silent_while_the_other_counted_is_not_counted_again() -> None:
    story = Two().say(FIRST, 5).say(SECOND, 5).silent(SECOND).say(FIRST, 25).silent(FIRST)
    story.say(SECOND, 26).silent(SECOND, is_silent=False)
    assert story.bounds() == (2, 25, 48), "but nobody knows, and the bounds say so"


def test_a_blocked_counter_gives_the_lead_to_a_sound_one() -> None:
    story = Two().say(FIRST, 5).say(SECOND, 5).say(FIRST, 5, quality=CountQuality.BLOCKED)
    assert occupancy.quality(story.day, "main") is RoomQuality.LIVE
    assert story.say(SECOND, 9).people() == 9


def test_where_only_the_second_has_ever_spoken_it_leads() -> None:
    story = Story(a_hall())
    for entered in (0, 4):
        story.when(CountPeople(device=SECOND, epoch="e1", entered=entered, left=0))
    assert occupancy.estimate(story.day, "main").value == 4


def test_a_count_by_hand_holds_though_the_other_takes_over_after_it() -> None:
    story = Two().say(FIRST, 5).say(SECOND, 9).silent(FIRST)
    story.when(CorrectPeople(room="main", people=9, why="counted"))
    assert story.bounds() == (9, 9, 9)
    assert story.say(SECOND, 10).people() == 10


@given(st.lists(st.sampled_from(["in", "out", "both", *(f"{it} {who}" for it in ("lose", "find") for who in "12")])))
def test_whoever_is_silent_when_the_truth_is_within_the_bounds_while_one_is_heard(happenings: list[str]) -> None:
    story, silent, inside, totals = Two(), set[str](), 0, [0, 0]
    names = {"1": FIRST, "2": SECOND}
    for it in happenings:
        what, _, who = it.partition(" ")
        device = names.get(who, "")
        if what == "lose" and device not in silent:
            silent.add(device)
            story.silent(device)
        elif what == "find" and device in silent:
            silent.discard(device)
            story.say(device, totals[0], totals[1]).silent(device, is_silent=False)
        elif what in ("in", "both"):
            inside, totals[0] = inside + 1, totals[0] + 1
        if what in ("out", "both") and inside:
            inside, totals[1] = inside - 1, totals[1] + 1
        for heard in {FIRST, SECOND} - silent:
            story.say(heard, totals[0], totals[1])
        lower, _, upper = story.bounds()
        if lower is not None and upper is not None:
            assert lower <= inside <= upper


@pytest.mark.parametrize(("second", "differs"), [(98, False), (80, True)])
def test_two_that_do_not_agree_are_named_with_what_to_do(second: int, differs: bool) -> None:
    story = Two()
    for n in range(1, 101):
        story.say(FIRST, n).say(SECOND, second * n // 100)
    expected = {(FIRST, Fault.DIFFERING), (SECOND, Fault.DIFFERING)} if differs else set()
    assert set(signs(story.day)) == expected


def test_two_lanes_need_not_agree() -> None:
    assert list(signs(Two("lanes").say(FIRST, 200).say(SECOND, 10).day)) == []


def test_a_time_in_which_one_was_silent_is_no_disagreement() -> None:
    story = Two().silent(SECOND)
    for n in range(1, 11):
        story.say(FIRST, 10 * n)
    story.say(SECOND, 7).silent(SECOND, is_silent=False)
    assert list(signs(story.say(FIRST, 101).say(SECOND, 8).day)) == []


def test_history_has_each_crossing_once() -> None:
    story = Two().say(FIRST, 5).say(SECOND, 5).say(FIRST, 5, 3).say(SECOND, 5, 3)
    told = [it for it in points_of(story) if isinstance(it, Crossing)]
    assert (sum(it.entered for it in told), sum(it.left for it in told)) == (5, 3)


def test_the_next_day_begins_with_the_one_that_is_heard() -> None:
    story = Two().say(FIRST, 5).say(SECOND, 5).silent(FIRST).say(SECOND, 6)
    story.when(CloseDay())
    story.after(20 * 3_600).when(OpenDay(day=service_day(story.lobby, story.now), lobby=story.lobby))
    assert story.day.rooms["main"].counters == (SECOND,)
    assert story.say(SECOND, 7).people() == 7
