"""What happens to tickets, and to the desks that have them."""

from datetime import datetime

from hub.day import admission, events, occupancy
from hub.day.apply import lines
from hub.day.apply.effect import Effect
from hub.day.durations import seconds
from hub.day.estimates import PACE_CALLS, mean_gap_s
from hub.day.lobby import DeviceKind
from hub.day.model import (
    ADMITTED,
    AT_DESK,
    CALLED,
    CLOSED,
    IN_LINE,
    SERVED,
    SERVING,
    WAITING,
    Day,
    LastCall,
    Ticket,
    TicketState,
    written,
)
from hub.day.people import room as people
from hub.day.rooms import Reservation

CALLABLE = IN_LINE | {TicketState.MISSED, TicketState.PARKED}
"""Staff call also whoever stands before them and was thought to be gone."""

DOOR_CODES_MAX = 512
"""More than the signs of a lobby show in the time in which a ticket is to be had with a code."""


def _ticket_issued(day: Day, event: events.TicketIssued, at: datetime) -> None:
    state = day.services[event.service]
    if not event.offline:
        day.numbers_issued[event.series] = event.number
    ticket = Ticket(
        id=event.ticket,
        ordinal=len(day.tickets),
        token_hash=event.token_hash,
        service=event.service,
        number=written(event.series, event.number),
        language=event.language,
        party_people=event.party_people,
        printer=event.printer,
        issued_at=event.arrived_at or at,
        due_at=event.due_at,
        counts_from=event.due_at - seconds(state.service.target_wait_s),
        then=event.then,
        is_outside=event.outside,
        room=event.room or ("" if event.outside else state.admitted_room),
    )
    # Apart, since Python makes a dict of more than fifteen named arguments.
    ticket.priority, ticket.earlier_s = event.priority, event.earlier_s
    ticket.request, ticket.offline = event.request, event.offline
    day.tickets[ticket.id] = ticket
    day.by_token[ticket.token_hash] = ticket.id
    day.by_number[ticket.number] = ticket.id
    if event.request:
        day.by_request[event.request] = ticket.id
    if event.door_code:
        _count_join(day, event.door_code)
    if event.appointment:
        appointment = day.appointments[event.appointment]
        appointment.ticket, ticket.appointment = ticket.id, appointment.id
        ticket.slot_at = appointment.slot_at if appointment.slot_at == ticket.due_at else None
    lines.into_line(day, ticket)


def _count_join(day: Day, door_code: str) -> None:
    """One more ticket was had with that code. The oldest are forgotten: nobody can have a ticket with them any more."""
    day.door_joins[door_code] = day.door_joins.get(door_code, 0) + 1
    if len(day.door_joins) > DOOR_CODES_MAX:
        del day.door_joins[next(iter(day.door_joins))]


def _ticket_admitted(day: Day, event: events.TicketAdmitted, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    lines.out_of_line(day, ticket)
    ticket.state, ticket.is_outside, ticket.room = ADMITTED, False, event.room
    lines.into_line(day, ticket)
    kept = Reservation(ticket=ticket.id, lapses_at=event.lapses_at, people=ticket.party_people)
    day.rooms[event.room].reservations.append(kept)


def _reservation_lapsed(day: Day, event: events.ReservationLapsed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    kept = occupancy.reservation_of(day.rooms[event.room], ticket.id)
    room, goes_out = ticket.room, event.outside
    if goes_out is None:
        room, goes_out = ("", True) if ticket.state is ADMITTED else (room, False)
    elif kept and not admission.has_come(day, ticket, kept):
        room = admission.room_without(day, ticket, event.room)
    lines.free_reservation(day, ticket, event.room)
    is_in_line = ticket.state in IN_LINE
    if is_in_line:
        lines.out_of_line(day, ticket)
    ticket.room = room
    if goes_out:
        ticket.state = WAITING
        ticket.is_outside = bool(day.services[ticket.service].admitted_room)
        ticket.times_lapsed += 1
    if is_in_line:
        lines.into_line(day, ticket)


def _ticket_called(day: Day, event: events.TicketCalled, at: datetime) -> None:
    ticket, desk = day.tickets[event.ticket], day.desks[event.desk]
    assert ticket.state in CALLABLE, f"{ticket.number} is called while {ticket.state}"
    assert not ticket.is_outside, f"{ticket.number} is called before it was invited in"
    assert not desk.ticket, f"desk {event.desk} calls {ticket.number} while it has {desk.ticket}"
    state = day.services[ticket.service]
    finished = desk.left if desk.left and desk.left.ticket == event.finished else None
    before = lines.was(day, ticket)
    lines.stop_waiting(day, ticket)
    state.tickets_called += 1
    state.calls_at.append(at)
    del state.calls_at[:-PACE_CALLS]
    state.gap_s = mean_gap_s(state.calls_at)
    ticket.state, ticket.desk, ticket.called_at, ticket.times_called = CALLED, event.desk, at, 1
    ticket.room = lines.innermost(day, desk.desk.room)
    for place in event.places:
        assert event.kept_until_at is not None
        # Who is called back into a room in which a place is kept for her from before has one there, and not two.
        lines.free_reservation(day, ticket, place.room)
        kept = Reservation(ticket=ticket.id, lapses_at=event.kept_until_at, people=ticket.party_people)
        day.rooms[place.room].reservations.append(kept)
    desk.call = LastCall(before, finished, at, day.seq, event, ticket.room)
    desk.ticket = ticket.id
    desk.seq = day.seq
    lines.to_the_top_of_boards(day, ticket)


def _call_undone(day: Day, event: events.CallUndone, at: datetime) -> None:
    ticket, desk = day.tickets[event.ticket], day.desks[event.desk]
    call = desk.call
    assert call is not None, f"desk {event.desk} undoes no call"
    state = day.services[ticket.service]
    state.tickets_called -= 1
    if call.at in state.calls_at:
        state.calls_at.remove(call.at)
        state.gap_s = mean_gap_s(state.calls_at)
    lines.leave_desk(day, ticket)
    lines.off_the_boards(day, ticket)
    for place in call.why.places:
        lines.free_reservation(day, ticket, place.room)
    room = admission.room_after_undo(ticket, call)
    lines.restore(ticket, call.called)
    ticket.room = room
    if event.outside:
        ticket.state, ticket.is_outside = WAITING, True
    lines.wait_again(day, ticket)
    if call.finished is not None:
        before = day.tickets[call.finished.ticket]
        if before.state in IN_LINE:
            lines.out_of_line(day, before)
        lines.restore(before, call.finished)
        lines.restore_places(day, before, call.finished)
        before.ended_at, before.is_outside = None, False
        desk.ticket = before.id
        if before.state is SERVING:
            lines.is_served(day, desk, before)
        lines.back_on_boards(day, before)
    desk.call = desk.left = None


def _ticket_recalled(day: Day, event: events.TicketRecalled, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    ticket.called_at = at
    ticket.times_called += 1
    day.desks[event.desk].seq = day.seq
    lines.to_the_top_of_boards(day, ticket)


def _ticket_missed(day: Day, event: events.TicketMissed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    lines.leave_desk(day, ticket)
    ticket.state, ticket.back_at, ticket.was_away = TicketState.MISSED, event.back_at, True
    ticket.times_missed += 1
    day.missed.add((event.back_at, ticket.id))
    lines.off_the_boards(day, ticket)


def _ticket_returned(day: Day, event: events.TicketReturned, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    lines.stop_waiting(day, ticket)
    ticket.state = WAITING
    ticket.is_outside = event.outside
    if not event.outside:
        at_desk = lines.innermost(day, day.desks[event.desk].desk.room) if event.desk else ""
        ticket.room = at_desk or ticket.room or day.services[ticket.service].admitted_room
    lines.into_line(day, ticket)


def _ticket_parked(day: Day, event: events.TicketParked, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    lines.leave_desk(day, ticket)
    lines.free_reservation(day, ticket)
    lines.off_the_boards(day, ticket)
    ticket.state, ticket.parked_until_at, ticket.was_away = TicketState.PARKED, event.until_at, True
    day.parked.add((event.until_at, ticket.id))


def _ticket_resumed(day: Day, event: events.TicketResumed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    lines.stop_waiting(day, ticket)
    ticket.state, ticket.is_outside = WAITING, event.outside
    at_desk = lines.innermost(day, day.desks[event.desk].desk.room) if event.desk else ""
    ticket.room = "" if event.outside else at_desk or day.services[ticket.service].admitted_room
    lines.into_line(day, ticket)


def _ticket_transferred(day: Day, event: events.TicketTransferred, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    lines.leave_desk(day, ticket)
    if not event.keeps_place:
        lines.free_reservation(day, ticket)
    lines.off_the_boards(day, ticket)
    ticket.state, ticket.service, ticket.due_at = WAITING, event.service, event.due_at
    ticket.for_desk, ticket.is_outside, ticket.then = event.to_desk, event.outside, event.then
    if event.to_desk:
        day.transferred[ticket.id] = None
    ticket.slot_at = None
    ticket.room = "" if event.outside else ticket.room
    lines.into_line(day, ticket)


def _service_started(day: Day, event: events.ServiceStarted, at: datetime) -> None:
    desk = day.desks[event.desk]
    desk.seq = day.seq
    ticket = day.tickets[event.ticket]
    ticket.room = lines.innermost(day, desk.desk.room)
    lines.is_served(day, desk, ticket)


def _ticket_served(day: Day, event: events.TicketServed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    if day.learning_rooms and ticket.printer and ticket.state is SERVING and not (ticket.was_away or ticket.merged):
        _note_stay(day, ticket, at)
    lines.leave_desk(day, ticket)
    lines.keep_places(day, ticket, event.place_until_at)
    ticket.state, ticket.ended_at = SERVED, at


def _note_stay(day: Day, ticket: Ticket, at: datetime) -> None:
    """A visitor who took her ticket at a kiosk in the very room in which she was served was in it all that time."""
    room = day.rooms[day.desks[ticket.desk].desk.room]
    kiosks = (it for it in day.devices.values() if it.printer == ticket.printer and it.kind is DeviceKind.KIOSK)
    if room.reckoned is not None and any(it.room == room.room.id for it in kiosks):
        people.stayed(room.reckoned, (at - ticket.issued_at).total_seconds())
        room.foreseen = None


def _ticket_closed(day: Day, event: events.TicketClosed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    ticket.ended_reason = event.reason
    if event.why == "no-show":
        if ticket.state is CALLED:
            ticket.times_missed += 1
        else:
            ticket.times_lapsed += 1
    _end(day, ticket, event.why, at)


def _ticket_merged(day: Day, event: events.TicketMerged, at: datetime) -> None:
    kept, duplicate = day.tickets[event.ticket], day.tickets[event.duplicate]
    _end(day, duplicate, "merged", at)
    if kept.state in IN_LINE:
        lines.out_of_line(day, kept)
    elif kept.state in AT_DESK:
        day.desks[kept.desk].seq = day.seq
    kept.due_at, kept.ordinal = event.due_at, min(kept.ordinal, duplicate.ordinal)
    kept.issued_at, kept.counts_from = (
        min(kept.issued_at, duplicate.issued_at),
        min(kept.counts_from, duplicate.counts_from),
    )
    kept.slot_at = kept.slot_at or duplicate.slot_at
    if event.priority is not None:
        kept.priority, kept.earlier_s = event.priority, event.earlier_s
        kept.times_missed, kept.times_lapsed = event.times_missed, event.times_lapsed
        kept.called_at = kept.called_at or duplicate.called_at
        lines.grow(day, kept, event.party_people)
    if kept.state in IN_LINE:
        lines.into_line(day, kept)
    if duplicate.appointment:
        day.appointments[duplicate.appointment].ticket = kept.id
        kept.appointment = kept.appointment or duplicate.appointment
    kept.merged += (duplicate.id, *duplicate.merged)
    for alias in (day.tickets[it] for it in kept.merged):
        alias.merged_into = day.by_token[alias.token_hash] = kept.id
        day.by_number |= dict.fromkeys((alias.number, *alias.old_numbers), kept.id)


def _end(day: Day, ticket: Ticket, why: str, at: datetime) -> None:
    """The ticket leaves wherever it is, without having been served."""
    if ticket.state in AT_DESK:
        lines.leave_desk(day, ticket)
    else:
        lines.stop_waiting(day, ticket)
    ticket.state, ticket.ended_at, ticket.ended_why = CLOSED, at, why
    lines.free_reservation(day, ticket)
    lines.off_the_boards(day, ticket)


EFFECTS: dict[type, Effect] = {
    events.TicketIssued: _ticket_issued,
    events.TicketAdmitted: _ticket_admitted,
    events.ReservationLapsed: _reservation_lapsed,
    events.TicketCalled: _ticket_called,
    events.CallUndone: _call_undone,
    events.TicketRecalled: _ticket_recalled,
    events.TicketMissed: _ticket_missed,
    events.TicketReturned: _ticket_returned,
    events.TicketParked: _ticket_parked,
    events.TicketResumed: _ticket_resumed,
    events.TicketTransferred: _ticket_transferred,
    events.ServiceStarted: _service_started,
    events.TicketServed: _ticket_served,
    events.TicketClosed: _ticket_closed,
    events.TicketMerged: _ticket_merged,
}
