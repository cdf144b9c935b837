"""While everybody leaves the building nobody is called, invited or given a ticket, and nothing ends by itself;
afterwards tickets have what they had. See "Everybody leaves" in `docs/rules-in-detail.md`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hub.day import events
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.event import OfTicket
from simulator.followed import AT_DESK, IN_LINE, FollowedDay, Place

ORDERS = (EvacuationBegan, EvacuationEnded)

NEVER = (
    *(events.TicketAdmitted, events.TicketCalled, events.TicketRecalled, events.TicketMissed, events.TicketReturned),
    *(events.ServiceStarted, events.CallUndone, events.ReservationLapsed),
)
"""What must not happen meanwhile."""


def breaches(day: FollowedDay, event: events.AnyEvent) -> Iterator[str]:
    """A sentence for what must not happen while everybody leaves."""
    if day.evacuated_at is None:
        return
    if not isinstance(event, OfTicket):
        return
    ends = isinstance(event, events.TicketClosed) and event.why in ("no-show", "parked", "closing")
    issues = isinstance(event, events.TicketIssued) and not event.offline
    if isinstance(event, NEVER) or ends or issues:
        yield f"{type(event).__name__} of {event.ticket} while everybody leaves the building"


def take(day: FollowedDay, event: events.AnyEvent, at: datetime, seq: int) -> Iterator[str]:
    """What an order changes; a sentence if it was none."""
    if isinstance(event, EvacuationBegan):
        if day.evacuated_at is not None:
            yield "an evacuation began, and there was one"
        day.evacuated_at = at
        for desk in day.desks.values():
            desk.call, desk.left, desk.touched_seq = None, None, seq
        for ticket in day.tickets.values():
            if ticket.place is Place.SERVING:
                ticket.place = Place.CALLED
    elif isinstance(event, EvacuationEnded):
        began_at, day.evacuated_at = day.evacuated_at, None
        if began_at is None:
            yield "an evacuation ended, and there was none"
            return
        if event.lasted_s != round((at - began_at).total_seconds()):
            yield f"an evacuation lasted {event.lasted_s} s, and it began at {began_at:%H:%M:%S}"
        kept_s = (event.kept_until_at - at).total_seconds()
        if kept_s != day.facts.site.invitation_s:
            yield f"after an evacuation places are kept for {kept_s:g} s instead of {day.facts.site.invitation_s:g} s"
        _come_back(day, at, at - began_at, event.kept_until_at)


def _come_back(day: FollowedDay, at: datetime, lasted: timedelta, kept_until_at: datetime) -> None:
    for ticket in day.tickets.values():
        ticket.places_kept = {}
        if ticket.place in IN_LINE:
            is_outside = bool(day.facts.gate_of_service.get(ticket.service))
            day.move(ticket, Place.WAITING, at, is_outside=is_outside)
        elif ticket.place in AT_DESK:
            room = day.desks[ticket.desk].desk.room
            ticket.places_kept = dict.fromkeys(day.facts.way_to_room.get(room, ()), kept_until_at)
        elif ticket.until_at is not None:
            ticket.until_at += lasted
