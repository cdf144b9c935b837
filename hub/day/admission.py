"""Who may come in: invitations into admitted rooms, and what a door sign says.

The invariant of the house: nobody is invited in, or called in from elsewhere, unless `upper + reserved + party ≤
limit`. Calling somebody who is in the room already needs no place.
"""

from collections.abc import Iterator
from datetime import datetime
from heapq import merge

from hub.day import occupancy
from hub.day.durations import seconds
from hub.day.events import AnyEvent, ReservationLapsed, TicketAdmitted, TicketClosed
from hub.day.gate_state import has_place, taken_people
from hub.day.gates import is_before
from hub.day.line import Line
from hub.day.lobby import Desk
from hub.day.model import ENDED, IN_LINE, SERVING, Day, LastCall, Ticket
from hub.day.occupancy import Estimate
from hub.day.place import PlaceTaken
from hub.day.rooms import Reservation, RoomState
from wire.messages import Gate

INVITATIONS_MAX = 3
"""After so many invitations without anybody coming in, the ticket is closed."""


def invitations(day: Day, now: datetime) -> list[TicketAdmitted]:
    """Everybody who can be invited now, earliest due first. A party that does not fit yet lets nobody pass before it;
    one that would not fit if everybody had left waits aside."""
    assert day.lobby is not None
    admitted: list[TicketAdmitted] = []
    if day.evacuation is not None:
        return admitted
    lapses_at = now + seconds(day.lobby.site.invitation_s)
    for room in day.rooms.values():
        if not room.room.admitted or not (lines := _lines_outside(day, room)):
            continue
        known = occupancy.estimate(day, room.room.id)
        upper = occupancy.gate_upper(day, room, known)
        if upper is None or room.is_held:
            continue
        reserved, limit = occupancy.reserved_people(room), room.limit_people
        for ticket in _waiting(day, room, lines, known):
            if upper + reserved + ticket.party_people > limit:
                break
            admitted.append(
                TicketAdmitted(
                    ticket=ticket.id,
                    room=room.room.id,
                    upper_people=upper,
                    reserved_people=reserved,
                    limit_people=limit,
                    lapses_at=lapses_at,
                    confidence=occupancy.gate_confidence(room, known),
                )
            )
            reserved += ticket.party_people
    return admitted


def can_invite(day: Day) -> bool:
    """Whether `invitations` has anything to say, without saying it."""
    if day.evacuation is not None:
        return False
    for room in day.rooms.values():
        if not room.room.admitted or not (lines := _lines_outside(day, room)):
            continue
        known = occupancy.estimate(day, room.room.id)
        upper = occupancy.gate_upper(day, room, known)
        if upper is None or room.is_held or (taken := upper + occupancy.reserved_people(room)) >= room.limit_people:
            continue  # most often: then it does not matter who waits
        first = next(_waiting(day, room, lines, known), None)
        if first is not None and taken + first.party_people <= room.limit_people:
            return True
    return False


def _waiting(day: Day, room: RoomState, lines: list[Line], known: Estimate) -> Iterator[Ticket]:
    """Who waits in these lines before the room, earliest due first, without parties for which it would have no place
    if everybody had left: nobody knows when it will."""
    least = occupancy.upper_if_empty(room, known)
    if least is None:
        return
    for key in lines[0] if len(lines) == 1 else merge(*lines):
        ticket = day.tickets[key[2]]
        if least + ticket.party_people <= room.limit_people:
            yield ticket


def largest_party(day: Day, service: str, room: str, at_most: int) -> int:
    """How many people who come from `room` can be let in together to some desk of the service: `at_most`, or what the
    smallest admitted room on the way there may hold. A limit set to nobody shuts a room for a while and says nothing of
    parties: then the described one counts."""
    assert day.lobby is not None
    passed = day.ways.get(room, ())
    largest = 0
    for at in {desk.room for desk in day.lobby.desks if service in desk.serves}:
        gates = [day.rooms[name] for name in day.ways.get(at, ()) if name not in passed]
        largest = max(largest, min((it.limit_people or it.room.limit_people for it in gates), default=at_most))
    return min(largest or at_most, at_most)


def places_for(day: Day, ticket: Ticket, desk: Desk) -> tuple[PlaceTaken, ...] | None:
    """What a call to `desk` takes in the admitted rooms on the way there in which the ticket's visitor is not, and into
    which she has not been let; None if one of them has no place for her party."""
    way = day.ways.get(desk.room, ())
    if not way or ticket.room == way[-1]:
        return ()
    passed = day.ways.get(ticket.room, ())
    taken = []
    for room in (day.rooms[name] for name in way if name not in passed):
        known = occupancy.estimate(day, room.room.id)
        upper = occupancy.gate_upper(day, room, known)
        reserved = occupancy.reserved_people(room)
        if upper is None or not has_place(room, upper + reserved, ticket.party_people):
            return None
        place = PlaceTaken(
            room=room.room.id,
            upper_people=upper,
            reserved_people=reserved,
            limit_people=room.limit_people,
            confidence=occupancy.gate_confidence(room, known),
        )
        taken.append(place)
    return tuple(taken)


def is_let_in(day: Day, ticket: Ticket, room: str) -> bool:
    """Whether somebody with this ticket who is in `room`, or on her way there, need not wait outside."""
    return not is_before(day.gates, day.services[ticket.service].admitted_room, room)


def has_come(day: Day, ticket: Ticket, kept: Reservation) -> bool:
    """Whether anybody of the party for which a place is kept is in the room: was counted in, or is being served."""
    return kept.has_come or ticket.state is SERVING


def room_without(day: Day, ticket: Ticket, room: str) -> str:
    """Where the ticket's visitor is who was not seen to come into `room`: before it, if she was on her way there, or to
    a room beyond in which she was not seen either."""
    if room not in day.ways.get(ticket.room, ()):
        return ticket.room
    further = occupancy.reservation_of(day.rooms[ticket.room], ticket.id)
    if ticket.room != room and (further is None or further.has_come):
        return ticket.room
    before = day.ways[room][:-1]
    return before[-1] if before else ""


def room_after_undo(ticket: Ticket, call: LastCall) -> str:
    """Where the ticket's visitor was before that call of her; what lapsed since does not come back."""
    return call.called.room if ticket.room == call.room else ticket.room


def lapses(day: Day, now: datetime) -> list[AnyEvent]:
    """What becomes of invited visitors who have not come in by now. If anybody of the party has, she stays."""
    ends: list[AnyEvent] = []
    gone: set[str] = set()
    """Tickets that are outside again, or over: what becomes of their other places is seen after that."""
    for room, kept in _can_lapse(day):
        if kept.lapses_at > now or kept.ticket in gone:
            continue
        ticket = day.tickets[kept.ticket]
        is_waiting = ticket.state in IN_LINE and not ticket.is_outside
        outside = is_waiting and not (
            has_come(day, ticket, kept) or is_let_in(day, ticket, room_without(day, ticket, room.room.id))
        )
        if outside:
            gone.add(ticket.id)
        ends.append(
            TicketClosed(ticket=ticket.id, why="no-show")
            if outside and ticket.times_lapsed + 1 >= INVITATIONS_MAX
            else ReservationLapsed(ticket=ticket.id, room=room.room.id, outside=outside)
        )
    return ends


def next_lapse_at(day: Day) -> datetime | None:
    """When the first reservation lapses; None if none will as things are."""
    return min((kept.lapses_at for _, kept in _can_lapse(day)), default=None)


def _can_lapse(day: Day) -> Iterator[tuple[RoomState, Reservation]]:
    """While nobody counts who comes in, nobody is taken for not having come, unless the visit is over anyway."""
    for room in day.rooms.values():
        if room.reservations:
            is_counted = occupancy.is_known(day, room)
            for kept in room.reservations:
                if is_counted or day.tickets[kept.ticket].state in ENDED:
                    yield room, kept


def gate(day: Day, room: RoomState, known: Estimate) -> Gate:
    """What people before the room, whose people are `known`, should do: come in when invited, or when there is a place
    for whoever comes."""
    if day.evacuation is not None:
        return Gate.WAIT
    return Gate.COME_IN if room.reservations or takes_more(day, room, known) else Gate.WAIT


def takes_more(day: Day, room: RoomState, known: Estimate) -> bool:
    """Whether there is a place for somebody who comes now and has not been invited.

    In an admitted room, when whoever takes a ticket would be invited at once. In an open one, while its gate is not
    full. A room that is counted but unknown takes nobody; an open room without counters has no gate to close.
    """
    taken = taken_people(day, room, known)
    if taken is None or day.evacuation is not None:
        return False
    if not room.room.admitted:
        return not room.counters or has_place(room, taken, 1)
    return has_place(room, taken, 1) and next(_waiting(day, room, _lines_outside(day, room), known), None) is None


def tickets_outside(day: Day, room_id: str) -> int:
    """Tickets whose visitors wait before the room until they are invited in."""
    return sum(len(state.outside) for state in day.services.values() if state.admitted_room == room_id)


def _lines_outside(day: Day, room: RoomState) -> list[Line]:
    """Those in which anybody waits before an admitted room."""
    return [state.outside for state in day.services.values() if state.admitted_room == room.room.id and state.outside]
