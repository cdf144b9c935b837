"""Where a ticket is: in a line, at a desk, on the boards, with a reservation. The steps that effects are made of."""

from hub.day.model import RECENT_CALLS_MAX, Day, Ticket


def into_line(day: Day, ticket: Ticket) -> None:
    state = day.services[ticket.service]
    (state.outside if ticket.is_outside else state.line).add(ticket.line_key)


def out_of_line(day: Day, ticket: Ticket) -> None:
    state = day.services[ticket.service]
    (state.outside if ticket.is_outside else state.line).remove(ticket.line_key)


def free_reservation(day: Day, ticket: Ticket) -> None:
    for room in day.rooms.values():
        room.reservations = [kept for kept in room.reservations if kept.ticket != ticket.id]


def leave_desk(day: Day, ticket: Ticket) -> None:
    desk = day.desks[ticket.desk]
    assert desk.ticket == ticket.id, f"{ticket.number} leaves desk {ticket.desk}, which has {desk.ticket!r}"
    desk.ticket = ""
    desk.seq = day.seq


def to_the_top_of_boards(day: Day, ticket: Ticket) -> None:
    off_the_boards(day, ticket)
    day.recent_calls.insert(0, ticket.id)
    del day.recent_calls[RECENT_CALLS_MAX:]


def off_the_boards(day: Day, ticket: Ticket) -> None:
    if ticket.id in day.recent_calls:
        day.recent_calls.remove(ticket.id)
