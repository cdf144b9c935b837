"""The end of the day's opening hours, and what it means for whoever still waits."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hub.day.durations import seconds
from hub.day.events import AnyEvent, TicketClosed
from hub.day.hours import DAY, turns_at
from hub.day.model import Day, Ticket

TOLD_BEFORE = timedelta(hours=1)
"""So long before the end people are told what will become of them."""


def opening_ends_at(day: Day, at: datetime) -> datetime | None:
    """The end of the opening that holds `at`, which may go on over midnight; None outside of all."""
    for begins_at, ends_at, closes_at in day.openings:
        if begins_at <= at < ends_at:
            return closes_at
    return None


def opens_first_at(day: Day) -> datetime | None:
    """When the lobby opens first in the service day, which may turn while it is open; None for a day on which it is
    closed."""
    assert day.lobby is not None
    assert day.day is not None
    assert day.ends_at is not None
    turned_at = turns_at(day.lobby, day.day - DAY)
    begins = [it.begins_at for it in day.openings if it.ends_at > turned_at and it.begins_at < day.ends_at]
    return max(turned_at, min(begins)) if begins else None


def told_at(day: Day, now: datetime) -> datetime | None:
    """The end of the day's last opening, or of the day if that comes first, once it is near or over; None earlier, and
    on a day that is closed."""
    told_at = day.ends_at if turns_while_open(day) else day.closes_at
    return told_at if told_at is not None and now >= told_at - TOLD_BEFORE else None


def turns_while_open(day: Day) -> bool:
    """Whether the day ends before its last opening does: all tickets end then."""
    return day.closes_at is not None and day.ends_at is not None and day.closes_at > day.ends_at


def serves_all(day: Day) -> bool:
    """Whether everybody who waits at the end is still served."""
    return day.lobby is None or day.lobby.site.at_close == "serve"


def ends_at(day: Day) -> datetime | None:
    """When tickets end because the lobby closes; None if none does."""
    if serves_all(day) or day.closes_at is None:
        return None
    first: datetime | None = None
    for ticket in _never_called(day):
        at = _kept_until(day, ticket, day.closes_at)
        if at == day.closes_at:
            return at
        first = at if first is None else min(first, at)
    return first


def ends(day: Day, now: datetime) -> list[AnyEvent]:
    """What becomes at `now` of who waits: whoever has been at a desk, or was called to one, is not sent away."""
    closes_at = day.closes_at
    if serves_all(day) or closes_at is None or closes_at > now:
        return []
    over = (ticket for ticket in _never_called(day) if _kept_until(day, ticket, closes_at) <= now)
    return [TicketClosed(ticket=ticket.id, why="closing") for ticket in over]


def outlasts(day: Day, ticket: Ticket) -> bool:
    """Whether the ticket does not end when the others do, since its visitor is expected so late."""
    closes_at = day.closes_at
    return not serves_all(day) and closes_at is not None and _kept_until(day, ticket, closes_at) > closes_at


def _kept_until(day: Day, ticket: Ticket, closes_at: datetime) -> datetime:
    """Whoever has an appointment is waited for as long as she may come to it."""
    assert day.lobby is not None
    return closes_at if ticket.slot_at is None else max(closes_at, ticket.slot_at + seconds(day.lobby.site.late_s))


def _never_called(day: Day) -> Iterator[Ticket]:
    for state in day.services.values():
        for line in (state.line, state.outside):
            for key in line:
                if day.tickets[key[2]].called_at is None:
                    yield day.tickets[key[2]]
