"""Rooms behind rooms: before which one a visitor waits, and who is inside."""

from dataclasses import replace

from hub.config import load_lobby
from hub.day.events import TicketIssued
from hub.day.gates import gates
from hub.day.inputs import IssueTicket
from hub.day.lobby import OUTSIDE, Door, Lobby, Room
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


def test_the_lamp_of_a_panel_promises_only_who_can_be_called() -> None:
    story = Story(a_lobby(limit_people=1, admitted=True)).with_open_desk().counted(0, 0)
    story.with_ticket()
    story.with_ticket()

    def waiting() -> int:
        panel = device_views(story.day, story.now, "https://h.example")["desk-1/panel"]
        assert isinstance(panel, PanelView)
        return panel.waiting

    assert waiting() == 0, "both wait outside"
    story.elapsed()
    assert waiting() == 1, "one place, one invitation"
