"""A visitor is sent to fetch what is missing, and comes back to the old place in line."""

from datetime import timedelta

import pytest

from hub.day import events, inputs
from hub.day.due import due
from hub.day.model import Ticket, TicketState
from hub.day.page_views import desk_view, ticket_view
from hub.day.refusal import Code, Refusal
from tests.given import Story, a_lobby


def with_parked(story: Story, *, serving: bool = False) -> Ticket:
    ticket = story.with_open_desk().with_ticket()
    story.call_next()
    if serving:
        story.press(inputs.Start)
    story.press(inputs.Park)
    return ticket


@pytest.mark.parametrize("serving", [False, True])
def test_parking_frees_the_desk_and_keeps_the_ticket(serving: bool) -> None:
    story = Story()
    ticket = with_parked(story, serving=serving)
    assert ticket.state is TicketState.PARKED
    assert story.day.desks["1"].ticket == ""
    assert ticket.id not in story.day.recent_calls
    view = ticket_view(story.day, ticket.token_hash, story.now)
    assert view is not None
    assert (view.state, view.parked_until_at) == (TicketState.PARKED, story.now + timedelta(hours=4))


@pytest.mark.parametrize(("at_h", "until_h"), [(9, 13), (14, 18), (17.5, 18), (18, 22)])
def test_the_place_is_kept_until_the_lobby_closes_at_most(at_h: float, until_h: float) -> None:
    story = Story()
    ticket = story.with_open_desk().with_ticket()
    story.call_next()
    nine = story.now
    story.after((at_h - 9) * 3_600).press(inputs.Park)
    assert ticket.parked_until_at == nine + timedelta(hours=until_h - 9)


def test_who_comes_back_is_called_before_whoever_came_later() -> None:
    story = Story()
    parked, gone = with_parked(story), with_parked(story)
    later = story.after(60).with_ticket()
    story.after(4 * 3_600 - 61).elapsed()
    assert story.when(inputs.ResumeTicket(ticket=parked.id)) == [events.TicketResumed(ticket=parked.id)]
    story.call_next()
    assert (parked.state, later.state) == (TicketState.CALLED, TicketState.WAITING)
    story.after(1).elapsed()
    assert (gone.state, gone.ended_why) == (TicketState.CLOSED, "parked"), "her place is kept no longer"


def test_staff_of_any_desk_that_serves_her_may_say_that_she_is_back() -> None:
    story = Story()
    parked = with_parked(story)
    view = desk_view(story.day, "2", story.now)
    assert view is not None
    assert [it.number for it in view.parked] == [parked.number]
    story.when(inputs.ResumeTicket(ticket=parked.id, desk="2"))
    assert parked.state is TicketState.WAITING


def test_saying_twice_that_one_is_back_is_saying_it_once() -> None:
    story = Story()
    parked = with_parked(story)
    story.when(inputs.ResumeTicket(ticket=parked.id))
    assert story.when(inputs.ResumeTicket(ticket=parked.id)) == []


def test_only_a_parked_ticket_can_come_back() -> None:
    story = Story().with_open_desk()
    ticket = story.with_ticket()
    story.call_next()
    answer = story.when(inputs.ResumeTicket(ticket=ticket.id))
    assert answer == Refusal(code=Code.NOT_PARKED, facts={"number": "A001"})
    assert story.when(inputs.ResumeTicket(ticket="gone")) == Refusal(code=Code.UNKNOWN_TICKET)


def test_a_desk_that_serves_something_else_does_not_bring_her_back() -> None:
    story = Story(a_lobby(services_of={"2": ("permits",)}))
    parked = with_parked(story)
    answer = story.when(inputs.ResumeTicket(ticket=parked.id, desk="2"))
    assert answer == Refusal(code=Code.NOT_SERVED_HERE, facts={"number": "A001", "desk": "2"})


def test_a_parked_ticket_ends_when_its_time_is_over() -> None:
    story = Story()
    parked = with_parked(story)
    assert due(story.day) == parked.parked_until_at
    assert story.after(4 * 3600).elapsed() == [events.TicketClosed(ticket=parked.id, why="parked")]
    assert (parked.state, parked.ended_why) == (TicketState.CLOSED, "parked")
    assert not story.day.parked


def test_a_parked_ticket_ends_with_the_day_and_can_be_given_back() -> None:
    story = Story()
    given_back, left_over = with_parked(story), story.with_ticket()
    story.call_next()
    story.press(inputs.Park)
    story.when(inputs.CancelTicket(ticket=given_back.id))
    story.when(inputs.CloseDay())
    assert (given_back.ended_why, left_over.ended_why) == ("cancelled", "day-end")
    assert not story.day.parked


def test_who_left_an_admitted_room_comes_back_through_its_door() -> None:
    story = Story(a_lobby(admitted=True)).with_open_desk().counted(0, 0).counted(1, 0)
    ticket = story.with_ticket()
    story.elapsed()
    story.call_next()
    story.press(inputs.Park)
    assert story.day.rooms["main"].reservations == []
    story.when(inputs.ResumeTicket(ticket=ticket.id))
    assert ticket.is_outside
    assert isinstance(story.elapsed()[0], events.TicketAdmitted)


def test_who_stands_before_the_staff_of_an_admitted_room_needs_no_place() -> None:
    story = Story(a_lobby(admitted=True, limit_people=1)).with_open_desk().counted(0, 0)
    ticket = story.with_ticket()
    story.elapsed()
    story.counted(1, 0).call_next()
    story.press(inputs.Park)
    story.when(inputs.ResumeTicket(ticket=ticket.id, desk="1"))
    story.call_next()
    assert ticket.state is TicketState.CALLED


def test_nobody_at_the_desk_means_nobody_to_park() -> None:
    story = Story().with_open_desk()
    story.with_ticket()
    assert story.press(inputs.Park) == Refusal(code=Code.NOBODY_HERE, facts={"desk": "1"})
