"""Admitted rooms: visitors wait outside and are invited in, never more than the room may hold."""

from collections import Counter
from dataclasses import replace
from typing import Literal

import pytest
from msgspec import structs

from hub.day import events, inputs, occupancy, people_events
from hub.day.apply import apply
from hub.day.due import due
from hub.day.lobby import Door, Room
from hub.day.model import TicketState
from hub.day.refusal import Code, Refusal
from hub.day.room_views import room_view
from tests.given import COUNTER, Story, a_lobby
from wire.messages import Gate, RoomQuality


def before_a_room_of(limit_people: int, margin_per_crossing: float = 0.0) -> Story:
    lobby = a_lobby(limit_people=limit_people, admitted=True, margin_per_crossing=margin_per_crossing)
    return Story(lobby).with_open_desk().counted(0, 0)


def test_whoever_fits_is_invited_at_once_and_the_facts_are_recorded() -> None:
    story = before_a_room_of(2)
    first, second, third = story.with_ticket(), story.with_ticket(), story.with_ticket()
    invited = story.elapsed()
    assert [type(event) for event in invited] == [events.TicketAdmitted] * 2
    assert invited[1] == events.TicketAdmitted(
        ticket=second.id,
        room="main",
        upper_people=0,
        reserved_people=1,
        limit_people=2,
        lapses_at=story.now + (story.day.rooms["main"].reservations[1].lapses_at - story.now),
    )
    assert (first.state, third.state) == (TicketState.ADMITTED, TicketState.WAITING)


def test_a_counted_entry_takes_the_place_of_the_oldest_reservation() -> None:
    story = before_a_room_of(2)
    story.with_ticket()
    story.with_ticket()
    late = story.with_ticket()
    story.elapsed()
    story.counted(1, 0)
    assert occupancy.reserved_people(story.day.rooms["main"]) == 1
    assert story.elapsed() == [], "inside or on the way, the two fill the room"
    story.counted(2, 1)
    story.elapsed()
    assert late.state is TicketState.ADMITTED, "one has left, so the next may come"


def test_nobody_is_called_who_has_not_been_invited() -> None:
    story = before_a_room_of(1)
    invited, outside = story.with_ticket(), story.with_ticket()
    story.elapsed()
    story.call_next()
    assert invited.state is TicketState.CALLED
    assert story.call_next() == [events.TicketServed(ticket=invited.id, desk="1")]
    assert outside.is_outside


def test_a_party_needs_as_many_places_as_it_has_people() -> None:
    story = before_a_room_of(4)
    three, two, one = story.with_ticket(party_people=3), story.with_ticket(party_people=2), story.with_ticket()
    story.elapsed()
    assert three.state is TicketState.ADMITTED
    assert two.is_outside
    assert one.is_outside, "nobody passes a party that waits for its places"


def test_who_is_due_first_is_invited_first_whatever_for() -> None:
    story = before_a_room_of(1)
    passport, permit = story.with_ticket("passports"), story.after(60).with_ticket("permits")
    assert permit.due_at < passport.due_at
    story.elapsed()
    assert (permit.state, passport.is_outside) == (TicketState.ADMITTED, True)


def test_a_reservation_lapses_and_the_third_time_the_ticket_ends() -> None:
    story = before_a_room_of(1)
    absent = story.with_ticket()
    story.elapsed()
    for _ in range(2):
        assert isinstance(story.after(181).elapsed()[0], events.ReservationLapsed)
        assert absent.state is TicketState.ADMITTED, "invited again, since there is a place"
    story.after(181).elapsed()
    assert (absent.state, absent.ended_why) == (TicketState.CLOSED, "no-show")
    assert story.day.rooms["main"].reservations == []


def test_the_gate_reckons_with_the_upper_bound() -> None:
    story = before_a_room_of(12, margin_per_crossing=0.1)
    story.counted(10, 0)  # ten people, one of them uncertain: at most eleven
    known = occupancy.estimate(story.day, "main")
    assert (known.lower, known.value, known.upper) == (9, 10, 11)
    story.with_ticket()
    second = story.with_ticket()
    assert len(story.elapsed()) == 1
    assert second.is_outside
    assert story.when(inputs.Elapse()) == [], "the first is on her way"


def test_a_silent_counter_makes_the_room_unknown_and_holds_everybody() -> None:
    story = before_a_room_of(10)
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=True))
    assert occupancy.estimate(story.day, "main").quality is RoomQuality.UNKNOWN
    story.with_ticket()
    assert story.elapsed() == []
    assert story.gate() is Gate.WAIT
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=False))
    assert len(story.elapsed()) == 1


def test_an_unknown_room_may_count_its_tickets_instead() -> None:
    story = Story(a_lobby(limit_people=8, admitted=True, unknown="tickets")).with_open_desk()
    tickets = [story.with_ticket() for _ in range(5)]
    story.elapsed()
    assert sum(t.state is TicketState.ADMITTED for t in tickets) == 3, "three tickets and the declared five"
    story.call_next()
    story.elapsed()
    assert sum(t.state is TicketState.ADMITTED for t in tickets) == 2, "who is at the desk still needs the place"


def test_whoever_waits_for_a_desk_behind_the_room_is_counted_in_it_while_it_is_unknown() -> None:
    lobby = a_lobby(limit_people=8, admitted=True, unknown="tickets")
    lobby = replace(
        lobby,
        rooms=(*lobby.rooms, Room(id="office", name={}, limit_people=5)),
        doors=(*lobby.doors, Door(id="inner", from_room="main", to_room="office")),
        desks=(lobby.desks[0], replace(lobby.desks[1], room="office")),
    )
    story = Story(lobby).with_open_desk("1").with_open_desk("2")
    for _ in range(4):
        story.with_ticket()
    assert len(story.elapsed()) == 3, "three tickets and the declared five"
    story.call_next()
    story.when(inputs.Transfer(desk="1", seen=None, by="page", to_desk="2"))
    assert story.elapsed() == [], "she waits for the office, in the hall or in it"


def test_whoever_took_a_ticket_in_the_room_is_counted_there_whatever_for_while_it_is_unknown() -> None:
    lobby = a_lobby(limit_people=8, admitted=True, unknown="tickets")
    lobby = replace(
        lobby,
        rooms=(*lobby.rooms, Room(id="annex", name={}, limit_people=5)),
        desks=(
            replace(lobby.desks[0], services=("passports",)),
            replace(lobby.desks[1], room="annex", services=("permits",)),
        ),
        doors=(*lobby.doors, Door(id="side", to_room="annex")),
    )
    story = Story(lobby).with_open_desk()
    story.when(
        inputs.IssueTicket(ticket="k", token_hash="hk", service="permits", language="en", channel="kiosk", room="main")
    )
    for _ in range(4):
        story.with_ticket()
    assert len(story.elapsed()) == 2, (
        "two of them, the visitor of the annex who stands in the hall, and the declared five"
    )


def test_uninvited_entries_may_exceed_the_limit_and_then_nobody_is_invited() -> None:
    story = before_a_room_of(2)
    story.counted(5, 0)
    story.with_ticket()
    assert [type(it) for it in story.elapsed()] == [people_events.OverLimitBegan]
    assert occupancy.estimate(story.day, "main").value == 5


def test_a_correction_closes_the_bounds_and_touches_no_ticket() -> None:
    story = before_a_room_of(50, margin_per_crossing=0.1)
    waiting = story.with_ticket()
    story.counted(60, 20)
    story.when(inputs.CorrectPeople(room="main", people=38, why="counted"))
    known = occupancy.estimate(story.day, "main")
    assert (known.lower, known.value, known.upper) == (38, 38, 38)
    assert waiting.is_outside
    assert len(story.elapsed()) == 1


def test_who_takes_a_ticket_inside_needs_no_place() -> None:
    story = before_a_room_of(1).counted(1, 0)
    story.when(
        inputs.IssueTicket(ticket="k", token_hash="hk", service="permits", language="en", channel="kiosk", room="main")
    )
    story.call_next()
    assert story.day.tickets["k"].state is TicketState.CALLED


def test_a_room_that_is_no_longer_admitted_lets_everybody_in() -> None:
    story = before_a_room_of(1).counted(1, 0)
    outside = story.with_ticket()
    assert story.elapsed() == []
    story.when(inputs.ChangeLobby(lobby=a_lobby(limit_people=1)))
    assert not outside.is_outside
    story.call_next()
    assert outside.state is TicketState.CALLED


def test_a_service_that_has_lost_its_desks_lets_nobody_in_before_her_turn() -> None:
    story = before_a_room_of(1).counted(1, 0)
    outside = story.with_ticket()
    without_desks = a_lobby(desks=1, limit_people=1, admitted=True, services_of={"1": ("permits",)})
    story.when(inputs.ChangeLobby(lobby=without_desks))
    assert outside.is_outside
    assert story.with_ticket().is_outside
    story.when(inputs.ChangeLobby(lobby=story.lobby))
    assert story.call_next() == Refusal(code=Code.NOBODY_WAITING, facts={"desk": "1"})
    assert isinstance(story.counted(1, 1).elapsed()[0], events.TicketAdmitted)
    story.when(inputs.ChangeLobby(lobby=a_lobby(desks=1, limit_people=1, services_of={"1": ("permits",)})))
    assert not any(ticket.is_outside for ticket in story.day.tickets.values()), "the room is no longer admitted"


def test_a_journal_of_before_that_lets_them_in_as_it_did() -> None:
    story = before_a_room_of(1).counted(1, 0)
    outside = story.with_ticket()
    without_desks = a_lobby(desks=1, limit_people=1, admitted=True, services_of={"1": ("permits",)})
    apply(story.day, events.LobbyChanged(lobby=without_desks), story.now, len(story.journal) + 1)
    assert not outside.is_outside


def test_a_served_visitor_who_was_never_counted_in_frees_the_reservation() -> None:
    story = before_a_room_of(1)
    story.with_ticket()
    story.elapsed()
    story.call_next()
    story.when(inputs.Finish(desk="1", seen=None, by="page"))
    assert story.day.rooms["main"].reservations == []


def test_a_place_is_kept_exactly_as_long_as_the_lobby_says() -> None:
    lobby = a_lobby(limit_people=1, admitted=True)
    for invitation_s in (180, 600):
        story = (
            Story(replace(lobby, site=replace(lobby.site, invitation_s=invitation_s))).with_open_desk().counted(0, 0)
        )
        invited = story.with_ticket()
        story.elapsed()
        assert story.after(invitation_s - 1).elapsed() == []
        lapsed = story.after(1).elapsed()
        assert lapsed[0] == events.ReservationLapsed(ticket=invited.id, room="main", outside=True)


def test_a_party_that_is_larger_than_the_room_is_refused_with_the_limit() -> None:
    story = before_a_room_of(10)
    wish = inputs.IssueTicket(
        ticket="k", token_hash="hk", service="permits", language="en", channel="phone", party_people=11
    )
    assert story.when(wish) == Refusal(code=Code.BAD_PARTY, facts={"party_people": 11, "max": 10})
    assert isinstance(story.when(structs.replace(wish, party_people=10)), list)
    assert isinstance(story.when(structs.replace(wish, ticket="i", token_hash="i", room="main")), list), "she is inside"


def test_an_appointment_of_more_people_than_the_room_may_hold_is_refused_at_check_in() -> None:
    story = before_a_room_of(3)
    known = inputs.KnowAppointment(appointment="a", service="permits", slot_at=story.now, code_hash="c", party_people=4)
    story.when(known)
    here = inputs.CheckIn(code_hash="c", ticket="t", token_hash="h", language="en", channel="phone")
    assert story.when(here) == Refusal(code=Code.BAD_PARTY, facts={"party_people": 4, "max": 3})


def test_a_limit_of_nobody_refuses_nobody_a_ticket() -> None:
    story = before_a_room_of(10)
    story.when(inputs.ChangeLimit(room="main", limit_people=0, why="safety"))
    assert story.with_ticket(party_people=10).is_outside


def test_a_party_for_which_a_lowered_limit_has_no_place_lets_others_pass_until_it_is_raised() -> None:
    story = before_a_room_of(10).counted(9, 0)
    party, others = story.with_ticket(party_people=6), [story.with_ticket() for _ in range(3)]
    story.when(inputs.ChangeLimit(room="main", limit_people=5, why="safety"))
    story.counted(9, 9)
    story.elapsed()
    assert party.is_outside
    assert [it.state for it in others] == [TicketState.ADMITTED] * 3
    assert story.gate() is Gate.COME_IN
    story.counted(12, 9)
    story.when(inputs.ChangeLimit(room="main", limit_people=None, why=""))
    assert [type(it) for it in story.elapsed()] == [events.TicketAdmitted]
    assert party.state is TicketState.ADMITTED


def test_nor_does_it_hold_them_up_while_a_silent_counter_or_doubt_leaves_too_few_places() -> None:
    by_tickets = Story(a_lobby(limit_people=8, admitted=True, unknown="tickets")).with_open_desk().counted(0, 0)
    by_tickets.when(inputs.NoteSilence(device=COUNTER, is_silent=True))
    doubted = before_a_room_of(8, margin_per_crossing=0.1).counted(25, 25)
    for story in (by_tickets, doubted):
        party, other = story.with_ticket(party_people=4), story.with_ticket()
        story.elapsed()
        assert (party.is_outside, other.state) == (True, TicketState.ADMITTED)
    doubted.when(inputs.CorrectPeople(room="main", people=1, why="counted"))
    doubted.elapsed()
    assert doubted.day.tickets["t1"].state is TicketState.ADMITTED


def test_margins_add_up_to_what_they_are() -> None:
    story = before_a_room_of(8, margin_per_crossing=0.1)
    for crossings in range(1, 4):
        story.counted(crossings, crossings - 1).counted(crossings, crossings)
    story.counted(15, 15)
    assert occupancy.estimate(story.day, "main").upper == 3, "thirty crossings, and nobody inside"


def test_who_comes_now_would_be_invited_past_a_party_that_the_room_cannot_hold() -> None:
    story = before_a_room_of(10)
    story.with_ticket(party_people=6)
    story.when(inputs.ChangeLimit(room="main", limit_people=5, why="safety"))
    assert story.elapsed() == []
    assert story.gate() is Gate.COME_IN


@pytest.mark.parametrize("unknown", ["hold", "tickets"])
def test_while_nobody_counts_who_comes_in_nobody_is_taken_for_not_having_come(
    unknown: Literal["hold", "tickets"],
) -> None:
    story = Story(a_lobby(limit_people=10, admitted=True, unknown=unknown)).with_open_desk().counted(0, 0)
    first, second = story.with_ticket(), story.with_ticket()
    story.elapsed()
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=True))
    assert story.after(3_600).elapsed() == []
    assert due(story.day) is not None, "though nothing of this is due"
    story.call_next()
    assert first.state is TicketState.CALLED
    story.counted(1, 0).when(inputs.NoteSilence(device=COUNTER, is_silent=False))
    (lapsed, *_) = story.elapsed()
    assert lapsed == events.ReservationLapsed(ticket=second.id, room="main", outside=True), "nobody counted her"


def test_an_unknown_room_that_counts_its_tickets_invites_no_more_than_its_limit_however_long_it_is_unknown() -> None:
    story = Story(a_lobby(limit_people=10, admitted=True, unknown="tickets")).counted(0, 0).with_open_desk()
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=True))
    tickets = [story.with_ticket() for _ in range(16)]
    for _ in range(8):
        story.after(181).elapsed()
    states = Counter(it.state for it in tickets)
    assert states == {TicketState.ADMITTED: 5, TicketState.WAITING: 11}, "five tickets and the declared five"


def test_whoever_was_called_in_vain_is_still_counted_in_an_unknown_room() -> None:
    story = Story(a_lobby(limit_people=6, admitted=True, unknown="tickets")).counted(0, 0).with_open_desk()
    story.with_ticket()
    story.elapsed()
    story.counted(1, 0).when(inputs.NoteSilence(device=COUNTER, is_silent=True))
    waiting = story.with_ticket()
    story.call_next()
    story.press(inputs.NoShow)
    assert story.elapsed() == []
    assert waiting.is_outside, "one who may be there, and the declared five"


def test_an_admitted_room_without_counters_counts_its_tickets_and_its_sign_says_so() -> None:
    lobby = a_lobby(limit_people=6, admitted=True, unknown="tickets")
    story = Story(replace(lobby, devices=tuple(it for it in lobby.devices if it.address != COUNTER))).with_open_desk()
    assert story.gate() is Gate.COME_IN
    story.with_ticket()
    other = story.with_ticket()
    story.elapsed()
    assert other.is_outside
    story.call_next()
    story.press(inputs.Finish)
    story.elapsed()
    assert other.state is TicketState.ADMITTED
    story.call_next()
    story.with_ticket()
    assert not story.day.rooms["main"].counters
    story.elapsed()
    view = room_view(story.day, story.day.rooms["main"])
    assert (view.takes_more, view.outside) == (False, 1)
