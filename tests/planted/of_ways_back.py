"""Bugs in what is taken back, said again or handed in afterwards."""

from datetime import datetime
from typing import Any

import msgspec

from edge.offline import Offline
from hub.day import events, inputs
from hub.day.apply import lines
from hub.day.apply import tickets as ticket_effects
from hub.day.decide import numbers
from hub.day.model import Day
from hub.intake import Intake
from tests.planted.plant import Plant, applied, swapped
from wire.messages import TicketGiven

_handed_in = Intake._handed_in
_slip_is_out = Offline.slip_is_out
_recalled = ticket_effects.EFFECTS[events.TicketRecalled]


def _nothing(*_: object) -> None:
    pass


def _never(*_: object) -> bool:
    return False


def _no_news(day: Day, event: events.TicketRecalled, at: datetime) -> None:
    """The repeated call keeps the instant of the first."""
    called_at = day.tickets[event.ticket].called_at
    _recalled(day, event, at)
    day.tickets[event.ticket].called_at = called_at


def _stays_behind(day: Day, event: events.TicketRecalled, at: datetime) -> None:
    """The repeated call keeps the place of the first."""
    before = list(day.recent_calls)
    _recalled(day, event, at)
    for ticket in before:
        day.recent_calls.move_to_end(ticket)


def _came_now(intake: Intake, device: Any, given: TicketGiven) -> inputs.HandInTicket:
    return msgspec.structs.replace(_handed_in(intake, device, given), arrived_at=intake._now())


def _newest_given(offline: Offline) -> TicketGiven | None:
    return next((it.ticket for it in reversed(offline.kept.given) if it.is_out), None)


def _only_one_kept(offline: Offline, request: str) -> None:
    """While a ticket waits to be handed in, those that are given after it are forgotten."""
    _slip_is_out(offline, request)
    del offline.kept.given[1:]


WAYS_BACK = [
    Plant(
        name="brought-back-and-not-shown",
        room="rules",
        breaks="Whom an undone call had sent away stands on no board again.",
        plant=lambda: swapped(lines, "back_on_boards", _nothing),
    ),
    Plant(
        name="repeated-call-is-no-news",
        room="rules",
        breaks="A call that is repeated does not flash on the boards.",
        plant=lambda: applied(events.TicketRecalled, lambda effect: _no_news),
    ),
    Plant(
        name="repeated-call-stays-behind",
        room="rules",
        breaks="A call that is repeated stays where it stood on the boards.",
        plant=lambda: applied(events.TicketRecalled, lambda effect: _stays_behind),
    ),
    Plant(
        name="slip-for-a-ticket-that-was-given-up",
        room="rules",
        breaks="A slip that is handed in is made a number of a ticket that has ended because nobody came.",
        plant=lambda: swapped(numbers, "_was_given_up", _never),
    ),
    Plant(
        name="arrival-is-the-hand-in",
        room="intake",
        breaks="Who came to a cut off kiosk is due as if she had come when the hub heard of her.",
        plant=lambda: swapped(Intake, "_handed_in", _came_now),
    ),
    Plant(
        name="newest-handed-in-first",
        room="nodes",
        breaks="A kiosk hands in what it gave by itself from the newest to the oldest.",
        plant=lambda: swapped(Offline, "to_hand_in", _newest_given),
    ),
    Plant(
        name="second-given-and-forgotten",
        room="nodes",
        breaks="Of the tickets that a kiosk gave by itself it hands in the first alone.",
        plant=lambda: swapped(Offline, "slip_is_out", _only_one_kept),
    ),
]
"""In the order of the table."""
