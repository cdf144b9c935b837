"""Who counts as inside an admitted room: whoever was counted in, is being served, or took a ticket there."""

from hub.day import events, inputs
from hub.day.model import Ticket, TicketState
from hub.day.refusal import Code, Refusal
from tests.given import Story, a_lobby


def before_a_room_of(limit_people: int) -> Story:
    return Story(a_lobby(limit_people=limit_people, admitted=True)).with_open_desk().counted(0, 0)


def test_who_missed_her_call_and_was_never_seen_to_come_in_waits_outside_again() -> None:
    story = before_a_room_of(1)
    absent = story.with_ticket()
    story.elapsed()
    other = story.with_ticket()
    story.call_next()
    story.press(inputs.NoShow)
    story.after(181).elapsed()
    assert other.state is TicketState.ADMITTED, "the place is free"
    story.counted(1, 0).after(200).elapsed()
    assert (absent.state, absent.is_outside) == (TicketState.WAITING, True)
    assert isinstance(story.call_next(), list)
    assert story.day.desks["1"].ticket == other.id
    assert story.replayed() == story.day


def test_who_missed_her_call_and_was_counted_in_waits_inside() -> None:
    story = before_a_room_of(1)
    ticket = story.with_ticket()
    story.elapsed()
    story.counted(1, 0).call_next()
    story.press(inputs.NoShow)
    returned = story.after(400).elapsed()
    assert returned == [events.TicketReturned(ticket=ticket.id, outside=False)]
    assert not ticket.is_outside


def test_whose_place_and_grace_end_in_the_same_moment_waits_outside_again() -> None:
    """As after a leap of the clock: much is due at once."""
    story = before_a_room_of(1)
    absent = story.with_ticket()
    story.elapsed()
    story.call_next()
    story.press(inputs.NoShow)
    lapsed, returned, *_ = story.after(400).elapsed()
    assert lapsed == events.ReservationLapsed(ticket=absent.id, room="main", outside=False)
    assert returned == events.TicketReturned(ticket=absent.id, outside=True)


def test_who_is_sent_on_before_she_was_counted_in_keeps_her_place_and_loses_it_when_it_lapses() -> None:
    story = before_a_room_of(1)
    ticket = story.with_ticket()
    story.elapsed()
    other = story.with_ticket()
    story.call_next()
    sent = story.when(inputs.Transfer(desk="1", seen=None, by="page", service="permits"))
    assert isinstance(sent, list)
    assert isinstance(sent[0], events.TicketTransferred)
    assert sent[0].keeps_place
    assert story.elapsed() == []
    assert other.is_outside, "one is on the way"
    (lapsed, *_) = story.after(181).elapsed()
    assert lapsed == events.ReservationLapsed(ticket=ticket.id, room="main", outside=True)
    assert (ticket.room, other.room) == ("main", ""), "who is due first is invited again"
    assert story.replayed() == story.day


def test_who_was_sent_on_while_being_served_is_inside() -> None:
    story = before_a_room_of(1)
    ticket = story.with_ticket()
    story.elapsed()
    story.call_next()
    story.press(inputs.Start)
    story.when(inputs.Transfer(desk="1", seen=None, by="page", service="permits"))
    story.after(181).elapsed()
    assert not ticket.is_outside


def test_a_party_of_whom_somebody_was_counted_in_stays() -> None:
    story = before_a_room_of(10)
    party = story.with_ticket(party_people=3)
    story.elapsed()
    story.counted(2, 0)
    assert story.after(181).elapsed() == [events.ReservationLapsed(ticket=party.id, room="main", outside=False)]
    assert (party.state, party.is_outside, party.room) == (TicketState.ADMITTED, False, "main")
    assert story.after(600).elapsed() == []
    story.call_next()
    assert party.state is TicketState.CALLED


def test_an_undone_call_of_somebody_whose_place_has_lapsed_leaves_her_outside() -> None:
    story = before_a_room_of(1)
    ticket = story.with_ticket()
    story.elapsed()
    other = story.with_ticket()
    story.after(175).call_next()
    story.after(6).elapsed()
    assert other.state is TicketState.ADMITTED
    assert story.press(inputs.UndoCall) == [events.CallUndone(ticket=ticket.id, desk="1", outside=True)]
    assert (ticket.state, ticket.is_outside, ticket.room) == (TicketState.WAITING, True, "")
    story.counted(1, 0).counted(1, 1).after(3_600).elapsed()
    assert ticket.state is not TicketState.WAITING, "invited when there is a place"
    assert story.replayed() == story.day


def who_took_a_ticket_inside(story: Story) -> None:
    story.when(
        inputs.IssueTicket(ticket="k", token_hash="hk", service="permits", language="en", channel="kiosk", room="main")
    )


def who_is_called_before_two_others() -> tuple[Story, Ticket, Ticket]:
    """A room of one, whoever is called into it, and whoever waits outside; a third took her ticket inside."""
    story = before_a_room_of(1)
    first = story.with_ticket()
    story.elapsed()
    story.call_next()
    outside = story.with_ticket()
    who_took_a_ticket_inside(story)
    return story, first, outside


def test_whom_an_undone_call_brings_back_to_the_desk_has_her_place_again() -> None:
    story, first, outside = who_is_called_before_two_others()
    story.after(20).call_next()
    assert (first.state, story.elapsed(), outside.is_outside) == (TicketState.SERVED, [], True), "it may be undone"
    story.after(3).press(inputs.UndoCall)
    assert first.state is TicketState.CALLED
    assert story.after(100).elapsed() == []
    (lapsed, *_) = story.after(60).elapsed()
    assert lapsed == events.ReservationLapsed(ticket=first.id, room="main", outside=False), "kept as long as promised"
    assert story.replayed() == story.day


def test_a_place_that_is_kept_for_the_undo_is_free_when_that_is_over() -> None:
    story, first, outside = who_is_called_before_two_others()
    story.call_next()
    assert story.after(9).elapsed() == []
    freed, invited = story.after(1).elapsed()
    assert freed == events.ReservationLapsed(ticket=first.id, room="main", outside=False)
    assert isinstance(invited, events.TicketAdmitted)
    assert outside.state is TicketState.ADMITTED
    assert story.press(inputs.UndoCall) == Refusal(code=Code.NOTHING_TO_UNDO, facts={"desk": "1"})


def test_who_is_sent_on_after_her_place_lapsed_waits_outside_unless_she_was_being_served() -> None:
    for has_started in (False, True):
        story = before_a_room_of(1)
        ticket = story.with_ticket()
        story.elapsed()
        story.call_next()
        story.after(181).elapsed()
        assert ticket.room == ""
        if has_started:
            story.press(inputs.Start)
        story.when(inputs.Transfer(desk="1", seen=None, by="page", service="permits"))
        assert ticket.is_outside is not has_started


def test_whoever_is_there_when_a_room_becomes_an_admitted_one_is_inside() -> None:
    story = Story(a_lobby(limit_people=1)).with_open_desk("1").with_open_desk("2").counted(0, 0)
    missed, called = story.with_ticket(), story.with_ticket()
    story.call_next("1")
    story.press(inputs.NoShow)
    story.call_next("2")
    story.when(inputs.ChangeLobby(lobby=a_lobby(limit_people=1, admitted=True)))
    story.press(inputs.NoShow, "2")
    story.after(301).elapsed()
    assert not missed.is_outside
    assert not called.is_outside
