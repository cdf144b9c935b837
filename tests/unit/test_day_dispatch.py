"""Who is next, and why: due first, with help for other desks and a guard of appointments that both end in time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.day import events, inputs
from hub.day.lobby import Lobby
from hub.day.model import Ticket, TicketState
from hub.day.page_views import desk_view, view_of_ticket
from hub.day.refusal import Code, Refusal
from hub.day.views import device_views
from tests.given import Story, a_lobby
from wire.messages import PanelView

ONE_PASSPORT_DESK = {"1": ("passports", "permits"), "2": ("permits",)}


def where(lobby: Lobby, **says: Any) -> Lobby:
    return replace(lobby, site=replace(lobby.site, **says))


def called(story: Story, desk: str = "1") -> events.TicketCalled:
    decided = story.call_next(desk)
    assert not isinstance(decided, Refusal), decided
    event = decided[-1]
    assert isinstance(event, events.TicketCalled)
    return event


def passed_over(event: events.TicketCalled) -> list[tuple[str, str, str]]:
    return [(head.number, head.why, head.slot_of) for head in event.passed_over]


# --- a desk's own services, and those with which it helps out ----------------------------------------------------


def helping(help_after_s: int = 300) -> Story:
    lobby = a_lobby(services_of={"1": ("passports",)}, helps_of={"1": ("permits",)})
    first, second = lobby.desks
    lobby = replace(lobby, desks=(replace(first, help_after_s=help_after_s), second))
    return Story(lobby).with_open_desk("1").with_open_desk("2")


def test_a_desk_helps_out_only_when_the_other_line_is_overdue() -> None:
    story = helping()
    permit = story.with_ticket("permits")  # due in 5 minutes
    assert story.after(599).call_next("1") == Refusal(code=Code.NOBODY_WAITING, facts={"desk": "1"})
    event = called(story.after(1))
    assert (event.ticket, event.rule) == (permit.id, "help-out")


def test_its_own_services_come_first_until_then_and_the_reason_says_so() -> None:
    story = helping()
    permit, passport = story.with_ticket("permits"), story.with_ticket("passports")
    event = called(story)
    assert (event.ticket, event.rule) == (passport.id, "earliest-due")
    assert passed_over(event) == [(permit.number, "help-out-early", "")]


def test_whom_it_helps_out_is_due_before_its_own_once_overdue() -> None:
    story = helping()
    permit, passport = story.with_ticket("permits"), story.with_ticket("passports")
    event = called(story.after(600))
    assert (event.ticket, event.rule) == (permit.id, "help-out")
    assert passed_over(event) == [(passport.number, "later-due", "")]


def test_a_panel_shows_the_other_line_once_the_desk_may_help() -> None:
    story = helping()
    story.with_ticket("permits")

    def waiting() -> int:
        panel = device_views(story.day, story.now, "http://hub.test")["desk-1/panel"]
        assert isinstance(panel, PanelView)
        return panel.waiting

    assert waiting() == 0
    story.after(600)
    assert waiting() == 1


def test_a_visitor_may_be_resumed_and_sent_to_a_desk_that_helps_out() -> None:
    story = helping()
    ticket = story.with_ticket("permits")
    story.call_next("2")
    story.when(inputs.Transfer(desk="2", seen=None, by="page", to_desk="1"))
    assert called(story).ticket == ticket.id
    story.press(inputs.Park)
    assert story.when(inputs.ResumeTicket(ticket=ticket.id, desk="1")) == [
        events.TicketResumed(ticket=ticket.id, desk="1")
    ]


# --- the guard of upcoming appointments --------------------------------------------------------------------------


def guarded(**says: Any) -> Story:
    """One open desk for passports, which take 7 minutes by their description."""
    return Story(where(a_lobby(services_of=ONE_PASSPORT_DESK), **says)).with_open_desk("1").with_open_desk("2")


def test_nobody_is_started_who_would_delay_the_appointment_at_the_only_desk_for_it() -> None:
    story = guarded()
    walk_in = story.with_ticket()
    booked = story.after(800).with_appointment(120)  # the walk-in is due 20 s before the slot
    event = called(story)
    assert (event.ticket, event.rule, event.appointment) == (booked.id, "slot-guarded", True)
    assert passed_over(event) == [(walk_in.number, "guards-slot", booked.number)]


def test_a_walk_in_who_is_done_before_the_slot_is_started() -> None:
    story = guarded()
    walk_in = story.with_ticket()
    story.after(800).with_appointment(420)
    event = called(story)
    assert (event.ticket, event.rule) == (walk_in.id, "earliest-due")


def test_another_desk_that_can_serve_the_appointment_needs_no_guard() -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    walk_in = story.with_ticket()
    story.after(800).with_appointment(120)
    assert called(story).ticket == walk_in.id
    assert walk_in.state is TicketState.CALLED


def test_an_open_desk_that_only_helps_out_does_not_end_the_guard() -> None:
    """It takes her only when she is overdue."""
    story = Story(a_lobby(services_of=ONE_PASSPORT_DESK, helps_of={"2": ("passports",)}))
    story.with_open_desk("1").with_open_desk("2")
    story.with_ticket("permits")
    booked = story.after(600).with_appointment(120)
    event = called(story)
    assert (event.ticket, event.rule) == (booked.id, "slot-guarded")


def test_a_desk_that_only_helps_out_guards_nobody() -> None:
    """It may not call her in time, and would stand idle."""
    story = Story(a_lobby(services_of=ONE_PASSPORT_DESK, helps_of={"2": ("passports",)})).with_open_desk("2")
    permit = story.with_ticket("permits")
    story.after(600).with_appointment(60)
    event = called(story, "2")
    assert (event.ticket, event.rule) == (permit.id, "earliest-due")


def test_an_appointment_that_is_not_checked_in_is_not_waited_for() -> None:
    story = guarded()
    walk_in = story.with_ticket()
    slot_at = story.after(800).now
    story.when(inputs.KnowAppointment(appointment="x", service="passports", slot_at=slot_at, code_hash="c"))
    assert called(story).ticket == walk_in.id


def test_a_walk_in_for_something_short_may_go_before_the_slot() -> None:
    lobby = a_lobby(services_of=ONE_PASSPORT_DESK)
    passports, permits = lobby.services
    lobby = replace(lobby, services=(passports, replace(permits, nominal_service_s=60)))
    story = Story(lobby).with_open_desk("1")
    long, short = story.with_ticket(), story.after(500).with_ticket("permits")
    booked = story.after(300).with_appointment(120)
    event = called(story)
    assert (event.ticket, event.rule) == (short.id, "earliest-due")
    assert booked.due_at < story.now + timedelta(seconds=passports.nominal_service_s)
    assert passed_over(event) == [(long.number, "later-due", "")], "only the first of each line is named"


def test_the_guard_may_be_switched_off() -> None:
    story = guarded(guard_slots=False)
    walk_in = story.with_ticket()
    story.after(800).with_appointment(120)
    assert called(story).ticket == walk_in.id


def test_nobody_is_overdue_by_more_than_the_stated_time_because_of_appointments() -> None:
    story = guarded(overdue_max_s=600)
    walk_in = story.with_ticket()  # due in 15 minutes
    first = story.after(1_500).with_appointment(120)
    assert called(story).ticket == first.id, "ten minutes over: not more"
    story.after(1).press(inputs.Finish)
    story.with_appointment(120)
    event = called(story)
    assert (event.ticket, event.rule, event.overdue_max_s) == (walk_in.id, "overdue", 600)


def test_a_guarded_walk_in_brings_nobody_of_a_helped_line_before_she_is_overdue() -> None:
    lobby = a_lobby(services_of={"1": ("passports",), "2": ("permits",)}, helps_of={"1": ("permits",)})
    story = Story(lobby).with_open_desk("1").with_open_desk("2")
    walk_in = story.with_ticket("permits")
    story.after(600).with_appointment(60, "permits")
    booked = story.with_appointment(120)
    event = called(story)
    assert (event.ticket, event.rule) == (booked.id, "slot-guarded"), "the other permit is due before her"
    assert passed_over(event) == [(walk_in.number, "guards-slot", booked.number)]


@pytest.mark.parametrize("seconds", [300, 880])
def test_guarding_never_leaves_a_desk_idle(seconds: int) -> None:
    story = guarded()
    story.with_ticket("permits"), story.with_ticket()
    story.after(seconds).with_appointment(60)
    assert called(story).rule == "slot-guarded"


# --- appointments that come early or late ------------------------------------------------------------------------


def test_who_comes_early_is_called_early_when_nobody_else_waits() -> None:
    story = Story().with_open_desk()
    booked = story.with_appointment(7_200)
    event = called(story)
    assert (event.ticket, event.appointment) == (booked.id, True)


def test_who_is_late_within_the_tolerance_keeps_the_slot() -> None:
    story = Story().with_open_desk()
    walk_in = story.with_ticket()
    booked = story.after(960).with_appointment(-900)
    assert called(story).ticket == booked.id
    assert walk_in.state is TicketState.WAITING


def test_who_is_later_waits_as_a_walk_in_and_nobody_is_held_back_for_her() -> None:
    story = guarded()
    late = story.with_appointment(-901)
    assert late.slot_at is None
    assert (late.due_at - story.now).total_seconds() == 900
    assert not story.day.services["passports"].booked
    assert not called(story).appointment


def test_a_transfer_keeps_no_slot_to_guard() -> None:
    story = guarded()
    booked = story.with_appointment(60)
    story.call_next()
    story.when(inputs.Transfer(desk="1", seen=None, by="page", service="passports"))
    assert booked.slot_at is None
    assert not story.day.services["passports"].booked
    story.call_next()
    assert booked.state is TicketState.CALLED


# --- what visitors see --------------------------------------------------------------------------------------------


def test_only_whom_a_desk_would_call_now_is_told_that_her_turn_is_next() -> None:
    story = Story(a_lobby(services_of={"1": ("passports", "permits"), "2": ("passports",)})).with_open_desk("1")
    permit, passport = story.with_ticket("permits"), story.with_ticket("passports")

    def told(ticket: Ticket) -> tuple[int | None, bool]:
        view = view_of_ticket(story.day, ticket, story.now)
        return view.ahead, view.is_next

    assert (told(permit), told(passport)) == ((0, True), (0, False))
    story.with_open_desk("2")
    assert told(passport) == (0, True)


# --- what staff see ----------------------------------------------------------------------------------------------


def test_the_desk_sees_why_until_its_visitor_has_gone() -> None:
    story = guarded()
    story.with_ticket()
    booked = story.after(800).with_appointment(120)
    before = desk_view(story.day, "1", story.now)
    assert before is not None
    assert (before.next_number, before.why) == (booked.number, None)
    event = called(story)
    view = desk_view(story.day, "1", story.now)
    assert view is not None
    assert view.why is not None
    assert (view.why.rule, view.why.passed_over) == (event.rule, event.passed_over)
    story.press(inputs.Finish)
    after = desk_view(story.day, "1", story.now)
    assert after is not None
    assert after.why is None
