"""Whether a ticket may be issued when and as it was: hours, number, due time, appointment. See
`docs/rules-in-detail.md`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hub.day import events, number_events
from hub.day.model import written
from simulator.checkers import number_of
from simulator.followed import FollowedDay, FollowedTicket, Place

WELCOME_BEFORE_S = 3_600
"""Whoever has an appointment is welcome so long before it, though the lobby is closed."""
BY_STAFF = ("desk", "api")
GIVEN_UP = ("no-show", "cancelled", "parked")
"""Ends of tickets whose visitors were thought to be gone; one who could not know her number waits on."""


def breaches(day: FollowedDay, event: events.TicketIssued, at: datetime) -> Iterator[str]:
    """A sentence for each rule that issuing the ticket breaks."""
    number = number_of(event)
    if event.ticket in day.tickets:
        yield f"{number} was issued for {event.ticket}, which is {day.number(event.ticket)} already"
    if event.offline:
        yield from _given_by_kiosk(day, event, at)
        return
    newest = day.numbers.get(event.series, 0)
    if event.number <= newest:
        yield f"number {number} was issued after {written(event.series, newest)}"
    elif event.number != newest + 1:
        yield f"number {number} follows {newest or 'no other'} in its series"
    service = day.facts.services.get(event.service)
    if service is None:
        yield f"{number} was issued for {event.service}, which the lobby does not have"
        return
    if event.series != service.letter:
        yield f"{number} was issued for {event.service}, whose letter is {service.letter}"
    if event.appointment:
        yield from _with_appointment(day, event, at, service.target_wait_s)
    else:
        yield from _walk_in(day, event, at, service.target_wait_s)
    yield from _place(day, event)
    yield from _at_the_door(day, event, at)


def lease(day: FollowedDay, event: number_events.RangeLeased, at: datetime) -> Iterator[str]:
    """A kiosk has these numbers for itself from now on; nobody can have had one of them before."""
    newest, leased = day.numbers.get(event.series, 0), written(event.series, event.first)
    if event.first <= newest:
        yield f"numbers from {leased} on were leased to {event.device} after {written(event.series, newest)}"
    day.numbers[event.series] = max(newest, event.last)
    day.leases.append((event.series, range(event.first, event.last + 1), at))


def alias(day: FollowedDay, event: number_events.TicketAliased) -> Iterator[str]:
    """The ticket has the number of a kiosk's slip from now on; whoever holds that must be called by it."""
    ticket, number = day.tickets[event.ticket], number_of(event)
    if ticket.ended_why in GIVEN_UP:
        yield f"{number} became a number of {ticket.number}, which had ended ({ticket.ended_why}): nobody calls it"
    ticket.number = number


def _given_by_kiosk(day: FollowedDay, event: events.TicketIssued, at: datetime) -> Iterator[str]:
    """Promised while the kiosk was cut off: its hours and its series are not those of the hub."""
    number, service = number_of(event), day.facts.services.get(event.service)
    if not _leased_at(day, event):
        yield f"{number} was given by {event.offline}, and no kiosk has that number today"
    if event.arrived_at is None or event.arrived_at > at:
        yield f"{number} was given by {event.offline}, and nobody knows when"
    elif event.arrived_at < _earliest(day, event, at):
        yield f"{number} was given by {event.offline} at {event.arrived_at:%H:%M:%S}, when it could not have been"
    elif service is not None and event.due_at != event.arrived_at + timedelta(seconds=service.target_wait_s):
        yield f"{number} is due at {event.due_at:%H:%M:%S}, and its visitor came at {event.arrived_at:%H:%M:%S}"


def _earliest(day: FollowedDay, event: events.TicketIssued, at: datetime) -> datetime:
    """Before this its visitor cannot have come: nobody was let in yet, or the kiosk had no such number."""
    opens_at = day.hours.opens_first_at()
    return at if opens_at is None else max([opens_at, *_leased_at(day, event)])


def _leased_at(day: FollowedDay, event: events.TicketIssued) -> list[datetime]:
    """When a kiosk got that number for itself."""
    return [since for series, numbers, since in day.leases if series == event.series and event.number in numbers]


def _walk_in(day: FollowedDay, event: events.TicketIssued, at: datetime, target_s: int) -> Iterator[str]:
    number, facts = number_of(event), day.facts
    last_s = facts.services[event.service].last_ticket_before_close_s
    if last_s is None:
        last_s = facts.site.last_ticket_before_close_s
    if event.service in day.paused:
        yield f"{number} was issued while {event.service} was paused"
    closing_at = day.hours.closing_after(at)
    if closing_at is None:
        yield f"{number} was issued while the lobby was closed"
    elif at >= closing_at - timedelta(seconds=last_s):
        yield f"{number} was issued {closing_at - at} before closing, after the last ticket"
    earlier_s = 0
    if event.priority:
        priority = facts.priorities.get(event.priority)
        if priority is None or not (priority.offered or event.channel in BY_STAFF):
            yield f"{number} has the priority {event.priority}, which was not hers to choose"
        earlier_s = priority.earlier_s if priority else event.earlier_s
    if event.earlier_s != earlier_s:
        yield f"{number} is due {event.earlier_s} s earlier for {event.priority or 'no reason'}, not {earlier_s} s"
    due_at = at + timedelta(seconds=target_s - earlier_s)
    if event.due_at != due_at:
        yield f"{number} is due at {event.due_at:%H:%M:%S}; who comes now is due at {due_at:%H:%M:%S}"


def _with_appointment(day: FollowedDay, event: events.TicketIssued, at: datetime, target_s: int) -> Iterator[str]:
    number, known = number_of(event), day.appointments.get(event.appointment)
    if known is None:
        yield f"{number} was issued for an appointment that nobody knows"
        return
    if known.ticket in day.tickets and day.tickets[known.ticket].place is not Place.CLOSED:
        yield f"{number} was issued for the appointment of {day.number(known.ticket)}"
    if known.service != event.service:
        yield f"{number} was issued for {event.service}, and the appointment is for {known.service}"
    if known.party_people != event.party_people:
        yield f"{number} is for {event.party_people} people, and the appointment for {known.party_people}"
    if event.priority or event.earlier_s:
        yield f"{number} has an appointment and a priority"
    late_at = known.slot_at + timedelta(seconds=day.facts.site.late_s)
    is_welcome = known.slot_at - timedelta(seconds=WELCOME_BEFORE_S) <= at <= late_at
    if day.hours.closing_after(at) is None and not is_welcome:
        yield f"{number} was issued for the slot at {known.slot_at:%H:%M:%S} while the lobby was closed"
    due_at = known.slot_at if at <= late_at else at + timedelta(seconds=target_s)
    if event.due_at != due_at:
        yield f"{number} is due at {event.due_at:%H:%M:%S}, not at {due_at:%H:%M:%S} as its appointment makes it"


def _at_the_door(day: FollowedDay, event: events.TicketIssued, at: datetime) -> Iterator[str]:
    """Who joins by phone has looked at a sign, where signs show codes, and no code is good for too many."""
    site, number = day.facts.site, number_of(event)
    if event.door_code:
        joins = day.door_joins[event.door_code] + 1
        if joins > site.door_code_joins_max:
            yield f"{number} is ticket {joins} for one code of a sign, which is good for {site.door_code_joins_max}"
    elif event.channel == "phone" and not event.appointment and site.door_code == "rotating":
        yield f"{number} was had by phone without a code of a sign"


def _place(day: FollowedDay, event: events.TicketIssued) -> Iterator[str]:
    """Where the visitor waits, as far as the row shows where she is: anywhere with a phone, or at a kiosk."""
    number = number_of(event)
    if event.outside and not day.facts.gate_of_service.get(event.service):
        yield f"{number} waits outside, and nothing is to be waited for"
    rooms = day.facts.rooms_of_printer.get(event.printer, set()) if event.channel == "kiosk" else set()
    if event.channel == "phone":
        rooms = {""}
    if rooms and event.outside not in {day.facts.waits_outside(event.service, room) for room in rooms}:
        yield f"{number} waits {'outside' if event.outside else 'inside'}, where its visitor is not"


def join(day: FollowedDay, event: events.TicketIssued, at: datetime) -> None:
    """The ticket is in line from now on."""
    service = day.services.get(event.service)
    target_s = service.target_wait_s if service else 0
    known = day.appointments.get(event.appointment)
    ticket = FollowedTicket(
        id=event.ticket,
        number=number_of(event),
        service=event.service,
        order=len(day.tickets),
        arrived_at=event.arrived_at or at,
        due_at=event.due_at,
        counts_from=event.due_at - timedelta(seconds=target_s),
        then=event.then,
        is_outside=event.outside,
        slot_at=known.slot_at if known is not None and known.slot_at == event.due_at else None,
        appointment=event.appointment,
        priority=event.priority,
        earlier_s=event.earlier_s,
        party_people=event.party_people,
        since_at=at,
    )
    if known is not None:
        known.ticket = event.ticket
    if event.door_code:
        day.door_joins[event.door_code] += 1
    if not event.offline:
        day.numbers[event.series] = max(event.number, day.numbers.get(event.series, 0))
    day.tickets[event.ticket] = ticket
    day.into_line(ticket)
