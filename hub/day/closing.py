"""The end of the day's opening hours, and what it means for whoever still waits."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hub.day.events import AnyEvent, TicketClosed
from hub.day.model import Day, Ticket

TOLD_BEFORE = timedelta(hours=1)
"""So long before the end people are told what will become of them."""


def opening_ends_at(day: Day, at: datetime) -> datetime | None:
    """The end of the opening that holds `at`, which may go on over midnight; None outside of all."""
    for begins_at, ends_at, closes_at in day.openings:
        if begins_at <= at < ends_at:
            return closes_at
    return None


def told_at(day: Day, now: datetime) -> datetime | None:
    """The end of the day's last opening, once it is near or over; None earlier, and on a day that is closed."""
    return day.closes_at if day.closes_at is not None and now >= day.closes_at - TOLD_BEFORE else None


def serves_all(day: Day) -> bool:
    """Whether everybody who waits at the end is still served."""
    return day.lobby is None or day.lobby.site.at_close == "serve"


def ends_at(day: Day) -> datetime | None:
    """When tickets end because the lobby closes; None if none does."""
    return day.closes_at if not serves_all(day) and any(_never_called(day)) else None


def ends(day: Day, now: datetime) -> list[AnyEvent]:
    """What becomes at `now` of who waits: whoever has been at a desk, or was called to one, is not sent away."""
    at = ends_at(day)
    if at is None or at > now:
        return []
    return [TicketClosed(ticket=ticket.id, why="closing") for ticket in _never_called(day)]


def _never_called(day: Day) -> Iterator[Ticket]:
    for state in day.services.values():
        for line in (state.line, state.outside):
            for key in line:
                if day.tickets[key[2]].called_at is None:
                    yield day.tickets[key[2]]
