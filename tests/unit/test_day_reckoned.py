"""Rooms with a gate confidence: their people are estimated by the filter that learns, and the gate acts on that."""

from dataclasses import replace
from random import Random

import msgspec
import pytest

from hub.day import occupancy
from hub.day.events import AnyEvent, DayOpened, TicketAdmitted
from hub.day.inputs import (
    ChangeLobby,
    CloseDay,
    CorrectPeople,
    Finish,
    IssueTicket,
    NoShow,
    NoteSilence,
    OpenDay,
    Start,
)
from hub.day.lobby import Lobby
from hub.day.people.crossings import usual_stay_s
from tests.given import COUNTER, Story, a_lobby

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


@pytest.mark.parametrize("lasting_min", [5, 30, 120])
def test_who_left_while_a_counter_was_not_heard_is_not_taken_for_a_crowd(lasting_min: int) -> None:
    story, chance = Story(a_learning_lobby(limit_people=100)).counted(0, 0), Random(1)
    comes_s = sorted(chance.uniform(0, 4 * 3600) for _ in range(400))
    leaves_s = [it + chance.expovariate(1 / 1500) for it in comes_s]
    crossings = sorted([(it, True) for it in comes_s] + [(it, False) for it in leaves_s if it < 4 * 3600])
    entered, passed_s = 0, 0.0
    for n, (at_s, is_entry) in enumerate(crossings, start=1):
        entered += is_entry
        story.after(at_s - passed_s).counted(entered, n - entered)
        passed_s = at_s
    inside = 2 * entered - len(crossings)
    assert inside > 30
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    story.after(60 * lasting_min).counted(entered, entered)
    story.when(NoteSilence(device=COUNTER, is_silent=False))
    known = occupancy.estimate(story.day, "main")
    assert known.lower is not None
    assert known.upper is not None
    assert known.lower <= inside / 2
    assert known.upper <= 2 * inside


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


def test_a_room_that_learns_no_more_goes_on_from_what_was_known_and_margins_grow_from_there() -> None:
    story = Story(a_learning_lobby()).counted(0, 0)
    totals = live_through(story, visitors=300, missed_every=15)
    before = occupancy.estimate(story.day, "main")
    assert before.value is not None
    story.when(ChangeLobby(lobby=a_lobby(margin_per_crossing=0.01)))
    assert story.day.rooms["main"].known is None
    after = occupancy.estimate(story.day, "main")
    assert (after.value, after.upper) == (before.value, before.upper)
    story.counted(totals[0] + 100, totals[1] + 100)
    wider = occupancy.estimate(story.day, "main")
    assert (wider.value, wider.upper) == (before.value, (before.upper or 0) + 2)
    assert story.replayed() == story.day


def turned(story: Story, lobby: Lobby) -> Story:
    """The next morning, by that description."""
    story.when(CloseDay())
    story.after(86_400).when(OpenDay(day=story.now.date(), lobby=lobby))
    return story


def test_a_room_that_begins_to_learn_when_the_day_turns_holds_the_people_of_the_evening() -> None:
    story = turned(Story(a_lobby()).counted(0, 0).counted(7, 0), a_learning_lobby())
    known = occupancy.estimate(story.day, "main")
    assert (known.value, known.upper) == (7, 7)
    assert story.replayed() == story.day


def test_a_room_that_learns_no_more_when_the_day_turns_holds_the_people_that_were_known() -> None:
    story = Story(a_learning_lobby()).counted(0, 0)
    live_through(story, visitors=300, missed_every=15)
    before = occupancy.estimate(story.day, "main").value
    assert story.day.rooms["main"].people == 20, "or the bare count would do"
    assert occupancy.estimate(turned(story, a_lobby()).day, "main").value == before


def test_the_highest_number_of_a_day_is_not_the_bare_count_of_the_evening_before() -> None:
    story = Story(a_learning_lobby()).counted(0, 0)
    live_through(story, visitors=300, missed_every=15)
    room = turned(story, a_learning_lobby()).day.rooms["main"]
    assert room.known is not None
    assert room.highest_people == round(room.known.value) < 20


def test_the_confidence_is_recorded_with_each_admission_and_with_none_that_tickets_or_margins_allow() -> None:
    lobby = a_learning_lobby(limit_people=12, admitted=True)
    by_tickets = tuple(replace(it, unknown="tickets") for it in lobby.rooms)
    story = Story(replace(lobby, rooms=by_tickets)).with_open_desk().counted(0, 0)
    first = story.with_ticket()
    story.elapsed()
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    second = story.with_ticket()
    story.elapsed()
    told = {it.ticket: it.confidence for _, it in story.journal if isinstance(it, TicketAdmitted)}
    assert told == {first.id: CONFIDENCE, second.id: None}


def served_after(story: Story, wait_s: float, printer: str = "kiosk-1/printer") -> None:
    """Somebody takes a ticket at the kiosk in the room, is called after so long, and served for a minute."""
    ticket = f"slip-{len(story.journal)}"
    story.when(
        IssueTicket(
            ticket=ticket, token_hash=ticket, service="passports", language="en", channel="kiosk", printer=printer
        )
    )
    story.after(wait_s).call_next()
    story.press(Start)
    story.after(60).press(Finish)


def usual_s(story: Story) -> float:
    room = story.day.rooms["main"].reckoned
    assert room is not None
    return usual_stay_s(room.people)


def test_the_first_tickets_say_how_long_people_stay_here() -> None:
    short, long, untold = (Story(a_learning_lobby()).with_open_desk().counted(0, 0) for _ in range(3))
    for _ in range(50):
        served_after(short, 60)
        served_after(long, 3_000)
        served_after(untold, 60, printer="")
    assert usual_s(short) < 400
    assert usual_s(long) > 1_200
    assert 500 < usual_s(untold) < 1_100, "nobody knows where they took their tickets"
    for story in (short, long, untold):
        assert story.replayed() == story.day


def test_who_was_away_meanwhile_says_nothing_of_it() -> None:
    story = Story(a_learning_lobby()).with_open_desk().counted(0, 0)
    before = usual_s(story)
    story.when(
        IssueTicket(
            ticket="t", token_hash="h", service="passports", language="en", channel="kiosk", printer="kiosk-1/printer"
        )
    )
    story.call_next()
    story.press(NoShow)
    story.after(400).elapsed()
    story.call_next()
    story.press(Start)
    story.after(60).press(Finish)
    assert usual_s(story) == before


def takes_a_ticket_inside(story: Story) -> None:
    ticket = f"slip-{len(story.journal)}"
    story.after(1).when(
        IssueTicket(
            ticket=ticket,
            token_hash=ticket,
            service="passports",
            language="en",
            channel="kiosk",
            printer="kiosk-1/printer",
            room="main",
        )
    )


def test_the_upper_bound_is_no_less_than_those_inside_with_a_ticket_that_is_newer_than_a_correction() -> None:
    story = Story(a_learning_lobby(admitted=True)).counted(0, 0)
    for _ in range(12):
        takes_a_ticket_inside(story)
    known = occupancy.estimate(story.day, "main")
    assert (known.value, known.upper) == (0, 12), "in a line that nobody leaves, exits say nothing of its length"
    story.after(1).when(CorrectPeople(room="main", people=3, why="counted"))
    assert occupancy.estimate(story.day, "main").upper == 3, "whoever has looked knows better"
    for _ in range(5):
        takes_a_ticket_inside(story)
    assert occupancy.estimate(story.day, "main").upper == 5
    assert story.replayed() == story.day
