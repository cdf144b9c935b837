"""The checkers see what they are for: each finds its own breach, planted in a sound day."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from edge.roles.board import BoardPicture, CallPicture
from hub.day import events, number_events
from hub.day.events import AnyEvent
from hub.day.model import Day
from hub.journal import Entry
from simulator import checkers
from simulator.hall import Slip
from wire.messages import BoardCall, BoardView

AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
NUMBERS = {"t1": "A001", "t2": "A002"}


def issued(ticket: str, number: int, printer: str = "") -> events.TicketIssued:
    return events.TicketIssued(
        ticket=ticket, token_hash="", service="s", series="A", number=number, language="fr", channel="kiosk",
        due_at=AT, printer=printer,
    )  # fmt: skip


def given(ticket: str, number: int) -> events.TicketIssued:
    return replace(issued(ticket, number), series="K", offline="k/kiosk")


def aliased(ticket: str, number: int) -> number_events.TicketAliased:
    return number_events.TicketAliased(ticket=ticket, offline="k/kiosk", series="K", number=number)


def leased(holder: str, first: int, last: int) -> number_events.RangeLeased:
    return number_events.RangeLeased(device="k/kiosk", holder=holder, series="K", first=first, last=last)


def called(ticket: str, desk: str) -> events.TicketCalled:
    return events.TicketCalled(ticket=ticket, desk=desk, rule="earliest-due", due_at=AT)


def served(ticket: str, desk: str) -> events.TicketServed:
    return events.TicketServed(ticket=ticket, desk=desk)


def journal(*happened: AnyEvent) -> list[Entry]:
    return [Entry(seq, "2026-03-04", AT, event) for seq, event in enumerate(happened, start=1)]


TWO = (issued("t1", 1), issued("t2", 2))


def test_a_sound_day_has_no_violation() -> None:
    missed = events.TicketMissed(ticket="t2", desk="d2", back_at=AT)
    day = journal(*TWO, called("t1", "d1"), called("t2", "d2"), served("t1", "d1"), missed, called("t2", "d1"))
    assert list(checkers.journal_violations(day)) == []


def test_an_undone_call_brings_back_whom_it_sent_away() -> None:
    undone = events.CallUndone(ticket="t2", desk="d1", restored="t1")
    day = journal(*TWO, called("t1", "d1"), served("t1", "d1"), called("t2", "d1"), undone, served("t1", "d1"))
    assert list(checkers.journal_violations(day)) == []
    assert list(checkers.undrawn_calls(day, NUMBERS, ["A001"])) == []


@pytest.mark.parametrize(
    ("happened", "breach"),
    [
        ((issued("t1", 1), issued("t2", 1)), "number A001 was issued twice"),
        ((leased("k", 1, 3), leased("k2", 3, 5)), "number K003 was leased to k2 and to k"),
        ((leased("k", 1, 3), given("t1", 4)), "number K004 was not leased"),
        ((leased("k", 1, 3), given("t1", 2), given("t2", 2)), "number K002 was issued twice"),
        ((leased("k", 1, 3), issued("t1", 1), aliased("t1", 2), given("t2", 2)), "number K002 was issued twice"),
        ((*TWO, called("t1", "d1"), called("t1", "d2")), "t1 was called to d2 while it was at d1"),
        ((*TWO, called("t1", "d1"), called("t2", "d1")), "d1 called t2 while it had t1"),
        ((called("t3", "d1"),), "never issued"),
        ((*TWO, called("t1", "d1"), served("t1", "d1"), called("t1", "d1")), "after it had ended"),
        ((*TWO, called("t1", "d1"), events.CallUndone(ticket="t2", desk="d1")), "CallUndone of t2 at d1"),
        ((*TWO, called("t1", "d1"), served("t1", "d2")), "TicketServed of t1 at d2, but it is at d1"),
    ],
)
def test_a_breach_in_the_journal_is_found(happened: tuple[AnyEvent, ...], breach: str) -> None:
    assert any(breach in sentence for sentence in checkers.journal_violations(journal(*happened)))


def test_a_call_that_no_board_showed_is_found() -> None:
    day = journal(*TWO, called("t1", "d1"), called("t2", "d2"))
    assert list(checkers.undrawn_calls(day, NUMBERS, ["A001"])) == ["A002 was called to d2 and never drawn on a board"]


def test_slips_that_are_doubled_missing_or_for_nobody_are_found() -> None:
    day = journal(issued("t1", 1, "k/p"), issued("t2", 2, "k/p"))
    twice = [Slip("k/p", "A001", is_copy=False)] * 2
    stray = Slip("k/p", "B009", is_copy=False)
    found = list(checkers.slip_violations(day, NUMBERS, [*twice, stray]))
    assert len(found) == 2
    assert "2 times" in found[0]
    assert "B009" in found[1]
    assert list(checkers.unprinted(day, NUMBERS, twice)) == ["k/p never printed A002"]


def test_a_marked_copy_is_no_breach() -> None:
    day = journal(issued("t1", 1, "k/p"))
    slips = [Slip("k/p", "A001", is_copy=False), Slip("k/p", "A001", is_copy=True)]
    assert list(checkers.slip_violations(day, NUMBERS, slips)) == []


def test_a_live_day_that_the_journal_does_not_tell_is_found() -> None:
    taken_over = journal(events.TookOver(term=1, holder="hub"))
    same = Day(term=1, at=AT, seq=1, news_seq=1)
    assert list(checkers.replay_violations(taken_over, same)) == []
    other = Day(term=2, at=AT, seq=1, news_seq=1)
    assert [sentence[-6:] for sentence in checkers.replay_violations(taken_over, other)] == ["'term'"]


def board(*numbers: str) -> BoardView:
    calls = [BoardCall(number=number, desk="1", called_at=AT) for number in numbers]
    return BoardView(title={}, languages=["fr"], calls=calls, lines=[])


def picture(*numbers: str, is_stale: bool = False) -> BoardPicture:
    calls = tuple(CallPicture(number, "1", False, {}) for number in numbers)
    return BoardPicture({}, ("fr",), calls, (), "", is_stale=is_stale, news_at="")


@pytest.mark.parametrize(
    ("shown", "drawn", "breaches"),
    [
        (board("A001", "A002"), picture("A001", "A002"), 0),
        (board("A001", "A002"), picture("A002"), 0),  # one call at a time
        (board("A001", "A002"), picture("A003"), 1),
        (board("A001", "A002"), picture(), 1),
        (board("A001", "A002"), picture("A001", "A002", is_stale=True), 1),
        (board("A001"), picture("A001", "A002"), 1),
        (None, picture("A001", "A002"), 1),
    ],
)
def test_boards_that_are_not_right_are_found(shown: BoardView | None, drawn: BoardPicture, breaches: int) -> None:
    view = board("A001", "A002")
    assert len(list(checkers.display_violations({"b/b": view}, {"b/b": shown}, {"b/b": drawn}))) == breaches
