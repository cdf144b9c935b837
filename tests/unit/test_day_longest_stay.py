"""Rooms in which nobody stays longer than the lobby file says: no more are inside than came within that time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import lobby_of
from hub.day import occupancy
from hub.day.due import due
from hub.day.inputs import ChangeLobby, CloseDay, CorrectPeople, Finish, NoteSilence, OpenDay, Start, TakeOver
from hub.day.lobby import Door, Lobby
from hub.day.people_events import PeopleCorrected
from hub.journal import Entry
from simulator.gate_report import gate_report
from simulator.rule_checker import rule_violations
from tests.given import COUNTER, MONDAY_9H, Story, a_lobby
from tests.unit.test_lobby_config import SOUND

STAY_S = 3_600


def a_room(stay_s: int | None = STAY_S, margin: float = 0.0, **of_room: Any) -> Lobby:
    lobby = a_lobby(margin_per_crossing=margin)
    return replace(lobby, rooms=(replace(lobby.rooms[0], longest_stay_s=stay_s, **of_room),))


def breaches(story: Story) -> list[str]:
    def found() -> Iterator[str]:
        rows = [Entry(seq, "2026-03-02", at, event) for seq, (at, event) in enumerate(story.journal, 1)]
        yield from rule_violations(rows, until=story.now)
        yield from gate_report(rows).violations

    return list(found())


def people(story: Story) -> tuple[int | None, int | None, int | None]:
    known = occupancy.estimate(story.day, "main")
    return known.value, known.lower, known.upper


def dwelt(people: int, upper_people: int) -> PeopleCorrected:
    return PeopleCorrected(room="main", people=people, why="dwell", upper_people=upper_people)


def test_who_was_counted_in_so_long_ago_has_left_by_an_event_with_that_reason() -> None:
    story = Story(a_room()).counted(0, 0).counted(9, 0).after(1_800).counted(14, 2)
    assert people(story) == (12, 12, 12)
    assert due(story.day) == MONDAY_9H + timedelta(hours=1)
    assert story.after(1_800).elapsed() == [dwelt(5, 5)]
    assert people(story) == (5, 0, 5), "the count said twelve at least, so it is wrong and says nothing"
    assert story.after(1_800).elapsed() == [dwelt(0, 0)]
    assert people(story) == (0, 0, 0)
    assert story.after(STAY_S).elapsed() == []
    assert story.replayed() == story.day
    assert breaches(story) == []


def test_nothing_is_written_while_enough_have_come_lately() -> None:
    story = Story(a_room()).counted(0, 0)
    for minute in range(240):
        story.after(60).counted(minute + 1, max(0, minute - 20))
        assert story.elapsed() == []
    assert people(story)[0] == 21


def test_the_upper_bound_alone_comes_down_with_what_was_missed_then() -> None:
    story = Story(a_room(margin=0.1)).counted(0, 0).counted(20, 20).after(3_000).counted(21, 20)
    assert people(story) == (1, -3 + 3, 6)
    assert story.after(600).elapsed() == [dwelt(1, 2)]
    assert people(story) == (1, 0, 2)
    assert breaches(story) == []


def test_what_a_restart_of_the_counter_may_have_missed_came_when_it_restarted() -> None:
    story = Story(a_room()).counted(0, 0).counted(3, 0).after(1_800).counted(0, 0, epoch="e2")
    assert people(story) == (3, 1, 5)
    assert story.after(1_800).elapsed() == [dwelt(0, 2)]
    assert story.after(1_800).elapsed() == [dwelt(0, 0)]
    assert breaches(story) == []


def test_more_who_left_than_can_have_been_inside_came_uncounted_by_then() -> None:
    story = Story(a_room()).counted(0, 0).counted(4, 9).after(60)
    assert people(story) == (0, 0, 5)
    assert occupancy.estimate(story.day, "main").quality == "degraded"
    assert story.after(3_540).elapsed() == [dwelt(0, 0)]
    assert occupancy.estimate(story.day, "main").quality == "live"
    assert breaches(story) == []


def test_whom_somebody_has_counted_may_have_come_just_then() -> None:
    story = Story(a_room()).counted(0, 0).counted(9, 0).after(1_800)
    story.when(CorrectPeople(room="main", people=7, why="counted"))
    assert story.after(3_599).elapsed() == []
    assert story.after(1).elapsed() == [dwelt(0, 0)]
    assert breaches(story) == []


def test_who_is_being_served_is_inside_however_long() -> None:
    story = Story(a_room()).with_open_desk().counted(0, 0).counted(9, 0)
    story.with_ticket(party_people=2)
    story.call_next()
    story.press(Start)
    assert dwelt(2, 2) in story.after(STAY_S).elapsed()
    assert people(story) == (2, 2, 2)
    assert story.counted(10, 1).after(STAY_S).elapsed() == [], "it would change nothing"
    assert breaches(story) == []


def test_nobody_is_taken_for_gone_while_nobody_counts_who_comes() -> None:
    story = Story(a_room()).counted(0, 0).counted(9, 0)
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    assert story.after(2 * STAY_S).elapsed() == []
    story.counted(20, 9)
    story.when(NoteSilence(device=COUNTER, is_silent=False))
    assert story.elapsed() == [], "whoever came meanwhile may have come just now"
    assert people(story)[0] == 11


def test_who_may_have_come_by_a_door_that_nothing_counts_may_be_inside() -> None:
    for confidence in (None, 0.98):
        lobby = a_room(gate_confidence=confidence)
        side = Door(id="side", to_room="main", uncounted_share=0.2)
        story = Story(replace(lobby, doors=(*lobby.doors, side))).counted(0, 0)
        story.counted(60, 0).after(600).counted(70, 26)
        (cut,) = story.after(3_000).elapsed()
        assert isinstance(cut, PeopleCorrected)
        assert cut.upper_people is not None
        assert cut.upper_people >= 10 + round(0.2 * (10 + 26))
        assert breaches(story) == []


def test_nobody_is_taken_for_gone_while_a_counter_stands_still() -> None:
    story = Story(a_room()).with_open_desk().counted(0, 0).counted(3, 0).after(60)
    for _ in range(10):
        story.with_ticket()
        story.call_next()
        story.press(Start)
        story.after(60).press(Finish)
    assert story.after(2 * STAY_S).elapsed() == []


def test_a_hub_that_begins_waits_for_its_counters() -> None:
    story = Story(a_room()).counted(0, 0).counted(9, 0).after(2 * STAY_S)
    story.when(TakeOver(term=1, holder="b"))
    assert story.elapsed() == []
    assert story.after(180).elapsed() == [dwelt(0, 0)]


def test_who_is_inside_when_the_file_begins_to_say_so_or_the_day_opens_counts_from_then_on() -> None:
    story = Story(a_room(stay_s=None)).counted(0, 0).counted(9, 0).after(7_000)
    story.when(ChangeLobby(lobby=a_room()))
    assert due(story.day) == story.now + timedelta(hours=1)
    story.when(CloseDay())
    story.after(60).when(OpenDay(day=story.now.date() + timedelta(days=1), lobby=a_room()))
    assert people(story) == (9, 9, 9)
    assert due(story.day) == story.now + timedelta(hours=1)
    story.when(ChangeLobby(lobby=a_room(stay_s=None)))
    assert story.day.rooms["main"].recent is None
    assert story.replayed() == story.day


def test_an_estimate_that_learns_is_cut_down_too() -> None:
    story = Story(a_room(gate_confidence=0.98)).counted(0, 0)
    for n in range(30):
        story.after(10).counted(n + 1, 0)
    assert people(story)[0] is not None
    before = story.day.rooms["main"].known
    assert before is not None
    assert before.value > 8
    cuts = story.after(STAY_S).elapsed()
    assert cuts
    assert cuts[-1] == dwelt(0, 0)
    assert people(story) == (0, 0, 0)
    assert story.replayed() == story.day
    assert breaches(story) == []


@given(
    steps=st.lists(st.tuples(st.integers(1, 900), st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=40),
    margin=st.sampled_from([0.0, 0.01, 0.1]),
    confidence=st.sampled_from([None, 0.98]),
)
def test_at_every_moment_no_more_are_believed_inside_than_came_lately(
    steps: list[tuple[int, int, int]], margin: float, confidence: float | None
) -> None:
    story = Story(a_room(stay_s=1_200, margin=margin, gate_confidence=confidence)).counted(0, 0)
    entered = left = 0
    came: list[tuple[datetime, int]] = []
    for wait_s, more, fewer in steps:
        story.now += timedelta(seconds=wait_s)
        story.elapsed()
        lately = sum(n for at, n in came if at > story.now - timedelta(seconds=1_200 + 60))
        value, lower, upper = people(story)
        assert value is not None
        assert lower is not None
        assert upper is not None
        assert lower <= value <= upper
        if confidence is None:
            assert value <= lately
        entered, left = entered + more, left + fewer
        came.append((story.now, more))
        story.counted(entered, left)
    assert story.replayed() == story.day
    assert breaches(story) == []


def test_a_room_cut_below_who_came_lately_is_found() -> None:
    story = Story(a_room()).counted(0, 0).counted(9, 0).after(60)
    story.journal.append((story.now, dwelt(0, 0)))
    assert any("9 came lately" in it for it in breaches(story))


def test_a_lobby_file_may_say_how_long_people_stay() -> None:
    read = lobby_of(SOUND.replace("limit_people = 30", "limit_people = 30\nlongest_stay_s = 7200"))
    assert read.rooms[0].longest_stay_s == 7_200


@pytest.mark.parametrize("stay_s", [None, STAY_S])
def test_a_room_without_the_key_never_changes_by_itself(stay_s: int | None) -> None:
    story = Story(a_room(stay_s=stay_s)).counted(0, 0).counted(9, 0)
    assert bool(story.after(STAY_S).elapsed()) == (stay_s is not None)
