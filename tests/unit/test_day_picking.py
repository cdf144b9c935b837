"""Staff call a ticket by hand; the day keeps whom they passed over."""

import pytest

from hub.day import events, inputs
from hub.day.due import due
from hub.day.model import Ticket, TicketState
from hub.day.refusal import Code, Refusal
from tests.given import Story, a_lobby


def pick(story: Story, ticket: Ticket, desk: str = "1") -> list[events.AnyEvent] | Refusal:
    seen = story.day.desks[desk].seq
    return story.when(inputs.PickTicket(desk=desk, ticket=ticket.id, seen=seen, by="page"))


def test_a_ticket_in_the_middle_of_a_line_is_called_and_who_was_due_before_is_named() -> None:
    story = Story().with_open_desk()
    first, second, _ = story.with_ticket(), story.after(10).with_ticket(), story.after(10).with_ticket()
    permit = story.after(900).with_ticket("permits")
    decided = pick(story, second)
    assert decided == [
        events.TicketCalled(
            ticket=second.id,
            desk="1",
            rule="by-hand",
            due_at=second.due_at,
            passed_over=(
                events.Head(service="passports", number=first.number, due_at=first.due_at, why="not-picked"),
                events.Head(service="permits", number=permit.number, due_at=permit.due_at),
            ),
            overdue_max_s=600,
        )
    ]
    assert second.state is TicketState.CALLED


def test_picking_finishes_whoever_is_at_the_desk_and_can_be_undone() -> None:
    story = Story().with_open_desk()
    served, picked = story.with_ticket(), story.after(10).with_ticket()
    story.call_next()
    pick(story, picked)
    assert served.state is TicketState.SERVED
    assert story.press(inputs.UndoCall) == [events.CallUndone(ticket=picked.id, desk="1", restored=served.id)]
    assert story.day.desks["1"].ticket == served.id


def test_who_was_missed_or_parked_and_stands_before_the_desk_is_called_at_once() -> None:
    story = Story().with_open_desk()
    missed, parked = story.with_ticket(), story.with_ticket()
    story.call_next()
    story.press(inputs.NoShow)
    story.call_next()
    story.press(inputs.Park)
    assert [type(event) for event in pick(story, missed)] == [events.TicketCalled]  # type: ignore[union-attr]
    assert [type(event) for event in pick(story, parked)] == [events.TicketServed, events.TicketCalled]  # type: ignore[union-attr]
    assert story.replayed() == story.day


@pytest.mark.parametrize(
    ("key", "state", "end"),
    [
        (inputs.Park, TicketState.PARKED, events.TicketClosed(ticket="t1", why="parked")),
        (inputs.NoShow, TicketState.MISSED, events.TicketReturned(ticket="t1")),
    ],
)
def test_who_was_picked_by_mistake_is_missed_or_parked_again_until_the_same_instant(
    key: type[inputs.Park | inputs.NoShow], state: TicketState, end: events.AnyEvent
) -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    ticket = story.with_ticket()
    story.call_next()
    story.press(key)
    until_at = due(story.day)
    pick(story.after(60), ticket, "2")
    assert due(story.day) == story.day.ends_at, "whoever is at a desk is waited for no more"
    story.after(5).press(inputs.UndoCall, "2")
    assert (ticket.state, due(story.day)) == (state, until_at)
    assert until_at is not None
    story.now = until_at
    assert story.elapsed() == [end]
    assert story.replayed() == story.day


def test_a_pick_that_is_undone_after_the_grace_is_over_leaves_her_in_line() -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    ticket = story.with_ticket()
    story.call_next()
    story.press(inputs.NoShow)
    pick(story.after(story.lobby.site.no_show_grace_s - 1), ticket, "2")
    story.after(5).press(inputs.UndoCall, "2")
    assert story.elapsed() == [events.TicketReturned(ticket=ticket.id)]
    assert ticket.state is TicketState.WAITING


def test_a_desk_that_moved_on_picks_nobody() -> None:
    story = Story().with_open_desk()
    ticket = story.with_ticket()
    wish = inputs.PickTicket(desk="1", ticket=ticket.id, seen=0, by="page")
    answer = story.when(wish)
    assert isinstance(answer, Refusal)
    assert answer.code is Code.MOVED_ON


@pytest.mark.parametrize("at", ["1", "2"])
def test_who_is_at_a_desk_or_waits_for_another_is_not_picked(at: str) -> None:
    story = Story().with_open_desk("1").with_open_desk("2")
    ticket = story.with_ticket()
    story.call_next(at)
    refused = Refusal(code=Code.AT_OTHER_DESK, facts={"number": "A001", "desk": at})
    assert pick(story, ticket) == refused
    story.when(inputs.Transfer(desk=at, seen=None, by="page", to_desk="2"))
    assert pick(story, ticket) == Refusal(code=Code.AT_OTHER_DESK, facts={"number": "A001", "desk": "2"})
    pick(story, ticket, "2")
    assert ticket.state is TicketState.CALLED


def test_a_desk_picks_only_what_it_serves_and_who_has_not_gone() -> None:
    story = Story(a_lobby(services_of={"1": ("permits",)})).with_open_desk()
    passport, gone = story.with_ticket(), story.with_ticket("permits")
    story.when(inputs.CancelTicket(ticket=gone.id))
    assert pick(story, passport) == Refusal(code=Code.NOT_SERVED_HERE, facts={"number": "A001", "desk": "1"})
    assert pick(story, gone) == Refusal(code=Code.TICKET_ENDED, facts={"number": "B001"})
    unknown = inputs.PickTicket(desk="1", ticket="no", seen=None, by="page")
    assert story.when(unknown) == Refusal(code=Code.UNKNOWN_TICKET)


def test_nobody_is_picked_from_outside_an_admitted_room() -> None:
    story = Story(a_lobby(admitted=True, limit_people=1)).with_open_desk().counted(0, 0).counted(1, 0)
    outside = story.with_ticket()
    assert story.elapsed() == []
    assert pick(story, outside) == Refusal(code=Code.NOT_INVITED, facts={"number": "A001"})
