"""What an event does to the day. The only code that changes a day; replaying a journal is calling it row by row.

An event has already been decided: here nothing is refused. An impossible state is an assertion, and ends the process.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hub.day import curve, events, occupancy
from hub.day.estimates import PACE_CALLS, mean_gap_s
from hub.day.events import AnyEvent
from hub.day.gates import gates
from hub.day.hours import turns_at
from hub.day.lobby import DeviceKind, Lobby
from hub.day.model import (
    IN_LINE,
    RECENT_CALLS_MAX,
    AppointmentState,
    CounterState,
    Day,
    DeskState,
    Reservation,
    RoomState,
    ServiceState,
    Ticket,
    TicketState,
)


def apply(day: Day, event: AnyEvent, at: datetime, seq: int) -> None:
    """Change `day` by `event`, which stands at journal position `seq` and happened `at` (aware UTC)."""
    day.at = at
    day.seq = seq
    _EFFECTS[type(event)](day, event, at)
    curve.note(day, event, at)


# --- the day itself ----------------------------------------------------------------------------------------------


def _day_opened(day: Day, event: events.DayOpened, at: datetime) -> None:
    day.day = event.day
    day.tickets, day.by_token, day.recent_calls = {}, {}, []
    day.missed.clear()
    day.paper = dict(event.paper)
    day.services, day.desks, day.rooms, day.counters = {}, {}, {}, {}
    day.appointments, day.by_code = {}, {}
    _take_lobby(day, event.lobby)
    for carried in event.totals:
        counter = day.counters.setdefault(carried.device, CounterState(device=carried.device, epoch=carried.epoch))
        counter.epoch, counter.is_silent = carried.epoch, carried.is_silent
        counter.totals[carried.epoch] = (carried.entered, carried.left)
    for held in event.rooms:
        if held.room in day.rooms:
            day.rooms[held.room].people = held.people
            day.rooms[held.room].highest_people = held.people or 0
            day.rooms[held.room].below_zero_people = day.rooms[held.room].deficit_people = held.deficit_people
    for known in event.appointments:
        _appointment_known(day, known, at)


def _day_closed(day: Day, event: events.DayClosed, at: datetime) -> None:
    day.day = day.ends_at = None


def _lobby_changed(day: Day, event: events.LobbyChanged, at: datetime) -> None:
    _take_lobby(day, event.lobby)


def _took_over(day: Day, event: events.TookOver, at: datetime) -> None:
    day.term = event.term


def _take_lobby(day: Day, lobby: Lobby) -> None:
    """Take a description over and keep what has happened. What is no longer described stays until the day ends, since
    tickets refer to it, but takes nothing new."""
    day.lobby = lobby
    day.ends_at = None if day.day is None else turns_at(lobby, day.day)
    day.devices = {device.address: device for device in lobby.devices}
    for state in day.services.values():
        state.withdrawn = True
    for service in lobby.services:
        state = day.services.setdefault(service.id, ServiceState(service=service))
        state.service, state.withdrawn = service, False
    for room in lobby.rooms:
        day.rooms.setdefault(room.id, RoomState(room=room)).room = room
    for known in day.rooms.values():
        known.counters = _counters_of(lobby, known.room.id)
    _take_admitted_rooms(day, lobby)
    described = {desk.id for desk in lobby.desks}
    for desk in day.desks.values():
        desk.is_open = desk.is_open and desk.desk.id in described
    for described_desk in lobby.desks:
        day.desks.setdefault(described_desk.id, DeskState(desk=described_desk, seq=day.seq)).desk = described_desk


def _counters_of(lobby: Lobby, room: str) -> tuple[str, ...]:
    doors = {door.id for door in lobby.doors if room in (door.from_room, door.to_room)}
    return tuple(it.address for it in lobby.devices if it.kind is DeviceKind.COUNTER and it.door in doors)


def _take_admitted_rooms(day: Day, lobby: Lobby) -> None:
    """A service whose desks all stand in admitted rooms, or behind them, has its visitors wait outside, before the
    first of them."""
    gate_of = gates(lobby)
    for state in day.services.values():
        before = [gate_of.get(desk.room, "") for desk in lobby.desks if state.service.id in desk.services]
        state.admitted_room = before[0] if before and all(before) else ""
        if not state.admitted_room:
            # Whoever waits outside a room that is no longer admitted may come in.
            for key in state.outside:
                day.tickets[key[2]].is_outside = False
                state.line.add(key)
            state.outside.clear()


# --- appointments ------------------------------------------------------------------------------------------------


def _appointment_known(day: Day, event: events.AppointmentKnown | events.Appointment, at: datetime) -> None:
    day.appointments[event.appointment] = AppointmentState(
        id=event.appointment,
        service=event.service,
        slot_at=event.slot_at,
        code_hash=event.code_hash,
        party_people=event.party_people,
    )
    day.by_code[event.code_hash] = event.appointment


def _appointment_moved(day: Day, event: events.AppointmentMoved, at: datetime) -> None:
    appointment = day.appointments[event.appointment]
    appointment.service, appointment.slot_at = event.service, event.slot_at
    appointment.party_people = event.party_people


def _appointment_cancelled(day: Day, event: events.AppointmentCancelled, at: datetime) -> None:
    del day.by_code[day.appointments.pop(event.appointment).code_hash]


# --- tickets -----------------------------------------------------------------------------------------------------


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
    _into_line(day, ticket)


def _ticket_admitted(day: Day, event: events.TicketAdmitted, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    _out_of_line(day, ticket)
    ticket.state, ticket.is_outside = TicketState.ADMITTED, False
    _into_line(day, ticket)
    kept = Reservation(ticket=ticket.id, lapses_at=event.lapses_at, people=ticket.party_people)
    day.rooms[event.room].reservations.append(kept)


def _reservation_lapsed(day: Day, event: events.ReservationLapsed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    _free_reservation(day, ticket)
    if ticket.state is TicketState.ADMITTED:
        _out_of_line(day, ticket)
        ticket.state = TicketState.WAITING
        ticket.is_outside = bool(day.services[ticket.service].admitted_room)
        ticket.times_lapsed += 1
        _into_line(day, ticket)


def _ticket_called(day: Day, event: events.TicketCalled, at: datetime) -> None:
    ticket, desk = day.tickets[event.ticket], day.desks[event.desk]
    assert ticket.state in IN_LINE, f"{ticket.number} is called while {ticket.state}"
    assert not ticket.is_outside, f"{ticket.number} is called before it was invited in"
    assert not desk.ticket, f"desk {event.desk} calls {ticket.number} while it has {desk.ticket}"
    state = day.services[ticket.service]
    _out_of_line(day, ticket)
    state.tickets_called += 1
    state.calls_at.append(at)
    del state.calls_at[:-PACE_CALLS]
    state.gap_s = mean_gap_s(state.calls_at)
    ticket.state, ticket.desk, ticket.called_at, ticket.times_called = TicketState.CALLED, event.desk, at, 1
    desk.ticket = ticket.id
    desk.seq = day.seq
    _to_the_top_of_boards(day, ticket)


def _ticket_recalled(day: Day, event: events.TicketRecalled, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    ticket.called_at = at
    ticket.times_called += 1
    day.desks[event.desk].seq = day.seq
    _to_the_top_of_boards(day, ticket)


def _ticket_missed(day: Day, event: events.TicketMissed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    _leave_desk(day, ticket)
    ticket.state, ticket.back_at = TicketState.MISSED, event.back_at
    ticket.times_missed += 1
    day.missed.add((event.back_at, ticket.id))
    _off_the_boards(day, ticket)


def _ticket_returned(day: Day, event: events.TicketReturned, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    assert ticket.back_at is not None
    day.missed.remove((ticket.back_at, ticket.id))
    ticket.state, ticket.back_at = TicketState.WAITING, None
    _into_line(day, ticket)


def _service_started(day: Day, event: events.ServiceStarted, at: datetime) -> None:
    day.tickets[event.ticket].state = TicketState.SERVING
    day.desks[event.desk].seq = day.seq


def _ticket_served(day: Day, event: events.TicketServed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    _leave_desk(day, ticket)
    _free_reservation(day, ticket)
    ticket.state, ticket.ended_at = TicketState.SERVED, at


def _ticket_closed(day: Day, event: events.TicketClosed, at: datetime) -> None:
    ticket = day.tickets[event.ticket]
    if ticket.state in IN_LINE:
        _out_of_line(day, ticket)
    elif ticket.state is TicketState.MISSED:
        day.missed.remove((ticket.back_at, ticket.id))
    else:
        _leave_desk(day, ticket)
    ticket.state, ticket.ended_at, ticket.ended_why, ticket.back_at = TicketState.CLOSED, at, event.why, None
    _free_reservation(day, ticket)
    _off_the_boards(day, ticket)


def _into_line(day: Day, ticket: Ticket) -> None:
    state = day.services[ticket.service]
    (state.outside if ticket.is_outside else state.line).add(ticket.line_key)


def _out_of_line(day: Day, ticket: Ticket) -> None:
    state = day.services[ticket.service]
    (state.outside if ticket.is_outside else state.line).remove(ticket.line_key)


def _free_reservation(day: Day, ticket: Ticket) -> None:
    for room in day.rooms.values():
        room.reservations = [kept for kept in room.reservations if kept.ticket != ticket.id]


def _leave_desk(day: Day, ticket: Ticket) -> None:
    desk = day.desks[ticket.desk]
    assert desk.ticket == ticket.id, f"{ticket.number} leaves desk {ticket.desk}, which has {desk.ticket!r}"
    desk.ticket = ""
    desk.seq = day.seq


def _to_the_top_of_boards(day: Day, ticket: Ticket) -> None:
    _off_the_boards(day, ticket)
    day.recent_calls.insert(0, ticket.id)
    del day.recent_calls[RECENT_CALLS_MAX:]


def _off_the_boards(day: Day, ticket: Ticket) -> None:
    if ticket.id in day.recent_calls:
        day.recent_calls.remove(ticket.id)


# --- desks and devices -------------------------------------------------------------------------------------------


def _desk_opened(day: Day, event: events.DeskOpened, at: datetime) -> None:
    desk = day.desks[event.desk]
    desk.is_open = True
    desk.seq = day.seq


def _desk_closed(day: Day, event: events.DeskClosed, at: datetime) -> None:
    desk = day.desks[event.desk]
    desk.is_open = False
    desk.seq = day.seq


def _people_counted(day: Day, event: events.PeopleCounted, at: datetime) -> None:
    occupancy.count(day, event, at)


def _counter_silenced(day: Day, event: events.CounterSilenced, at: datetime) -> None:
    occupancy.silence(day, event.device, at)


def _counter_heard(day: Day, event: events.CounterHeard, at: datetime) -> None:
    occupancy.hear(day, event.device)


def _people_corrected(day: Day, event: events.PeopleCorrected, at: datetime) -> None:
    occupancy.correct(day, event.room, event.people, at)


def _totals_fell_back(day: Day, event: events.TotalsFellBack, at: datetime) -> None:
    day.counters[event.device].fell_back.add(event.epoch)


def _totals_implausible(day: Day, event: events.TotalsImplausible, at: datetime) -> None:
    day.counters[event.device].implausible = event.epoch


def _paper_noted(day: Day, event: events.PaperNoted, at: datetime) -> None:
    day.paper[event.device] = event.paper


_EFFECTS: dict[type, Callable[[Day, Any, datetime], None]] = {
    events.DayOpened: _day_opened,
    events.DayClosed: _day_closed,
    events.LobbyChanged: _lobby_changed,
    events.TookOver: _took_over,
    events.TicketIssued: _ticket_issued,
    events.TicketAdmitted: _ticket_admitted,
    events.ReservationLapsed: _reservation_lapsed,
    events.AppointmentKnown: _appointment_known,
    events.AppointmentMoved: _appointment_moved,
    events.AppointmentCancelled: _appointment_cancelled,
    events.TicketCalled: _ticket_called,
    events.TicketRecalled: _ticket_recalled,
    events.TicketMissed: _ticket_missed,
    events.TicketReturned: _ticket_returned,
    events.ServiceStarted: _service_started,
    events.TicketServed: _ticket_served,
    events.TicketClosed: _ticket_closed,
    events.DeskOpened: _desk_opened,
    events.DeskClosed: _desk_closed,
    events.PeopleCounted: _people_counted,
    events.TotalsFellBack: _totals_fell_back,
    events.TotalsImplausible: _totals_implausible,
    events.CounterSilenced: _counter_silenced,
    events.CounterHeard: _counter_heard,
    events.PeopleCorrected: _people_corrected,
    events.PaperNoted: _paper_noted,
}
