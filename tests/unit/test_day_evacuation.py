"""Everybody leaves the building: nobody is called, invited or given a ticket, and tickets keep what they had."""

from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.day import events, inputs, occupancy
from hub.day.due import due
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.gate_state import state_of
from hub.day.inputs import CloseDay, EndEvacuation, Evacuate, OpenDay
from hub.day.model import TicketState
from hub.day.people_events import PeopleCorrected
from hub.day.refusal import Code, Refusal
from hub.day.views import device_views
from hub.history.chronicle import Chronicle
from hub.history.points import DeskState, Line, Visit
from hub.journal import Entry
from tests.given import Story, a_lobby
from wire.messages import Gate, GateState, KioskView, PanelView, SignView


def a_hall(limit_people: int = 5) -> Story:
    """Somebody is served, somebody called, one is inside, one on the way, one outside."""
    story = (
        Story(a_lobby(limit_people=limit_people, admitted=True)).with_open_desk("1").with_open_desk("2").counted(0, 0)
    )
    for _ in range(limit_people + 1):
        story.with_ticket()
        story.elapsed()
    story.counted(limit_people - 1, 0)
    story.call_next("1")
    story.press(inputs.Start, "1")
    story.call_next("2")
    return story


def out(story: Story) -> Story:
    story.when(Evacuate(by="facilities"))
    return story


def back(story: Story, **people: int) -> list[events.AnyEvent]:
    ended = story.when(EndEvacuation(by="facilities", people=people))
    assert isinstance(ended, list)
    return ended


def test_one_order_empties_the_building_and_a_second_one_changes_nothing() -> None:
    story = a_hall()
    assert story.when(Evacuate(by="manager")) == [EvacuationBegan(by="manager")]
    assert story.when(Evacuate(by="facilities")) == []
    assert state_of(story.day, story.day.rooms["main"]) is GateState.EVACUATE
    assert story.gate() is Gate.WAIT


@pytest.mark.parametrize(
    "wish",
    [
        inputs.IssueTicket(ticket="x", token_hash="x", service="passports", language="en", channel="phone"),
        inputs.CheckIn(code_hash="c", ticket="x", token_hash="x", language="en", channel="kiosk"),
        *[
            kind(desk="1", seen=None, by="panel")
            for kind in (inputs.CallNext, inputs.Recall, inputs.NoShow, inputs.Start)
        ],
        inputs.UndoCall(desk="2", seen=None, by="page"),
        inputs.PickTicket(desk="1", ticket="t4", seen=None, by="page"),
    ],
)
def test_meanwhile_nobody_is_called_or_given_a_ticket(wish: Any) -> None:
    assert out(a_hall()).when(wish) == Refusal(code=Code.EVACUATION)


def test_meanwhile_nobody_is_invited_and_no_place_grace_or_ticket_ends() -> None:
    story = a_hall()
    missed = story.day.tickets[story.day.desks["2"].ticket]
    story.press(inputs.NoShow, "2")
    story.press(inputs.Park, "1")
    out(story).counted(4, 4)
    assert story.after(4 * 3_600).elapsed() == []
    assert (missed.state, len(story.day.parked)) == (TicketState.MISSED, 1)
    assert due(story.day) == story.day.ends_at
    assert not any(isinstance(it, events.TicketAdmitted) for _, it in story.journal[-3:])


def test_every_display_says_so_and_nothing_else() -> None:
    story = out(a_hall())
    views = device_views(story.day, story.now, "http://hub")
    sign, kiosk, panel = views["door-1/sign"], views["kiosk-1/kiosk"], views["desk-1/panel"]
    assert isinstance(sign, SignView)
    assert isinstance(kiosk, KioskView)
    assert isinstance(panel, PanelView)
    assert (sign.room_state, sign.gate, sign.invited) == (GateState.EVACUATE, Gate.WAIT, [])
    assert kiosk.evacuates
    assert not any(it.open for it in kiosk.services)
    assert (panel.waiting, panel.room_state) == (0, GateState.EVACUATE)


def test_whoever_is_being_served_gets_up_and_is_not_counted_as_inside() -> None:
    story = a_hall()
    served = story.day.tickets[story.day.desks["1"].ticket]
    out(story).counted(4, 4)
    assert served.state is TicketState.CALLED
    known = occupancy.estimate(story.day, "main")
    assert (known.lower, known.value) == (0, 0)


def test_afterwards_everybody_waits_outside_in_the_old_order_and_those_at_desks_come_back_first() -> None:
    story = a_hall()
    at_desks = {desk.ticket for desk in story.day.desks.values()}
    line = [it.id for it in story.day.tickets.values() if it.id not in at_desks]
    out(story).counted(4, 4).after(900)
    assert back(story) == [
        PeopleCorrected(room="main", people=0, why="empty"),
        EvacuationEnded(by="facilities", lasted_s=900, kept_until_at=story.now + timedelta(seconds=180)),
    ]
    room = story.day.rooms["main"]
    assert {it.ticket for it in room.reservations} == at_desks
    assert all(story.day.tickets[it].is_outside for it in line)
    invited = [it.ticket for it in story.elapsed() if isinstance(it, events.TicketAdmitted)]
    assert invited == line[:3], "five places, of which two are kept for those at desks"
    assert story.replayed() == story.day


def test_people_who_stayed_are_counted_when_it_ends() -> None:
    story = out(a_hall())
    ended = back(story, main=3)
    assert ended[0] == PeopleCorrected(room="main", people=3, why="counted")
    assert story.day.rooms["main"].people == 3


def test_a_grace_and_a_kept_place_last_as_long_as_before() -> None:
    story = a_hall()
    missed, parked = story.day.tickets[story.day.desks["2"].ticket], story.day.tickets[story.day.desks["1"].ticket]
    story.press(inputs.NoShow, "2")
    story.press(inputs.Park, "1")
    back_at, until_at = missed.back_at, parked.parked_until_at
    assert back_at is not None
    assert until_at is not None
    out(story).after(1_000)
    back(story)
    assert missed.back_at == back_at + timedelta(seconds=1_000)
    assert parked.parked_until_at == until_at + timedelta(seconds=1_000)
    assert story.replayed() == story.day


def test_ending_what_has_not_begun_changes_nothing_and_unknown_rooms_are_refused() -> None:
    story = a_hall()
    assert back(story) == []
    out(story)
    assert story.when(EndEvacuation(by="admin", people={"cellar": 1})) == Refusal(
        code=Code.UNKNOWN_ROOM, facts={"room": "cellar"}
    )
    wrong = story.when(EndEvacuation(by="admin", people={"main": -1}))
    assert isinstance(wrong, Refusal)
    assert wrong.code is Code.BAD_PEOPLE


def test_it_outlasts_the_turn_of_the_day() -> None:
    story = out(a_hall())
    since_at = story.now
    story.when(CloseDay())
    story.after(3_600)
    story.when(OpenDay(day=story.now.date() + timedelta(days=1), lobby=story.lobby))
    assert story.day.evacuation is not None
    assert (story.day.evacuation.since_at, story.day.evacuation.by) == (since_at, "facilities")
    assert story.replayed() == story.day


def test_who_waits_for_an_open_room_waits_for_it_again() -> None:
    story = Story(a_lobby()).with_open_desk().counted(0, 0)
    first, second = story.with_ticket(), story.with_ticket()
    story.call_next()
    out(story).after(60)
    back(story)
    assert (first.state, second.state, second.is_outside) == (TicketState.CALLED, TicketState.WAITING, False)
    assert isinstance(story.call_next(), list)


def test_history_is_told_of_lines_and_desks_and_of_no_service_that_was_broken_off() -> None:
    story = a_hall()
    out(story).after(600)
    back(story)
    story.after(60).press(inputs.Start, "1")
    story.after(120).press(inputs.Finish, "1")
    chronicle, points = Chronicle("hall"), []
    for seq, (at, event) in enumerate(story.journal, start=1):
        points += chronicle.take(Entry(seq, "2026-03-02", at, event))
    line = [it for it in points if isinstance(it, Line) and it.service == "passports"][-1]
    assert (line.inside, line.outside) == (0, 4)
    (visit,) = (it for it in points if isinstance(it, Visit))
    assert visit.service_s == 120
    told = (it.state for it in points if isinstance(it, DeskState) and it.desk == "1")
    desks = [state for state, _ in groupby(told)]
    assert desks[-4:] == ["serving", "called", "serving", "free"]


STEPS = ("ticket", "enter", "leave", "next", "start", "finish", "park", "missed", "wait", "out", "back", "undo")


@given(st.lists(st.sampled_from(STEPS), max_size=60), st.integers(1, 5), st.booleans())
def test_whatever_happens_nobody_is_called_or_invited_meanwhile_and_a_replay_is_the_same(
    steps: list[str], limit: int, admitted: bool
) -> None:
    lobby = a_lobby(limit_people=limit, admitted=admitted)
    story = Story(replace(lobby, site=replace(lobby.site, invitation_s=60))).with_open_desk().counted(0, 0)
    entered = left = 0
    keys: dict[str, type[inputs.DeskKey]] = {
        "next": inputs.CallNext,
        "start": inputs.Start,
        "finish": inputs.Finish,
        "park": inputs.Park,
    }
    keys |= {"missed": inputs.NoShow, "undo": inputs.UndoCall}
    for step in steps:
        before = len(story.journal)
        was_out = story.day.evacuation is not None
        if step == "ticket":
            story.when(
                inputs.IssueTicket(
                    ticket=f"v{before}", token_hash=f"v{before}", service="passports", language="en", channel="phone"
                )
            )
        elif step in keys:
            story.press(keys[step])
        elif step == "out":
            out(story)
        elif step == "back":
            back(story)
        entered += step == "enter"
        left = min(entered, left + (step == "leave"))
        story.after(45).counted(entered, left)
        story.elapsed()
        happened = [it for _, it in story.journal[before:]]
        if was_out and story.day.evacuation is not None:
            assert not any(
                isinstance(it, events.TicketAdmitted | events.TicketCalled | events.TicketIssued) for it in happened
            )
    assert story.replayed() == story.day
    for ticket in story.day.tickets.values():
        assert ticket.state is not TicketState.ADMITTED or admitted
