"""The turn of the day: what closes the one that is over and opens the next, with the appointments of the book."""

from datetime import date, datetime, timedelta
from functools import partial

from hub.book.rows import erase_due, known_between
from hub.day.hours import service_day, turns_at
from hub.day.inputs import AnyInput, CloseDay, KnowAppointment, OpenDay
from hub.day.lobby import Lobby
from hub.day.model import Day
from hub.journal import Beside, Journal
from hub.journal_thread import JournalThread

Turn = list[tuple[AnyInput, Beside | None]]
"""Inputs in their order, each with what becomes durable beside it."""


async def turn(day: Day, lobby: Lobby, now: datetime, thread: JournalThread) -> Turn:
    """Close a day that is over, open one if none is open; a clock that went back changes nothing. Only the site's
    writer may ask: every change of the book passes through it, so nothing comes between this and its commit.

    Raises:
        Unwritten: the book cannot be read.
    """
    if day.ends_at is not None and now < day.ends_at:
        return []
    today = service_day(lobby, now)
    if day.day is not None and today <= day.day:
        return []
    closing: Turn = [] if day.day is None else [(CloseDay(), None)]
    appointments = await thread.call(_booked, thread.journal, lobby, today)
    return [*closing, (OpenDay(day=today, lobby=lobby, appointments=appointments), partial(erase_due, now))]


def _booked(journal: Journal, lobby: Lobby, day: date) -> tuple[KnowAppointment, ...]:
    """The appointments of `day`; on the journal's thread."""
    begin, end = turns_at(lobby, day - timedelta(days=1)), turns_at(lobby, day)
    with journal.transaction() as connection:
        return known_between(lobby.site.id, begin, end, connection)
