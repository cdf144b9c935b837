"""Rooms with a gate confidence: their people are estimated by the filter that learns, and the gate acts on that."""

from dataclasses import replace

import msgspec

from hub.day import occupancy
from hub.day.events import AnyEvent, DayOpened, TicketAdmitted
from hub.day.inputs import ChangeLobby, CloseDay, CorrectPeople, OpenDay
from hub.day.lobby import Lobby
from tests.given import Story, a_lobby

CONFIDENCE = 0.98


def a_learning_lobby(limit_people: int = 30, *, admitted: bool = False) -> Lobby:
    lobby = a_lobby(limit_people=limit_people, admitted=admitted, margin_per_crossing=0.01)
    return replace(lobby, rooms=tuple(replace(it, gate_confidence=CONFIDENCE) for it in lobby.rooms))


def live_through(story: Story, visitors: int, missed_every: int) -> tuple[int, int]:
    """Somebody comes each minute and leaves after ten; one exit in so many is not counted. The counter's totals."""
    entered = left = 0
    for minute in range(visitors + 10):
        if minute < visitors:
            entered += 1
        if minute >= 10 and minute % missed_every:
            left += 1
        story.after(60).counted(entered, left)
    return entered, left


def test_missed_exits_are_learned_instead_of_added_up() -> None:
    learning, adding = Story(a_learning_lobby()).counted(0, 0), Story(a_lobby(margin_per_crossing=0.01)).counted(0, 0)
    for story in (learning, adding):
        live_through(story, visitors=300, missed_every=15)
    known, added = occupancy.estimate(learning.day, "main"), occupancy.estimate(adding.day, "main")
    assert added.value == 20
    assert known.value is not None
    assert known.value <= 8
    assert known.upper is not None
    assert known.upper < 20


def test_a_day_that_is_replayed_reckons_the_same() -> None:
    story = Story(a_learning_lobby()).counted(0, 0)
    live_through(story, visitors=60, missed_every=9)
    story.when(CorrectPeople(room="main", people=4, why="counted"))
    live_through(story, visitors=5, missed_every=9)
    assert story.replayed() == story.day


def test_a_count_by_hand_is_the_number() -> None:
    story = Story(a_learning_lobby()).counted(0, 0).counted(40, 0)
    story.when(CorrectPeople(room="main", people=12, why="counted"))
    known = occupancy.estimate(story.day, "main")
    assert (known.value, known.lower, known.upper) == (12, 12, 12)


def test_the_next_day_begins_with_what_was_learned_and_survives_being_written_down() -> None:
    story = Story(a_learning_lobby()).counted(0, 0)
    live_through(story, visitors=200, missed_every=10)
    before = story.day.rooms["main"].reckoned
    assert before is not None
    story.when(CloseDay())
    story.after(86_400).when(OpenDay(day=story.now.date(), lobby=story.lobby))
    opened = [event for _, event in story.journal if isinstance(event, DayOpened)][-1]
    assert msgspec.json.decode(msgspec.json.encode(opened), type=AnyEvent) == opened
    after = story.day.rooms["main"].reckoned
    assert after is not None
    assert after.people.shortfalls[5] > 0.04
    assert sum(after.people.stays) > 0.5
    assert story.replayed() == story.day


def test_nobody_is_invited_beyond_the_limit_at_the_gates_confidence() -> None:
    story = Story(a_learning_lobby(limit_people=6, admitted=True)).with_open_desk().counted(0, 0)
    entered = 0
    for _ in range(12):
        story.with_ticket()
    for _ in range(40):
        story.after(20).elapsed()
        if story.day.rooms["main"].reservations:
            entered += 1
            story.counted(entered, entered // 3)
    admitted = [event for _, event in story.journal if isinstance(event, TicketAdmitted)]
    assert admitted
    assert all(it.upper_people + it.reserved_people + 1 <= it.limit_people for it in admitted)


def test_a_confidence_that_is_taken_back_gives_the_margins_back() -> None:
    story = Story(a_learning_lobby()).counted(0, 0).counted(10, 0)
    assert story.day.rooms["main"].known is not None
    story.when(ChangeLobby(lobby=a_lobby(margin_per_crossing=0.01)))
    assert story.day.rooms["main"].known is None
    assert occupancy.estimate(story.day, "main").upper == 11
    assert story.replayed() == story.day
