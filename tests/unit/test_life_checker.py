"""The checkers see what they are for in the life of a ticket: each breach is planted at the end of a sound day."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from hub.day import events, inputs
from tests.given import a_lobby
from tests.told import Breaches, Spoil, Told, assert_named, called_event, later, take

breach = Breaches()


@breach("number A001 was issued after A001")
def number_twice(told: Told) -> None:
    told.with_ticket()
    told.says_otherwise(take(), number=1)


@breach("number A003 follows 1 in its series")
def number_left_out(told: Told) -> None:
    told.with_ticket()
    told.says_otherwise(take(), number=3)


@breach("whose letter is A")
def number_of_another_series(told: Told) -> None:
    told.says_otherwise(take(), series="B")


@breach("which is A001 already")
def ticket_twice(told: Told) -> None:
    told.with_ticket()
    told.says(msgspec.structs.replace(told.decided(take("t9"))[0], ticket="t1"))


@breach("A001 is due at 09:15:01; who comes now is due at 09:15:00")
def due_too_late(told: Told) -> None:
    told.says_otherwise(take(), due_at=told.now + timedelta(seconds=901))


@breach("A001 is due 60 s earlier for no reason, not 0 s")
def earlier_for_no_reason(told: Told) -> None:
    told.says_otherwise(take(), earlier_s=60, due_at=told.now + timedelta(seconds=840))


@breach("has the priority small-child, which was not hers to choose")
def priority_that_is_not_offered(told: Told) -> None:
    told.says_otherwise(take(), priority="small-child", earlier_s=120, due_at=told.now + timedelta(seconds=780))


@breach("A001 was issued while the lobby was closed")
def issued_in_the_evening(told: Told) -> None:
    issued = told.decided(take())[0]
    told.after(9 * 3_600)
    told.says(msgspec.structs.replace(issued, due_at=told.now + timedelta(seconds=900)))


@breach("A001 was issued 0:05:00 before closing", last_ticket_before_close_s=600)
def issued_after_the_last_ticket(told: Told) -> None:
    issued = told.decided(take())[0]
    told.after(9 * 3_600 - 300)
    told.says(msgspec.structs.replace(issued, due_at=told.now + timedelta(seconds=900)))


@breach("A001 waits outside, and nothing is to be waited for")
def outside_an_open_room(told: Told) -> None:
    told.says_otherwise(take(), outside=True)


def expected(told: Told, slot_s: float) -> inputs.CheckIn:
    """Somebody has an appointment in `slot_s`, and checks in now."""
    slot_at = told.now + timedelta(seconds=slot_s)
    told.when(inputs.KnowAppointment(appointment="a", service="passports", slot_at=slot_at, code_hash="c"))
    return inputs.CheckIn(code_hash="c", ticket="x", token_hash="h", language="en", channel="phone")


@breach("A001 is due at 09:15:00, not at 09:10:00 as its appointment makes it")
def appointment_as_walk_in(told: Told) -> None:
    told.says_otherwise(expected(told, 600), due_at=told.now + timedelta(seconds=900))


@breach("A001 is due at 08:44:00, not at 09:15:00 as its appointment makes it")
def appointment_kept_though_late(told: Told) -> None:
    told.says_otherwise(expected(told, -960), due_at=told.now - timedelta(seconds=960))


@breach("was issued for the appointment of A001")
def checked_in_twice(told: Told) -> None:
    issued = told.decided(expected(told, 600))[0]
    told.when(inputs.CheckIn(code_hash="c", ticket="y", token_hash="h", language="en", channel="phone"))
    told.says(msgspec.structs.replace(issued, number=2))


@breach("AppointmentMoved of a, for which A001 is here")
def appointment_moved_after_check_in(told: Told) -> None:
    told.when(expected(told, 600))
    told.says(events.AppointmentMoved(appointment="a", service="passports", slot_at=told.now))


@breach("A001 was called to 2 while it was called 1")
def called_by_two_desks(told: Told) -> None:
    ticket = told.called()
    told.with_open_desk("2")
    told.says(called_event(told, ticket, "2"))


@breach("1 called A002 while it had A001")
def two_at_a_desk(told: Told) -> None:
    told.called()
    told.says(called_event(told, told.with_ticket().id, "1"))


@breach("A001 was called to 1 while it was parked")
def called_while_parked(told: Told) -> None:
    ticket = told.called()
    told.press(inputs.Park)
    told.says(msgspec.structs.replace(called_event(told, ticket, "1"), rule="earliest-due"))


@breach("A001 was called to 1 while it was served")
def called_after_the_end(told: Told) -> None:
    ticket = told.called()
    told.press(inputs.Finish)
    told.says(called_event(told, ticket, "1"))


@breach("2 called B001 while it was closed")
def called_by_a_closed_desk(told: Told) -> None:
    told.says(called_event(told, told.with_ticket("permits").id, "2"))


@breach("3 called A001, whose service it does not serve")
def called_by_a_desk_of_another_service(told: Told) -> None:
    told.with_open_desk("3").says(called_event(told, told.with_ticket().id, "3"))


@breach("2 called B001, which was sent to 3")
def called_by_another_desk_than_the_one_sent_to(told: Told) -> None:
    ticket = told.with_open_desk("2").with_open_desk("3").called("1", "permits")
    told.when(inputs.Transfer(desk="1", seen=None, by="page", to_desk="3"))
    told.says(called_event(told, ticket, "2"))


@breach("1 repeated the call of A001 4 times; 3 are allowed")
def recalled_too_often(told: Told) -> None:
    ticket = told.called()
    for _ in range(3):
        told.press(inputs.Recall)
    told.says(events.TicketRecalled(ticket=ticket, desk="1"))


@breach("ServiceStarted of A001 at 2, but it is called 1")
def started_by_another_desk(told: Told) -> None:
    ticket = told.called()
    told.with_open_desk("2").says(events.ServiceStarted(ticket=ticket, desk="2"))


@breach("TicketRecalled of A001 at 1, but it is being served 1")
def recalled_while_being_served(told: Told) -> None:
    ticket = told.called()
    told.press(inputs.Start)
    told.says(events.TicketRecalled(ticket=ticket, desk="1"))


@breach("TicketServed of A001 at 1, but it is waiting")
def served_without_a_call(told: Told) -> None:
    ticket = told.with_ticket().id
    told.with_open_desk().says(events.TicketServed(ticket=ticket, desk="1"))


@breach("A001 is back in line 0:04:59 after it was missed, not after 300 s")
def wrong_grace(told: Told) -> None:
    told.called()
    told.says_otherwise(inputs.NoShow(desk="1", seen=None, by="page"), back_at=told.now + timedelta(seconds=299))


@breach("A001 goes back in line after it was missed 2 times")
def back_in_line_twice(told: Told) -> None:
    ticket = told.called()
    told.press(inputs.NoShow)
    told.after(300).elapsed()
    told.call_next()
    told.says(events.TicketMissed(ticket=ticket, desk="1", back_at=told.now + timedelta(seconds=300)))


@breach("A001 ended as a no-show while it was called, missed 0 times")
def no_show_at_once(told: Told) -> None:
    told.says(events.TicketClosed(ticket=told.called(), why="no-show"))


@breach("the place of A001 is kept for 0:01:00, not for 4:00:00")
def parked_too_short(told: Told) -> None:
    told.called()
    told.says_otherwise(inputs.Park(desk="1", seen=None, by="page"), until_at=told.now + timedelta(seconds=60))


@breach("A001 ended as if it had been parked until now; it is parked")
def parked_ticket_ends_too_early(told: Told) -> None:
    ticket = told.called()
    told.press(inputs.Park)
    told.after(60).says(events.TicketClosed(ticket=ticket, why="parked"))


@breach("A001 was resumed, and it is waiting")
def resumed_without_being_parked(told: Told) -> None:
    told.says(events.TicketResumed(ticket=told.with_ticket().id))


@breach("due at 09:05:10; who came when she did is due at 09:05:00")
def transfer_that_forgets_the_arrival(told: Told) -> None:
    told.called()
    told.after(10)
    transfer = inputs.Transfer(desk="1", seen=None, by="page", service="permits")
    told.says_otherwise(transfer, due_at=told.now + timedelta(seconds=300))


@breach("A001 was sent on to permits at 3, which is not open")
def sent_to_a_closed_desk(told: Told) -> None:
    told.called()
    told.says_otherwise(inputs.Transfer(desk="1", seen=None, by="page", service="permits"), to_desk="3")


@breach("A001 was sent on to passports at 3, which does not serve it")
def sent_to_a_desk_that_does_not_serve_her(told: Told) -> None:
    told.with_open_desk("3").called()
    told.says_otherwise(inputs.Transfer(desk="1", seen=None, by="page"), to_desk="3")


@breach("A001 ended as served, and its visit was to go on to permits")
def planned_step_forgotten(told: Told) -> None:
    told.with_open_desk().when(take(then=("permits",)))
    told.call_next()
    told.says(events.TicketServed(ticket="x", desk="1"))


@breach("A001 was sent on to permits by itself, and its visit was to go on to ()")
def step_that_nobody_planned(told: Told) -> None:
    told.called()
    told.says_otherwise(inputs.Transfer(desk="1", seen=None, by="page", service="permits"), planned=True)


@breach("A001 was sent on to passports and then to (), instead of ('permits',)")
def transfer_that_forgets_the_plan(told: Told) -> None:
    told.with_open_desk().when(take(then=("permits",)))
    told.call_next()
    told.says_otherwise(inputs.Transfer(desk="1", seen=None, by="page"), then=())


@breach("1 cancelled B001, which is at 2")
def cancelled_by_another_desk(told: Told) -> None:
    ticket = told.with_ticket("permits").id
    told.with_open_desk("2").call_next("2")
    told.says(events.TicketClosed(ticket=ticket, why="cancelled", desk="1", reason="left"))


@breach("A001 was given back while it was being served")
def given_back_while_being_served(told: Told) -> None:
    ticket = told.called()
    told.press(inputs.Start)
    told.says(events.TicketClosed(ticket=ticket, why="cancelled"))


@breach("A001 ended (cancelled), and it was served already")
def ended_twice(told: Told) -> None:
    ticket = told.called()
    told.press(inputs.Finish)
    told.says(events.TicketClosed(ticket=ticket, why="cancelled"))


@breach("1 undid its call of A001 after 0:00:11; 10 s are allowed")
def undone_too_late(told: Told) -> None:
    ticket = told.called()
    told.after(11).says(events.CallUndone(ticket=ticket, desk="1"))


@breach("1 undid its call of A001, and something had happened since")
def undone_after_something_happened(told: Told) -> None:
    ticket = told.called()
    told.press(inputs.Recall)
    told.says(events.CallUndone(ticket=ticket, desk="1"))


@breach("1 undid a call and got nobody back; the call had sent A001")
def undone_without_whom_it_sent_away(told: Told) -> None:
    told.called()
    told.with_ticket()
    told.call_next()
    told.says(events.CallUndone(ticket="t2", desk="1"))


@breach("A002 became A001, due at 09:15:10, which is not the earlier of the two")
def merged_to_the_later(told: Told) -> None:
    told.with_ticket()
    told.after(10).with_ticket()
    told.says_otherwise(inputs.MergeTickets(ticket="t1", duplicate="t2"), due_at=told.now + timedelta(seconds=900))


@breach("A001 became A002, which was called later or came later")
def merged_into_the_newer(told: Told) -> None:
    told.with_ticket()
    told.after(10).with_ticket()
    told.says_otherwise(inputs.MergeTickets(ticket="t1", duplicate="t2"), ticket="t2", duplicate="t1")


def merged_otherwise(told: Told, **otherwise: object) -> None:
    """Two tickets; the first was missed, and its visitor is said to be with two."""
    told.with_ticket(party_people=2)
    told.with_open_desk().call_next()
    told.press(inputs.NoShow)
    told.after(10).when(msgspec.structs.replace(take(priority="small-child"), channel="desk"))
    told.says_otherwise(inputs.MergeTickets(ticket="t1", duplicate="x"), **otherwise)


@breach("A001 became A002 for 1 people, which is not the larger party")
def merged_to_the_smaller_party(told: Told) -> None:
    merged_otherwise(told, party_people=1)


@breach("A001 became A002, due earlier for no reason, and A002 for small-child")
def merged_without_the_reason(told: Told) -> None:
    merged_otherwise(told, priority="", earlier_s=0)


@breach("A001 became A002, missed 0 times and invited in vain 0, not (1, 0)")
def merged_without_the_miss(told: Told) -> None:
    merged_otherwise(told, times_missed=0)


@breach("which is for passports and not for permits")
def merged_across_services(told: Told) -> None:
    told.with_ticket()
    told.with_ticket("permits")
    told.says(events.TicketMerged(ticket="t1", duplicate="t2", due_at=told.day.tickets["t2"].due_at))


@breach("1 closed while it had A001")
def desk_closed_with_a_visitor(told: Told) -> None:
    told.called()
    told.says(events.DeskClosed(desk="1"))


@breach("1 opened, and was open")
def desk_opened_twice(told: Told) -> None:
    told.with_open_desk().says(events.DeskOpened(desk="1"))


@breach("TicketServed of nobody-knows, which was never issued")
def a_ticket_that_was_never_issued(told: Told) -> None:
    told.says(events.TicketServed(ticket="nobody-knows", desk="1"))


@breach("A001 was sent away as if the lobby closed, and all are served")
def sent_away_though_all_are_served(told: Told) -> None:
    ticket = told.with_ticket().id
    told.after(9 * 3_600).says(events.TicketClosed(ticket=ticket, why="closing"))


@breach("A001 was sent away at closing, and it had been called", at_close="end")
def sent_away_though_called(told: Told) -> None:
    ticket = told.called()
    told.after(9 * 3_600).says(events.TicketClosed(ticket=ticket, why="closing"))


@pytest.mark.parametrize(("sentence", "spoil", "site"), breach.cases)
def test_a_breach_is_named(sentence: str, spoil: Spoil, site: dict[str, Any]) -> None:
    assert_named(sentence, spoil, site)


def before_the_gate() -> Told:
    """A001 and A002 wait outside, and nobody is counted yet."""
    told = Told(a_lobby(desks=3, admitted=True))
    told.with_ticket()
    told.after(1).with_ticket()
    return told


def invited(ticket: str, told: Told) -> events.TicketAdmitted:
    return events.TicketAdmitted(
        ticket=ticket, room="main", upper_people=0, reserved_people=0, limit_people=30,
        lapses_at=told.now + timedelta(seconds=180),
    )  # fmt: skip


def test_an_invitation_of_somebody_inside_is_found() -> None:
    told = before_the_gate()
    told.says(invited("t1", told))
    told.says(invited("t1", told))
    assert ["did not wait outside" in it for it in later(told, 1)] == [True]


def test_a_place_that_lapses_too_early_is_found() -> None:
    told = before_the_gate()
    told.says(invited("t1", told))
    told.after(179).says(events.ReservationLapsed(ticket="t1", room="main"))
    assert ["lapsed 0:00:01 too early" in it for it in later(told, 0)] == [True]


def test_a_call_from_outside_is_found() -> None:
    told = before_the_gate().with_open_desk()
    told.says(called_event(told, "t1", "1"))
    assert ["A001 was called to 1 while it was outside" in it for it in later(told, 0)] == [True]
