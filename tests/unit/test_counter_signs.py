"""What a day gives away about its counters on its own: people are served whom nobody has counted in."""

from dataclasses import replace

import pytest

from hub.day import occupancy
from hub.day.counter_signs import SERVED_BY_MISTAKE, SERVED_IN_EMPTY, signs
from hub.day.inputs import CorrectPeople, CountPeople, Finish, NoteSilence, Start
from hub.day.lobby import Door, Lobby, Room
from hub.day.people.checks import Fault
from tests.given import COUNTER, Story, a_lobby
from wire.messages import CountQuality, RoomQuality

STUCK, SWAPPED = [(COUNTER, Fault.STUCK)], [(COUNTER, Fault.SWAPPED)]


def a_story(lobby: Lobby | None = None) -> Story:
    return Story(lobby).with_open_desk().counted(0, 0)


def serve(story: Story, visitors: int) -> Story:
    """One after the other comes to the desk and is served, whatever the counter counts."""
    for _ in range(visitors):
        story.with_ticket()
        story.call_next()
        story.press(Start)
        story.after(60)
        story.press(Finish)
    return story


def against(story: Story) -> list[tuple[str, Fault]]:
    assert story.replayed() == story.day, "a restart knows as much"
    return list(signs(story.day))


# --- stuck -------------------------------------------------------------------------------------------------------


def test_a_counter_that_sees_nobody_while_one_visitor_after_the_other_is_served_stands_still() -> None:
    story = serve(a_story(), SERVED_BY_MISTAKE)
    assert against(story) == []
    assert against(serve(story, 1)) == STUCK
    assert occupancy.estimate(story.day, "main").quality is RoomQuality.DEGRADED


def test_those_who_were_inside_already_are_no_sign() -> None:
    story = serve(a_story().counted(20, 0), 20 + SERVED_BY_MISTAKE)
    assert against(story) == []
    assert against(serve(story, 1)) == STUCK


def test_one_more_who_crosses_ends_it() -> None:
    story = serve(a_story(), 2 * SERVED_BY_MISTAKE)
    assert against(story.counted(1, 0)) == []
    assert occupancy.estimate(story.day, "main").quality is RoomQuality.LIVE


def test_a_counter_that_is_not_heard_is_silent_and_not_stuck() -> None:
    story = a_story()
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    assert against(serve(story, 2 * SERVED_BY_MISTAKE)) == []
    story.when(NoteSilence(device=COUNTER, is_silent=False))
    assert against(story) == [], "who came meanwhile could not be counted"


def test_a_blocked_counter_says_so_itself() -> None:
    story = a_story()
    story.when(CountPeople(device=COUNTER, epoch="e1", entered=0, left=0, quality=CountQuality.BLOCKED))
    assert against(serve(story, 2 * SERVED_BY_MISTAKE)) == []


def test_where_people_may_come_by_a_door_that_nothing_counts_nobody_is_missed() -> None:
    lobby = a_lobby()
    lobby = replace(lobby, doors=(*lobby.doors, Door(id="side", to_room="main")))
    assert against(serve(a_story(lobby), 3 * SERVED_BY_MISTAKE)) == []


def test_a_room_that_learns_is_told_by_its_own_upper_bound() -> None:
    lobby = a_lobby()
    lobby = replace(lobby, rooms=(replace(lobby.rooms[0], gate_confidence=0.98),))
    story = a_story(lobby)
    for n in range(1, 4):
        story.after(60).counted(n, 0)
    upper = occupancy.estimate(story.day, "main").upper
    assert upper is not None
    assert upper >= 3
    story = serve(story, upper + SERVED_BY_MISTAKE)
    assert against(story) == []
    assert against(serve(story, 1)) == STUCK


# --- swapped -----------------------------------------------------------------------------------------------------


def a_morning(story: Story, visitors: int, *, is_swapped: bool) -> Story:
    """One after the other comes in and is served; every fourth has left by then."""
    for entered in range(1, visitors + 1):
        left = entered // 4
        story.counted(*((left, entered) if is_swapped else (entered, left)))
        serve(story, 1)
    return story


def test_a_new_counter_that_takes_entries_for_exits_is_named_on_its_first_morning() -> None:
    story = a_morning(a_story(), 12, is_swapped=True)
    assert against(story) == SWAPPED
    assert against(a_morning(a_story(), 12, is_swapped=False)) == []


def test_it_stays_named_until_somebody_has_counted_the_room() -> None:
    story = a_morning(a_story(), 12, is_swapped=True)
    totals = story.day.counters[COUNTER].totals["e1"]
    for more in range(1, 30):
        story.counted(totals[0] + more, totals[1])
    assert against(story) == SWAPPED, "people who leave are counted in, and the number looks better for it"
    story.when(CorrectPeople(room="main", people=9, why="counted"))
    assert against(story) == []


def test_two_served_in_an_empty_room_may_be_a_mistake() -> None:
    story = a_story().counted(0, 8)
    assert against(serve(story, SERVED_IN_EMPTY - 1)) == []
    assert against(serve(story, 1)) == SWAPPED


@pytest.mark.parametrize("entered", [2, 30])
def test_a_counter_that_only_misses_some_who_come_in_is_not_swapped(entered: int) -> None:
    story = a_story().counted(entered, entered + entered // 2)
    assert against(serve(story, SERVED_IN_EMPTY)) == []


def test_of_a_room_with_two_doors_it_says_nothing() -> None:
    lobby = a_lobby()
    (counter,) = [it for it in lobby.devices if it.address == COUNTER]
    other = replace(counter, node="door-2", door="back")
    lobby = replace(lobby, doors=(*lobby.doors, Door(id="back", to_room="main")), devices=(*lobby.devices, other))
    story = a_story(lobby)
    story.when(CountPeople(device=other.address, epoch="e1", entered=0, left=0))
    assert against(a_morning(story, 12, is_swapped=True)) == []


def test_the_room_behind_the_hall_is_told_by_its_own_door() -> None:
    lobby = a_lobby()
    (counter,) = [it for it in lobby.devices if it.address == COUNTER]
    office = Room(id="office", name={"en": "Office"}, limit_people=9)
    lobby = replace(
        lobby,
        rooms=(*lobby.rooms, office),
        doors=(*lobby.doors, Door(id="inner", from_room="main", to_room="office")),
        desks=tuple(replace(it, room="office") for it in lobby.desks),
        devices=(*lobby.devices, replace(counter, node="door-2", door="inner")),
    )
    story = a_story(lobby)
    story.when(CountPeople(device="door-2/counter", epoch="e1", entered=0, left=0))
    for n in range(2 * SERVED_BY_MISTAKE):
        story.counted(n + 1, 0)
        serve(story, 1)
    assert against(story) == [("door-2/counter", Fault.STUCK)], "the front door counts"
