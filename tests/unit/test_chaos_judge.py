"""Whoever judges a run of chaos: nothing is said of what is right, and each thing that is wrong is named."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from edge.drivers.fake_printer import PrintedLine, PrintedSlip
from hub.config import load_lobby
from hub.day import events
from hub.journal import Entry
from hub.keyring import token_hash
from tests.chaos.blows import Target, blows
from tests.chaos.judge import Left, judge
from tests.chaos.ledger import Kind, Ledger, Wish
from tests.chaos.stage import LOBBY, PRINTER
from tests.chaos.watch import Booked, JobRow

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DUE = timedelta(seconds=900)


def a_wish(kind: Kind, request: str, **answer: object) -> Wish:
    return Wish(kind=kind, request=request, path=f"/{request}", body={}, attempts=1, status=200, answer=answer)


def a_press(action: str, number: str) -> Wish:
    wish = a_wish(Kind.PRESS, f"{action}-{number}", number=number)
    wish.about, wish.action = "one", action
    return wish


def issued(number: int, printer: str = "") -> events.TicketIssued:
    return events.TicketIssued(
        ticket=f"t{number}",
        token_hash=token_hash(f"token-{number}"),
        service="permits",
        series="A",
        number=number,
        language="en",
        channel="api",
        due_at=NOON + DUE,
        printer=printer,
    )


def called(number: int) -> events.TicketCalled:
    due_at, ticket = NOON + DUE, f"t{number}"
    return events.TicketCalled(ticket=ticket, desk="one", rule="earliest-due", due_at=due_at, overdue_max_s=600)


@pytest.fixture
def ledger() -> Ledger:
    """Two tickets, one of them printed; the first was called. Two appointments."""
    tickets = [a_wish(Kind.TICKET, f"ticket-{n}", number=f"A{n:03d}", token=f"token-{n}") for n in (1, 2)]
    office = a_wish(Kind.IMPORT, "file", refused=[], cancelled=[])
    desk = [a_press("open", ""), a_press("next", "A001")]
    return Ledger(wishes=[*tickets, office, *desk], slips=[a_slip("A002")])


def a_slip(number: str, *head: str) -> PrintedSlip:
    return PrintedSlip((*(PrintedLine(text) for text in head), PrintedLine(number, height=4)))


def left(*more: events.AnyEvent) -> Left:
    """Just that, and `more`."""
    lobby = load_lobby(Path(LOBBY))
    known = [
        events.AppointmentKnown(appointment=f"a{n}", service="permits", slot_at=NOON, code_hash=f"c{n}")
        for n in range(2)
    ]
    opened = events.DayOpened(day=NOON.date(), lobby=lobby)
    happened: list[events.AnyEvent] = [events.TookOver(term=1, holder="hub"), opened, *known]
    happened += [issued(1), issued(2, PRINTER), events.DeskOpened(desk="one"), called(1), *more]
    return Left(
        entries=[Entry(n, "" if n == 1 else "2026-03-02", NOON, it) for n, it in enumerate(happened, 1)],
        marks={},
        jobs=[JobRow("t2", "answered", "done", NOON, NOON + timedelta(minutes=2))],
        booked=[Booked(f"a{n}", f"file-{n}", "permits", False) for n in range(2)],
        down=[],
        kills=[],
    )


def test_what_was_promised_and_is_there_is_counted_and_not_spoken_of(ledger: Ledger) -> None:
    verdict = judge(ledger, left())

    assert verdict.violations == []
    assert (verdict.tickets, verdict.calls, verdict.bookings, verdict.slips) == (2, 1, 2, 1)


def test_a_ticket_that_was_promised_and_is_not_there_is_named(ledger: Ledger) -> None:
    ledger.wishes.append(a_wish(Kind.TICKET, "ticket-3", number="A003", token="token-3"))

    assert judge(ledger, left()).violations == ["ticket-3 was promised A003, and the journal has no ticket"]


def test_a_ticket_that_nobody_asked_for_is_named(ledger: Ledger) -> None:
    assert judge(ledger, left(issued(3))).violations == ["A003 was issued over the API, and nobody knows of it"]


def test_a_call_that_nobody_pressed_for_is_named(ledger: Ledger) -> None:
    found = judge(ledger, left(called(2))).violations

    assert found[0] == "press 3 of 2 at desk one was nothing, and the journal, which has 3, says next A002"


def test_a_press_that_was_done_and_is_not_there_is_named(ledger: Ledger) -> None:
    ledger.wishes.append(a_press("start", "A001"))

    (found,) = judge(ledger, left()).violations
    assert found == "press 3 of 3 at desk one was start A001, and the journal, which has 2, says nothing"


def test_a_booking_that_is_not_there_and_one_that_the_day_knows_twice_are_named(ledger: Ledger) -> None:
    ledger.wishes.append(a_wish(Kind.IMPORT, "other", refused=[], cancelled=[]))
    again = events.AppointmentKnown(appointment="a1", service="permits", slot_at=NOON, code_hash="c1")

    found = judge(ledger, left(again)).violations
    assert found[:2] == [f"other-{n} was booked, and the book has it 0 times" for n in range(2)]
    assert found[2] == "file-1 is in the book, and the day knows it 2 times"


def test_a_second_slip_must_say_that_it_is_a_copy(ledger: Ledger) -> None:
    ledger.slips.append(a_slip("A002", "Copy"))
    assert judge(ledger, left()).violations == []

    ledger.slips.append(a_slip("A002"))
    assert judge(ledger, left()).violations == ["A002 was printed 2 times without a word that it is a copy"]


def test_a_slip_that_never_came_and_one_for_nobody_are_named(ledger: Ledger) -> None:
    ledger.slips[:] = [a_slip("A009")]

    assert judge(ledger, left()).violations == [
        "a slip says A009, which nobody was given",
        "A002 was to be printed, and was not",
    ]


@pytest.mark.parametrize(("every_s", "allowed"), [(20, True), (60, False)])
def test_a_slip_may_expire_where_blows_fall_so_fast_that_nobody_can_print_it(
    ledger: Ledger, every_s: int, allowed: bool
) -> None:
    ledger.slips.clear()
    it = left()
    it.jobs = [JobRow("t2", "expired", "", NOON, NOON + timedelta(minutes=2))]
    it.kills = [NOON + timedelta(seconds=s) for s in range(0, 120, every_s)]

    assert (judge(ledger, it).violations == []) is allowed


def test_the_same_seed_deals_the_same_blows_and_soon_to_everybody() -> None:
    first, again, other = (list(islice(blows(seed), 30)) for seed in (17, 17, 18))

    assert first == again != other
    assert {blow.target for blow in first[:10]} == set(Target)
