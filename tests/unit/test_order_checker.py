"""The checker of who is next sees what it is for: each breach is planted at the end of a sound day."""

from typing import Any

import msgspec
import pytest

from hub.day import events, inputs
from tests.told import Breaches, Spoil, Told, assert_named, called_event

breach = Breaches()


def three_waiting(told: Told) -> None:
    """A001 and A002 at the same instant, B001 due before both."""
    told.with_ticket()
    told.with_ticket()
    told.with_ticket("permits")
    told.with_open_desk("1").with_open_desk("2")


@breach("1 called A001, due at 09:15:00; next is B001, due at 09:05:00 (earliest-due)")
def want_of_a_place_where_none_is_needed(told: Told) -> None:
    three_waiting(told)
    first, second = told.day.tickets["t1"], told.day.tickets["t3"]
    excuse = events.Head(service="permits", number=second.number, due_at=second.due_at, why="no-place")
    told.says_otherwise(told.next_key(), ticket="t1", due_at=first.due_at, passed_over=(excuse,))


@breach("1 called A001, due at 09:15:00; next is B001, due at 09:05:00 (earliest-due)")
def later_due_is_called(told: Told) -> None:
    three_waiting(told)
    told.says_otherwise(told.next_key(), ticket="t1", due_at=told.day.tickets["t1"].due_at)


@breach("1 called A002, due at 09:15:00; next is A001, due at 09:15:00")
def newest_of_equals_is_called(told: Told) -> None:
    told.with_ticket()
    told.with_ticket()
    told.with_open_desk("1").says_otherwise(told.next_key(), ticket="t2")


@breach("1 called B001, due at 09:05:00, passing over nobody; it passed over A001 due at 09:15:00 (later-due)")
def reason_that_leaves_somebody_out(told: Told) -> None:
    three_waiting(told)
    told.says_otherwise(told.next_key(), passed_over=())


@breach("by the rule 'overdue'; it is 'earliest-due'")
def reason_with_another_rule(told: Told) -> None:
    three_waiting(told)
    told.says_otherwise(told.next_key(), rule="overdue")


@breach("for a reason that is not true")
def reason_with_another_due_time(told: Told) -> None:
    three_waiting(told)
    told.says_otherwise(told.next_key(), due_at=told.now)


@breach("2 called A001, due at 09:15:00, and may call nobody now")
def helped_out_too_early(told: Told) -> None:
    ticket = told.with_ticket()
    told.with_open_desk("2").after(1_000)
    told.says(msgspec.structs.replace(called_event(told, ticket.id, "2"), rule="help-out"))


@breach("1 called A001, due at 09:15:00; next is A002, due at 09:20:00 (slot-guarded)")
def slot_not_guarded(told: Told) -> None:
    told.with_ticket()
    told.with_open_desk().with_appointment(1_200)
    told.after(950)
    told.says_otherwise(
        told.next_key(), ticket="t1", rule="earliest-due", due_at=told.day.tickets["t1"].due_at,
        appointment=False, passed_over=(),
    )  # fmt: skip


@breach("1 called A002 and passed over A001, which is overdue by 0:11:40")
def somebody_starves(told: Told) -> None:
    told.with_ticket()
    told.with_open_desk().with_appointment(1_620)
    told.after(1_600)
    told.says_otherwise(
        told.next_key(), ticket="t2", rule="slot-guarded", due_at=told.day.tickets["t2"].due_at,
        appointment=True, passed_over=(),
    )  # fmt: skip


@breach("1 picked A002 and passed over B001 (not-picked), which it does not name")
def pick_that_names_nobody(told: Told) -> None:
    three_waiting(told)
    told.says_otherwise(inputs.PickTicket(desk="1", ticket="t2", seen=None, by="page"), passed_over=())


@breach("whom it did not pass over")
def pick_that_names_too_many(told: Told) -> None:
    told.with_ticket()
    told.with_open_desk()
    head = events.Head(service="permits", number="B007", due_at=told.now, why="not-picked")
    told.says_otherwise(inputs.PickTicket(desk="1", ticket="t1", seen=None, by="page"), passed_over=(head,))


@pytest.mark.parametrize(("sentence", "spoil", "site"), breach.cases)
def test_a_breach_is_named(sentence: str, spoil: Spoil, site: dict[str, Any]) -> None:
    assert_named(sentence, spoil, site)
