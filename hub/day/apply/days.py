"""The day opens, closes and changes hands; its lobby and its appointments change."""

from datetime import datetime

from hub.day import corrections, events, known_empty, longest_stay, reckoned, same_door
from hub.day.apply import lines
from hub.day.apply.effect import Effect
from hub.day.gates import ways
from hub.day.hours import opening_span, openings_about, turns_at
from hub.day.lobby import DeviceKind, Door, Lobby
from hub.day.model import ENDED, AppointmentState, Day, DeskState, Evacuation, ServiceState
from hub.day.rooms import CounterState, Passage, RoomState
from hub.day.schedule import scheduled_limits


def _day_opened(day: Day, event: events.DayOpened, at: datetime) -> None:
    day.day = event.day
    day.tickets, day.by_token, day.by_number, day.numbers_issued = {}, {}, {}, {}
    day.transferred.clear()
    day.recent_calls.clear()
    day.by_request, day.leases, day.door_joins = {}, [], {}
    day.missed.clear()
    day.parked.clear()
    day.paper = dict(event.paper)
    day.paused, day.notices = {}, {}
    day.alarms_due.clear()
    day.evacuation = None
    if event.evacuated_since_at is not None:
        day.evacuation = Evacuation(since_at=event.evacuated_since_at, by=event.evacuated_by or "program")
    day.services, day.desks, day.rooms, day.counters, day.same_doors = {}, {}, {}, {}, {}
    day.appointments, day.by_code = {}, {}
    _take_lobby(day, event.lobby, at)
    for carried in event.totals:
        counter = day.counters.setdefault(carried.device, CounterState(device=carried.device, epoch=carried.epoch))
        counter.epoch, counter.is_silent = carried.epoch, carried.is_silent
        counter.totals[carried.epoch] = (carried.entered, carried.left)
    for device in day.same_doors:
        same_door.choose(day, device)
    for held in event.rooms:
        if held.room in day.rooms:
            day.rooms[held.room].people = held.people
            day.rooms[held.room].highest_people = held.people or 0
            day.rooms[held.room].below_zero_people = day.rooms[held.room].deficit_people = held.deficit_people
            reckoned.carry_on(day.rooms[held.room], held.reckoned, event.lobby, at)
            longest_stay.opened(day.rooms[held.room], at)
    for known in event.appointments:
        _appointment_known(day, known, at)


def _day_closed(day: Day, event: events.DayClosed, at: datetime) -> None:
    day.day = day.ends_at = None


def _lobby_changed(day: Day, event: events.LobbyChanged, at: datetime) -> None:
    _take_lobby(day, event.lobby, at, keeps_outside=event.keeps_outside)


def _took_over(day: Day, event: events.TookOver, at: datetime) -> None:
    day.term = event.term
    if day.is_open:
        day.listens_since_at = at


def _take_lobby(day: Day, lobby: Lobby, at: datetime, *, keeps_outside: bool = False) -> None:
    """Take a description over and keep what has happened. What is no longer described stays until the day ends, since
    tickets refer to it, but takes nothing new."""
    if day.day is None:
        day.ends_at = day.closes_at = None
        day.openings = ()
    else:
        span = opening_span(lobby, day.day)
        day.ends_at, day.closes_at = turns_at(lobby, day.day), span and span[1]
        day.openings = openings_about(lobby, day.day)
    day.scheduled_limits = {} if day.day is None else scheduled_limits(lobby, day.day)
    day.empty_at = {} if day.day is None else known_empty.instants(lobby, day.day)
    day.listens_since_at = at
    day.lobby = lobby
    day.devices = {device.address: device for device in lobby.devices}
    for state in day.services.values():
        state.withdrawn = True
    for service in lobby.services:
        state = day.services.setdefault(service.id, ServiceState(service=service))
        state.service, state.withdrawn = service, False
    for room in lobby.rooms:
        kept = day.rooms.setdefault(room.id, RoomState(room=room))
        kept.room = room
        reckoned.begin(kept, lobby, at)
        longest_stay.begin(kept, at)
    doors = {door.id: door for door in lobby.doors}
    counters = [it for it in lobby.devices if it.kind is DeviceKind.COUNTER]
    day.passages = {it.address: _passage(day, doors[it.door]) for it in counters if it.door in doors}
    same_door.take(day, lobby)
    for known in day.rooms.values():
        at_its_doors = [it for it, passage in day.passages.items() if any(room is known for room in passage.rooms)]
        known.counters = same_door.leading(day, at_its_doors)
        own = [it for it in lobby.doors if known.room.id in (it.from_room, it.to_room)]
        counted = {day.devices[it].door for it in at_its_doors}
        known.is_counted_all_round = all(it.id in counted for it in own)
        known.uncounted_share = sum(it.uncounted_share or 0.0 for it in own)
    day.learning_rooms = tuple(day.rooms[it.id] for it in lobby.rooms if it.gate_confidence is not None)
    day.ruled_rooms = tuple(day.rooms[it.id] for it in lobby.rooms if corrections.is_ruled(it))
    day.holds_rooms = any(room.room.reopens_below_people or room.is_held for room in day.rooms.values())
    lines.undivide(day)
    _take_admitted_rooms(day, lobby, keeps_outside=keeps_outside)
    described = {desk.id for desk in lobby.desks}
    for desk in day.desks.values():
        desk.withdrawn = desk.desk.id not in described
        desk.is_open = desk.is_open and not desk.withdrawn
    for described_desk in lobby.desks:
        day.desks.setdefault(described_desk.id, DeskState(desk=described_desk, seq=day.seq)).desk = described_desk
    lines.give_up_desks(day)
    lines.divide(day)
    lines.count_open_desks(day)
    lines.count_served(day)


def _passage(day: Day, door: Door) -> Passage:
    to_room, from_room = day.rooms.get(door.to_room), day.rooms.get(door.from_room)
    rooms = tuple(room for room in (to_room, from_room) if room is not None)
    return Passage(to_room=to_room, from_room=from_room, margin_per_crossing=door.margin_per_crossing, rooms=rooms)


def _take_admitted_rooms(day: Day, lobby: Lobby, *, keeps_outside: bool) -> None:
    """A service whose desks all stand in admitted rooms, or behind them, has its visitors wait outside, before the
    first of them. One without desks has them wait where they did."""
    day.ways = ways(lobby)
    day.gates = {room: way[0] if way else "" for room, way in day.ways.items()}
    for state in day.services.values():
        was_admitted = bool(state.admitted_room)
        before = [day.gates.get(desk.room, "") for desk in lobby.desks if state.service.id in desk.serves]
        if not before and keeps_outside:
            state.admitted_room = day.gates.get(state.admitted_room, "")
        else:
            state.admitted_room = before[0] if before and all(before) else ""
        if not state.admitted_room:
            # Whoever waits outside a room that is no longer admitted may come in.
            for ticket in [day.tickets[key[2]] for key in state.outside]:
                lines.out_of_line(day, ticket)
                ticket.is_outside = False
                lines.into_line(day, ticket)
        elif not was_admitted:
            # Whoever is here for a room that is admitted from now on is in it: in line, at a desk, or waiting for one.
            for ticket in day.tickets.values():
                if ticket.service == state.service.id and ticket.state not in ENDED:
                    ticket.room = ticket.room or state.admitted_room
    day.needs_places = any(
        way[-1] != day.services[service].admitted_room
        for desk in lobby.desks
        if (way := day.ways.get(desk.room))
        for service in desk.serves
    )


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


EFFECTS: dict[type, Effect] = {
    events.DayOpened: _day_opened,
    events.DayClosed: _day_closed,
    events.LobbyChanged: _lobby_changed,
    events.TookOver: _took_over,
    events.AppointmentKnown: _appointment_known,
    events.AppointmentMoved: _appointment_moved,
    events.AppointmentCancelled: _appointment_cancelled,
}
