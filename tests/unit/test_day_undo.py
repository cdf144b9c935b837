"""A call that was a slip of the hand is undone within seconds, as if it had not been."""

from dataclasses import replace

import pytest

from hub.day import events, inputs
from hub.day.inputs import AnyInput
from hub.day.model import Day, TicketState
from hub.day.refusal import Code, Refusal
from hub.day.views import device_views
from tests.given import Story, a_lobby
from wire.messages import BoardView


def calls_on_the_board(story: Story) -> list[tuple[str, str]]:
    board = device_views(story.day, story.now, "http://hub.test")["board-1/board"]
    assert isinstance(board, BoardView)
    return [(call.number, call.desk) for call in board.calls]


def lines_of(day: Day) -> object:
    return [
        (list(state.line), list(state.outside), state.tickets_called, list(state.calls_at))
        for state in day.services.values()
    ]


def test_the_called_ticket_goes_back_to_its_very_place() -> None:
    story = Story().with_open_desk()
    tickets = [story.after(n).with_ticket() for n in range(3)]
    before = lines_of(story.day)
    story.call_next()
    assert story.after(10).press(inputs.UndoCall) == [events.CallUndone(ticket=tickets[0].id, desk="1")]
    assert lines_of(story.day) == before
    assert (tickets[0].state, tickets[0].called_at, tickets[0].times_called) == (TicketState.WAITING, None, 0)
    assert calls_on_the_board(story) == []
    story.call_next()
    assert tickets[0].state is TicketState.CALLED
    late = story.after(10.1).press(inputs.UndoCall)
    assert late == Refusal(code=Code.UNDO_TOO_LATE, facts={"max_s": 10})


@pytest.mark.parametrize("started", [True, False])
def test_whom_the_call_sent_away_is_at_the_desk_again(started: bool) -> None:
    story = Story().with_open_desk()
    served, called = story.with_ticket(), story.with_ticket()
    story.call_next()
    if started:
        story.press(inputs.Start)
    state = served.state
    story.after(60).call_next()
    assert served.state is TicketState.SERVED
    assert story.press(inputs.UndoCall) == [events.CallUndone(ticket=called.id, desk="1", restored=served.id)]
    assert (served.state, served.ended_at, story.day.desks["1"].ticket) == (state, None, served.id)
    assert calls_on_the_board(story) == [("A001", "1")]
    assert story.replayed() == story.day


def test_who_was_finished_with_a_key_of_its_own_stays_served() -> None:
    story = Story().with_open_desk()
    served, called = story.with_ticket(), story.with_ticket()
    story.call_next()
    story.press(inputs.Finish)
    story.call_next()
    story.press(inputs.UndoCall)
    assert (served.state, called.state, story.day.desks["1"].ticket) == (TicketState.SERVED, TicketState.WAITING, "")


def test_the_next_step_of_a_visit_is_taken_back_too() -> None:
    lobby = a_lobby()
    passports, permits = lobby.services
    story = Story(replace(lobby, services=(replace(passports, then=("permits",)), permits))).with_open_desk()
    ticket, other = story.with_ticket(), story.after(1).with_ticket()
    due_at = ticket.due_at
    story.call_next()
    story.after(60).call_next()
    assert (ticket.service, other.state) == ("permits", TicketState.CALLED)
    story.press(inputs.UndoCall)
    assert (ticket.service, ticket.due_at, ticket.then, ticket.state) == (
        "passports",
        due_at,
        ("permits",),
        TicketState.CALLED,
    )
    assert calls_on_the_board(story) == [("A001", "1")]


def test_whose_next_step_has_begun_is_not_taken_back() -> None:
    lobby = a_lobby()
    passports, permits = lobby.services
    lobby = replace(lobby, services=(replace(passports, then=("permits",)), permits))
    story = Story(lobby).with_open_desk("1").with_open_desk("2")
    ticket, _ = story.with_ticket(), story.after(1).with_ticket()
    story.call_next("1")
    story.call_next("1")
    story.call_next("2")
    assert (ticket.state, ticket.desk) == (TicketState.CALLED, "2")
    assert story.press(inputs.UndoCall) == Refusal(code=Code.NOTHING_TO_UNDO, facts={"desk": "1"})


def test_after_ten_seconds_the_visitor_is_on_the_way() -> None:
    story = Story().with_open_desk()
    story.with_ticket()
    story.call_next()
    assert story.after(10.1).press(inputs.UndoCall) == Refusal(code=Code.UNDO_TOO_LATE, facts={"max_s": 10})


@pytest.mark.parametrize(
    "since",
    [
        None,
        inputs.Recall(desk="1", seen=None, by="page"),
        inputs.Start(desk="1", seen=None, by="page"),
        inputs.NoShow(desk="1", seen=None, by="page"),
        inputs.Finish(desk="1", seen=None, by="page"),
        inputs.CancelTicket(ticket="t1"),
        inputs.UndoCall(desk="1", seen=None, by="page"),
    ],
)
def test_what_has_moved_on_is_not_undone(since: AnyInput | None) -> None:
    story = Story().with_open_desk()
    story.with_ticket()
    if since is not None:
        story.call_next()
        assert not isinstance(story.when(since), Refusal)
    assert story.press(inputs.UndoCall) == Refusal(code=Code.NOTHING_TO_UNDO, facts={"desk": "1"})


def test_the_call_of_who_was_invited_in_leaves_her_inside() -> None:
    story = Story(a_lobby(admitted=True)).with_open_desk().counted(0, 0)
    ticket = story.with_ticket()
    story.elapsed()
    story.call_next()
    story.press(inputs.UndoCall)
    assert (ticket.state, ticket.is_outside) == (TicketState.ADMITTED, False)
    assert len(story.day.rooms["main"].reservations) == 1
