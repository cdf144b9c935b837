"""Appointments among walk-ins: due at their slot, present people only."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.day import inputs
from hub.day.decide.tickets import CHECK_IN_EARLY_S
from hub.day.model import TicketState
from hub.day.refusal import Code, Refusal
from tests.given import Story


def with_appointment(story: Story, in_s: float, name: str = "x", service: str = "passports") -> None:
    story.when(
        inputs.KnowAppointment(
            appointment=name, service=service, slot_at=story.now + timedelta(seconds=in_s), code_hash=f"code-{name}"
        )
    )


def check_in(story: Story, name: str = "x") -> object:
    return story.when(
        inputs.CheckIn(
            code_hash=f"code-{name}", ticket=f"t-{name}", token_hash=f"h-{name}", language="fr", channel="phone"
        )
    )


def test_a_checked_in_appointment_is_due_at_its_slot() -> None:
    story = Story().with_open_desk()
    with_appointment(story, 600)
    walk_in = story.with_ticket()  # due in 900
    check_in(story)
    story.call_next()
    assert story.day.tickets["t-x"].state is TicketState.CALLED
    assert story.day.tickets["t-x"].number == "A002"
    story.call_next()
    assert walk_in.state is TicketState.CALLED


def test_an_early_appointment_does_not_hide_walk_ins() -> None:
    story = Story().with_open_desk()
    with_appointment(story, 7_200)
    check_in(story)
    walk_in = story.with_ticket()
    story.call_next()
    assert walk_in.state is TicketState.CALLED


def test_who_is_too_late_waits_as_a_walk_in() -> None:
    story = Story().with_open_desk()
    with_appointment(story, 60)
    story.after(60 + 901)
    check_in(story)
    assert story.day.tickets["t-x"].due_at == story.now + timedelta(seconds=900)


def test_an_appointment_outside_opening_hours_is_kept() -> None:
    evening = Story(now=datetime(2026, 3, 2, 18, 30, tzinfo=UTC))
    with_appointment(evening, CHECK_IN_EARLY_S + 1)
    closed = Refusal(code=Code.CLOSED, facts={"opens_at": "2026-03-03T08:00:00+00:00"})
    assert check_in(evening) == closed, "too early"
    evening.after(1)
    check_in(evening)
    assert evening.day.tickets["t-x"].due_at == evening.now + timedelta(seconds=CHECK_IN_EARLY_S)
    with_appointment(evening, 60, "y")
    with_appointment(evening, 60, "z")
    evening.after(60 + evening.lobby.site.late_s)
    check_in(evening, "y")
    assert evening.day.tickets["t-y"].appointment == "y"
    assert check_in(evening.after(1), "z") == closed, "too late"
    assert (
        evening.when(inputs.IssueTicket(ticket="t", token_hash="h", service="permits", language="en", channel="phone"))
        == closed
    )


def test_a_code_checks_in_once_and_only_if_it_is_of_today() -> None:
    story = Story()
    with_appointment(story, 600)
    assert check_in(story, "unknown") == Refusal(code=Code.UNKNOWN_CODE)
    check_in(story)
    again = check_in(story)
    assert again == Refusal(code=Code.CHECKED_IN, facts={"number": "A001"})


@pytest.mark.parametrize("late_s", [0, 3_600])
def test_whose_ticket_ended_unserved_checks_in_again(late_s: int) -> None:
    story = Story()
    with_appointment(story, 600)
    check_in(story)
    story.when(inputs.CancelTicket(ticket="t-x"))
    story.after(late_s).when(
        inputs.CheckIn(code_hash="code-x", ticket="again", token_hash="again", language="en", channel="phone")
    )
    again = story.day.tickets["again"]
    assert (again.number, again.slot_at is not None) == ("A002", not late_s)
    assert check_in(story) == Refusal(code=Code.CHECKED_IN, facts={"number": "A002"})


def test_an_appointment_moves_and_is_cancelled_until_it_is_checked_in() -> None:
    story = Story()
    with_appointment(story, 600)
    slot_at = story.now + timedelta(seconds=1_200)
    story.when(inputs.MoveAppointment(appointment="x", service="permits", slot_at=slot_at))
    check_in(story)
    assert (story.day.tickets["t-x"].service, story.day.tickets["t-x"].due_at) == ("permits", slot_at)
    assert story.when(inputs.CancelAppointment(appointment="x")) == Refusal(
        code=Code.CHECKED_IN, facts={"number": "B001"}
    )
    with_appointment(story, 600, "y")
    story.when(inputs.CancelAppointment(appointment="y"))
    assert check_in(story, "y") == Refusal(code=Code.UNKNOWN_CODE)


def test_the_day_opens_with_the_books_appointments() -> None:
    story = Story()
    known = inputs.KnowAppointment(
        appointment="z", service="permits", slot_at=story.now + timedelta(days=1, hours=1), code_hash="code-z"
    )
    story.when(inputs.CloseDay())
    story.after(86_400).when(inputs.OpenDay(day=story.now.date(), lobby=story.lobby, appointments=(known,)))
    check_in(story, "z")
    assert story.day.tickets["t-z"].appointment == "z"
    assert story.replayed() == story.day
