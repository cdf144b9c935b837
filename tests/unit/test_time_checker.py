"""The checkers see what comes too early, too late or in no order: each breach is planted in a sound day."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from hub.day import change_events, events, inputs
from simulator.rule_checker import rule_violations
from tests.given import MONDAY_9H
from tests.told import Breaches, Spoil, Told, assert_named, later, lobby_with, take

breach = Breaches()


@breach("the day closed 19:00:00 too early")
def day_closed_at_noon(told: Told) -> None:
    told.says(events.DayClosed(day=told.now.date()))


@breach("the day closed, and A001 is waiting")
def day_closed_over_a_ticket(told: Told) -> None:
    told.with_ticket()
    told.now = MONDAY_9H + timedelta(hours=19)
    told.says(events.DayClosed(day=MONDAY_9H.date()))


@breach("A001 ended with the day, 19:00:00 too early")
def ticket_ended_with_the_day_too_early(told: Told) -> None:
    ticket = told.with_ticket().id
    told.says(events.TicketClosed(ticket=ticket, why="day-end"))


@breach("time goes back by 0:00:01")
def time_goes_back(told: Told) -> None:
    told.after(-1).says(events.DeskOpened(desk="1"))


@breach("term 1 follows term 1")
def term_twice(told: Told) -> None:
    told.when(inputs.TakeOver(term=1, holder="hub"))
    told.says(events.TookOver(term=1, holder="hub"))


@breach("the lobby changed to what it was")
def lobby_changed_to_the_same(told: Told) -> None:
    told.says(events.LobbyChanged(lobby=told.lobby))


@breach("2 was taken out of the lobby while it had B001")
def desk_taken_out_with_its_visitor(told: Told) -> None:
    told.called("2", "permits")
    told.says(events.LobbyChanged(lobby=replace(told.lobby, desks=told.lobby.desks[:1])))


@breach("DeskOpened while no day is open")
def after_the_day(told: Told) -> None:
    told.now = MONDAY_9H + timedelta(hours=19)
    told.when(inputs.CloseDay())
    told.says(events.DeskOpened(desk="1"))


@breach("opened outside of itself")
def day_of_tomorrow(told: Told) -> None:
    told.now = MONDAY_9H + timedelta(hours=19)
    told.when(inputs.CloseDay())
    told.says(events.DayOpened(day=told.now.date() + timedelta(days=1), lobby=told.lobby))


@breach("A001 was issued while passports was paused")
def issued_though_paused(told: Told) -> None:
    issued = told.decided(take())[0]
    told.when(inputs.PauseService(service="passports"))
    told.says(issued)


@breach("passports was paused as it was")
def paused_twice(told: Told) -> None:
    told.when(inputs.PauseService(service="passports"))
    told.says(change_events.ServicePaused(service="passports"))


@breach("passports ends at 08:59:59, before it begins")
def paused_until_now(told: Told) -> None:
    told.says(change_events.ServicePaused(service="passports", until_at=told.now - timedelta(seconds=1)))


@breach("passports was resumed, and was not paused")
def resumed_without_a_pause(told: Told) -> None:
    told.says(change_events.ServiceResumed(service="passports"))


@breach("the notice of main was withdrawn, and there was none")
def withdrawn_without_a_notice(told: Told) -> None:
    told.when(inputs.PostNotice(text={"en": "Lift out of order"}))
    told.says(change_events.NoticeWithdrawn(room="main"))


@pytest.mark.parametrize(("sentence", "spoil", "site"), breach.cases)
def test_a_breach_is_named(sentence: str, spoil: Spoil, site: dict[str, Any]) -> None:
    assert_named(sentence, spoil, site)


def missed_until(told: Told) -> timedelta:
    """Somebody was missed at nine; when she is back in line."""
    told.called()
    told.press(inputs.NoShow)
    return timedelta(seconds=300)


def test_a_grace_that_does_not_end_in_time_is_found() -> None:
    told = Told()
    missed_until(told)
    assert later(told, 302) == []
    assert [it[:37] for it in later(told, 303)] == ["A001 is missed until 09:05:00, and st"]
    assert list(rule_violations(told.entries, until=told.now + timedelta(seconds=302))) == []
    assert len(list(rule_violations(told.entries, until=told.now + timedelta(seconds=400)))) == 1


def test_a_parked_ticket_that_does_not_end_is_found() -> None:
    told = Told(lobby_with(park_s=60))
    told.called()
    told.press(inputs.Park)
    assert [it[:37] for it in later(told, 63)] == ["A001 is parked until 09:01:00, and st"]


def test_what_is_due_while_no_hub_is_there_is_not_late() -> None:
    told = Told()
    missed_until(told)
    down = (told.now + timedelta(seconds=299), told.now + timedelta(seconds=400))
    until = told.now + timedelta(seconds=402)
    assert list(rule_violations(told.entries, until=until, down=[down])) == []
    assert len(list(rule_violations(told.entries, until=until + timedelta(seconds=1), down=[down]))) == 1
    told.after(500).when(inputs.TakeOver(term=1, holder="hub"))
    assert later(told, 2) == []
    assert len(later(told, 3)) == 1


def test_whoever_waits_on_after_closing_is_found_once() -> None:
    told = Told(lobby_with(at_close="end"))
    told.with_ticket()
    for seconds, breaches in ((9 * 3_600 + 2, 0), (9 * 3_600 + 3, 1)):
        assert len(later(told, seconds)) == breaches
    told.after(9 * 3_600 + 3).when(inputs.OpenDesk(desk="1", by="page"))
    assert len(later(told, 10)) == 1


def test_a_day_that_does_not_turn_is_found_once() -> None:
    told = Told()
    told.after(19 * 3_600 + 3).when(inputs.OpenDesk(desk="1", by="page"))
    assert [it[:41] for it in later(told, 1)] == ["the day was to turn at 04:00:00, and goes"]


def test_whoever_is_back_before_the_grace_is_over_without_being_picked_is_found() -> None:
    told = Told()
    missed_until(told)
    told.after(10).says(events.TicketReturned(ticket="t1"))
    assert len(later(told, 0)) == 1


def test_whoever_is_picked_before_the_grace_is_over_is_no_breach() -> None:
    told = Told()
    missed_until(told)
    told.with_ticket()
    told.call_next()
    told.when(inputs.PickTicket(desk="1", ticket="t1", seen=None, by="page"))
    assert later(told, 1) == []


def test_a_row_that_is_missing_is_found() -> None:
    told = Told()
    told.called()
    without = [it for it in told.entries if it.seq != 2]
    assert "the row follows row 1" in next(rule_violations(without))
    moved = [structs.replace(it, day="2026-03-03") if it.seq == 2 else it for it in told.entries]
    assert "the row stands in the day '2026-03-03', not in '2026-03-02'" in next(rule_violations(moved))


def test_a_pause_or_notice_that_does_not_end_in_time_is_found_once() -> None:
    told = Told()
    until_at = told.now + timedelta(seconds=60)
    told.when(inputs.PauseService(service="passports", until_at=until_at))
    told.when(inputs.PostNotice(text={"en": "Lift out of order"}, until_at=until_at))
    assert later(told, 62) == []
    assert len(later(told, 63)) == 2
    told.after(63).says(events.DeskOpened(desk="1"))
    assert len(later(told, 9)) == 2
