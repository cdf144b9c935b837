"""Two tickets of one visitor become one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from hub.day import events, inputs, occupancy
from hub.day.lobby import DeviceKind, Priority
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
    merged = events.TicketMerged(ticket=first.id, duplicate=again.id, due_at=first.due_at, party_people=1, priority="")
    assert decided == [merged]
    assert (again.state, again.ended_why) == (TicketState.CLOSED, "merged")
    shown = ticket_view(story.day, again.token_hash, story.now)
    assert shown is not None
    assert (shown.number, story.day.by_number[again.number]) == (first.number, first.id)
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


def who_was_missed_and_came_again() -> tuple[Story, Ticket, Ticket]:
    """The day, her first ticket, and her second one, which is that of both now."""
    story = Story().with_open_desk()
    missed = story.with_ticket()
    again = story.after(10).with_ticket()
    story.call_next()
    story.press(inputs.NoShow)
    merge(story, missed, again)
    return story, missed, again


def test_who_waits_here_stays_rather_than_who_was_missed() -> None:
    story, missed, again = who_was_missed_and_came_again()
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


def the_call(story: Story) -> events.TicketCalled:
    decided = story.call_next()
    assert isinstance(decided, list)
    (called,) = decided
    assert isinstance(called, events.TicketCalled)
    return called


def with_two_in_turn(first: dict[str, object], second: dict[str, object], **lobby: Any) -> tuple[Story, Ticket, Ticket]:
    """Two tickets of one visitor, one minute apart, at an open desk."""
    urgent = Priority(id="urgent", name={"en": "Urgent"}, earlier_s=600)
    story = Story(replace(a_lobby(**lobby), priorities=(urgent,))).with_open_desk()
    for ticket, says in (("one", first), ("two", second)):
        wish = inputs.IssueTicket(ticket=ticket, token_hash=ticket, service="passports", language="en", channel="desk")
        story.after(60).when(msgspec.structs.replace(wish, **says))
    return story, story.day.tickets["one"], story.day.tickets["two"]


@pytest.mark.parametrize(("one", "two"), [(1, 4), (4, 1)])
def test_the_larger_party_counts(one: int, two: int) -> None:
    story, kept, duplicate = with_two_in_turn({"party_people": one}, {"party_people": two})
    merge(story, duplicate, kept)
    assert kept.party_people == 4
    assert story.replayed() == story.day


def test_the_larger_party_has_its_places_wherever_it_is() -> None:
    story, invited, again = with_two_in_turn({}, {"party_people": 3}, admitted=True, limit_people=10)
    hall = story.counted(0, 0).day.rooms["main"]
    story.elapsed()
    merge(story, invited, again)
    assert occupancy.reserved_people(hall) == 3
    story.counted(3, 0).call_next()
    story.press(inputs.Start)
    assert hall.served_people == 3
    story.press(inputs.Finish)
    assert (occupancy.reserved_people(hall), hall.served_people) == (0, 0)


def test_who_is_served_has_the_larger_party_too() -> None:
    story, served, again = with_two_in_turn({}, {"party_people": 3})
    story.call_next()
    story.press(inputs.Start)
    merge(story, served, again)
    assert story.day.rooms["main"].served_people == 3
    story.press(inputs.Finish)
    assert story.day.rooms["main"].served_people == 0


@pytest.mark.parametrize(("one", "two", "counts"), [("", "urgent", 600), ("urgent", "", 600), ("", "", 0)])
def test_the_reason_to_be_due_earlier_goes_with_the_earlier_due_time(one: str, two: str, counts: int) -> None:
    story, kept, duplicate = with_two_in_turn({"priority": one}, {"priority": two})
    merge(story, kept, duplicate)
    called = the_call(story)
    assert (called.ticket, called.earlier_s, called.priority) == (kept.id, counts, "urgent" if counts else "")


def test_a_priority_that_makes_nobody_due_earlier_is_no_reason() -> None:
    story, kept, duplicate = with_two_in_turn({}, {})
    urgent = inputs.IssueTicket(
        ticket="late", token_hash="late", service="passports", language="en", channel="desk", priority="urgent"
    )
    story.after(700).when(urgent)
    merge(story, kept, story.day.tickets["late"])
    called = the_call(story)
    assert (called.due_at, called.priority) == (kept.due_at, "")
    assert duplicate.state is TicketState.WAITING


def test_who_was_missed_once_is_given_no_third_chance() -> None:
    story, _, again = who_was_missed_and_came_again()
    story.call_next()
    assert story.press(inputs.NoShow) == [events.TicketClosed(ticket=again.id, why="no-show")]


def test_who_was_called_already_is_still_served_after_closing() -> None:
    lobby = a_lobby()
    story = Story(replace(lobby, site=replace(lobby.site, at_close="end"))).with_open_desk()
    missed = story.with_ticket()
    again = story.after(10).with_ticket()
    story.call_next()
    story.press(inputs.NoShow)
    merge(story, missed, again)
    story.after(10 * 3_600).elapsed()
    assert again.state is TicketState.WAITING


def test_invitations_in_vain_count_together() -> None:
    story, kept, duplicate = with_two_in_turn({}, {}, admitted=True, limit_people=1)
    story.counted(0, 0).elapsed()
    for _ in "12":
        story.after(story.lobby.site.invitation_s).elapsed()
    assert kept.times_lapsed == 2
    merge(story, duplicate, kept)
    story.after(story.lobby.site.invitation_s).elapsed()
    assert (kept.state, kept.ended_why) == (TicketState.CLOSED, "no-show")


def test_every_number_that_a_duplicate_ever_had_leads_to_the_one_that_stayed() -> None:
    lobby = a_lobby()
    devices = tuple(replace(it, offline_letter="K") if it.kind is DeviceKind.KIOSK else it for it in lobby.devices)
    story = Story(replace(lobby, devices=devices))
    kept = story.with_ticket()
    story.when(inputs.LeaseRange(device="kiosk-1/kiosk", holder="disk", next=0))
    story.when(
        inputs.IssueTicket(
            ticket="k", token_hash="k", service="passports", language="en", channel="kiosk", room="main", request="wish"
        )
    )
    given = inputs.HandInTicket(
        ticket="x", token_hash="x", request="wish", device="kiosk-1/kiosk", service="passports", language="en",
        day=story.now.date(), series="K", number=1, arrived_at=story.now,
    )  # fmt: skip
    story.when(given)
    assert story.day.tickets["k"].old_numbers == ("A002",)
    merge(story, kept, story.day.tickets["k"])
    assert [story.day.by_number[it] for it in ("A001", "A002", "K001")] == [kept.id] * 3
    view = ticket_view(story.day, "k", story.now)
    assert view is not None
    assert view.also == ("K001", "A002")


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
