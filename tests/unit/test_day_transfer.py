"""Visits of several steps: a visitor goes on to another service or desk, and loses nothing by it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.day import events, inputs
from hub.day.lobby import Lobby
from hub.day.model import Ticket, TicketState
from hub.day.page_views import desk_view, ticket_view
from hub.day.refusal import Code, Refusal
from tests.given import Story, a_lobby


def transfer(story: Story, service: str = "", to_desk: str = "", desk: str = "1") -> list[events.AnyEvent] | Refusal:
    seen = story.day.desks[desk].seq
    return story.when(inputs.Transfer(desk=desk, seen=seen, by="page", service=service, to_desk=to_desk))


def called(story: Story, service: str = "passports") -> Ticket:
    ticket = story.with_ticket(service)
    story.call_next()
    assert ticket.state is TicketState.CALLED
    return ticket


def in_steps(*then: str) -> Lobby:
    """Whoever comes for a passport goes on to `then`."""
    lobby = a_lobby()
    passports, permits = lobby.services
    return replace(lobby, services=(replace(passports, then=then), permits))


def test_a_transfer_keeps_number_and_arrival() -> None:
    story = Story().with_open_desk()
    ticket = called(story)
    arrived_at = story.now
    decided = story.after(600).when(inputs.Transfer(desk="1", seen=None, by="page", service="permits"))
    due_at = arrived_at + timedelta(seconds=300)
    assert decided == [events.TicketTransferred(ticket=ticket.id, desk="1", service="permits", due_at=due_at)]
    assert (ticket.number, ticket.service, ticket.state) == ("A001", "permits", TicketState.WAITING)
    assert story.day.desks["1"].ticket == ""


def test_nobody_who_came_later_is_called_before_her_and_nobody_who_came_earlier_after() -> None:
    story = Story().with_open_desk()
    earlier = story.with_ticket("permits")
    ticket = story.after(10).with_ticket("passports")
    later = story.after(10).with_ticket("permits")
    while ticket.state is not TicketState.CALLED:
        story.call_next()
    assert earlier.state is TicketState.SERVED
    assert later.state is TicketState.SERVED, "due 10 minutes before passports"
    newest = story.after(10).with_ticket("permits")
    transfer(story, "permits")
    story.call_next()
    assert (ticket.state, newest.state) == (TicketState.CALLED, TicketState.WAITING)


def test_an_appointment_keeps_its_slot_in_a_transfer() -> None:
    story = Story().with_open_desk()
    slot_at = story.now + timedelta(seconds=60)
    story.when(inputs.KnowAppointment(appointment="x", service="passports", slot_at=slot_at, code_hash="c"))
    story.when(inputs.CheckIn(code_hash="c", ticket="t-x", token_hash="h-x", language="en", channel="phone"))
    story.call_next()
    transfer(story, "passports")
    assert story.day.tickets["t-x"].due_at == slot_at


def test_who_is_sent_to_a_desk_waits_for_that_desk_only() -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    ticket = called(story)
    transfer(story, to_desk="2")
    assert story.call_next("1") == Refusal(code=Code.NOBODY_WAITING, facts={"desk": "1"})
    one, two = (desk_view(story.day, desk, story.now) for desk in "12")
    assert one is not None
    assert two is not None
    assert (one.own, one.next_number, one.lines[0].waiting) == ((), "", 0)
    assert (two.own, two.next_number, two.lines[0].waiting) == (("A001",), "A001", 1)
    view = ticket_view(story.day, ticket.token_hash, story.now)
    assert view is not None
    assert (view.for_desk, view.ahead, view.wait_s) == ("2", 0, None)
    story.call_next("2")
    assert (ticket.state, ticket.desk) == (TicketState.CALLED, "2")


def test_when_that_desk_closes_she_waits_for_any() -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    ticket = called(story)
    transfer(story, to_desk="2")
    story.press(inputs.CloseDesk, "2")
    assert ticket.for_desk == ""
    story.call_next("1")
    assert ticket.state is TicketState.CALLED


def test_a_desk_that_serves_something_else_from_now_on_gives_her_back() -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    ticket = called(story)
    transfer(story, to_desk="2")
    story.when(inputs.ChangeLobby(lobby=a_lobby(services_of={"2": ("permits",)})))
    story.call_next("1")
    assert ticket.state is TicketState.CALLED


def test_who_missed_a_call_of_her_desk_waits_for_it_again_unless_it_has_closed() -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    ticket = called(story)
    transfer(story, to_desk="2")
    story.call_next("2")
    story.press(inputs.NoShow, "2")
    story.press(inputs.CloseDesk, "2")
    story.after(300).elapsed()
    story.call_next("1")
    assert ticket.state is TicketState.CALLED


@pytest.mark.parametrize(("away", "back_s"), [(inputs.NoShow, 300), (inputs.Park, 0)])
def test_a_desk_that_has_closed_once_is_waited_for_no_more_though_it_opens_again(
    away: type[inputs.DeskKey], back_s: int
) -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    ticket = called(story)
    transfer(story, to_desk="2")
    story.call_next("2")
    story.press(away, "2")
    story.press(inputs.CloseDesk, "2")
    story.with_open_desk("2").after(back_s).elapsed()
    story.when(inputs.ResumeTicket(ticket=ticket.id))
    story.call_next("1")
    assert ticket.state is TicketState.CALLED


def test_who_waits_outside_for_a_desk_that_closes_waits_for_any() -> None:
    story = Story(a_lobby(admitted=True)).with_open_desk("1").with_open_desk("2").counted(0, 0)
    ticket = story.with_ticket()
    story.elapsed()
    story.call_next()
    transfer(story, to_desk="2")
    story.call_next("2")
    story.press(inputs.Park, "2")
    story.counted(30, 0)
    story.when(inputs.ResumeTicket(ticket=ticket.id))
    assert (ticket.is_outside, ticket.for_desk) == (True, "2")
    story.press(inputs.CloseDesk, "2")
    story.with_open_desk("2").counted(30, 30).elapsed()
    story.call_next("1")
    assert ticket.state is TicketState.CALLED


@pytest.mark.parametrize(
    ("service", "to_desk", "code"),
    [
        ("weddings", "", Code.UNKNOWN_SERVICE),
        ("", "nowhere", Code.UNKNOWN_DESK),
        ("", "2", Code.DESK_AWAY),
        ("passports", "3", Code.NOT_SERVED_HERE),
    ],
)
def test_nobody_is_sent_where_nobody_can_serve_her(service: str, to_desk: str, code: Code) -> None:
    story = Story(a_lobby(desks=3, services_of={"3": ("permits",)})).with_open_desk().with_open_desk("3")
    called(story)
    answer = transfer(story, service, to_desk)
    assert isinstance(answer, Refusal)
    assert answer.code is code


def test_only_a_visitor_at_the_desk_is_sent_on() -> None:
    assert transfer(Story().with_open_desk(), "permits") == Refusal(code=Code.NOBODY_HERE, facts={"desk": "1"})


def test_the_steps_of_a_visit_follow_each_other_by_themselves() -> None:
    story = Story(in_steps("permits")).with_open_desk()
    ticket = called(story)
    view = ticket_view(story.day, ticket.token_hash, story.now)
    assert view is not None
    assert [name["en"] for name in view.then] == ["Permits"]
    (transferred,) = story.press(inputs.Finish)  # type: ignore[misc]
    assert isinstance(transferred, events.TicketTransferred)
    assert transferred.planned
    assert (ticket.state, ticket.service, ticket.then) == (TicketState.WAITING, "permits", ())
    story.call_next()
    story.press(inputs.Finish)
    assert (ticket.state, ticket.number) == (TicketState.SERVED, "A001")


def test_next_and_closing_the_desk_send_her_on_too() -> None:
    story = Story(in_steps("permits")).with_open_desk()
    one, two = story.with_ticket(), story.after(1).with_ticket()
    story.call_next()
    story.call_next()
    assert (one.service, one.state) == ("permits", TicketState.WAITING)
    assert two.state is TicketState.CALLED
    story.press(inputs.CloseDesk)
    assert (two.service, two.state) == ("permits", TicketState.WAITING)


def test_the_steps_of_one_visit_may_be_planned_when_the_ticket_is_taken() -> None:
    story = Story().with_open_desk()
    wish = inputs.IssueTicket(
        ticket="t", token_hash="h", service="passports", language="en", channel="api", then=("permits", "weddings")
    )
    assert story.when(wish) == Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": "weddings"})
    story.when(
        inputs.IssueTicket(
            ticket="t", token_hash="h", service="permits", language="en", channel="api", then=("passports",)
        )
    )
    story.call_next()
    transfer(story, "passports")
    assert story.day.tickets["t"].then == (), "who is sent on by hand to the next step has made it"


def test_a_step_that_is_no_longer_offered_is_left_out() -> None:
    story = Story(in_steps("permits")).with_open_desk()
    ticket = called(story)
    lobby = a_lobby(services_of={"1": ("passports",), "2": ("passports",)})
    story.when(inputs.ChangeLobby(lobby=replace(lobby, services=lobby.services[:1])))
    story.press(inputs.Finish)
    assert ticket.state is TicketState.SERVED


def test_who_is_sent_into_an_admitted_room_waits_before_its_door() -> None:
    lobby = a_lobby(admitted=True, limit_people=2)
    office = replace(lobby.rooms[0], id="office", admitted=False)
    lobby = replace(
        lobby,
        rooms=(*lobby.rooms, office),
        desks=(
            replace(lobby.desks[0], room="office", services=("passports",)),
            replace(lobby.desks[1], services=("permits",)),
        ),
    )
    story = Story(lobby).with_open_desk("1").with_open_desk("2").counted(0, 0)
    ticket = called(story)
    transfer(story, "permits")
    assert ticket.is_outside
    assert isinstance(story.elapsed()[0], events.TicketAdmitted)
    story.call_next("2")
    transfer(story, "permits", desk="2")
    assert not ticket.is_outside, "she is in that room already"
