"""The checker of what desks are refused: it names answers that were wrong, and no others."""

from collections.abc import Callable

import pytest

from hub.day.lobby import Lobby
from simulator.refusal_checker import Refused, wrongly_refused
from tests.given import Story, a_lobby
from tests.told import rows_of
from tests.unit.test_day_gates import waits_in_the_hall, went_in, with_an_admitted_office


def found(story: Story, desk: str, code: str) -> list[str]:
    """What is said when the desk is told that now."""
    return list(wrongly_refused(rows_of(story), [Refused(at=story.now, desk=desk, code=code)]))


def helping() -> Lobby:
    return a_lobby(services_of={"1": ("passports",), "2": ("permits",)}, helps_of={"1": ("permits",)})


def a_party_waits() -> Story:
    story = Story().with_open_desk()
    story.with_ticket(party_people=3)
    return story.after(5)


def somebody_to_help_is_overdue() -> Story:
    story = Story(helping()).with_open_desk()
    story.with_ticket("permits")
    return story.after(600)


def a_walk_in_is_held_back_too_long() -> Story:
    story = Story(a_lobby(desks=1)).with_open_desk()
    story.with_ticket()
    story.after(1_501).with_appointment(60, "permits")
    return story


@pytest.mark.parametrize("given", [a_party_waits, somebody_to_help_is_overdue, a_walk_in_is_held_back_too_long])
def test_a_desk_that_is_told_nobody_though_somebody_may_be_called(given: Callable[[], Story]) -> None:
    (sentence,) = found(given(), "1", "nobody-waiting")
    assert sentence.startswith("1 was told nobody-waiting at ")
    assert ", and could call " in sentence


def test_want_of_a_place_that_is_there() -> None:
    story = with_an_admitted_office(limit_people=3)
    went_in(story, 1)
    party = waits_in_the_hall(story, 2)
    story.after(1)
    assert found(story, "2", "no-place") == []
    other = waits_in_the_hall(story)
    story.after(1)
    assert party.number != other.number
    assert found(story, "2", "no-place") == [
        f"2 was told no-place at 09:00:02, and could call {other.number} (earliest-due)"
    ]


def test_nobody_waits() -> None:
    story = Story(helping()).with_open_desk().after(1)
    assert found(story, "1", "nobody-waiting") == []
    story.with_ticket("permits")
    assert found(story.after(599), "1", "nobody-waiting") == [], "not overdue enough to be helped"


def test_somebody_who_came_at_that_very_instant_may_have_come_after_the_answer() -> None:
    story = Story().with_open_desk().after(1)
    story.with_ticket()
    assert found(story, "1", "nobody-waiting") == []
    assert found(story.after(1), "1", "nobody-waiting") != []


def test_a_call_that_was_not_too_old_to_undo() -> None:
    story = Story().with_open_desk()
    story.with_ticket()
    story.call_next()
    assert found(story.after(10), "1", "undo-too-late") == [
        "1 was told undo-too-late at 09:00:10, and its call was 10 s old"
    ]
    assert found(story.after(1), "1", "undo-too-late") == []


def test_a_desk_that_is_closed_or_has_a_visitor_is_told_something_else() -> None:
    story = Story()
    story.with_ticket()
    assert found(story.after(1), "1", "nobody-waiting") == []
    story.with_open_desk().call_next()
    story.with_ticket()
    assert found(story.after(1), "1", "nobody-waiting") == []
