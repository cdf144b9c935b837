"""Visitors with appointments: who has one, the file that the office gives the hub, and what became of them.

The book itself is the hub's: it is filled by its own import, and tells the codes. Pure but for that.
"""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from hub.book.book import Book
from hub.day import events
from hub.day.lobby import Lobby
from hub.journal import Entry
from simulator.crowd import Character, seconds, weighted
from simulator.scenario import Appointments, Scenario

SOURCE = "demo"
"""As the book names the file."""


class AppointmentFigures(Struct, frozen=True, kw_only=True):
    """What became of the day's appointments. Each counts once."""

    known: int
    """In the book, and not cancelled."""
    checked_in: int
    """Whose visitor came and used the code."""
    late: int
    """Of those, so late that they waited like somebody without an appointment."""
    called: int
    """Of those checked in, called at least once."""


@dataclass(frozen=True, kw_only=True)
class Booking:
    """One visitor's appointment. Its UID is the visitor's name."""

    visitor: Character
    slot_at: datetime
    comes: bool


def book(crowd: Iterable[Character], scenario: Scenario, zone: str, seed: int | str) -> list[Booking]:
    """The appointments of the day, for some of `crowd`: they come near their slots instead of when they would."""
    wanted = scenario.appointments
    if wanted is None:
        return []
    midnight = datetime(scenario.date.year, scenario.date.month, scenario.date.day, tzinfo=ZoneInfo(zone))
    bookings = []
    for visitor in crowd:
        chance = random.Random(f"{seed}/{visitor.name}/appointment")
        if chance.random() < wanted.share:
            bookings.append(_booking(visitor, wanted, scenario, midnight, chance))
    return bookings


def _booking(
    visitor: Character, wanted: Appointments, scenario: Scenario, midnight: datetime, chance: random.Random
) -> Booking:
    begins_s, ends_s = seconds(wanted.begins), seconds(wanted.ends)
    slots = max(1, int((ends_s - begins_s - 1) // wanted.every_s) + 1)
    slot_s = begins_s + wanted.every_s * chance.randrange(slots)
    comes = chance.random() >= wanted.never
    is_late = chance.random() < wanted.late
    comes_at_s = slot_s + (chance.uniform(*wanted.late_s) if is_late else -chance.uniform(*wanted.early_s))
    service = visitor.service
    if wanted.services and service not in wanted.services:
        service = weighted(chance, {it: scenario.visitors.services[it] for it in wanted.services})
    # Wall time: slots are where the clock says, also on the two days on which it is changed.
    slot_at = midnight + timedelta(seconds=slot_s)
    return Booking(visitor=replace(visitor, comes_at_s=comes_at_s, service=service), slot_at=slot_at, comes=comes)


def file_of(bookings: Iterable[Booking]) -> bytes:
    """The bookings as the office exports them: CSV. Names are made up."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["uid", "service", "start", "party", "name"])
    for it in bookings:
        who = it.visitor
        start = f"{it.slot_at:%Y-%m-%dT%H:%M:%S}"
        rows.writerow([who.name, who.service, start, who.party_people, who.name.replace("-", " ").title()])
    return text.getvalue().encode()


async def invited(the_book: Book, bookings: Sequence[Booking]) -> list[Character]:
    """Write the bookings into the hub's book; those who will come, each with the code of the invitation."""
    report = await the_book.import_file(file_of(bookings), source=SOURCE)
    assert not report.refused, f"the book refuses {report.refused[0]}"
    codes = {it.uid: it.code for it in (await the_book.view()).appointments}
    return [replace(it.visitor, code=codes[it.visitor.name]) for it in bookings if it.comes]


def everybody(crowd: Iterable[Character], bookings: Iterable[Booking], invited: Iterable[Character]) -> list[Character]:
    """All who come, with and without an appointment, in the order of coming."""
    booked = {it.visitor.name for it in bookings}
    come = [*(it for it in crowd if it.name not in booked), *invited]
    return sorted(come, key=lambda it: (it.comes_at_s, it.name))


def figures(entries: Iterable[Entry], lobby: Lobby) -> AppointmentFigures:
    """What the journal tells of the appointments of its days."""
    late_after = timedelta(seconds=lobby.site.late_s)
    slots: dict[str, datetime] = {}
    checked_in: dict[str, str] = {}
    late, called = set(), set()
    for entry in entries:
        at, event = entry.at, entry.event
        match event:
            case events.DayOpened(appointments=known):
                slots |= {it.appointment: it.slot_at for it in known}
            case events.AppointmentKnown() | events.AppointmentMoved():
                slots[event.appointment] = event.slot_at
            case events.AppointmentCancelled(appointment=appointment):
                slots.pop(appointment, None)
            case events.TicketIssued(appointment=appointment) if appointment:
                checked_in[event.ticket] = appointment
                if at > slots[appointment] + late_after:
                    late.add(appointment)
            case events.TicketCalled(ticket=ticket) if ticket in checked_in:
                called.add(ticket)
            case _:
                pass
    return AppointmentFigures(known=len(slots), checked_in=len(checked_in), late=len(late), called=len(called))
