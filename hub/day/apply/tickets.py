"""What happens to tickets, and to the desks that have them."""

from datetime import datetime

from hub.day import events
from hub.day.apply import lines
from hub.day.apply.effect import Effect
from hub.day.estimates import PACE_CALLS, mean_gap_s
from hub.day.model import IN_LINE, Day, Reservation, Ticket, TicketState


def _ticket_issued(day: Day, event: events.TicketIssued, at: datetime) -> None:
    state = day.services[event.service]
    state.numbers_issued = event.number
    ticket = Ticket(
        id=event.ticket,
        ordinal=len(day.tickets),
        token_hash=event.token_hash,
        service=event.service,
        number=f"{event.series}{event.number:03d}",
        language=event.language,
        party_people=event.party_people,
        printer=event.printer,
        issued_at=at,
        due_at=event.due_at,
        is_outside=event.outside,
        appointment=event.appointment,
    )
    day.tickets[ticket.id] = ticket
    day.by_token[ticket.token_hash] = ticket.id
    if event.appointment:
        day.appointments[event.appointment].ticket = ticket.id
    lines.into_line(day, ticket)


def _ticket_admitted(day: Day, event: events.TicketAdmitted, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    lines.out_of_line(day, ticket)
    ticket.state, ticket.is_outside = TicketState.ADMITTED, False
    lines.into_line(day, ticket)
    kept = Reservation(ticket=ticket.id, lapses_at=event.lapses_at, people=ticket.party_people)
    day.rooms[event.room].reservations.append(kept)


def _reservation_lapsed(day: Day, event: events.ReservationLapsed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    lines.free_reservation(day, ticket)
    if ticket.state is TicketState.ADMITTED:
        lines.out_of_line(day, ticket)
        ticket.state = TicketState.WAITING
        ticket.is_outside = bool(day.services[ticket.service].admitted_room)
        ticket.times_lapsed += 1
        lines.into_line(day, ticket)


def _ticket_called(day: Day, event: events.TicketCalled, at: datetime) -> None:
    ticket, desk = day.tickets[event.ticket], day.desks[event.desk]
    assert ticket.state in IN_LINE, f"{ticket.number} is called while {ticket.state}"
    assert not ticket.is_outside, f"{ticket.number} is called before it was invited in"
    assert not desk.ticket, f"desk {event.desk} calls {ticket.number} while it has {desk.ticket}"
    state = day.services[ticket.service]
    lines.out_of_line(day, ticket)
    state.tickets_called += 1
    state.calls_at.append(at)
    del state.calls_at[:-PACE_CALLS]
    state.gap_s = mean_gap_s(state.calls_at)
    ticket.state, ticket.desk, ticket.called_at, ticket.times_called = TicketState.CALLED, event.desk, at, 1
    desk.ticket = ticket.id
    desk.seq = day.seq
    lines.to_the_top_of_boards(day, ticket)


def _ticket_recalled(day: Day, event: events.TicketRecalled, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    ticket.called_at = at
    ticket.times_called += 1
    day.desks[event.desk].seq = day.seq
    lines.to_the_top_of_boards(day, ticket)


def _ticket_missed(day: Day, event: events.TicketMissed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    lines.leave_desk(day, ticket)
    ticket.state, ticket.back_at = TicketState.MISSED, event.back_at
    ticket.times_missed += 1
    day.missed.add((event.back_at, ticket.id))
    lines.off_the_boards(day, ticket)


def _ticket_returned(day: Day, event: events.TicketReturned, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    assert ticket.back_at is not None
    day.missed.remove((ticket.back_at, ticket.id))
    ticket.state, ticket.back_at = TicketState.WAITING, None
    lines.into_line(day, ticket)


def _service_started(day: Day, event: events.ServiceStarted, at: datetime) -> None:
    day.tickets[event.ticket].state = TicketState.SERVING
    day.desks[event.desk].seq = day.seq


def _ticket_served(day: Day, event: events.TicketServed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    lines.leave_desk(day, ticket)
    lines.free_reservation(day, ticket)
    ticket.state, ticket.ended_at = TicketState.SERVED, at


def _ticket_closed(day: Day, event: events.TicketClosed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    if ticket.state in IN_LINE:
        lines.out_of_line(day, ticket)
    elif ticket.state is TicketState.MISSED:
        day.missed.remove((ticket.back_at, ticket.id))
    else:
        lines.leave_desk(day, ticket)
    ticket.state, ticket.ended_at, ticket.ended_why, ticket.back_at = TicketState.CLOSED, at, event.why, None
    lines.free_reservation(day, ticket)
    lines.off_the_boards(day, ticket)


EFFECTS: dict[type, Effect] = {
    events.TicketIssued: _ticket_issued,
    events.TicketAdmitted: _ticket_admitted,
    events.ReservationLapsed: _reservation_lapsed,
    events.TicketCalled: _ticket_called,
    events.TicketRecalled: _ticket_recalled,
    events.TicketMissed: _ticket_missed,
    events.TicketReturned: _ticket_returned,
    events.ServiceStarted: _service_started,
    events.TicketServed: _ticket_served,
    events.TicketClosed: _ticket_closed,
}
