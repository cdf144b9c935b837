"""Numbers that kiosks give while they are cut off: leased ahead, handed in later, and never anybody else's."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from hub.day import events, number_events
from hub.day.inputs import (
    CallNext,
    ChangeLobby,
    CloseDay,
    HandInTicket,
    IssueTicket,
    LeaseRange,
    NoShow,
    OpenDay,
    OpenDesk,
)
from hub.day.jobs import wanted
from hub.day.lobby import DeviceKind, Lobby
from hub.day.model import TicketState
from hub.day.refusal import Code, Refusal
from hub.day.views import device_views
from tests.given import MONDAY_9H, Story, a_lobby
from wire.messages import CutOff, KioskView

KIOSK = "kiosk-1/kiosk"
MONDAY = date(2026, 3, 2)


def cut_off_lobby(*, numbers: int = 10, lobby: Lobby | None = None) -> Lobby:
    """The lobby with a kiosk that gives K numbers by itself."""
    lobby = lobby or a_lobby()
    devices = tuple(
        replace(it, offline_letter="K", offline_numbers=numbers) if it.kind is DeviceKind.KIOSK else it
        for it in lobby.devices
    )
    return replace(lobby, devices=devices)


def lease(holder: str = "disk", next_number: int = 0) -> LeaseRange:
    return LeaseRange(device=KIOSK, holder=holder, next=next_number)


def request(name: str, ticket: str = "by-hub") -> IssueTicket:
    """What the kiosk asks of the hub."""
    return IssueTicket(
        ticket=ticket, token_hash=f"hash-{ticket}", service="passports", language="fr", channel="kiosk",
        printer="kiosk-1/printer", room="main", request=name,
    )  # fmt: skip


def handed_in(
    name: str, number: int, *, arrived_at: datetime = MONDAY_9H, ticket: str = "", day: date = MONDAY
) -> HandInTicket:
    ticket = ticket or f"handed-in-{name}"
    return HandInTicket(
        ticket=ticket, token_hash=f"hash-{ticket}", request=name, device=KIOSK, service="passports", language="fr",
        day=day, series="K", number=number, arrived_at=arrived_at,
    )  # fmt: skip


def story(*, numbers: int = 10) -> Story:
    """A day on which the kiosk holds numbers."""
    it = Story(cut_off_lobby(numbers=numbers))
    it.when(lease())
    return it


def leased(decided: object) -> list[tuple[int, int]]:
    assert isinstance(decided, list)
    return [(it.first, it.last) for it in decided if isinstance(it, number_events.RangeLeased)]


def view_of(it: Story) -> CutOff:
    view = device_views(it.day, it.now, "https://h.example")[KIOSK]
    assert isinstance(view, KioskView)
    assert view.cut_off is not None
    return view.cut_off


# --- leases --------------------------------------------------------------------------------------------------


def test_a_kiosk_holds_a_range_and_gets_another_when_half_of_it_is_given() -> None:
    it = Story(cut_off_lobby())
    assert leased(it.when(lease())) == [(1, 10)]
    assert leased(it.when(lease(next_number=6))) == []
    assert leased(it.when(lease(next_number=7))) == [(11, 20)]
    assert leased(it.when(lease(next_number=7))) == []


def test_a_memory_that_was_lost_gets_numbers_that_nobody_has_given() -> None:
    it = story()
    assert leased(it.when(lease(holder="new-disk"))) == [(11, 20)]
    newest = view_of(it).lease
    assert newest is not None
    assert (newest.holder, newest.series, newest.first, newest.last) == ("new-disk", "K", 11, 20)


def test_a_series_ends_before_its_numbers_grow_too_long_to_read() -> None:
    it = Story(cut_off_lobby(numbers=999))
    for n in range(10):
        it.when(lease(holder=f"disk-{n}"))
    assert leased(it.when(lease(holder="disk-10"))) == [(9_991, 9_999)]
    assert it.when(lease(holder="disk-11")) == Refusal(code=Code.NO_NUMBERS, facts={"series": "K"})


def test_a_kiosk_without_a_letter_gets_none_and_its_view_says_so() -> None:
    it = Story()
    assert it.when(lease()) == Refusal(code=Code.UNKNOWN_DEVICE, facts={"device": KIOSK})
    view = device_views(it.day, it.now, "")[KIOSK]
    assert isinstance(view, KioskView)
    assert view.cut_off is None


def test_the_view_says_until_when_and_where_to_go_without_a_number() -> None:
    it = story()
    cut_off = view_of(it)
    assert cut_off.lease is not None
    assert cut_off.lease.until_at == datetime.combine(MONDAY, it.now.timetz()).replace(hour=18)
    it.when(OpenDesk(desk="2", by="panel"))
    view = device_views(it.day, it.now, "")[KIOSK]
    assert isinstance(view, KioskView)
    assert [service.desk for service in view.services] == ["2", "2"]


def test_a_service_that_takes_over_the_letter_of_a_kiosk_gives_none_of_its_numbers() -> None:
    it = story()
    services = tuple(replace(one, letter="K") if one.id == "passports" else one for one in it.lobby.services)
    it.when(ChangeLobby(lobby=replace(it.lobby, services=services)))
    it.when(request("wish"))
    assert it.day.tickets["by-hub"].number == "K011"


# --- handing in ----------------------------------------------------------------------------------------------


def test_an_offline_ticket_is_due_by_its_real_arrival() -> None:
    it = story().after(600)
    it.when(request("later"))
    it.when(handed_in("first", 1, arrived_at=MONDAY_9H + timedelta(seconds=60)))
    it.when(OpenDesk(desk="1", by="panel"))
    it.when(CallNext(desk="1", seen=None, by="panel"))
    (called,) = [event for _, event in it.journal if isinstance(event, events.TicketCalled)]
    assert it.day.tickets[called.ticket].number == "K001"
    assert called.due_at == MONDAY_9H + timedelta(seconds=60 + 900)
    assert it.day.tickets[called.ticket].issued_at == MONDAY_9H + timedelta(seconds=60)


def test_no_slip_is_asked_for_what_the_kiosk_has_printed() -> None:
    it = story()
    (issued,) = it.when(handed_in("wish", 1))  # type: ignore[misc]
    assert isinstance(issued, events.TicketIssued)
    assert wanted(it.day, issued, it.now) == []


def test_a_ticket_that_was_issued_after_all_takes_the_number_of_the_slip() -> None:
    it = story()
    it.when(request("wish"))
    aliased = it.when(handed_in("wish", 4))
    assert aliased == [number_events.TicketAliased(ticket="by-hub", offline=KIOSK, series="K", number=4)]
    assert list(it.day.tickets) == ["by-hub"]
    ticket = it.day.tickets["by-hub"]
    assert (ticket.number, ticket.old_numbers) == ("K004", ("A001",))
    assert it.day.by_number == {"A001": "by-hub", "K004": "by-hub"}


def test_a_request_that_comes_after_its_ticket_was_handed_in_issues_no_second_one() -> None:
    it = story()
    it.when(handed_in("wish", 1))
    assert it.when(request("wish")) == []
    assert len(it.day.tickets) == 1


def test_a_ticket_that_is_handed_in_twice_is_one() -> None:
    it = story()
    it.when(handed_in("wish", 1))
    assert it.when(handed_in("wish", 1, ticket="again")) == []
    assert it.when(handed_in("other", 1)) == Refusal(code=Code.NUMBER_TAKEN, facts={"number": "K001"})


def test_who_was_called_in_vain_by_a_number_that_she_could_not_know_is_in_line_again() -> None:
    it = story()
    it.when(request("wish"))
    it.when(OpenDesk(desk="1", by="panel"))
    for _ in range(2):
        it.when(CallNext(desk="1", seen=None, by="panel"))
        it.when(NoShow(desk="1", seen=None, by="panel"))
        it.after(301).elapsed()
    assert it.day.tickets["by-hub"].state is TicketState.CLOSED
    it.when(handed_in("wish", 1))
    assert it.day.tickets[it.day.by_number["K001"]].state is TicketState.WAITING
    assert it.day.by_request["wish"] == "handed-in-wish"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (handed_in("wish", 1, day=MONDAY - timedelta(days=1)), Code.OTHER_DAY),
        (handed_in("wish", 11), Code.NOT_LEASED),
    ],
)
def test_numbers_of_another_day_or_of_nobody_are_refused(given: HandInTicket, code: Code) -> None:
    number = "K011" if given.number == 11 else "K001"
    assert story().when(given) == Refusal(code=code, facts={"number": number})


def test_an_arrival_that_cannot_have_been_counts_as_now() -> None:
    it = story().after(600)
    for number, at in enumerate((it.now + timedelta(hours=1), it.now - timedelta(days=2)), start=1):
        it.when(handed_in(f"wish-{number}", number, arrived_at=at))
    assert {ticket.issued_at for ticket in it.day.tickets.values()} == {it.now}


def test_who_is_said_to_have_come_before_the_kiosk_had_her_number_came_now() -> None:
    it = story().after(600)
    it.when(handed_in("true", 1, arrived_at=MONDAY_9H))
    it.when(handed_in("untrue", 2, arrived_at=MONDAY_9H - timedelta(seconds=1)))
    assert [ticket.issued_at for ticket in it.day.tickets.values()] == [MONDAY_9H, it.now]


def test_who_is_said_to_have_come_before_the_lobby_opened_came_now() -> None:
    opens_at = MONDAY_9H - timedelta(hours=1)
    it = Story(cut_off_lobby(), now=MONDAY_9H - timedelta(hours=5))
    it.when(lease())
    it.now = MONDAY_9H
    it.when(handed_in("true", 1, arrived_at=opens_at))
    it.when(handed_in("untrue", 2, arrived_at=opens_at - timedelta(seconds=1)))
    assert [ticket.issued_at for ticket in it.day.tickets.values()] == [opens_at, it.now]


def test_where_the_lobby_never_closes_who_came_before_midnight_did() -> None:
    it = Story(replace(cut_off_lobby(), hours=dict.fromkeys(("sun", "mon", "tue"), ("00:00-24:00",))))
    it.when(lease())
    it.after(600).when(handed_in("wish", 1, arrived_at=MONDAY_9H))
    assert [ticket.issued_at for ticket in it.day.tickets.values()] == [MONDAY_9H]


def test_on_a_day_on_which_the_lobby_is_closed_nobody_came_earlier() -> None:
    it = Story(replace(cut_off_lobby(), hours={}))
    it.when(lease())
    it.after(600).when(handed_in("wish", 1, arrived_at=MONDAY_9H))
    assert [ticket.issued_at for ticket in it.day.tickets.values()] == [it.now]


def test_the_promise_holds_though_the_lobby_has_closed() -> None:
    it = story().after(10 * 3_600)
    assert isinstance(it.when(request("wish")), Refusal)
    assert isinstance(it.when(handed_in("wish", 1)), list)


def test_every_day_begins_with_no_lease_at_all() -> None:
    it = story()
    it.when(CloseDay())
    it.after(86_400).when(OpenDay(day=MONDAY + timedelta(days=1), lobby=it.lobby))
    assert view_of(it).lease is None
    assert leased(it.when(lease())) == [(1, 10)]
