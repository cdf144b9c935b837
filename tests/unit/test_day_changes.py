"""What changes during the day: limits of rooms, desks, pauses of services, notices."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.day import inputs
from hub.day.change_events import LimitChanged, NoticePosted, NoticeWithdrawn, ServicePaused, ServiceResumed
from hub.day.decide.changes import LIMIT_PEOPLE_MAX, NOTICE_CHARACTERS_MAX
from hub.day.due import due
from hub.day.events import TicketAdmitted, TicketCalled
from hub.day.model import TicketState
from hub.day.page_views import lobby_view, view_of_ticket
from hub.day.refusal import Code, Refusal
from hub.day.room_views import room_view
from hub.day.views import device_views
from tests.given import Story, a_lobby
from wire.messages import BoardView, KioskView, SignView


def before_a_room_of(limit_people: int) -> Story:
    return Story(a_lobby(limit_people=limit_people, admitted=True)).with_open_desk().counted(0, 0)


def limited_to(story: Story, people: int | None) -> object:
    return story.when(inputs.ChangeLimit(room="main", limit_people=people, why="safety" if people is not None else ""))


def board(story: Story) -> BoardView:
    view = device_views(story.day, story.now, "")["board-1/board"]
    assert isinstance(view, BoardView)
    return view


# --- a room's limit ------------------------------------------------------------------------------------------------


def test_a_lowered_limit_stops_invitations_at_once_and_throws_nobody_out() -> None:
    story = before_a_room_of(3).counted(1, 0)
    invited, other = story.with_ticket(), story.with_ticket()
    story.elapsed()
    story.with_ticket()
    assert limited_to(story, 1) == [LimitChanged(room="main", limit_people=1, why="safety")]
    assert story.elapsed() == []
    assert [kept.ticket for kept in story.day.rooms["main"].reservations] == [invited.id, other.id], "as promised"
    (called,) = story.call_next()  # type: ignore[misc]
    assert isinstance(called, TicketCalled), "whoever is inside, or on the way, is still called"
    story.counted(3, 2)
    assert story.elapsed() == [], "one is inside, as many as may be"
    story.counted(3, 3)
    assert [type(it) for it in story.elapsed()] == [TicketAdmitted]


def test_nobody_is_invited_while_more_are_reserved_than_a_lowered_limit_allows() -> None:
    story = before_a_room_of(4)
    for _ in range(4):
        story.with_ticket()
    story.elapsed()
    last = story.with_ticket()
    limited_to(story, 2)
    assert story.elapsed() == []
    story.counted(2, 2)
    assert story.elapsed() == [], "two are still on their way"
    story.counted(4, 3)
    (admitted,) = story.elapsed()
    assert isinstance(admitted, TicketAdmitted)
    facts = (admitted.ticket, admitted.upper_people, admitted.reserved_people, admitted.limit_people)
    assert facts == (last.id, 1, 0, 2)


def test_a_raised_limit_invites_at_once() -> None:
    story = before_a_room_of(1).counted(1, 0)
    ticket = story.with_ticket()
    assert story.elapsed() == []
    limited_to(story, 2)
    assert due(story.day) == story.now
    story.elapsed()
    assert ticket.state is TicketState.ADMITTED


def test_a_limit_of_none_lets_nobody_in_and_the_sign_says_so() -> None:
    story = before_a_room_of(5)
    limited_to(story, 0)
    story.with_ticket()
    assert story.elapsed() == []
    sign = device_views(story.day, story.now, "")["door-1/sign"]
    assert isinstance(sign, SignView)
    assert (sign.limit, sign.free, sign.gate) == (0, 0, "wait")


def test_a_limit_set_by_hand_stands_when_the_lobby_file_changes_and_ends_with_the_day() -> None:
    story = before_a_room_of(5)
    limited_to(story, 2)
    story.when(inputs.ChangeLobby(lobby=a_lobby(limit_people=9, admitted=True)))
    view = room_view(story.day, story.day.rooms["main"])
    assert (view.limit_people, view.described_limit_people, view.limit_by_hand) == (2, 9, True)
    story.when(inputs.CloseDay())
    story.after(86_400).when(inputs.OpenDay(day=story.now.date(), lobby=a_lobby(limit_people=9, admitted=True)))
    assert story.day.rooms["main"].limit_people == 9


def test_a_limit_that_is_set_back_is_what_the_lobby_file_says_by_then() -> None:
    story = before_a_room_of(5)
    limited_to(story, 2)
    story.when(inputs.ChangeLobby(lobby=a_lobby(limit_people=9, admitted=True)))
    assert limited_to(story, None) == [LimitChanged(room="main", limit_people=None)]
    assert story.day.rooms["main"].limit_people == 9
    assert limited_to(story, None) == [], "it is so already"


def test_the_limit_of_an_open_room_changes_what_its_sign_says() -> None:
    story = Story(a_lobby(limit_people=5)).counted(0, 0).counted(3, 0)
    assert story.gate() == "come-in"
    limited_to(story, 3)
    assert story.gate() == "wait"


@pytest.mark.parametrize("people", [-1, LIMIT_PEOPLE_MAX + 1])
def test_a_limit_that_no_room_can_have_is_refused(people: int) -> None:
    assert limited_to(Story(), people) == Refusal(
        code=Code.BAD_LIMIT, facts={"limit_people": people, "max": LIMIT_PEOPLE_MAX}
    )


def test_only_rooms_that_are_there_have_a_limit_or_a_notice() -> None:
    unknown = Refusal(code=Code.UNKNOWN_ROOM, facts={"room": "attic"})
    story = Story()
    assert story.when(inputs.ChangeLimit(room="attic", limit_people=3)) == unknown
    assert story.when(inputs.PostNotice(room="attic", text={"en": "Wet floor"})) == unknown
    assert story.when(inputs.WithdrawNotice(room="attic")) == unknown


# --- a service's pause ---------------------------------------------------------------------------------------------


def take(story: Story, service: str = "passports") -> object:
    n = len(story.day.tickets) + 1
    wish = inputs.IssueTicket(
        ticket=f"n{n}", token_hash=f"n{n}", service=service, language="en", channel="phone", then=None
    )
    return story.when(wish)


def test_a_paused_service_issues_no_tickets_and_still_calls_who_waits() -> None:
    story = Story().with_open_desk()
    waits = story.with_ticket()
    assert story.when(inputs.PauseService(service="passports")) == [ServicePaused(service="passports")]
    assert take(story) == Refusal(code=Code.SERVICE_PAUSED, facts={"service": "passports"})
    assert isinstance(take(story, "permits"), list), "the others go on"
    for _ in range(2):
        story.call_next()
    assert waits.state is TicketState.CALLED


def test_a_pause_may_have_an_end_which_comes_by_itself_and_is_told() -> None:
    story = Story()
    until_at = story.now + timedelta(minutes=30)
    story.when(inputs.PauseService(service="passports", until_at=until_at))
    assert take(story) == Refusal(
        code=Code.SERVICE_PAUSED, facts={"service": "passports", "until_at": until_at.isoformat()}
    )
    (passports, _) = lobby_view(story.day, story.now).services
    assert (passports.takes_tickets, passports.paused, passports.paused_until_at) == (False, True, until_at)
    assert due(story.day) == until_at
    assert story.after(1800).elapsed() == [ServiceResumed(service="passports")]
    assert isinstance(take(story), list)


def test_a_paused_service_is_resumed_by_hand() -> None:
    story = Story()
    story.when(inputs.PauseService(service="passports"))
    assert story.when(inputs.ResumeService(service="passports")) == [ServiceResumed(service="passports")]
    assert story.when(inputs.ResumeService(service="passports")) == [], "it is so already"
    assert isinstance(take(story), list)


def test_an_appointment_for_a_paused_service_is_still_kept() -> None:
    story = Story()
    story.when(inputs.PauseService(service="passports"))
    assert story.with_appointment(slot_s=300).state is TicketState.WAITING


def test_who_is_sent_on_to_a_paused_service_waits_for_it() -> None:
    story = Story().with_open_desk()
    story.with_ticket("permits")
    story.call_next()
    story.when(inputs.PauseService(service="passports"))
    story.when(inputs.Transfer(desk="1", seen=None, by="page", service="passports"))
    assert story.day.services["passports"].waiting == 1


def test_a_kiosk_does_not_offer_a_paused_service() -> None:
    story = Story()
    story.when(inputs.PauseService(service="passports"))
    kiosk = device_views(story.day, story.now, "")["kiosk-1/kiosk"]
    assert isinstance(kiosk, KioskView)
    assert {service.id: service.open for service in kiosk.services} == {"passports": False, "permits": True}


def test_a_pause_ends_with_the_day() -> None:
    story = Story()
    story.when(inputs.PauseService(service="passports"))
    story.when(inputs.CloseDay())
    story.after(86_400).when(inputs.OpenDay(day=story.now.date(), lobby=story.lobby))
    assert isinstance(take(story), list)


def test_whatever_was_changed_for_the_day_ends_with_it() -> None:
    story = Story(a_lobby(admitted=True)).with_open_desk()
    before = story.day.rooms["main"].limit_people
    story.when(inputs.ChangeLimit(room="main", limit_people=1, why="safety"))
    story.when(inputs.PauseService(service="passports"))
    story.when(inputs.PostNotice(text={"en": "Hello"}))
    story.when(inputs.CloseDay())
    story.after(86_400).when(inputs.OpenDay(day=story.now.date(), lobby=story.lobby))
    assert story.day.rooms["main"].limit_people == before
    assert (story.day.paused, story.day.notices) == ({}, {})
    assert not story.day.desks["1"].is_open


def test_what_is_to_last_until_an_instant_that_is_over_is_refused() -> None:
    story = Story()
    over = Refusal(code=Code.UNTIL_PAST, facts={"until_at": story.now.isoformat()})
    assert story.when(inputs.PauseService(service="passports", until_at=story.now)) == over
    assert story.when(inputs.PostNotice(text={"en": "Wet floor"}, until_at=story.now)) == over


@pytest.mark.parametrize("kind", [inputs.PauseService, inputs.ResumeService])
def test_only_services_that_are_there_are_paused(
    kind: type[inputs.PauseService] | type[inputs.ResumeService],
) -> None:
    refused = Story().when(kind(service="fishing"))
    assert refused == Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": "fishing"})


# --- notices -------------------------------------------------------------------------------------------------------

LIFT = {"en": "The lift is out of order", "fr": "L’ascenseur est en panne"}
CARDS = {"en": "No cards today", "fr": "Pas de cartes aujourd’hui"}


def test_a_notice_stands_on_boards_signs_and_tickets_until_it_is_withdrawn() -> None:
    story = Story()
    ticket = story.with_ticket()
    assert story.when(inputs.PostNotice(text=LIFT)) == [NoticePosted(text=LIFT)]
    story.when(inputs.PostNotice(text=CARDS, room="main"))
    views = device_views(story.day, story.now, "")
    for address in ("board-1/board", "door-1/sign"):
        view = views[address]
        assert isinstance(view, BoardView | SignView)
        assert [it.text for it in view.notices] == [LIFT, CARDS], "what holds everywhere first"
    assert view_of_ticket(story.day, ticket, story.now).notices == (LIFT, CARDS)
    story.when(inputs.WithdrawNotice())
    assert [it.text for it in board(story).notices] == [CARDS]
    assert story.when(inputs.WithdrawNotice()) == [], "it is so already"


def test_a_notice_of_another_room_is_not_for_here() -> None:
    lobby = a_lobby()
    elsewhere = replace(lobby.rooms[0], id="annexe")
    story = Story(replace(lobby, rooms=(*lobby.rooms, elsewhere)))
    ticket = story.with_ticket()
    story.when(inputs.PostNotice(text=CARDS, room="annexe"))
    assert board(story).notices == []
    assert view_of_ticket(story.day, ticket, story.now).notices == ()
    assert [it.room for it in lobby_view(story.day, story.now).notices] == ["annexe"]


def test_a_new_notice_takes_the_place_of_the_one_before() -> None:
    story = Story()
    story.when(inputs.PostNotice(text=LIFT))
    story.when(inputs.PostNotice(text=CARDS))
    assert [it.text for it in board(story).notices] == [CARDS]


def test_a_notice_ends_by_itself_when_it_says_so() -> None:
    story = Story()
    until_at = story.now + timedelta(minutes=5)
    story.when(inputs.PostNotice(text=LIFT, room="main", until_at=until_at))
    assert due(story.day) == until_at
    assert story.after(300).elapsed() == [NoticeWithdrawn(room="main")]
    assert board(story).notices == []


@pytest.mark.parametrize(
    "text",
    [{}, {"en": "  "}, {"en": "x" * (NOTICE_CHARACTERS_MAX + 1)}, {"rm": "Serrà"}],
    ids=["none", "empty", "too long", "a language of nobody here"],
)
def test_a_notice_that_cannot_be_read_is_refused(text: dict[str, str]) -> None:
    refused = Story().when(inputs.PostNotice(text=text))
    assert refused == Refusal(code=Code.BAD_NOTICE, facts={"max": NOTICE_CHARACTERS_MAX})


def test_a_notice_is_one_line_of_the_languages_it_has() -> None:
    story = Story()
    story.when(inputs.PostNotice(text={"en": " The lift\n is out of order ", "fr": ""}))
    assert [it.text for it in board(story).notices] == [{"en": "The lift is out of order"}]


# --- a desk --------------------------------------------------------------------------------------------------------


def test_any_desk_is_opened_and_closed_without_having_been_seen() -> None:
    story = Story().with_open_desk("2")
    ticket = story.with_ticket()
    story.call_next("2")
    story.when(inputs.CloseDesk(desk="2", seen=None, by="api"))
    assert not story.day.desks["2"].is_open
    assert ticket.state is TicketState.SERVED
