"""Everybody leaves the building and comes back: where their tickets are then."""

from datetime import datetime, timedelta

from hub.day import evacuation_events
from hub.day.apply import lines
from hub.day.apply.effect import Effect
from hub.day.model import AT_DESK, CALLED, ENDED, IN_LINE, SERVING, WAITING, Day, Evacuation, Ticket, TicketState
from hub.day.rooms import Reservation


def _began(day: Day, event: evacuation_events.EvacuationBegan, at: datetime) -> None:
    day.evacuation = Evacuation(since_at=at, by=event.by)
    for desk in day.desks.values():
        # No call can be undone from now on, and who is being served gets up: she is called, and comes back.
        desk.call = desk.left = None
        desk.seq = day.seq
        if desk.ticket and (ticket := day.tickets[desk.ticket]).state is SERVING:
            room = day.rooms[desk.desk.room]
            room.served_people -= ticket.party_people
            room.served_until_at = at
            ticket.state = CALLED


def _ended(day: Day, event: evacuation_events.EvacuationEnded, at: datetime) -> None:
    assert day.evacuation is not None
    lasted, day.evacuation = at - day.evacuation.since_at, None
    for room in day.rooms.values():
        room.reservations.clear()
    for ticket in day.tickets.values():
        ticket.was_away = True
        if ticket.state in AT_DESK:
            _comes_back_to_desk(day, ticket, event.kept_until_at)
        elif ticket.state not in ENDED:
            _waits_outside(day, ticket, lasted)


def _comes_back_to_desk(day: Day, ticket: Ticket, kept_until_at: datetime) -> None:
    """A place is kept for her all the way."""
    for room in day.ways.get(day.desks[ticket.desk].desk.room, ()):
        kept = Reservation(ticket=ticket.id, lapses_at=kept_until_at, people=ticket.party_people)
        day.rooms[room].reservations.append(kept)


def _waits_outside(day: Day, ticket: Ticket, lasted: timedelta) -> None:
    """She is in no room, and has as much time as before."""
    if ticket.state in IN_LINE:
        lines.out_of_line(day, ticket)
        ticket.state, ticket.room = WAITING, ""
        ticket.is_outside = bool(day.services[ticket.service].admitted_room)
        lines.into_line(day, ticket)
        return
    back_at, until_at = ticket.back_at, ticket.parked_until_at
    lines.stop_waiting(day, ticket)
    ticket.room = ""
    if ticket.state is TicketState.MISSED and back_at is not None:
        ticket.back_at = back_at + lasted
    elif until_at is not None:
        ticket.parked_until_at = until_at + lasted
    lines.wait_again(day, ticket)


EFFECTS: dict[type, Effect] = {
    evacuation_events.EvacuationBegan: _began,
    evacuation_events.EvacuationEnded: _ended,
}
