"""Rooms behind rooms: before which one a visitor waits, and who is inside."""

from dataclasses import replace

from hub.config import load_lobby
from hub.day import occupancy
from hub.day.events import ReservationLapsed, TicketCalled, TicketClosed, TicketIssued
from hub.day.gates import gates, ways
from hub.day.inputs import ChangeLimit, ChangeLobby, CountPeople, IssueTicket, Park, PickTicket, Transfer, UndoCall
from hub.day.lobby import OUTSIDE, Device, DeviceKind, Door, Lobby, Room
from hub.day.model import Ticket, TicketState
from hub.day.place import PlaceTaken
from hub.day.refusal import Code, Refusal
from hub.day.views import device_views
from tests.given import Story, a_lobby
from tests.simulation.stage import TOWN_HALL
from wire.messages import PanelView

BACK = Room(id="back", name={"en": "Back office", "fr": "Arrière-salle"}, limit_people=9)
THROUGH_THE_HALL = Door(id="inner", from_room="main", to_room="back")
FROM_THE_YARD = Door(id="yard", from_room="back", to_room=OUTSIDE)


def with_a_back_office(*doors: Door, admitted: bool = True) -> Lobby:
    """The hall, an office behind it, and one of the desks in there."""
    lobby = a_lobby(admitted=admitted)
    first, second = lobby.desks
    return replace(
        lobby,
        rooms=(*lobby.rooms, BACK),
        doors=(*lobby.doors, *doors),
        desks=(replace(first, services=("permits",)), replace(second, room="back", services=("passports",))),
    )


def test_a_room_behind_an_admitted_one_is_behind_its_gate() -> None:
    assert gates(with_a_back_office(THROUGH_THE_HALL)) == {"main": "main", "back": "main"}
    assert gates(with_a_back_office(THROUGH_THE_HALL, admitted=False)) == {"main": "", "back": ""}


def test_a_way_past_the_admitted_room_needs_no_invitation() -> None:
    assert gates(with_a_back_office(THROUGH_THE_HALL, FROM_THE_YARD)) == {"main": "main", "back": ""}


def test_an_admitted_room_without_a_door_is_its_own_gate() -> None:
    lobby = with_a_back_office()
    assert gates(lobby) == {"main": "main", "back": ""}
    assert gates(replace(lobby, doors=())) == {"main": "main", "back": ""}


def test_the_passport_office_is_behind_the_hall_of_the_town_hall() -> None:
    lobby = load_lobby(TOWN_HALL / "lobby.toml")
    hall, office = lobby.rooms
    assert gates(replace(lobby, rooms=(replace(hall, admitted=True), office))) == {
        "hall": "hall",
        "passport-office": "hall",
    }


def test_visitors_of_a_desk_behind_an_admitted_room_wait_outside_it() -> None:
    story = Story(with_a_back_office(THROUGH_THE_HALL)).counted(0, 0)
    assert story.with_ticket("passports").is_outside
    assert [ticket.is_outside for ticket in story.day.tickets.values()] == [True]
    assert story.day.services["passports"].admitted_room == "main"


def test_a_kiosk_outside_gives_tickets_outside_and_one_in_the_back_office_inside() -> None:
    story = Story(with_a_back_office(THROUGH_THE_HALL)).counted(0, 0)
    found = {}
    for room in (OUTSIDE, "main", "back"):
        wish = IssueTicket(ticket=room, token_hash=room, service="passports", language="en", channel="kiosk", room=room)
        issued = story.when(wish)
        assert isinstance(issued, list)
        assert isinstance(issued[0], TicketIssued)
        found[room] = issued[0].outside
    assert found == {OUTSIDE: True, "main": False, "back": False}


def waiting_for(story: Story, desk: str) -> int:
    """As the lamp of the desk's panel says it."""
    panel = device_views(story.day, story.now, "https://h.example")[f"desk-{desk}/panel"]
    assert isinstance(panel, PanelView)
    return panel.waiting


def test_the_lamp_of_a_panel_promises_only_who_can_be_called() -> None:
    story = Story(a_lobby(limit_people=1, admitted=True)).with_open_desk().counted(0, 0)
    story.with_ticket()
    story.with_ticket()
    assert waiting_for(story, "1") == 0, "both wait outside"
    story.elapsed()
    assert waiting_for(story, "1") == 1, "one place, one invitation"


# --- a desk in another room needs a place there --------------------------------------------------------------------

OFFICE_COUNTER = "door-2/counter"


def with_an_admitted_office(limit_people: int = 2) -> Story:
    """Desk 2 stands in an office that is reached through the hall; both are admitted, and counted."""
    lobby = with_a_back_office(THROUGH_THE_HALL)
    hall, office = lobby.rooms
    office = replace(office, admitted=True, limit_people=limit_people)
    counter = Device(node="door-2", id="counter", kind=DeviceKind.COUNTER, door="inner")
    story = Story(replace(lobby, rooms=(hall, office), devices=(*lobby.devices, counter)))
    story.counted(0, 0).with_open_desk("1").with_open_desk("2")
    went_in(story, 0)
    return story


def went_in(story: Story, entered: int, left: int = 0) -> None:
    """The totals of the door between hall and office."""
    story.when(CountPeople(device=OFFICE_COUNTER, epoch="e1", entered=entered, left=left))


def waits_in_the_hall(story: Story, party_people: int = 1) -> Ticket:
    ticket = story.with_ticket("passports", party_people)
    story.elapsed()
    assert ticket.state is TicketState.ADMITTED
    return ticket


def test_the_rooms_on_the_way_are_passed_one_after_the_other() -> None:
    lobby = with_a_back_office(THROUGH_THE_HALL)
    hall, office = lobby.rooms
    both = replace(lobby, rooms=(hall, replace(office, admitted=True)))
    assert ways(both) == {"main": ("main",), "back": ("main", "back")}
    assert ways(replace(both, doors=(*both.doors, FROM_THE_YARD))) == {"main": ("main",), "back": ("back",)}


def test_a_desk_in_another_room_calls_only_whom_that_room_has_a_place_for() -> None:
    story = with_an_admitted_office(limit_people=3)
    went_in(story, 1)
    party = waits_in_the_hall(story, 2)
    assert story.call_next("2") == Refusal(code=Code.NO_PLACE, facts={"number": party.number, "desk": "2"})
    went_in(story, 1, 1)
    (called,) = story.call_next("2")  # type: ignore[misc]
    assert isinstance(called, TicketCalled)
    assert called.places == (PlaceTaken(room="back", upper_people=1, reserved_people=0, limit_people=3),)


def called_to(story: Story, desk: str) -> TicketCalled:
    decided = story.call_next(desk)
    assert not isinstance(decided, Refusal), decided
    assert isinstance(decided[-1], TicketCalled)
    return decided[-1]


def test_whoever_fits_is_called_before_a_party_that_does_not_and_the_reason_names_it() -> None:
    story = with_an_admitted_office(limit_people=3)
    went_in(story, 1)
    party, larger, other = (waits_in_the_hall(story, people) for people in (2, 3, 1))
    called = called_to(story, "2")
    assert (called.ticket, called.rule) == (other.id, "earliest-due")
    assert [(head.number, head.why) for head in called.passed_over] == [(party.number, "no-place")], larger.number


def test_whom_a_full_room_holds_already_is_called_before_whoever_waits_for_a_place() -> None:
    """Otherwise the two would wait for each other: the room is full because of her."""
    story = with_an_admitted_office(limit_people=1)
    held, inside = waits_in_the_hall(story), waits_in_the_hall(story)
    story.when(PickTicket(desk="2", ticket=inside.id, seen=None, by="page"))
    went_in(story, 1)
    story.when(Transfer(desk="2", seen=None, by="page", service="passports"))
    called = called_to(story, "2")
    assert (called.ticket, called.places) == (inside.id, ())
    assert [(head.number, head.why) for head in called.passed_over] == [(held.number, "no-place")]


def test_nobody_who_fits_and_is_overdue_is_passed_over_for_somebody_of_another_line() -> None:
    story = with_an_admitted_office(limit_people=4)
    lobby = story.lobby
    desk = replace(lobby.desks[1], services=("passports", "permits"))
    office = replace(lobby.rooms[1], admitted=True, limit_people=4)
    story.when(ChangeLobby(lobby=replace(lobby, rooms=(lobby.rooms[0], office), desks=(lobby.desks[0], desk))))
    went_in(story, 2)
    party, fits = waits_in_the_hall(story, 2), waits_in_the_hall(story)
    story.counted(3, 0).after(2_100)
    later = story.with_ticket("permits")
    story.elapsed()
    called = called_to(story, "2")
    assert called.ticket == fits.id
    assert [(head.number, head.why) for head in called.passed_over] == [
        (party.number, "no-place"),
        (later.number, "later-due"),
    ]


def test_whoever_is_called_into_a_room_finds_no_place_that_is_kept_for_another() -> None:
    story = with_an_admitted_office(limit_people=1)
    lobby = story.lobby
    third = replace(lobby.desks[1], id="3", name="3")
    story.when(ChangeLobby(lobby=replace(lobby, desks=(*lobby.desks, third))))
    story.with_open_desk("3")
    first, second = waits_in_the_hall(story), waits_in_the_hall(story)
    assert called_to(story, "2").ticket == first.id
    assert story.call_next("3") == Refusal(code=Code.NO_PLACE, facts={"number": second.number, "desk": "3"})


def test_a_lamp_promises_those_who_fit_beside_a_party_that_does_not() -> None:
    story = with_an_admitted_office(limit_people=3)
    went_in(story, 1)
    waits_in_the_hall(story, 2)
    assert waiting_for(story, "2") == 0
    waits_in_the_hall(story)
    assert waiting_for(story, "2") == 1


def test_the_lamp_of_a_desk_whose_room_has_no_place_promises_nobody() -> None:
    story = with_an_admitted_office(limit_people=3)
    went_in(story, 3)
    waits_in_the_hall(story)
    assert isinstance(story.call_next("2"), Refusal)
    assert waiting_for(story, "2") == 0
    went_in(story, 3, 2)
    assert waiting_for(story, "2") == 1
    assert isinstance(story.call_next("2"), list)


def test_a_place_in_the_other_room_is_kept_for_whoever_is_called_there() -> None:
    story = with_an_admitted_office()
    waits_in_the_hall(story, 2)
    story.call_next("2")
    assert occupancy.reserved_people(story.day.rooms["back"]) == 2
    went_in(story, 2)
    assert occupancy.reserved_people(story.day.rooms["back"]) == 0


def test_a_place_in_the_other_room_lapses_when_nobody_comes() -> None:
    story = with_an_admitted_office()
    story.counted(1, 0)
    ticket = waits_in_the_hall(story)
    story.counted(2, 0)
    story.call_next("2")
    assert story.after(181).elapsed() == [ReservationLapsed(ticket=ticket.id, room="back", outside=False)]
    assert ticket.state is TicketState.CALLED, "whoever was called is not sent out"


def test_an_undone_call_gives_the_place_in_the_other_room_back() -> None:
    story = with_an_admitted_office()
    ticket = waits_in_the_hall(story)
    story.call_next("2")
    story.press(UndoCall, "2")
    assert occupancy.reserved_people(story.day.rooms["back"]) == 0
    assert occupancy.reserved_people(story.day.rooms["main"]) == 1, "that one is of her invitation"
    assert (ticket.state, ticket.room) == (TicketState.ADMITTED, "main")


def test_who_is_in_the_other_room_already_needs_no_place_there() -> None:
    story = with_an_admitted_office(limit_people=1)
    waits_in_the_hall(story)
    story.call_next("2")
    went_in(story, 1)
    story.when(Transfer(desk="2", seen=None, by="page", service="passports"))
    (called,) = story.call_next("2")  # type: ignore[misc]
    assert isinstance(called, TicketCalled)
    assert called.places == ()


def test_nobody_is_picked_by_hand_into_a_room_without_a_place_unless_she_stands_there() -> None:
    story = with_an_admitted_office(limit_people=1)
    first, second = waits_in_the_hall(story), waits_in_the_hall(story)
    story.call_next("2")
    went_in(story, 1)
    story.press(Park, "2")
    pick = PickTicket(desk="2", ticket=second.id, seen=None, by="page")
    assert story.when(pick) == Refusal(code=Code.NO_PLACE, facts={"number": second.number, "desk": "2"})
    assert isinstance(story.when(PickTicket(desk="2", ticket=first.id, seen=None, by="page")), list)


def test_a_lowered_limit_of_the_other_room_holds_calls_too() -> None:
    story = with_an_admitted_office(limit_people=5)
    ticket = waits_in_the_hall(story)
    story.when(ChangeLimit(room="back", limit_people=0, why="closed-part"))
    assert story.call_next("2") == Refusal(code=Code.NO_PLACE, facts={"number": ticket.number, "desk": "2"})


def test_a_service_with_a_desk_before_the_gate_and_one_behind_it_takes_a_place_only_behind() -> None:
    lobby = a_lobby(admitted=True, limit_people=1)
    first, second = lobby.desks
    yard = Room(id="yard", name={}, limit_people=99)
    lobby = replace(lobby, rooms=(*lobby.rooms, yard), desks=(first, replace(second, room="yard")))
    story = Story(lobby).counted(0, 0).counted(1, 0).with_open_desk("1").with_open_desk("2")
    ticket = story.with_ticket()
    assert not ticket.is_outside, "she may be called to the yard"
    assert story.call_next("1") == Refusal(code=Code.NO_PLACE, facts={"number": ticket.number, "desk": "1"})
    assert isinstance(story.call_next("2"), list)


def test_whom_a_desk_has_no_place_for_is_named_among_those_it_passed_over() -> None:
    story = with_an_admitted_office(limit_people=1)
    lobby = story.lobby
    desk = replace(lobby.desks[1], services=("passports", "permits"))
    office = replace(lobby.rooms[1], admitted=True, limit_people=1)
    story.when(ChangeLobby(lobby=replace(lobby, rooms=(lobby.rooms[0], office), desks=(lobby.desks[0], desk))))
    held = waits_in_the_hall(story)
    story.counted(2, 0)
    went_in(story, 1)
    given_in_there = IssueTicket(
        ticket="b", token_hash="b", service="permits", language="en", channel="desk", room="back"
    )
    story.after(700).when(given_in_there)
    (called,) = story.call_next("2")  # type: ignore[misc]
    assert isinstance(called, TicketCalled)
    assert called.ticket == "b"
    assert [(head.number, head.why) for head in called.passed_over] == [(held.number, "no-place")]


def test_nobody_is_held_back_for_an_appointment_for_whom_there_is_no_place() -> None:
    """Otherwise the desk would stand idle: neither the one nor the other could be called."""
    story = with_an_admitted_office(limit_people=1)
    inside = waits_in_the_hall(story)
    called_to(story, "2")
    went_in(story, 1)
    story.when(Transfer(desk="2", seen=None, by="page", service="passports"))
    story.after(800)
    booked = story.with_appointment(120)
    story.elapsed()
    assert booked.state is TicketState.ADMITTED
    assert called_to(story, "2").ticket == inside.id


def test_whoever_is_inside_when_a_room_becomes_admitted_needs_no_place_wherever_she_waits() -> None:
    story = Story(a_lobby(limit_people=1)).counted(0, 0).with_open_desk("1").with_open_desk("2")
    ticket = story.with_ticket()
    story.counted(1, 0).call_next("1")
    story.when(Transfer(desk="1", seen=None, by="page", to_desk="2"))
    story.when(ChangeLobby(lobby=a_lobby(limit_people=1, admitted=True)))
    assert called_to(story, "2").ticket == ticket.id


def test_whoever_is_sent_to_and_fro_has_one_place_in_a_room_which_is_kept_from_her_last_call_on() -> None:
    story = with_an_admitted_office(limit_people=2)
    ticket = waits_in_the_hall(story)
    assert called_to(story, "2").kept_until_at is not None
    story.after(10).when(Transfer(desk="2", seen=None, by="page", service="permits"))
    assert called_to(story, "1").ticket == ticket.id
    story.after(10).when(Transfer(desk="1", seen=None, by="page", service="passports"))
    called = called_to(story, "2")
    (kept,) = story.day.rooms["back"].reservations
    assert (kept.ticket, kept.lapses_at) == (ticket.id, called.kept_until_at)
    assert story.replayed() == story.day


def test_who_is_closed_for_not_coming_gives_up_all_her_places_at_once() -> None:
    story = with_an_admitted_office()
    ticket = waits_in_the_hall(story)
    for _ in range(2):
        story.after(story.lobby.site.invitation_s).elapsed()
    assert ticket.times_lapsed == 2
    called_to(story, "2")
    story.when(Transfer(desk="2", seen=None, by="page", service="passports"))
    places = [room.room.id for room in story.day.rooms.values() for it in room.reservations if it.ticket == ticket.id]
    assert places == ["main", "back"]
    happened = story.after(story.lobby.site.invitation_s).elapsed()
    assert [type(it) for it in happened] == [TicketClosed]
    assert not any(room.reservations for room in story.day.rooms.values())
