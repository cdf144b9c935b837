"""What becomes of people when a desk, or all desks of a service, are taken out of the lobby file during the day."""

from dataclasses import replace

import pytest

from hub.day import events, inputs
from hub.day.model import TicketState
from hub.day.page_views import desk_view, view_of_ticket
from hub.day.refusal import Code, Refusal
from tests.given import Story, a_lobby


def without_desk(story: Story, desk: str) -> list[events.AnyEvent] | Refusal:
    """The lobby file is read again, and this desk is not in it."""
    desks = tuple(it for it in story.lobby.desks if it.id != desk)
    story.lobby = replace(story.lobby, desks=desks)
    return story.when(inputs.ChangeLobby(lobby=story.lobby))


def without_permits(story: Story) -> None:
    passports, _ = story.lobby.services
    desks = tuple(replace(it, services=("passports",)) for it in story.lobby.desks)
    story.lobby = replace(story.lobby, services=(passports,), desks=desks)
    story.when(inputs.ChangeLobby(lobby=story.lobby))


def test_who_is_served_at_a_desk_that_is_taken_out_of_the_file_has_been_served() -> None:
    story = Story().with_open_desk("2")
    ticket = story.with_ticket()
    story.call_next("2")
    story.press(inputs.Start, "2")
    assert without_desk(story, "2") == [
        events.TicketServed(ticket=ticket.id, desk="2"),
        events.DeskClosed(desk="2"),
        events.LobbyChanged(lobby=story.lobby, keeps_outside=True),
    ]
    assert story.day.rooms["main"].served_people == 0
    assert story.replayed() == story.day


def test_who_goes_on_to_another_step_goes_on() -> None:
    lobby = a_lobby()
    passports, permits = lobby.services
    story = Story(replace(lobby, services=(replace(passports, then=("permits",)), permits))).with_open_desk("2")
    ticket = story.with_ticket()
    story.call_next("2")
    story.press(inputs.Start, "2")
    without_desk(story, "2")
    assert (ticket.state, ticket.service) == (TicketState.WAITING, "permits")


def test_who_is_on_her_way_to_a_desk_that_is_taken_out_of_the_file_waits_at_her_old_place() -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    ticket, other = story.with_ticket(), story.after(1).with_ticket()
    story.call_next("2")
    without_desk(story, "2")
    assert ticket.state is TicketState.WAITING
    story.call_next("1")
    assert (ticket.desk, other.state) == ("1", TicketState.WAITING)
    assert story.replayed() == story.day


def test_a_desk_that_is_not_in_the_file_does_nothing() -> None:
    story = Story().with_open_desk("2")
    ticket, parked = story.with_ticket(), story.with_ticket()
    story.call_next("2")
    without_desk(story, "2")
    unknown = Refusal(code=Code.UNKNOWN_DESK, facts={"desk": "2"})
    assert story.when(inputs.OpenDesk(desk="2", by="page")) == unknown
    assert story.call_next("2") == unknown
    assert story.when(inputs.CancelTicket(ticket=ticket.id, desk="2", reason="left")) == unknown
    assert story.when(inputs.ResumeTicket(ticket=parked.id, desk="2")) == unknown
    story.with_open_desk("1").call_next("1")
    assert story.when(inputs.Transfer(desk="1", seen=None, by="page", to_desk="2")) == unknown
    assert desk_view(story.day, "2", story.now) is None


def test_a_desk_that_is_in_the_file_again_opens() -> None:
    story, lobby = Story().with_open_desk("2"), a_lobby()
    without_desk(story, "2")
    story.when(inputs.ChangeLobby(lobby=lobby))
    assert story.when(inputs.OpenDesk(desk="2", by="page")) == [events.DeskOpened(desk="2")]


def test_whom_no_desk_serves_any_more_is_told_and_any_desk_may_call_her_by_hand() -> None:
    story = Story().with_open_desk()
    ticket = story.with_ticket("permits")
    assert not view_of_ticket(story.day, ticket, story.now).asks_at_desk
    without_permits(story)
    assert view_of_ticket(story.day, ticket, story.now).asks_at_desk
    story.when(inputs.PickTicket(desk="1", ticket=ticket.id, seen=None, by="page"))
    assert ticket.state is TicketState.CALLED
    assert not view_of_ticket(story.day, ticket, story.now).asks_at_desk
    story.when(inputs.Transfer(desk="1", seen=None, by="page", service="passports"))
    story.call_next()
    assert (ticket.state, ticket.service) == (TicketState.CALLED, "passports")


@pytest.mark.parametrize("key", [inputs.Park, inputs.NoShow])
def test_whom_no_desk_serves_any_more_is_resumed_and_called_where_she_stands(
    key: type[inputs.Park | inputs.NoShow],
) -> None:
    story = Story().with_open_desk()
    ticket = story.with_ticket("permits")
    story.call_next()
    story.press(key)
    without_permits(story)
    if key is inputs.Park:
        resumed = story.when(inputs.ResumeTicket(ticket=ticket.id, desk="1"))
        assert resumed == [events.TicketResumed(ticket=ticket.id, desk="1")]
    story.when(inputs.PickTicket(desk="1", ticket=ticket.id, seen=None, by="page"))
    assert ticket.state is TicketState.CALLED


def test_a_desk_does_not_take_by_hand_what_another_serves_though_that_is_closed() -> None:
    story = Story(a_lobby(services_of={"1": ("passports",)})).with_open_desk()
    ticket = story.with_ticket("permits")
    refused = story.when(inputs.PickTicket(desk="1", ticket=ticket.id, seen=None, by="page"))
    assert refused == Refusal(code=Code.NOT_SERVED_HERE, facts={"number": "B001", "desk": "1"})
