"""Two tickets of one visitor become one."""

from datetime import timedelta

from hub.day import events, inputs
from hub.day.model import Ticket, TicketState
from hub.day.page_views import ticket_view
from hub.day.refusal import Code, Refusal
from tests.given import Story, a_lobby


def merge(story: Story, one: Ticket, other: Ticket) -> list[events.AnyEvent] | Refusal:
    return story.when(inputs.MergeTickets(ticket=one.id, duplicate=other.id))


def test_the_earlier_arrival_counts_whichever_is_named_first() -> None:
    story = Story().with_open_desk()
    first, between = story.with_ticket(), story.after(10).with_ticket()
    again = story.after(10).with_ticket()
    decided = merge(story, again, first)
    assert decided == [events.TicketMerged(ticket=first.id, duplicate=again.id, due_at=first.due_at)]
    assert (again.state, again.ended_why) == (TicketState.CLOSED, "merged")
    story.call_next()
    assert (first.state, between.state) == (TicketState.CALLED, TicketState.WAITING)
    story.call_next()
    story.call_next()
    assert story.call_next() == Refusal(code=Code.NOBODY_WAITING, facts={"desk": "1"}), "the duplicate is nobody"


def test_whoever_looks_for_the_duplicate_finds_the_one_that_stayed() -> None:
    story = Story()
    one, two, three = story.with_ticket(), story.with_ticket(), story.with_ticket()
    merge(story, two, three)
    merge(story, one, two)
    for ticket in (one, two, three):
        view = ticket_view(story.day, ticket.token_hash, story.now)
        assert view is not None
        assert (view.number, view.also) == ("A001", ("A002", "A003"))
        assert story.day.by_number[ticket.number] == one.id
    assert story.replayed() == story.day


def test_a_number_that_was_called_stays_and_takes_the_earlier_arrival_over() -> None:
    story = Story().with_open_desk()
    slot_at = story.now + timedelta(seconds=30)
    story.when(inputs.KnowAppointment(appointment="x", service="passports", slot_at=slot_at, code_hash="c"))
    walk_in = story.with_ticket()
    story.after(10).when(inputs.CheckIn(code_hash="c", ticket="t-x", token_hash="h-x", language="en", channel="phone"))
    story.call_next()
    seen = story.day.desks["1"].seq
    merge(story, walk_in, story.day.tickets["t-x"])
    kept = story.day.tickets["t-x"]
    assert (kept.state, kept.issued_at, kept.due_at) == (TicketState.CALLED, walk_in.issued_at, slot_at)
    assert story.day.desks["1"].seq > seen


def test_the_appointment_goes_with_the_ticket_that_stays() -> None:
    story = Story()
    slot_at = story.now + timedelta(seconds=30)
    story.when(inputs.KnowAppointment(appointment="x", service="passports", slot_at=slot_at, code_hash="c"))
    walk_in = story.with_ticket()
    story.after(10).when(inputs.CheckIn(code_hash="c", ticket="t-x", token_hash="h-x", language="en", channel="phone"))
    merge(story, walk_in, story.day.tickets["t-x"])
    assert (walk_in.due_at, walk_in.appointment, story.day.appointments["x"].ticket) == (slot_at, "x", walk_in.id)


def test_who_waits_here_stays_rather_than_who_was_missed() -> None:
    story = Story().with_open_desk()
    missed = story.with_ticket()
    again = story.after(10).with_ticket()
    story.call_next()
    story.press(inputs.NoShow)
    merge(story, missed, again)
    assert (missed.ended_why, again.due_at) == ("merged", missed.due_at)
    assert not story.day.missed


def test_who_is_inside_stays_rather_than_who_is_thought_to_wait_outside() -> None:
    story = Story(a_lobby(admitted=True, limit_people=1)).with_open_desk().counted(0, 0).counted(1, 0)
    outside = story.with_ticket()
    story.when(
        inputs.IssueTicket(
            ticket="k", token_hash="hk", service="passports", language="en", channel="kiosk", room="main"
        )
    )
    merge(story, outside, story.day.tickets["k"])
    assert (outside.ended_why, story.day.tickets["k"].due_at) == ("merged", outside.due_at)
    assert not story.day.services["passports"].outside


def test_two_visitors_at_desks_are_two() -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    one, two = story.with_ticket(), story.with_ticket()
    story.call_next("1")
    story.call_next("2")
    assert merge(story, one, two) == Refusal(code=Code.AT_OTHER_DESK, facts={"number": "A002", "desk": "2"})


def test_tickets_that_have_ended_or_are_for_different_services_stay_as_they_are() -> None:
    story = Story()
    one, other, gone = story.with_ticket(), story.with_ticket("permits"), story.with_ticket()
    story.when(inputs.CancelTicket(ticket=gone.id))
    assert merge(story, one, gone) == Refusal(code=Code.TICKET_ENDED, facts={"number": "A002"})
    assert merge(story, one, other) == Refusal(code=Code.OTHER_SERVICE, facts={"number": "A001", "other": "B001"})
    assert story.when(inputs.MergeTickets(ticket=one.id, duplicate="no")) == Refusal(code=Code.UNKNOWN_TICKET)
    assert merge(story, one, one) == []
