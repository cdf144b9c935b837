"""The points that a journal makes: true, free of persons, and the same wherever one begins to read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from hub.day.events import DayOpened, TookOver
from hub.day.hours import WEEKDAYS
from hub.day.inputs import (
    CancelTicket,
    CloseDay,
    CloseDesk,
    CorrectPeople,
    Finish,
    NoShow,
    NoteSilence,
    OpenDay,
    Recall,
    Start,
    UndoCall,
)
from hub.history.chronicle import Chronicle
from hub.history.points import Crossing, DeskState, DeviceState, Line, Occupancy, Point, Visit
from hub.journal import Entry
from tests.given import COUNTER, MONDAY_9H, Story, a_lobby

P = TypeVar("P", bound=Point)


def entries(story: Story) -> list[Entry]:
    return [Entry(seq, "", at, event) for seq, (at, event) in enumerate(story.journal, start=1)]


def points(story: Story, from_seq: int = 1) -> dict[int, list[Point]]:
    """Journal position to its points, read on from the `DayOpened` at `from_seq`."""
    chronicle = Chronicle("hall")
    return {entry.seq: chronicle.take(entry) for entry in entries(story)[from_seq - 1 :]}


def told(story: Story, kind: type[P]) -> list[P]:
    return [point for found in points(story).values() for point in found if isinstance(point, kind)]


def minutes(point: Point) -> float:
    """After the story began."""
    return (point.at - MONDAY_9H).total_seconds() / 60


def test_a_room_is_noted_with_its_bounds_when_it_changes() -> None:
    story = Story(a_lobby(margin_per_crossing=0.1, limit_people=40)).after(60).counted(0, 0)
    story.after(60).counted(30, 0).after(60).counted(30, 0)
    unknown, empty, thirty = told(story, Occupancy)
    assert (unknown.people, unknown.upper_people, unknown.quality) == (None, None, "unknown")
    assert (empty.people, empty.quality) == (0, "live")
    assert (thirty.lower_people, thirty.people, thirty.upper_people, thirty.limit_people) == (27, 30, 33, 40)
    assert (thirty.site, thirty.room, minutes(thirty)) == ("hall", "main", 2)


def test_a_silent_counter_makes_its_room_unknown_and_not_empty() -> None:
    story = Story().counted(0, 0).counted(5, 0).after(60)
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    assert [point.people for point in told(story, Occupancy)] == [None, 0, 5, None]
    states = [point.state for point in told(story, DeviceState) if point.device == COUNTER]
    assert states == ["unheard", "ok", "silent"]


def test_what_does_not_change_is_noted_every_five_minutes() -> None:
    story = Story().counted(0, 0).counted(5, 0).after(16 * 60).counted(6, 0)
    noted = [(minutes(point), point.people) for point in told(story, Occupancy)]
    assert noted[-4:] == [(5, 5), (10, 5), (15, 5), (16, 6)]


def test_a_quiet_time_is_told_while_it_lasts_and_not_again_after_it() -> None:
    story = Story().counted(0, 0).counted(5, 0)
    chronicle = Chronicle("hall")
    for entry in entries(story):
        chronicle.take(entry)
    quiet = [
        minutes(it) for it in chronicle.quiet_until(MONDAY_9H + timedelta(minutes=11)) if isinstance(it, Occupancy)
    ]
    assert quiet == [5, 10]
    assert chronicle.quiet_until(MONDAY_9H + timedelta(minutes=11)) == []
    story.after(16 * 60).counted(6, 0)
    after = [minutes(it) for it in chronicle.take(entries(story)[-1]) if isinstance(it, Occupancy)]
    assert after == [15, 16]


def test_nothing_is_told_of_the_time_in_which_no_hub_was_there() -> None:
    story = Story().counted(0, 0).after(3_600)
    story.journal.append((story.now, TookOver(term=2, holder="next")))
    story.after(1).counted(1, 0)
    assert [minutes(point) for point in told(story, Occupancy)][-1] > 60
    assert all(not 5 <= minutes(point) < 60 for point in told(story, Occupancy))


def test_crossings_are_the_differences_of_totals() -> None:
    story = Story().counted(1_000, 990).after(10).counted(1_003, 990).after(10).counted(1_003, 990)
    story.after(10).counted(2, 1, epoch="e2")
    assert [(point.door, point.entered, point.left) for point in told(story, Crossing)] == [
        ("front", 3, 0),
        ("front", 2, 1),
    ]


def test_a_desk_is_noted_as_what_it_does() -> None:
    story = Story().with_open_desk()
    story.with_ticket()
    story.after(100).call_next()
    story.after(20).when(Start(desk="1", seen=story.day.desks["1"].seq, by="page"))
    story.after(60).when(Finish(desk="1", seen=story.day.desks["1"].seq, by="page"))
    story.after(60).when(CloseDesk(desk="1", by="page"))
    noted = [(minutes(point), point.state) for point in told(story, DeskState) if point.desk == "1"]
    assert [state for _, state in noted] == ["closed", "free", "called", "serving", "free", "closed"]
    assert noted[2][0] == 100 / 60


def test_a_visit_has_waited_until_its_first_call() -> None:
    story = Story().with_open_desk()
    story.with_ticket(party_people=3)
    story.after(100).call_next()
    story.after(20).when(Recall(desk="1", seen=story.day.desks["1"].seq, by="page"))
    story.after(5).when(Start(desk="1", seen=story.day.desks["1"].seq, by="page"))
    story.after(200).call_next()
    (visit,) = told(story, Visit)
    assert (visit.service, visit.desk, visit.outcome, visit.party_people) == ("passports", "1", "served", 3)
    assert (visit.wait_s, visit.service_s) == (100, 200)


def test_without_a_start_the_service_begins_with_the_last_call() -> None:
    story = Story().with_open_desk()
    story.with_ticket()
    story.call_next()
    story.after(60).call_next()
    assert [visit.service_s for visit in told(story, Visit)] == [60]


def test_a_visit_that_nobody_served_says_how_it_ended() -> None:
    story = Story().with_open_desk()
    story.with_ticket("permits")
    given_back = story.with_ticket()
    story.after(50).call_next()
    story.when(NoShow(desk="1", seen=story.day.desks["1"].seq, by="page"))
    story.when(CancelTicket(ticket=given_back.id))
    story.when(CloseDay())
    assert [
        (visit.service, visit.outcome, visit.desk, visit.wait_s, visit.service_s) for visit in told(story, Visit)
    ] == [
        ("passports", "cancelled", "", None, None),
        ("permits", "day-end", "1", 50, None),
    ]


def test_lines_are_counted_inside_and_outside() -> None:
    story = Story(a_lobby(admitted=True, limit_people=1)).counted(0, 0)
    for _ in range(3):
        story.with_ticket()
    story.elapsed()
    newest = [point for point in told(story, Line) if point.service == "passports"][-1]
    assert (newest.inside, newest.outside) == (1, 2)


def test_points_of_one_instant_do_not_overwrite_one_another() -> None:
    story = Story()
    for _ in range(500):
        story.with_ticket()
    story.when(CloseDay())
    visits = told(story, Visit)
    assert len({(point.at, point.series) for point in visits}) == len(visits) == 500
    assert max(point.at for point in visits) - story.now < timedelta(seconds=2)


def test_no_point_holds_a_ticket_or_a_person() -> None:
    story = Story().with_open_desk()
    story.with_ticket()
    story.call_next()
    story.after(10).call_next()
    fields = {name for found in points(story).values() for point in found for name in msgspec.structs.asdict(point)}
    assert not fields & {"ticket", "number", "token", "token_hash", "appointment", "language"}
    text = msgspec.json.encode([point for found in points(story).values() for point in found])
    for secret in (b'"t1"', b'"h1"', b"A001"):
        assert secret not in text


STEPS: tuple[Callable[[Story], object], ...] = (
    lambda story: story.with_ticket(),
    lambda story: story.with_ticket("permits", party_people=2),
    lambda story: story.call_next("1"),
    lambda story: story.call_next("2"),
    lambda story: story.when(Start(desk="1", seen=story.day.desks["1"].seq, by="page")),
    lambda story: story.when(NoShow(desk="2", seen=story.day.desks["2"].seq, by="page")),
    lambda story: story.counted(len(story.journal), len(story.journal) // 2),
    lambda story: story.when(CorrectPeople(room="main", people=3, why="counted")),
    lambda story: story.when(NoteSilence(device=COUNTER, is_silent=True)),
    lambda story: story.after(400).elapsed(),
    lambda story: story.after(24 * 3_600).when(CloseDay()),
    lambda story: story.when(OpenDay(day=story.now.date(), lobby=story.lobby)),
)


@given(st.lists(st.sampled_from(STEPS), max_size=40))
def test_wherever_one_begins_to_read_the_points_are_the_same(steps: list[Callable[[Story], object]]) -> None:
    always: dict[str, tuple[str, ...]] = dict.fromkeys(WEEKDAYS, ("00:00-24:00",))
    lobby = replace(a_lobby(margin_per_crossing=0.05), hours=always)
    story = Story(lobby).with_open_desk("1").with_open_desk("2")
    for step in steps:
        if story.day.is_open or step in STEPS[-2:]:
            step(story)
    whole = points(story)
    for seq, (_, event) in enumerate(story.journal, start=1):
        if isinstance(event, DayOpened):
            assert points(story, seq) == {at: found for at, found in whole.items() if at >= seq}


def test_a_visit_is_told_once_although_the_call_that_ended_it_is_undone() -> None:
    story = Story().with_open_desk()
    story.with_ticket(), story.with_ticket()
    story.after(60).call_next()
    story.after(60).press(Start)
    story.after(60).call_next()
    story.after(5).press(UndoCall)
    story.after(60).call_next()
    story.after(60).press(Finish)
    first, second = told(story, Visit)
    assert (first.wait_s, first.service_s) == (60, 60)
    assert (second.wait_s, second.service_s) == (245, 60), "the call that was undone is none"
