"""The end of the opening hours: last tickets, the truth for who waits, and days on which clocks are changed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.day import events, hours, inputs
from hub.day.lobby import Lobby
from hub.day.model import TicketState
from hub.day.page_views import lobby_view, ticket_view
from hub.day.refusal import Code, Refusal
from hub.day.views import device_views
from tests.given import MONDAY_9H, Story, a_lobby
from wire.messages import BoardView, KioskView

PARIS = ZoneInfo("Europe/Paris")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""Sundays on which Paris puts its clocks forward (02:00 becomes 03:00) and back (03:00 becomes 02:00)."""

SIX = MONDAY_9H.replace(hour=18)
"""When the lobby of these stories closes."""


def a_lobby_that(**says: Any) -> Lobby:
    lobby = a_lobby()
    return replace(lobby, site=replace(lobby.site, **says))


def in_paris(*, turns_at: str = "04:00", **opening: tuple[str, ...]) -> Lobby:
    lobby = a_lobby()
    site = replace(lobby.site, time_zone="Europe/Paris", day_turns_at=turns_at)
    return replace(lobby, site=site, hours=opening or {"sun": ("08:00-18:00",)})


def at(day: date, clock: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=PARIS, fold=fold).astimezone(UTC)


# --- last tickets ------------------------------------------------------------------------------------------------


def test_the_last_ticket_is_issued_a_stated_time_before_closing() -> None:
    story = Story(a_lobby_that(last_ticket_before_close_s=1_800), now=SIX - timedelta(seconds=1_801))
    assert story.with_ticket().state is TicketState.WAITING
    wish = inputs.IssueTicket(ticket="t", token_hash="h", service="passports", language="en", channel="phone")
    assert story.after(1).when(wish) == Refusal(
        code=Code.LAST_TICKET,
        facts={"closes_at": "2026-03-02T18:00:00+00:00", "opens_at": "2026-03-03T08:00:00+00:00"},
    )


def test_a_service_may_have_a_last_ticket_of_its_own() -> None:
    lobby = a_lobby_that(last_ticket_before_close_s=3_600)
    passports, permits = lobby.services
    story = Story(
        replace(lobby, services=(passports, replace(permits, last_ticket_before_close_s=0))),
        now=SIX - timedelta(seconds=60),
    )
    story.with_ticket("permits")
    assert [service.takes_tickets for service in lobby_view(story.day, story.now).services] == [False, True]
    kiosk = device_views(story.day, story.now, "http://hub.test")["kiosk-1/kiosk"]
    assert isinstance(kiosk, KioskView)
    assert [service.open for service in kiosk.services] == [False, True]


def test_an_appointment_may_come_until_the_end() -> None:
    story = Story(a_lobby_that(last_ticket_before_close_s=3_600), now=SIX - timedelta(seconds=60))
    story.when(inputs.KnowAppointment(appointment="x", service="passports", slot_at=SIX, code_hash="c"))
    story.when(inputs.CheckIn(code_hash="c", ticket="t-x", token_hash="h-x", language="en", channel="phone"))
    assert "t-x" in story.day.tickets


def test_the_last_ticket_before_lunch_is_told_when_the_afternoon_begins() -> None:
    lobby = replace(a_lobby_that(last_ticket_before_close_s=600), hours={"mon": ("08:00-12:00", "13:00-17:00")})
    story = Story(lobby, now=MONDAY_9H.replace(hour=11, minute=55))
    wish = inputs.IssueTicket(ticket="t", token_hash="h", service="passports", language="en", channel="phone")
    answer = story.when(wish)
    assert isinstance(answer, Refusal)
    assert answer.facts["opens_at"] == "2026-03-02T13:00:00+00:00"


# --- who still waits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_close", ["serve", "end"])
def test_from_an_hour_before_people_are_told_what_becomes_of_them(at_close: str) -> None:
    story = Story(a_lobby_that(at_close=at_close), now=SIX - timedelta(seconds=3_601))
    ticket = story.with_ticket()

    def told() -> tuple[datetime | None, bool, str, bool]:
        view = ticket_view(story.day, ticket.token_hash, story.now)
        board = device_views(story.day, story.now, "http://hub.test")["board-1/board"]
        assert view is not None
        assert isinstance(board, BoardView)
        return view.closes_at, view.served_after_close, board.closes, board.serves_all

    serves = at_close == "serve"
    assert told() == (None, serves, "", serves)
    story.after(1)
    assert told() == (SIX, serves, "18:00", serves)


def test_where_the_day_turns_while_the_lobby_is_open_people_are_told_before() -> None:
    turns_at = at(date(2026, 3, 2), "04:00")
    lobby = in_paris(sun=("20:00-24:00",), mon=("00:00-06:00",))
    story = Story(lobby, now=turns_at - timedelta(seconds=3_601))
    ticket = story.with_open_desk().with_ticket()

    def told() -> tuple[datetime | None, bool, bool]:
        view = ticket_view(story.day, ticket.token_hash, story.now)
        board = device_views(story.day, story.now, "http://hub.test")["board-1/board"]
        assert view is not None
        assert isinstance(board, BoardView)
        assert board.closes == ("04:00" if view.closes_at else "")
        assert not board.serves_all
        return view.closes_at, view.served_after_close, view.ends_with_day

    assert told() == (None, False, True)
    story.after(1)
    assert told() == (turns_at, False, True)


def test_a_board_says_nothing_of_closing_when_nobody_waits() -> None:
    story = Story(now=SIX - timedelta(seconds=60))
    board = device_views(story.day, story.now, "http://hub.test")["board-1/board"]
    assert isinstance(board, BoardView)
    assert board.closes == ""


def test_whoever_waits_at_closing_is_still_served() -> None:
    story = Story(now=SIX - timedelta(seconds=60)).with_open_desk()
    ticket = story.with_ticket()
    assert story.after(600).elapsed() == []
    story.call_next()
    assert ticket.state is TicketState.CALLED


def test_where_the_lobby_says_so_tickets_that_were_never_called_end_at_closing() -> None:
    story = Story(a_lobby_that(at_close="end"), now=SIX - timedelta(seconds=60)).with_open_desk("1").with_open_desk("2")
    called, missed, sent_on, waiting = (story.with_ticket() for _ in range(4))
    story.call_next("1")
    story.call_next("2")
    story.press(inputs.NoShow, "2")
    story.call_next("2")
    story.when(inputs.Transfer(desk="2", seen=None, by="page", service="permits"))
    assert story.after(59).elapsed() == []
    assert story.after(1).elapsed() == [events.TicketClosed(ticket=waiting.id, why="closing")]
    assert (called.state, missed.state, sent_on.state) == (
        TicketState.CALLED,
        TicketState.MISSED,
        TicketState.WAITING,
    )
    assert story.after(600).elapsed() == [events.TicketReturned(ticket=missed.id)]


def test_whoever_has_an_appointment_after_closing_is_waited_for_as_long_as_she_may_come() -> None:
    story = Story(a_lobby_that(at_close="end", late_s=120), now=SIX - timedelta(seconds=60))
    walk_in, before, after = story.with_ticket(), story.with_appointment(0), story.with_appointment(600)
    assert story.after(59).elapsed() == []
    assert story.after(1).elapsed() == [events.TicketClosed(ticket=walk_in.id, why="closing")]
    view = ticket_view(story.day, after.token_hash, story.now)
    assert view is not None
    assert view.closes_at is None, "that of the others is not hers"
    assert story.after(59).elapsed() == []
    assert story.after(1).elapsed() == [events.TicketClosed(ticket=before.id, why="closing")]
    assert story.after(599).elapsed() == []
    new = story.with_appointment(0, "permits")
    assert story.elapsed() == [], "she is in time, and the lobby has closed"
    assert story.after(61).elapsed() == [events.TicketClosed(ticket=after.id, why="closing")]
    assert story.after(60).elapsed() == [events.TicketClosed(ticket=new.id, why="closing")]


def test_the_lunch_break_ends_nothing() -> None:
    lobby = replace(a_lobby_that(at_close="end"), hours={"mon": ("08:00-12:00", "13:00-17:00")})
    story = Story(lobby)
    ticket = story.with_ticket()
    assert story.after(3.5 * 3_600).elapsed() == []
    assert story.after(4.5 * 3_600).elapsed() == [events.TicketClosed(ticket=ticket.id, why="closing")]


# --- midnight, and clocks that are changed -----------------------------------------------------------------------


def test_a_lobby_may_be_open_over_midnight_within_one_service_day() -> None:
    lobby = in_paris(sat=("20:00-24:00",), sun=("00:00-02:00",))
    saturday, sunday = date(2026, 6, 6), date(2026, 6, 7)
    story = Story(lobby, now=at(saturday, "23:59:59.999999"))
    story.with_ticket()
    story.now = at(sunday, "00:00")
    assert story.with_ticket().number == "A002"
    assert hours.service_day(lobby, story.now) == story.day.day == saturday
    assert hours.closes_at(lobby, at(saturday, "23:00")) == at(sunday, "02:00")
    assert hours.opening_span(lobby, saturday) == (at(saturday, "20:00"), at(sunday, "02:00"))
    assert hours.opening_span(lobby, sunday) is None, "its hours belong to the evening before"
    story.now = at(sunday, "02:00")
    wish = inputs.IssueTicket(ticket="t", token_hash="h", service="passports", language="en", channel="phone")
    answer = story.when(wish)
    assert isinstance(answer, Refusal)
    assert answer.code is Code.CLOSED


@pytest.mark.parametrize(("day", "length_h"), [(SPRING, 23), (AUTUMN, 25)])
def test_the_service_day_before_a_change_of_clocks_is_shorter_or_longer(day: date, length_h: int) -> None:
    lobby = in_paris()
    before = day - timedelta(days=1)
    began_at, ended_at = hours.turns_at(lobby, before - timedelta(days=1)), hours.turns_at(lobby, before)
    assert ended_at - began_at == timedelta(hours=length_h)
    assert hours.service_day(lobby, ended_at - timedelta(microseconds=1)) == before
    assert hours.service_day(lobby, ended_at) == day


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_hours_are_those_of_the_clock_on_the_wall(day: date) -> None:
    lobby = in_paris()
    assert hours.opening_span(lobby, day) == (at(day, "08:00"), at(day, "18:00"))
    assert not hours.is_open(lobby, at(day, "07:59:59"))
    assert hours.is_open(lobby, at(day, "08:00"))
    assert hours.closes_at(lobby, at(day, "12:00")) == at(day, "18:00")
    assert not hours.is_open(lobby, at(day, "18:00"))


def test_a_night_on_which_an_hour_comes_twice_is_open_for_both() -> None:
    lobby = in_paris(sat=("22:00-24:00",), sun=("00:00-03:00",))
    assert hours.is_open(lobby, at(AUTUMN, "02:30", fold=0))
    assert hours.is_open(lobby, at(AUTUMN, "02:30", fold=1))
    assert hours.closes_at(lobby, at(AUTUMN, "02:30", fold=0)) == at(AUTUMN, "03:00")
    assert at(AUTUMN, "03:00") - at(AUTUMN, "00:00") == timedelta(hours=4)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("turns_at", ["02:30", "00:00", "04:00"])
def test_the_service_day_turns_once_and_never_goes_back(day: date, turns_at: str) -> None:
    lobby = in_paris(turns_at=turns_at)
    begin = at(day - timedelta(days=1), "12:00")
    days = [hours.service_day(lobby, begin + timedelta(minutes=n)) for n in range(24 * 60)]
    assert days == sorted(days)
    first = begin + timedelta(minutes=days.index(day))
    assert first == hours.turns_at(lobby, day - timedelta(days=1)), "the writer wakes when the day turns, not later"


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_a_ticket_of_the_night_waits_its_time_though_clocks_are_changed(day: date) -> None:
    lobby = in_paris(sat=("22:00-24:00",), sun=("00:00-04:00",))
    story = Story(lobby, now=at(day, "01:50")).with_open_desk()
    ticket = story.with_ticket()
    assert ticket.due_at - story.now == timedelta(seconds=900)
    other = story.after(1_200).with_ticket("permits")
    story.call_next()
    assert (ticket.state, other.state) == (TicketState.CALLED, TicketState.WAITING)


def test_tickets_that_are_open_at_midnight_are_open_after_it_and_end_when_the_day_turns() -> None:
    lobby = in_paris(sat=("20:00-24:00",))
    saturday = date(2026, 6, 6)
    story = Story(lobby, now=at(saturday, "23:50")).with_open_desk()
    one, two = story.with_ticket(), story.with_ticket()
    story.now = at(saturday + timedelta(days=1), "00:10")
    story.call_next()
    assert one.state is TicketState.CALLED
    story.now = hours.turns_at(lobby, saturday)
    story.when(inputs.CloseDay())
    assert (one.ended_why, two.ended_why) == ("day-end", "day-end")
