"""Where a ticket is: in a line, at a desk, on the boards, with a reservation. The steps that effects are made of."""

from datetime import datetime

from hub.day import counter_signs
from hub.day.line import Line, Parts
from hub.day.model import ENDED, IN_LINE, RECENT_CALLS_MAX, SERVING, Day, DeskState, Ticket, TicketState, Was
from hub.day.occupancy import reservation_of


def into_line(day: Day, ticket: Ticket) -> None:
    """Where the ticket waits from now on. A desk that has closed meanwhile, or serves something else, is waited for no
    more."""
    state, key = day.services[ticket.service], ticket.line_key
    if ticket.is_outside:
        state.outside.add(key)
        return
    if ticket.for_desk and _is_there(day, ticket):
        desk = day.desks[ticket.for_desk]
        desk.line.add(key)
        if desk.parts is not None:
            desk.parts.add(ticket.part, key)
        state.for_desks += 1
        return
    ticket.for_desk = ""
    state.line.add(key)
    if state.parts is not None:
        state.parts.add(ticket.part, key)
    if ticket.slot_at is not None:
        state.booked.add(key)


def out_of_line(day: Day, ticket: Ticket) -> None:
    state, key = day.services[ticket.service], ticket.line_key
    if ticket.is_outside:
        state.outside.remove(key)
    elif ticket.for_desk:
        desk = day.desks[ticket.for_desk]
        desk.line.remove(key)
        if desk.parts is not None:
            desk.parts.remove(ticket.part, key)
        state.for_desks -= 1
    else:
        state.line.remove(key)
        if state.parts is not None:
            state.parts.remove(ticket.part, key)
        if ticket.slot_at is not None:
            state.booked.remove(key)


def undivide(day: Day) -> None:
    """No line has parts, while rooms are described anew."""
    for state in day.services.values():
        state.parts = None
    for desk in day.desks.values():
        desk.parts = None


def divide(day: Day) -> None:
    """Find anew which lines have parts, and who is in which: for a desk in an admitted room, or behind one, some may
    need a place, and others stand there."""
    for desk in day.desks.values():
        desk.parts = _parts(day, desk.line) if day.ways.get(desk.desk.room) else None
    before = {service for desk in day.desks.values() if desk.parts is not None for service in desk.desk.serves}
    for service, state in day.services.items():
        state.parts = _parts(day, state.line) if service in before else None


def _parts(day: Day, line: Line) -> Parts:
    parts = Parts()
    for key in line:
        parts.add(day.tickets[key[2]].part, key)
    return parts


def stop_waiting(day: Day, ticket: Ticket) -> None:
    """The ticket, which is at no desk, leaves its line, or is waited for no more."""
    if ticket.state in IN_LINE:
        out_of_line(day, ticket)
    elif ticket.state is TicketState.MISSED:
        day.missed.remove((ticket.back_at, ticket.id))
    elif ticket.state is TicketState.PARKED:
        day.parked.remove((ticket.parked_until_at, ticket.id))
    ticket.back_at = ticket.parked_until_at = None


def wait_again(day: Day, ticket: Ticket) -> None:
    """The ticket, which has been restored, is in its line, or is waited for until the same instant as before."""
    if ticket.state is TicketState.MISSED:
        day.missed.add((ticket.back_at, ticket.id))
    elif ticket.state is TicketState.PARKED:
        day.parked.add((ticket.parked_until_at, ticket.id))
    else:
        into_line(day, ticket)


def give_up_desks(day: Day) -> None:
    """Whoever waits for one desk alone, also outside or on her way back, waits for any, when that one is closed or
    serves something else."""
    for ticket in map(day.tickets.__getitem__, day.transferred):
        if not ticket.for_desk or ticket.state in ENDED or _is_there(day, ticket):
            continue
        if ticket.state in IN_LINE:
            out_of_line(day, ticket)
            ticket.for_desk = ""
            into_line(day, ticket)
        else:
            ticket.for_desk = ""


def _is_there(day: Day, ticket: Ticket) -> bool:
    """Whether the desk that alone may call the ticket can do so."""
    desk = day.desks[ticket.for_desk]
    return desk.is_open and ticket.service in desk.desk.serves


def free_reservation(day: Day, ticket: Ticket, room: str = "") -> None:
    """Of the ticket in `room`, or in every room."""
    for state in [day.rooms[room]] if room else day.rooms.values():
        for at, kept in enumerate(state.reservations):
            if kept.ticket == ticket.id:
                del state.reservations[at]
                break


def keep_places(day: Day, ticket: Ticket, until_at: datetime | None) -> None:
    """The places of the ticket are kept until then, or no longer."""
    if until_at is None:
        free_reservation(day, ticket)
        return
    for state in day.rooms.values():
        if kept := reservation_of(state, ticket.id):
            kept.lapses_at = until_at


def restore_places(day: Day, ticket: Ticket, before: Was) -> None:
    """Those that are still kept are kept as long as they were, and no others."""
    until = dict(before.places)
    for name, state in day.rooms.items():
        if kept := reservation_of(state, ticket.id):
            if name in until:
                kept.lapses_at = until[name]
            else:
                free_reservation(day, ticket, name)


def innermost(day: Day, room: str) -> str:
    """The admitted room in which one is in `room`, the last on the way there; empty for none."""
    way = day.ways.get(room)
    return way[-1] if way else ""


def leave_desk(day: Day, ticket: Ticket) -> None:
    desk = day.desks[ticket.desk]
    assert desk.ticket == ticket.id, f"{ticket.number} leaves desk {ticket.desk}, which has {desk.ticket!r}"
    if ticket.state is SERVING:
        room = day.rooms[desk.desk.room]
        room.served_people -= ticket.party_people
        room.served_until_at = day.at
    desk.ticket, desk.left = "", was(day, ticket)
    desk.seq = day.seq


def is_served(day: Day, desk: DeskState, ticket: Ticket) -> None:
    """The ticket, which the desk has, is being served from now on."""
    ticket.state = SERVING
    room = day.rooms[desk.desk.room]
    room.served_people += ticket.party_people
    counter_signs.serve(room, ticket.id)


def grow(day: Day, ticket: Ticket, party_people: int) -> None:
    """The ticket's party is larger than was thought; whoever has not come in yet needs as many more places."""
    more_people = party_people - ticket.party_people
    ticket.party_people = party_people
    if ticket.state is SERVING:
        day.rooms[day.desks[ticket.desk].desk.room].served_people += more_people
    for room in day.rooms.values():
        for kept in room.reservations:
            if kept.ticket == ticket.id:
                kept.people += more_people


def serves_more(day: Day, desk: DeskState, by: int) -> None:
    """The services of the desk have so many more open desks."""
    for service in set(desk.desk.serves):
        state = day.services[service]
        state.open_desks += by
        if service in desk.desk.services:
            state.own_desks += by


def count_open_desks(day: Day) -> None:
    """Find anew who serves what."""
    for state in day.services.values():
        state.open_desks = state.own_desks = 0
    for desk in day.desks.values():
        if desk.is_open:
            serves_more(day, desk, 1)


def count_served(day: Day) -> None:
    """Find anew who is being served where: desks may have moved."""
    for room in day.rooms.values():
        room.served_people = 0
    for desk in day.desks.values():
        if desk.ticket and day.tickets[desk.ticket].state is SERVING:
            day.rooms[desk.desk.room].served_people += day.tickets[desk.ticket].party_people


def was(day: Day, ticket: Ticket) -> Was:
    """As the ticket is now."""
    own = ticket.id
    places = [(name, it.lapses_at) for name, room in day.rooms.items() for it in room.reservations if it.ticket == own]
    return Was(
        ticket.id,
        ticket.state,
        ticket.desk,
        ticket.called_at,
        ticket.times_called,
        ticket.service,
        ticket.due_at,
        ticket.for_desk,
        ticket.then,
        ticket.slot_at,
        ticket.room,
        ticket.back_at,
        ticket.parked_until_at,
        tuple(places),
    )


def restore(ticket: Ticket, before: Was) -> None:
    """Make the ticket what it was; where it stands is for the caller to say."""
    ticket.state, ticket.desk, ticket.called_at = before.state, before.desk, before.called_at
    ticket.times_called, ticket.service, ticket.due_at = before.times_called, before.service, before.due_at
    ticket.for_desk, ticket.then, ticket.slot_at = before.for_desk, before.then, before.slot_at
    ticket.room, ticket.back_at, ticket.parked_until_at = before.room, before.back_at, before.parked_until_at


def to_the_top_of_boards(day: Day, ticket: Ticket) -> None:
    day.recent_calls[ticket.id] = None
    day.recent_calls.move_to_end(ticket.id)
    _forget_old_calls(day)


def back_on_boards(day: Day, ticket: Ticket) -> None:
    """Where its call stood, if it is no longer there."""
    if ticket.id not in day.recent_calls:
        calls_at = {it: day.tickets[it].called_at for it in day.recent_calls}
        day.recent_calls[ticket.id] = None
        for it, at in calls_at.items():
            if at is not None and ticket.called_at is not None and at > ticket.called_at:
                day.recent_calls.move_to_end(it)
        _forget_old_calls(day)


def _forget_old_calls(day: Day) -> None:
    if len(day.recent_calls) > RECENT_CALLS_MAX:
        day.recent_calls.popitem(last=False)


def off_the_boards(day: Day, ticket: Ticket) -> None:
    day.recent_calls.pop(ticket.id, None)
