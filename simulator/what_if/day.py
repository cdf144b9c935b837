"""One day of a scenario on the day's own rules, and what a manager asks of it.

The crowd, the appointments, the passers-by and the staff's habits are those with which `guichet-sim run` lives through
the same scenario with the same seed. Network, nodes and mishaps are not there.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from msgspec import Struct

from hub.day import events
from hub.day.inputs import ChangeLimit, KnowAppointment
from hub.day.lobby import Lobby
from hub.journal import Entry
from simulator import booked
from simulator.booked import Booking
from simulator.crowd import crowd, seconds
from simulator.scenario import LimitChange, Scenario, Setting, instant
from simulator.simulate import people_without_tickets
from simulator.summary import percentile
from simulator.what_if.bare_lobby import BareLobby
from simulator.what_if.people import SERVED, STAYED, Clerk, Notes, Visitor, pass_by
from simulator.what_if.timeline import Process, Timeline


class Waits(Struct, frozen=True, kw_only=True):
    """From coming to the first call; who came before the slot of an appointment waits from the slot on. None when
    nobody was called."""

    median_s: float | None
    p90_s: float | None
    over_target: float | None
    """The share of the called who waited longer than their service's target wait."""


class DayFigures(Struct, frozen=True, kw_only=True):
    """One day."""

    waits: Waits
    unserved: float | None
    """Of the visitors who wanted to be served, the share that was not. None when nobody came."""
    overtime_s: float
    """From the last closing until the last visitor was served; 0 when that was before."""
    highest_people: int
    """In the room behind the entrance."""
    at_limit: float
    """The share of the opening hours in which that room took nobody more."""
    held_people: int
    """Who were not let in at once."""
    rooms: dict[str, int]
    """The highest number of people in each room."""


class BareDay(Struct, frozen=True, kw_only=True):
    """A day that was lived through."""

    entries: list[Entry]
    fates: dict[str, int]
    figures: DayFigures


def live(setting: Setting, lobby: Lobby, seed: int | str) -> BareDay:
    """One whole day. The same seed gives the same day."""
    it = setting.scenario
    starts_s = seconds(it.starts)
    lasts_s = seconds(it.ends) - starts_s - it.calm_s
    timeline = Timeline()
    drawn = crowd(it.visitors, seed)
    bookings = booked.book(drawn, it, lobby.site.time_zone, seed)
    starts_at = instant(it, it.starts, lobby.site.time_zone)
    bare = BareLobby(lobby, timeline, starts_at, [_known(booking) for booking in bookings], lasts_s)
    notes = Notes()
    with_code = [replace(it.visitor, code=it.visitor.name) for it in bookings if it.comes]
    for limit in it.limit_changes:
        timeline.start(_change(bare, limit), seconds(limit.at) - starts_s)
    for desk, shifts in _shifts(it).items():
        timeline.start(Clerk(desk, bare, it.staff, seed).work(shifts))
    for character in booked.everybody(drawn, bookings, with_code):
        if character.comes_at_s - starts_s < lasts_s:
            timeline.start(Visitor(character, bare, notes, seed).visit(), character.comes_at_s - starts_s)
    if it.passers_by is not None:
        chance = random.Random(f"{seed}/hall")
        for who in people_without_tickets(setting, seed):
            if 0 <= who.enters_at_s - starts_s < lasts_s:
                process = pass_by(who, bare, it.passers_by.door, starts_s, chance)
                timeline.start(process, who.enters_at_s - starts_s)
    assert bare.day.ends_at is not None, "a day is open"
    timeline.run((bare.day.ends_at - starts_at).total_seconds())
    return BareDay(entries=bare.entries, fates=dict(sorted(notes.fates.items())), figures=_figures(bare, notes))


def _known(booking: Booking) -> KnowAppointment:
    who = booking.visitor
    return KnowAppointment(
        appointment=who.name,
        service=who.service,
        slot_at=booking.slot_at.astimezone(UTC),
        code_hash=who.name,
        party_people=who.party_people,
    )


def _change(bare: BareLobby, limit: LimitChange) -> Process[None]:
    """As a manager does it on the facilities page."""
    yield 0.0
    bare.ask(ChangeLimit(room=limit.room, limit_people=limit.people, why="other"))


def _shifts(it: Scenario) -> dict[str, list[tuple[float, float]]]:
    """Desk to its shifts, from and to an instant of the timeline, in order."""
    shifts: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    starts_s = seconds(it.starts)
    for shift in it.staff.shifts:
        for desk in shift.desks:
            shifts[desk].append((seconds(shift.begins) - starts_s, seconds(shift.ends) - starts_s))
    return {desk: sorted(spans) for desk, spans in shifts.items()}


# --- what it comes to ------------------------------------------------------------------------------------------------


def _figures(bare: BareLobby, notes: Notes) -> DayFigures:
    entrance = bare.entrance
    opens_s, closes_s = bare.watched_s
    stayed = sum(notes.fates[fate] for fate in STAYED)
    return DayFigures(
        waits=waits_of(bare.entries, bare.lobby, notes.before_ticket_s),
        unserved=1 - notes.fates[SERVED] / stayed if stayed else None,
        overtime_s=overtime_s(bare.entries, bare.day.closes_at),
        highest_people=bare.highest_people[entrance],
        at_limit=bare.closed_gate_s[entrance] / (closes_s - opens_s) if closes_s > opens_s else 0.0,
        held_people=notes.held_people,
        rooms={room.id: bare.highest_people[room.id] for room in bare.lobby.rooms},
    )


def waits_of(entries: Iterable[Entry], lobby: Lobby, before_s: Mapping[str, float] = MappingProxyType({})) -> Waits:
    """The waits that a journal tells of, and of each ticket those `before_s` that it cannot know."""
    targets_s = {service.id: service.target_wait_s for service in lobby.services}
    slots: dict[str, datetime] = {}
    waits_from: dict[str, datetime] = {}
    target_s: dict[str, int] = {}
    waits_s: dict[str, float] = {}
    for entry in entries:
        at, event = entry.at, entry.event
        match event:
            case events.DayOpened(appointments=known):
                slots |= {it.appointment: it.slot_at for it in known}
            case events.AppointmentKnown(appointment=appointment, slot_at=slot_at):
                slots[appointment] = slot_at
            case events.TicketIssued(ticket=ticket):
                came_at = at - timedelta(seconds=before_s.get(ticket, 0.0))
                waits_from[ticket] = max(came_at, slots.get(event.appointment, came_at))
                target_s[ticket] = targets_s[event.service]
            case events.TicketCalled(ticket=ticket) if ticket not in waits_s:
                waits_s[ticket] = max((at - waits_from[ticket]).total_seconds(), 0.0)
            case _:
                pass
    in_order = sorted(waits_s.values())
    if not in_order:
        return Waits(median_s=None, p90_s=None, over_target=None)
    over = sum(wait_s > target_s[ticket] for ticket, wait_s in waits_s.items())
    return Waits(median_s=percentile(in_order, 50), p90_s=percentile(in_order, 90), over_target=over / len(in_order))


def overtime_s(entries: Sequence[Entry], closes_at: datetime | None) -> float:
    """From `closes_at` until the last visitor was served; 0 when that was before, or the lobby was closed."""
    served_at = [entry.at for entry in entries if isinstance(entry.event, events.TicketServed)]
    if not served_at or closes_at is None:
        return 0.0
    return max(max(served_at) - closes_at, timedelta(0)).total_seconds()
