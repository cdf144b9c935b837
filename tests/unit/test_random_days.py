"""Days at random: whatever is asked of the core, the checkers of the rules find nothing in what comes of it.

The checkers share no code with the core, so a rule that is forgotten, reversed or off by one is found here, provided
that the days are rich enough: that is held, too.
"""

from collections import Counter
from functools import cache

import pytest

from hub.day import events
from hub.day.event import OfTicket
from hub.day.inputs import AnyInput, CallNext
from hub.day.refusal import Code, Refusal
from simulator.checkers import journal_violations, replay_violations
from simulator.gate_report import gate_report
from simulator.rule_checker import RuleChecker, rule_violations
from tests.random_days import RandomDay

DAYS = 120
STEPS = 150
"""Of a day: some hours, or over night."""


@cache
def days() -> list[RandomDay]:
    """As many as hold every rule."""
    return [RandomDay(seed).live(STEPS) for seed in range(DAYS)]


@pytest.mark.parametrize("ten", range(DAYS // 10))
def test_a_random_day_keeps_every_rule(ten: int) -> None:
    for seed, it in enumerate(days()[10 * ten : 10 * ten + 10], start=10 * ten):
        found = [*rule_violations(it.entries, until=it.now), *journal_violations(it.entries)]
        assert found + gate_report(it.entries).violations == [], f"seed {seed}"
    assert list(replay_violations(it.entries, it.day)) == []


def test_a_desk_is_told_that_nobody_waits_or_fits_only_when_nobody_may_be_called() -> None:
    refused: Counter[str] = Counter()
    for seed in range(60):
        it = RandomDay(seed)
        checker, taken = RuleChecker(), 0

        def hold(an_input: AnyInput, decided: object, it: RandomDay = it, checker: RuleChecker = checker) -> None:
            nonlocal taken
            for entry in it.entries[taken:]:
                assert list(checker.take(entry)) == []
            taken = len(it.entries)
            nobody = (Code.NOBODY_WAITING, Code.NO_PLACE)
            if isinstance(an_input, CallNext) and isinstance(decided, Refusal) and decided.code in nobody:
                refused[decided.code] += 1
                assert checker.next_for(an_input.desk, it.now) is None, an_input

        it.on_input = hold
        it.live(STEPS)
    assert refused[Code.NOBODY_WAITING] > 100
    assert refused[Code.NO_PLACE] > 3


def test_random_days_hold_every_rule_that_there_is() -> None:
    happened: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for it in days():
        happened.update(type(entry.event).__name__ for entry in it.entries)
        happened.update(entry.event.rule for entry in it.entries if isinstance(entry.event, events.TicketCalled))
        happened.update(entry.event.why for entry in it.entries if isinstance(entry.event, events.TicketClosed))
        refused.update(it.refused)
    rules = {"earliest-due", "slot-guarded", "overdue", "help-out", "by-hand"}
    ends = {"no-show", "cancelled", "day-end", "parked", "closing"}
    assert rules | ends <= set(happened)
    of_tickets = {it.__name__ for it in OfTicket.__subclasses__()} - {"TicketAliased"}  # no kiosk is cut off here
    assert of_tickets <= set(happened)
    assert {Code.LAST_TICKET, Code.UNDO_TOO_LATE, Code.RECALLED_ENOUGH, Code.NOT_INVITED} <= set(refused)
