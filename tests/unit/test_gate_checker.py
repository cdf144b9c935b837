"""The checker of the gate finds what must not happen, says it in a sentence, and agrees with days that are sound."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from hub.day import events, inputs
from hub.day.events import AnyEvent
from hub.day.lobby import Device, DeviceKind
from hub.day.model import TicketState
from hub.day.place import PlaceTaken
from hub.journal import Entry
from simulator.gate_figures import GateFigures
from simulator.gate_report import gate_report
from tests.given import COUNTER, Story, a_lobby
from wire.messages import CountQuality


def before_a_room_of(limit_people: int, margin_per_crossing: float = 0.0) -> Story:
    lobby = a_lobby(limit_people=limit_people, admitted=True, margin_per_crossing=margin_per_crossing)
    return Story(lobby).with_open_desk().counted(0, 0)


def entries(story: Story) -> list[Entry]:
    return [Entry(seq, "2026-03-02", at, event) for seq, (at, event) in enumerate(story.journal, 1)]


def violations(story: Story) -> list[str]:
    return gate_report(entries(story)).violations


def invitation(story: Story, ticket: str, *, upper: int, reserved: int = 0, limit: int = 2) -> AnyEvent:
    return events.TicketAdmitted(
        ticket=ticket,
        room="main",
        upper_people=upper,
        reserved_people=reserved,
        limit_people=limit,
        lapses_at=story.now + timedelta(minutes=3),
    )


def call(story: Story, ticket: str, desk: str = "1") -> AnyEvent:
    return events.TicketCalled(ticket=ticket, desk=desk, rule="earliest-due", due_at=story.now)


def with_event(story: Story, event: AnyEvent) -> Story:
    """The journal as a hub with a bug would have written it."""
    story.journal.append((story.now, event))
    return story


def test_a_sound_day_is_sound() -> None:
    story = before_a_room_of(3, margin_per_crossing=0.1)
    for _ in range(5):
        story.with_ticket()
    story.elapsed()
    story.counted(2, 0).call_next()
    story.elapsed()
    story.after(180).elapsed()
    story.counted(2, 2).call_next()
    story.elapsed()
    story.after(180).elapsed()
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=True))
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=False))
    story.when(inputs.CorrectPeople(room="main", people=1, why="counted"))
    story.elapsed()
    report = gate_report(entries(story))
    assert report.violations == []
    assert report.figures["main"].invited >= 5
    assert report.figures["main"].lapsed > 0
    assert report.figures["main"].times_unknown == 1


def test_an_invitation_above_the_limit_is_found() -> None:
    story = before_a_room_of(2)
    story.with_ticket()
    story.elapsed()
    story.counted(2, 0)
    ticket = story.with_ticket()
    assert violations(story) == []
    assert violations(with_event(story, invitation(story, ticket.id, upper=1))) == [
        "A002 was invited into main above its limit: 2 inside at most, 0 on their way and a party of 1, where 2 are "
        "allowed"
    ]


def test_places_that_are_reserved_are_taken() -> None:
    story = before_a_room_of(2)
    story.with_ticket()
    two = story.with_ticket(party_people=2)
    story.elapsed()
    assert violations(with_event(story, invitation(story, two.id, upper=0, reserved=0))) == [
        "A002 was invited into main above its limit: 0 inside at most, 1 on their way and a party of 2, where 2 are "
        "allowed"
    ]


def test_the_margin_of_the_counters_counts() -> None:
    story = before_a_room_of(12, margin_per_crossing=0.1).counted(10, 0)
    ticket = story.with_ticket(party_people=2)
    assert story.elapsed() == []
    (found,) = violations(with_event(story, invitation(story, ticket.id, upper=10, limit=12)))
    assert "11 inside at most" in found


def test_an_invitation_while_the_room_is_unknown_is_found() -> None:
    story = before_a_room_of(9)
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=True))
    ticket = story.with_ticket()
    assert violations(with_event(story, invitation(story, ticket.id, upper=0, limit=9))) == [
        "A001 was invited into main while nobody knew how many people were in it, and then it holds everybody"
    ]


def test_a_room_that_counts_its_tickets_meanwhile_is_held_to_that() -> None:
    story = Story(a_lobby(limit_people=8, admitted=True, unknown="tickets")).with_open_desk()
    tickets = [story.with_ticket() for _ in range(5)]
    story.elapsed()
    story.call_next()
    assert violations(story) == []
    (found,) = violations(with_event(story, invitation(story, tickets[3].id, upper=0, limit=8)))
    assert found.startswith("A004 was invited into main above its limit: 5 inside at most, 3 on their way")


def test_a_reason_that_is_not_what_the_journal_says_is_found() -> None:
    story = before_a_room_of(9).counted(5, 0)
    ticket = story.with_ticket()
    assert violations(with_event(story, invitation(story, ticket.id, upper=3, limit=9))) == [
        "A001 was invited into main with a wrong reason: "
        "3 inside at most, 0 on their way and a party of 1, where 9 are allowed, "
        "but 5 inside at most, 0 on their way and a party of 1, where 9 are allowed"
    ]


def test_a_call_from_outside_needs_a_place() -> None:
    story = before_a_room_of(2).counted(2, 0)
    ticket = story.with_ticket()
    assert violations(with_event(story, call(story, ticket.id))) == [
        "A001 was called to 1 from outside main, where there is no place: 2 inside at most, 0 on their way and a party "
        "of 1, where 2 are allowed"
    ]


def test_a_call_of_somebody_inside_needs_none() -> None:
    story = before_a_room_of(1)
    ticket = story.with_ticket()
    story.elapsed()
    story.counted(5, 0)
    assert violations(with_event(story, call(story, ticket.id))) == []


def test_whose_place_has_lapsed_is_outside_again() -> None:
    story = before_a_room_of(1)
    ticket = story.with_ticket()
    story.elapsed()
    story.journal.append((story.now, events.ReservationLapsed(ticket=ticket.id, room="main", outside=True)))
    story.counted(1, 0)
    (found,) = violations(with_event(story, call(story, ticket.id)))
    assert "from outside main" in found


def test_a_desk_behind_the_room_is_reached_through_it() -> None:
    lobby = a_lobby(limit_people=1, admitted=True)
    first, second = lobby.desks
    back = replace(lobby.rooms[0], id="back", admitted=False)
    inner = replace(lobby.doors[0], id="inner", from_room="main", to_room="back")
    lobby = replace(
        lobby,
        rooms=(*lobby.rooms, back),
        doors=(*lobby.doors, inner),
        desks=(replace(first, services=("permits",)), replace(second, room="back", services=("passports",))),
    )
    story = Story(lobby).with_open_desk("2").counted(0, 0).counted(1, 0)
    ticket = story.with_ticket()
    (found,) = violations(with_event(story, call(story, ticket.id, desk="2")))
    assert found.startswith("A001 was called to 2 from outside main, where there is no place")


def before_a_room_behind(limit_people: int) -> Story:
    """Desk 2 stands in an admitted room of this limit behind the admitted hall."""
    lobby = a_lobby(limit_people=9, admitted=True)
    first, second = lobby.desks
    back = replace(lobby.rooms[0], id="back", limit_people=limit_people)
    inner = replace(lobby.doors[0], id="inner", from_room="main", to_room="back")
    lobby = replace(
        lobby,
        rooms=(*lobby.rooms, back),
        doors=(*lobby.doors, inner),
        devices=(*lobby.devices, Device(node="door-2", id="counter", kind=DeviceKind.COUNTER, door="inner")),
        desks=(first, replace(second, room="back")),
    )
    story = Story(lobby).with_open_desk("2").counted(0, 0)
    story.when(inputs.CountPeople(device="door-2/counter", epoch="e1", entered=0, left=0))
    return story


def test_a_call_into_an_admitted_room_behind_the_first_needs_a_place_there_and_keeps_it() -> None:
    story = before_a_room_behind(limit_people=1)
    story.with_ticket()
    other = story.with_ticket()
    story.elapsed()
    assert isinstance(story.call_next("2"), list)
    assert violations(story) == []
    (found,) = violations(with_event(story, call(story, other.id, desk="2")))
    assert "from outside back, where there is no place: 0 inside at most, 1 on their way" in found


def test_whom_a_room_has_no_place_for_is_passed_over() -> None:
    story = before_a_room_behind(limit_people=1)
    story.with_ticket("permits", party_people=2)
    story.with_ticket()
    story.elapsed()
    story.call_next("2")
    _, called = story.journal[-1]
    assert violations(story) == []
    assert isinstance(called, events.TicketCalled)
    assert [head.why for head in called.passed_over] == ["no-place"]


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ((), "without a reason, and there is one: 0 inside at most, 0 on their way and a party of 1"),
        (
            (PlaceTaken(room="back", upper_people=0, reserved_people=1, limit_people=2),),
            "with a wrong reason: 0 inside",
        ),
        (
            (PlaceTaken(room="back", upper_people=0, reserved_people=0, limit_people=2, confidence=0.9),),
            "with a wrong reason: 0 inside at most (at a confidence of 0.9), 0 on their way",
        ),
    ],
)
def test_a_call_for_another_reason_than_the_journal_tells_is_found(places: tuple[PlaceTaken, ...], said: str) -> None:
    story = before_a_room_behind(limit_people=2)
    ticket = story.with_ticket()
    story.elapsed()
    called = msgspec.structs.replace(call(story, ticket.id, desk="2"), places=places)
    (found,) = violations(with_event(story, called))
    assert found.startswith(f"A001 was called to 2 from outside back {said}")


def test_whoever_is_passed_over_for_want_of_a_place_that_there_is_is_found() -> None:
    story = before_a_room_behind(limit_people=2)
    first, second = story.with_ticket(), story.with_ticket()
    story.elapsed()
    excuse = events.Head(service="passports", number=first.number, due_at=first.due_at, why="no-place")
    place = PlaceTaken(room="back", upper_people=0, reserved_people=0, limit_people=2)
    excused = msgspec.structs.replace(call(story, second.id, desk="2"), passed_over=(excuse,), places=(place,))
    assert violations(with_event(story, excused)) == [
        "2 passed over A001 for want of a place; back has 0 inside at most, 0 on their way and a party of 1, where 2 "
        "are allowed"
    ]


def test_whoever_needs_no_place_is_not_passed_over_for_want_of_one() -> None:
    story = before_a_room_of(1)
    first, second = story.with_ticket(), story.with_ticket()
    story.elapsed()
    excuse = events.Head(service="passports", number=first.number, due_at=first.due_at, why="no-place")
    excused = msgspec.structs.replace(call(story, second.id), passed_over=(excuse,))
    found = violations(with_event(story, excused))
    assert "1 passed over A001 for want of a place; she needs none" in found


def test_an_invitation_that_is_too_many_in_truth_is_told_while_all_is_counted_live() -> None:
    story = before_a_room_of(3).counted(1, 0)
    story.with_ticket()
    story.elapsed()
    assert gate_report(entries(story), lambda room, at: 2).figures["main"].above_limit_in_truth == 0
    assert gate_report(entries(story), lambda room, at: 3).figures["main"].above_limit_in_truth == 1
    blocked = before_a_room_of(3)
    blocked.when(inputs.CountPeople(device=COUNTER, epoch="e1", entered=1, left=0, quality=CountQuality.BLOCKED))
    blocked.with_ticket()
    blocked.elapsed()
    assert gate_report(entries(blocked), lambda room, at: 3).figures["main"].above_limit_in_truth == 0


def test_the_figures_tell_who_had_to_wait_outside_and_how_long() -> None:
    story = before_a_room_of(1)
    story.with_ticket()
    story.with_ticket()
    story.elapsed()
    story.counted(1, 0).after(60)
    story.counted(1, 1).elapsed()
    assert gate_report(entries(story)).figures["main"] == GateFigures(
        invited=2, held=1, longest_held_s=60.0, lapsed=0, times_unknown=0, above_limit_in_truth=0
    )


def test_a_lobby_without_admitted_rooms_has_no_gate() -> None:
    story = Story().with_open_desk()
    story.with_ticket()
    story.call_next()
    assert gate_report(entries(story)).figures == {}


def test_a_limit_that_is_lowered_in_the_day_holds_from_then_on() -> None:
    story = before_a_room_of(9).counted(4, 0)
    story.when(inputs.ChangeLobby(lobby=a_lobby(limit_people=4, admitted=True)))
    ticket = story.with_ticket()
    assert story.elapsed() == []
    (found,) = violations(with_event(story, invitation(story, ticket.id, upper=4, limit=9)))
    assert "where 4 are allowed" in found


def test_a_limit_that_was_set_by_hand_holds_until_it_is_set_back_though_the_lobby_file_changes() -> None:
    story = before_a_room_of(9).counted(4, 0)
    story.when(inputs.ChangeLimit(room="main", limit_people=4, why="safety"))
    story.when(inputs.ChangeLobby(lobby=a_lobby(limit_people=7, admitted=True)))
    ticket = story.with_ticket()
    assert story.elapsed() == []
    (found,) = violations(with_event(story, invitation(story, ticket.id, upper=4, limit=9)))
    assert "where 4 are allowed" in found
    story.journal.pop()
    story.when(inputs.ChangeLimit(room="main", limit_people=None))
    assert len(story.elapsed()) == 1
    assert violations(story) == []


def test_who_left_an_empty_room_may_be_inside() -> None:
    story = before_a_room_of(3).counted(0, 2)
    story.with_ticket()
    two = story.with_ticket(party_people=2)
    assert len(story.elapsed()) == 1
    assert violations(story) == []
    (found,) = violations(with_event(story, invitation(story, two.id, upper=0, reserved=1, limit=3)))
    assert "2 inside at most, 1 on their way" in found


def test_totals_of_a_silence_that_a_correction_fell_into_are_doubted() -> None:
    story = before_a_room_of(6).counted(4, 0)
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=True))
    story.when(inputs.CorrectPeople(room="main", people=1, why="counted"))
    story.counted(5, 3)
    story.when(inputs.NoteSilence(device=COUNTER, is_silent=False))
    two, other = story.with_ticket(party_people=2), story.with_ticket()
    assert len(story.elapsed()) == 1
    assert violations(story) == []
    assert two.state is TicketState.ADMITTED
    (found,) = violations(with_event(story, invitation(story, other.id, upper=1, reserved=2, limit=6)))
    assert "4 inside at most, 2 on their way" in found


def test_a_place_that_is_kept_too_short_is_found() -> None:
    story = before_a_room_of(2)
    ticket = story.with_ticket()
    short = events.TicketAdmitted(
        ticket=ticket.id,
        room="main",
        upper_people=0,
        reserved_people=0,
        limit_people=2,
        lapses_at=story.now + timedelta(minutes=1),
    )
    assert violations(with_event(story, short)) == [
        "A001 was invited into main, and the place is kept for 60 s instead of 180 s"
    ]


def test_whoever_is_not_invited_though_there_is_a_place_is_found() -> None:
    story = before_a_room_of(2)
    story.with_ticket()
    story.after(2).with_ticket()
    assert violations(story) == [], "two seconds are prompt"
    story.after(3).with_open_desk("2")
    assert violations(story) == [
        "A001 waited outside main with a place for everybody: 0 inside at most, 0 on their way and a party of 1, where "
        "2 are allowed"
    ]
    journal = entries(story)
    down = (journal[-2].at, journal[-1].at)
    assert gate_report(journal, down=[down]).violations == [], "nobody invites while the hub is down"
    story.elapsed()
    story.after(60).with_open_desk("3")
    assert len(violations(story)) == 1, "everybody has been invited"


def test_an_invitation_out_of_turn_is_found_but_for_parties_that_the_room_cannot_hold() -> None:
    story = before_a_room_of(6)
    story.with_ticket(party_people=6)
    second, third = story.with_ticket(), story.with_ticket()
    story.when(inputs.ChangeLimit(room="main", limit_people=5, why="safety"))
    story.elapsed()
    assert (second.state, third.state) == (TicketState.ADMITTED, TicketState.ADMITTED)
    assert violations(story) == [], "six people are too many for a limit of five"
    story = before_a_room_of(6)
    party, other = story.with_ticket(party_people=6), story.with_ticket()
    (found,) = violations(with_event(story, invitation(story, other.id, upper=0, limit=6)))
    assert found == f"{other.number} was invited into main before {party.number}, which was due earlier"
