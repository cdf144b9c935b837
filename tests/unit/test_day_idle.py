"""Rooms with an estimate that learns, and nobody crosses their doors: time alone moves it, and that is written down
as seldom as can be."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hub.day import occupancy
from hub.day.due import due
from hub.day.events import TicketAdmitted
from hub.day.inputs import CorrectPeople, CountPeople, EndEvacuation, Evacuate, NoteSilence, TakeOver
from hub.day.model import Day
from hub.day.people_events import OverLimitBegan, OverLimitEnded, PeopleCorrected, PeopleReckoned
from hub.journal import Entry, Journal
from simulator.gate_report import gate_report
from simulator.rule_checker import rule_violations
from tests.given import COUNTER, Story, a_lobby
from tests.hubs import Stage, run
from tests.unit.test_day_reckoned import a_learning_lobby, live_through


def after_an_hour(limit_people: int = 30, *, admitted: bool = False) -> Story:
    """Sixty people came, one a minute, and stayed ten minutes; one exit in ten was missed."""
    story = Story(a_learning_lobby(limit_people, admitted=admitted)).counted(0, 0)
    live_through(story, visitors=60, missed_every=10)
    return story


def wait_until(story: Story, at: datetime) -> list[tuple[datetime, PeopleReckoned]]:
    """Whatever is due happens at its time; the estimates that moved by themselves."""
    moved = []
    while (next_at := due(story.day, story.now)) is not None and next_at <= at:
        story.now = max(story.now, next_at)
        moved += [(story.now, it) for it in story.elapsed() if isinstance(it, PeopleReckoned)]
    story.now = at
    return moved


def shown(day: Day) -> tuple[int | None, int | None, int | None]:
    known = occupancy.estimate(day, "main")
    return known.value, known.lower, known.upper


def breaches(story: Story) -> list[str]:
    rows = [Entry(seq, "2026-03-02", at, event) for seq, (at, event) in enumerate(story.journal, 1)]
    return [*rule_violations(rows, until=story.now), *gate_report(rows).violations]


def test_while_nobody_crosses_the_estimate_comes_down_by_events_that_say_what_it_is() -> None:
    story = after_an_hour()
    before = shown(story.day)
    moved = wait_until(story, story.now + timedelta(hours=2))
    assert moved
    told = [(it.people, it.lower_people, it.upper_people) for _, it in moved]
    assert told[-1] == shown(story.day)
    assert told[-1][2] < (before[2] or 0)
    assert all(one != other for one, other in zip([before, *told], told, strict=False)), "each row changes something"
    instants = [at for at, _ in moved]
    assert all(later - at >= timedelta(minutes=1) for at, later in pairwise(instants))
    assert breaches(story) == []


def test_a_restart_reckons_the_same() -> None:
    story = after_an_hour()
    wait_until(story, story.now + timedelta(minutes=40))
    story.counted(61, 60)
    assert story.replayed() == story.day


def test_when_it_is_asked_does_not_matter() -> None:
    """A hub that looks at what is due after each input, and one that looks once, find the same instants."""
    one, other = after_an_hour(), after_an_hour()
    until = one.now + timedelta(minutes=45)
    while one.now < until:
        one.after(7)
        due(one.day, one.now)
    one.now = other.now
    assert wait_until(one, until) == wait_until(other, until)


def test_nothing_is_looked_up_while_people_cross_every_minute() -> None:
    story = after_an_hour()
    assert due(story.day, story.now) == story.now + timedelta(minutes=1)
    assert story.day.rooms["main"].foreseen is None
    story.after(59)
    assert due(story.day, story.now) == story.now + timedelta(seconds=1)
    assert story.day.rooms["main"].foreseen is None


def test_an_estimate_at_rest_writes_nothing_all_night_and_is_seldom_asked() -> None:
    story = after_an_hour()
    wait_until(story, story.now + timedelta(hours=4))
    story.when(CorrectPeople(room="main", people=0, why="empty"))
    rows, asked = len(story.journal), 0
    until = story.now + timedelta(hours=8)
    while (at := due(story.day, story.now)) is not None and at <= until:
        asked += 1
        assert at > story.now, "a loop without an end"
        story.now = at
    assert len(story.journal) == rows
    assert asked <= 17
    assert shown(story.day) == (0, 0, 0)


def test_a_room_that_nobody_knows_does_not_move() -> None:
    story = after_an_hour()
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    assert wait_until(story, story.now + timedelta(hours=2)) == []
    story.when(NoteSilence(device=COUNTER, is_silent=False))
    assert wait_until(story, story.now + timedelta(minutes=1))


def test_a_hub_that_begins_waits_for_its_counters() -> None:
    story = after_an_hour().after(7_200)
    story.when(TakeOver(term=1, holder="b"))
    assert story.elapsed() == []
    assert due(story.day, story.now) == story.now + timedelta(seconds=180)


def test_during_an_evacuation_it_stands_still() -> None:
    story = after_an_hour()
    story.when(Evacuate(by="facilities"))
    assert wait_until(story, story.now + timedelta(hours=2)) == []
    story.when(EndEvacuation(by="facilities"))
    assert shown(story.day) == (0, 0, 0)


def test_places_that_become_free_in_time_are_given_to_who_waits() -> None:
    story = after_an_hour(limit_people=8, admitted=True).with_open_desk()
    for _ in range(3):
        story.with_ticket()
    story.elapsed()
    before = sum(isinstance(event, TicketAdmitted) for _, event in story.journal)
    wait_until(story, story.now + timedelta(minutes=20))
    after = sum(isinstance(event, TicketAdmitted) for _, event in story.journal)
    assert after > before
    assert breaches(story) == []


def test_an_alarm_ends_when_the_estimate_is_below_the_limit_again() -> None:
    story = after_an_hour(limit_people=5)
    assert any(isinstance(it, OverLimitBegan) for it in story.elapsed())
    wait_until(story, story.now + timedelta(hours=1))
    assert any(isinstance(event, OverLimitEnded) for _, event in story.journal)


def test_a_room_without_a_filter_has_nothing_due() -> None:
    lobby = a_lobby()
    story = Story(replace(lobby, rooms=lobby.rooms)).counted(0, 0).counted(9, 0)
    assert due(story.day, story.now) == story.day.ends_at


def test_a_hub_does_all_of_it_in_its_moment_and_nothing_else() -> None:
    async def story(stage: Stage) -> None:
        lobby = a_learning_lobby()
        room = replace(lobby.rooms[0], empty_at=("12:00",), empty_after_quiet_s=1_800, longest_stay_s=7_200)
        writer = await stage.writer(replace(lobby, hours={"mon": ("08:00-10:30",)}, rooms=(room,)))
        for entered in range(31):
            await writer.submit(CountPeople(device=COUNTER, epoch="e", entered=entered, left=max(0, entered - 8)))
            await asyncio.sleep(30)
        await asyncio.sleep(5 * 3_600)
        rows = Journal(stage.engine).history(writer.id)
        moved = [it.at for it in rows if isinstance(it.event, PeopleReckoned)]
        assert len(moved) > 5
        assert all(later - at >= timedelta(minutes=1) for at, later in pairwise(moved))
        corrected = [(it.event.why, f"{it.at:%H:%M}") for it in rows if isinstance(it.event, PeopleCorrected)]
        assert corrected == [("quiet", "11:00"), ("schedule", "12:00")], "then nobody is left who could stay too long"
        assert shown(await writer.read(lambda day, now: day)) == (0, 0, 0)

    run(story)
