"""Rooms that are known to be empty by what the lobby file says: at certain hours, and after a long quiet while the
lobby is closed. Each is a correction with its reason."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.config import lobby_of
from hub.day import occupancy
from hub.day.due import due
from hub.day.events import AnyEvent
from hub.day.inputs import (
    ChangeLobby,
    CorrectPeople,
    CountPeople,
    EndEvacuation,
    Evacuate,
    NoteSilence,
    Start,
    TakeOver,
)
from hub.day.lobby import Door, Lobby
from hub.day.people_events import PeopleCorrected
from hub.day.refusal import Refusal
from hub.journal import Entry
from simulator.rule_checker import rule_violations
from tests.given import COUNTER, MONDAY_9H, Story, a_lobby
from tests.unit.test_lobby_config import SOUND, faults_of
from wire.messages import CountQuality

AT_NINE_PM = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
AT_TEN_PM = AT_NINE_PM + timedelta(hours=1)
EMPTY = PeopleCorrected(room="main", people=0, why="schedule")
QUIET = PeopleCorrected(room="main", people=0, why="quiet")
HOUR_S = 3_600


def a_room(open_until: str = "18:00", zone: str = "UTC", **of_room: Any) -> Lobby:
    lobby = a_lobby(margin_per_crossing=0.1)
    hours: dict[str, tuple[str, ...]] = dict.fromkeys(("mon", "tue"), (f"08:00-{open_until}",))
    room = replace(lobby.rooms[0], **of_room)
    return replace(lobby, hours=hours, rooms=(room,), site=replace(lobby.site, time_zone=zone))


def emptied_at_ten(**of_room: Any) -> Lobby:
    return a_room(empty_at=("22:00",), **of_room)


def emptied_by_quiet(quiet_s: int = 2 * HOUR_S, **of_room: Any) -> Lobby:
    return a_room(empty_after_quiet_s=quiet_s, **of_room)


def breaches(story: Story) -> list[str]:
    rows = [Entry(seq, "2026-03-02", at, event) for seq, (at, event) in enumerate(story.journal, 1)]
    return list(rule_violations(rows, until=story.now))


def people(story: Story) -> tuple[int | None, int | None, int | None]:
    known = occupancy.estimate(story.day, "main")
    return known.value, known.lower, known.upper


# --- by schedule -------------------------------------------------------------------------------------------------


def test_at_its_hour_a_room_is_empty_by_an_event_with_that_reason() -> None:
    story = Story(emptied_at_ten(), now=AT_NINE_PM).counted(0, 0).counted(30, 20)
    assert people(story) == (10, 5, 15)
    assert due(story.day) == AT_TEN_PM
    assert story.after(HOUR_S).elapsed() == [EMPTY]
    assert people(story) == (0, 0, 0)
    assert story.after(HOUR_S).elapsed() == []
    assert story.replayed() == story.day
    assert breaches(story) == []


def test_who_is_being_served_at_that_hour_is_inside_and_nobody_else() -> None:
    story = Story(emptied_at_ten(), now=AT_TEN_PM - timedelta(minutes=5)).with_open_desk()
    story.counted(0, 0).counted(7, 0)
    story.lobby = replace(story.lobby, hours={"mon": ("08:00-23:00",)})
    story.when(ChangeLobby(lobby=story.lobby))
    story.with_ticket(party_people=2)
    story.call_next()
    story.press(Start)
    assert story.after(300).elapsed() == [PeopleCorrected(room="main", people=2, why="schedule")]
    assert people(story) == (2, 2, 2)
    assert breaches(story) == []


def test_no_ticket_is_touched() -> None:
    story = Story(a_room(open_until="23:00", empty_at=("22:00",)), now=AT_NINE_PM).with_open_desk().counted(0, 0)
    waits = story.with_ticket()
    before = deepcopy(waits)
    assert story.after(HOUR_S).elapsed() == [EMPTY]
    assert waits == before


def test_an_hour_is_that_of_the_lobbys_clocks_and_after_midnight_that_of_the_same_service_day() -> None:
    story = Story(a_room(empty_at=("01:30", "23:30"), zone="Europe/Paris"), now=AT_NINE_PM).counted(0, 0)
    half_past_eleven = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    assert due(story.day) == half_past_eleven
    story.now = half_past_eleven
    assert story.elapsed() == [EMPTY]
    assert due(story.day) == half_past_eleven + timedelta(hours=2)


def test_a_hub_that_was_not_there_makes_up_for_it_within_minutes_and_not_later() -> None:
    for away_s, expected in ((240, [EMPTY]), (1_200, [])):
        story = Story(emptied_at_ten(), now=AT_NINE_PM).counted(0, 0).counted(30, 20)
        story.now = AT_TEN_PM + timedelta(seconds=away_s)
        story.when(TakeOver(term=1, holder="b"))
        assert story.elapsed() == expected
        assert breaches(story) == []


def test_a_count_by_hand_after_the_hour_settles_it() -> None:
    story = Story(emptied_at_ten(), now=AT_NINE_PM).counted(0, 0).counted(30, 20)
    story.now = AT_TEN_PM + timedelta(seconds=1)
    story.when(CorrectPeople(room="main", people=3, why="counted"))
    assert story.elapsed() == []
    assert people(story) == (3, 3, 3)


def test_while_everybody_leaves_the_building_no_room_is_corrected_by_itself() -> None:
    story = Story(emptied_at_ten(), now=AT_NINE_PM).counted(0, 0).counted(30, 20)
    story.when(Evacuate(by="facilities"))
    assert story.after(2 * HOUR_S).elapsed() == []
    story.when(EndEvacuation(by="facilities", people={"main": 4}))
    assert story.elapsed() == []
    assert people(story) == (4, 4, 4)
    assert breaches(story) == []


def test_a_room_whose_counter_never_spoke_stays_unknown_and_begins_empty() -> None:
    story = Story(emptied_at_ten(), now=AT_NINE_PM)
    assert story.after(HOUR_S).elapsed() == [EMPTY]
    assert people(story) == (None, None, None)
    assert people(story.counted(5, 1)) == (0, 0, 0)
    assert breaches(story) == []


def test_a_room_without_counters_is_not_corrected() -> None:
    lobby = emptied_at_ten()
    story = Story(replace(lobby, devices=lobby.devices[:2]), now=AT_NINE_PM)
    assert story.after(2 * HOUR_S).elapsed() == []
    assert breaches(story) == []


def test_hours_that_cannot_be_or_stand_there_twice_are_named() -> None:
    def read(hours: str) -> list[str]:
        return faults_of(SOUND.replace("limit_people = 30", f"limit_people = 30\nempty_at = {hours}"))

    faults = read('["25:00", "24:00", "20:00", "20:00"]')
    assert [it.partition(":")[0] for it in faults] == [f"rooms[0].empty_at[{n}]" for n in (0, 1, 3)]
    sound = SOUND.replace("limit_people = 30", 'limit_people = 30\nempty_at = ["22:00"]\nempty_after_quiet_s = 7200')
    assert lobby_of(sound).rooms[0].empty_at == ("22:00",)


# --- by quiet ----------------------------------------------------------------------------------------------------


def test_after_so_long_a_quiet_a_room_is_empty_by_an_event_with_that_reason() -> None:
    story = Story(emptied_by_quiet(), now=AT_NINE_PM).counted(0, 0).after(60).counted(30, 20)
    assert due(story.day) == story.now + timedelta(hours=2)
    assert story.after(2 * HOUR_S).elapsed() == [QUIET]
    assert people(story) == (0, 0, 0)
    assert story.after(2 * HOUR_S).elapsed() == []
    assert story.replayed() == story.day
    assert breaches(story) == []


def test_the_quiet_begins_anew_with_everybody_who_crosses() -> None:
    story = Story(emptied_by_quiet(), now=AT_NINE_PM).counted(0, 0).counted(30, 20)
    story.after(HOUR_S).counted(30, 21)
    assert story.after(HOUR_S).elapsed() == []
    assert story.after(HOUR_S).elapsed() == [QUIET]


def test_the_quiet_of_opening_hours_says_nothing() -> None:
    story = Story(emptied_by_quiet(), now=MONDAY_9H).counted(0, 0).counted(3, 0)
    six_pm = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    assert due(story.day) == six_pm + timedelta(hours=2)


def nobody_came(story: Story) -> None:
    story.counted(0, 0)


def somebody_counted_since(story: Story) -> None:
    story.counted(0, 0).counted(30, 20).after(1)
    story.when(CorrectPeople(room="main", people=1, why="counted"))


def counter_is_silent(story: Story) -> None:
    story.counted(0, 0).counted(30, 20)
    story.when(NoteSilence(device=COUNTER, is_silent=True))


def counter_is_blocked(story: Story) -> None:
    story.counted(0, 0)
    story.when(CountPeople(device=COUNTER, epoch="e1", entered=30, left=20, quality=CountQuality.BLOCKED))


def totals_fell_back(story: Story) -> None:
    story.counted(0, 0).counted(30, 20).counted(29, 20)


def a_side_door_is_not_counted(story: Story) -> None:
    story.counted(0, 0).counted(30, 20)
    side = Door(id="side", to_room="main", uncounted_share=0.1)
    story.when(ChangeLobby(lobby=replace(story.lobby, doors=(*story.lobby.doors, side))))


@pytest.mark.parametrize(
    "what",
    [
        nobody_came,
        somebody_counted_since,
        counter_is_silent,
        counter_is_blocked,
        totals_fell_back,
        a_side_door_is_not_counted,
    ],
)
def test_no_quiet_says_anything(what: Callable[[Story], None]) -> None:
    """Where nothing would change, where the number is what somebody has counted, and where not everybody is seen."""
    story = Story(emptied_by_quiet(), now=AT_NINE_PM)
    what(story)
    assert story.after(3 * HOUR_S).elapsed() == []


def test_a_counter_that_is_heard_again_with_what_it_counted_ends_the_quiet() -> None:
    story = Story(emptied_by_quiet(), now=AT_NINE_PM).counted(0, 0).counted(30, 20)
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    story.after(3 * HOUR_S).counted(31, 20)
    story.when(NoteSilence(device=COUNTER, is_silent=False))
    assert story.elapsed() == []
    assert due(story.day) == story.now + timedelta(hours=2)


def test_a_hub_that_begins_waits_for_its_counters_before_it_believes_a_quiet() -> None:
    story = Story(emptied_by_quiet(), now=AT_NINE_PM).counted(0, 0).counted(30, 20).after(4 * HOUR_S)
    story.when(TakeOver(term=1, holder="b"))
    assert story.elapsed() == []
    assert due(story.day) == story.now + timedelta(seconds=180)
    story.after(60).counted(33, 20)
    assert due(story.day) == story.now + timedelta(hours=2)


def served(story: Story) -> list[AnyEvent] | Refusal:
    story.with_ticket()
    story.call_next()
    return story.press(Start)


def test_while_somebody_is_served_and_for_that_long_after_it_is_not_quiet() -> None:
    story = Story(emptied_by_quiet(HOUR_S), now=datetime(2026, 3, 2, 17, 50, tzinfo=UTC)).with_open_desk()
    story.counted(0, 0).counted(4, 0)
    served(story)
    assert story.after(3 * HOUR_S).elapsed() == []
    story.call_next()
    assert due(story.day) == story.now + timedelta(hours=1)
    assert story.after(HOUR_S).elapsed() == [QUIET]
    assert breaches(story) == []


# --- found by its checker ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after_s", "event", "sentence"),
    [
        (600, EMPTY, "no hour of it"),
        (600, QUIET, "not quiet for so long"),
        (HOUR_S, PeopleCorrected(room="main", people=3, why="schedule"), "but for 3 people"),
        (HOUR_S + 600, None, "known to be empty at 22:00:00, and nobody said so"),
    ],
)
def test_a_correction_that_was_not_to_be_or_is_missing_is_found(
    after_s: int, event: PeopleCorrected | None, sentence: str
) -> None:
    story = Story(a_room(empty_at=("22:00",), empty_after_quiet_s=HOUR_S), now=AT_NINE_PM).counted(0, 0)
    story.counted(30, 20).after(after_s)
    story.journal.append((story.now, event or PeopleCorrected(room="main", people=1, why="counted")))
    assert any(sentence in it for it in breaches(story)), breaches(story)
