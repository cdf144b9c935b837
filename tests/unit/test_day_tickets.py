"""The lobby's rules for tickets and desks, as sentences."""

from dataclasses import replace

import pytest

from hub.day import events, inputs
from hub.day.due import due
from hub.day.model import TicketState
from hub.day.refusal import Code, Refusal
from tests.given import MONDAY_9H, Story, a_lobby


def assert_refused(decided: object, code: Code) -> None:
    assert isinstance(decided, Refusal), f"expected a refusal, got {decided}"
    assert decided.code is code


def test_numbers_begin_at_one_in_every_series() -> None:
    story = Story()
    assert [story.with_ticket("passports").number, story.with_ticket("permits").number] == ["A001", "B001"]
    assert story.with_ticket("passports").number == "A002"


def test_services_that_swap_their_letters_give_no_number_twice() -> None:
    story = Story()
    numbers = [story.with_ticket("passports").number, story.with_ticket("passports").number]
    passports, permits = story.lobby.services
    swapped = (replace(passports, letter="B"), replace(permits, letter="A"))
    story.when(inputs.ChangeLobby(lobby=replace(story.lobby, services=swapped)))
    numbers += [story.with_ticket("permits").number, story.with_ticket("passports").number]
    assert numbers == ["A001", "A002", "A003", "B001"]


def test_the_earliest_due_is_called_first_and_the_reason_names_who_was_passed_over() -> None:
    story = Story().with_open_desk()
    passport = story.with_ticket("passports")  # due in 15 minutes
    permit = story.after(60).with_ticket("permits")  # due in 5, one minute later
    decided = story.call_next()
    assert decided == [
        events.TicketCalled(
            ticket=permit.id,
            desk="1",
            rule="earliest-due",
            due_at=permit.due_at,
            passed_over=(events.Head(service="passports", number=passport.number, due_at=passport.due_at),),
            overdue_max_s=600,
        )
    ]


def test_equal_due_times_are_called_in_the_order_of_issue() -> None:
    story = Story().with_open_desk()
    first, second = story.with_ticket(), story.with_ticket()
    story.call_next()
    assert first.state is TicketState.CALLED
    story.call_next()
    assert (first.state, second.state) == (TicketState.SERVED, TicketState.CALLED)


def test_a_desk_that_moved_on_since_it_was_seen_calls_nobody() -> None:
    story = Story().with_open_desk()
    story.with_ticket(), story.with_ticket()
    seen = story.day.desks["1"].seq
    story.when(inputs.CallNext(desk="1", seen=seen, by="panel"))
    echo = story.when(inputs.CallNext(desk="1", seen=seen, by="panel"))
    assert_refused(echo, Code.MOVED_ON)
    assert story.day.services["passports"].tickets_called == 1


def test_next_with_nobody_waiting_finishes_the_visitor_and_then_refuses() -> None:
    story = Story().with_open_desk()
    ticket = story.with_ticket()
    story.call_next()
    assert story.call_next() == [events.TicketServed(ticket=ticket.id, desk="1")]
    assert_refused(story.call_next(), Code.NOBODY_WAITING)


def test_a_no_show_is_back_in_line_once_after_the_grace_and_then_closed() -> None:
    story = Story().with_open_desk()
    ticket = story.with_ticket()
    later = story.after(10).with_ticket()
    story.call_next()
    story.when(inputs.NoShow(desk="1", seen=None, by="page"))
    assert ticket.state is TicketState.MISSED
    assert due(story.day) == ticket.back_at
    assert story.when(inputs.Elapse()) == []
    assert story.after(300).when(inputs.Elapse()) == [events.TicketReturned(ticket=ticket.id)]
    story.call_next()
    assert story.day.tickets[ticket.id].state is TicketState.CALLED, "it keeps its place before whoever came later"
    story.when(inputs.NoShow(desk="1", seen=None, by="page"))
    assert (ticket.state, ticket.ended_why) == (TicketState.CLOSED, "no-show")
    story.call_next()
    assert later.state is TicketState.CALLED


def test_recalls_are_bounded() -> None:
    story = Story().with_open_desk()
    ticket = story.with_ticket()
    story.call_next()
    recall = inputs.Recall(desk="1", seen=None, by="page")
    for times in (2, 3, 4):
        story.when(recall)
        assert ticket.times_called == times
    assert_refused(story.when(recall), Code.RECALLED_ENOUGH)


def test_a_visitor_who_is_being_served_is_neither_recalled_nor_missed() -> None:
    story = Story().with_open_desk()
    story.with_ticket()
    story.call_next()
    story.when(inputs.Start(desk="1", seen=None, by="page"))
    for late in (inputs.Recall, inputs.NoShow, inputs.Start):
        assert_refused(story.when(late(desk="1", seen=None, by="page")), Code.ALREADY_STARTED)
    story.when(inputs.Finish(desk="1", seen=None, by="page"))
    assert_refused(story.when(inputs.Finish(desk="1", seen=None, by="page")), Code.NOBODY_HERE)


def test_a_closed_desk_calls_nobody_and_closing_finishes_its_visitor() -> None:
    story = Story()
    ticket = story.with_ticket()
    assert_refused(story.call_next(), Code.DESK_CLOSED)
    story.with_open_desk().call_next()
    assert_refused(story.when(inputs.OpenDesk(desk="1", by="page")), Code.DESK_OPEN)
    story.when(inputs.CloseDesk(desk="1", by="page"))
    assert ticket.state is TicketState.SERVED


def test_no_ticket_is_issued_outside_the_hours_and_the_refusal_says_when_it_opens() -> None:
    story = Story(now=MONDAY_9H.replace(hour=19))
    wish = inputs.IssueTicket(ticket="t", token_hash="h", service="passports", language="en", channel="phone")
    answer = story.when(wish)
    assert answer == Refusal(code=Code.CLOSED, facts={"opens_at": "2026-03-03T08:00:00+00:00"})


def test_wishes_for_what_does_not_exist_are_refused_by_name() -> None:
    story = Story()

    def wish(service: str = "passports", party_people: int = 1, printer: str = "") -> object:
        return story.when(
            inputs.IssueTicket(
                ticket="t",
                token_hash="h",
                service=service,
                language="en",
                channel="api",
                party_people=party_people,
                printer=printer,
            )
        )

    assert_refused(wish(service="weddings"), Code.UNKNOWN_SERVICE)
    assert_refused(wish(party_people=51), Code.BAD_PARTY)
    assert_refused(wish(printer="board-1/board"), Code.UNKNOWN_DEVICE)
    assert_refused(story.when(inputs.OpenDesk(desk="99", by="page")), Code.UNKNOWN_DESK)
    assert_refused(story.when(inputs.CancelTicket(ticket="gone")), Code.UNKNOWN_TICKET)


@pytest.mark.parametrize("key", [inputs.CallNext, inputs.CloseDesk, inputs.Finish])
def test_who_was_called_has_been_served_when_the_desk_goes_on_though_nobody_said_that_it_began(
    key: type[inputs.CallNext | inputs.CloseDesk | inputs.Finish],
) -> None:
    story = Story().with_open_desk()
    called, _ = story.with_ticket(), story.with_ticket()
    story.call_next()
    story.press(key)
    assert called.state is TicketState.SERVED


def test_a_ticket_can_be_given_back_until_service_begins() -> None:
    story = Story().with_open_desk()
    waiting, called = story.with_ticket("permits"), story.with_ticket("permits")
    story.when(inputs.CancelTicket(ticket=waiting.id))
    story.call_next()
    assert called.state is TicketState.CALLED
    story.when(inputs.CancelTicket(ticket=called.id))
    assert story.day.desks["1"].ticket == ""
    assert_refused(story.when(inputs.CancelTicket(ticket=called.id)), Code.TICKET_ENDED)
    serving = story.with_ticket()
    story.call_next()
    story.press(inputs.Start)
    assert_refused(story.when(inputs.CancelTicket(ticket=serving.id)), Code.AT_OTHER_DESK)


def test_who_is_being_served_is_told_where_when_she_gives_the_ticket_back() -> None:
    story = Story().with_open_desk()
    served = story.with_ticket()
    story.call_next()
    story.press(inputs.Start)
    refused = story.when(inputs.CancelTicket(ticket=served.id))
    assert refused == Refusal(code=Code.AT_OTHER_DESK, facts={"number": "A001", "desk": "1"})
    assert served.state is TicketState.SERVING


def by_staff(story: Story, ticket: str, desk: str = "1", reason: inputs.CancelReason = "left") -> object:
    return story.when(inputs.CancelTicket(ticket=ticket, desk=desk, reason=reason))


def test_staff_cancel_a_ticket_and_say_why() -> None:
    story = Story().with_open_desk()
    waiting, served = story.with_ticket(), story.with_ticket()
    assert by_staff(story, waiting.id) == [
        events.TicketClosed(ticket=waiting.id, why="cancelled", desk="1", reason="left")
    ]
    story.call_next()
    story.press(inputs.Start)
    assert_refused(story.when(inputs.CancelTicket(ticket=served.id)), Code.AT_OTHER_DESK)
    by_staff(story, served.id, reason="mistake")
    assert (served.state, served.ended_why, served.ended_reason) == (TicketState.CLOSED, "cancelled", "mistake")
    assert story.day.desks["1"].ticket == ""


def test_the_visitor_of_another_desk_is_cancelled_by_that_desk() -> None:
    story = Story().with_open_desk()
    ticket = story.with_ticket()
    story.call_next()
    assert by_staff(story, ticket.id, desk="2") == Refusal(
        code=Code.AT_OTHER_DESK, facts={"number": "A001", "desk": "1"}
    )
    assert by_staff(story, ticket.id, desk="99") == Refusal(code=Code.UNKNOWN_DESK, facts={"desk": "99"})


def test_the_end_of_the_day_closes_what_is_open_and_the_next_day_begins_at_one() -> None:
    story = Story().with_open_desk().with_open_desk("2")
    for key in (inputs.Park, inputs.NoShow):
        story.with_ticket()
        story.call_next()
        story.press(key)
    for desk in "12":
        story.with_ticket()
        story.call_next(desk)
    story.press(inputs.Start, "2")
    story.with_ticket()
    assert {it.state for it in story.day.tickets.values()} == {
        *(TicketState.PARKED, TicketState.MISSED, TicketState.CALLED, TicketState.SERVING, TicketState.WAITING)
    }
    story.when(inputs.CloseDay())
    assert {(it.state, it.ended_why) for it in story.day.tickets.values()} == {(TicketState.CLOSED, "day-end")}
    assert_refused(story.call_next(), Code.NO_DAY)
    story.after(86_400).when(inputs.OpenDay(day=story.now.date(), lobby=story.lobby))
    assert story.with_ticket().number == "A001"
    assert not story.day.desks["1"].is_open


def test_a_changed_lobby_keeps_what_has_happened() -> None:
    story = Story().with_open_desk("2")
    ticket = story.with_ticket()
    story.call_next("2")
    story.when(inputs.ChangeLobby(lobby=a_lobby(desks=1, limit_people=10)))
    assert (ticket.state, ticket.number, ticket.times_called) == (TicketState.WAITING, "A001", 1)
    assert not story.day.desks["2"].is_open
    assert story.day.rooms["main"].room.limit_people == 10
    assert story.when(inputs.ChangeLobby(lobby=a_lobby(desks=1, limit_people=10))) == []


def test_a_replayed_day_equals_the_day_that_was_lived() -> None:
    story = Story().with_open_desk().with_open_desk("2")
    for n in range(12):
        story.after(30).with_ticket("passports" if n % 3 else "permits")
        story.call_next("1" if n % 2 else "2")
    story.when(inputs.NoShow(desk="1", seen=None, by="page"))
    story.after(400).when(inputs.Elapse())
    assert story.replayed() == story.day
