"""Tickets come to be, and are given back."""

from datetime import datetime

from msgspec.structs import replace

from hub.day import admission, events, inputs
from hub.day.closing import opening_ends_at
from hub.day.decide.decision import Decision, Rule
from hub.day.decide.desks import may_take
from hub.day.durations import seconds
from hub.day.gates import is_before
from hub.day.hours import last_ticket_at, opens_at
from hub.day.lobby import DeviceKind
from hub.day.model import AT_DESK, ENDED, IN_LINE, Day, ServiceState, Ticket, TicketState
from hub.day.refusal import Code, Refusal
from wire.messages import Fact

PARTY_PEOPLE_MAX = 50

CHECK_IN_EARLY_S = 3_600.0
"""How long before an appointment its visitor is welcome while the lobby is closed for those without one.

The office promised the time, whatever the opening hours say; she is, until `late_s` after it.
"""

BY_STAFF = ("desk", "api")
"""Channels on which nobody gives herself a priority."""


def _issue_ticket(day: Day, an_input: inputs.IssueTicket, now: datetime) -> Decision:
    if an_input.request and an_input.request in day.by_request:
        return []  # the kiosk has helped its visitor meanwhile
    state = day.services.get(an_input.service)
    if state is None or state.withdrawn:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": an_input.service})
    if an_input.service in day.paused:
        until_at = day.paused[an_input.service]
        paused: dict[str, Fact] = {"service": an_input.service}
        return Refusal(
            code=Code.SERVICE_PAUSED, facts=paused | ({"until_at": until_at.isoformat()} if until_at else {})
        )
    lobby = day.lobby
    assert lobby is not None
    earlier_s = 0
    if an_input.priority:
        priority = next((it for it in lobby.priorities if it.id == an_input.priority), None)
        if priority is None or not (priority.offered or an_input.channel in BY_STAFF):
            return Refusal(code=Code.UNKNOWN_PRIORITY, facts={"priority": an_input.priority})
        earlier_s = priority.earlier_s
    due_at = now + seconds(state.service.target_wait_s - earlier_s)
    closing_at = opening_ends_at(day, now)
    if closing_at and now >= last_ticket_at(lobby, state.service, closing_at):
        opening = opens_at(lobby, closing_at)
        facts: dict[str, Fact] = {"closes_at": closing_at.isoformat()}
        return Refusal(code=Code.LAST_TICKET, facts=facts | ({"opens_at": opening.isoformat()} if opening else {}))
    then = state.service.then if an_input.then is None else an_input.then
    if step := _not_offered(day, then):
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": step})
    if day.door_joins.get(an_input.door_code, 0) >= lobby.site.door_code_joins_max:
        return Refusal(code=Code.DOOR_CODE_USED_UP)
    return _ticket(
        day,
        an_input,
        state,
        now,
        due_at=due_at,
        party_people=an_input.party_people,
        then=then,
        priority=an_input.priority,
        earlier_s=earlier_s,
        is_welcome=closing_at is not None,
    )


def _not_offered(day: Day, then: tuple[str, ...]) -> str:
    """The first of these services that there is not; empty if there are all."""
    return next((it for it in then if it not in day.services or day.services[it].withdrawn), "")


def _check_in(day: Day, an_input: inputs.CheckIn, now: datetime) -> Decision:
    lobby = day.lobby
    assert lobby is not None
    if an_input.request and an_input.request in day.by_request:
        return []
    known = day.by_code.get(an_input.code_hash)
    if known is None:
        return Refusal(code=Code.UNKNOWN_CODE)
    appointment = day.appointments[known]
    if (holder := day.holder(appointment)) is not None:
        return Refusal(code=Code.CHECKED_IN, facts={"number": holder.number})
    state = day.services.get(appointment.service)
    if state is None or state.withdrawn:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": appointment.service})
    late_at = appointment.slot_at + seconds(lobby.site.late_s)
    is_late = now > late_at
    due_at = now + seconds(state.service.target_wait_s) if is_late else appointment.slot_at
    return _ticket(
        day,
        an_input,
        state,
        now,
        due_at=due_at,
        party_people=appointment.party_people,
        appointment=appointment.id,
        then=state.service.then,
        is_welcome=appointment.slot_at - seconds(CHECK_IN_EARLY_S) <= now <= late_at
        or opening_ends_at(day, now) is not None,
    )


def _ticket(
    day: Day,
    an_input: inputs.IssueTicket | inputs.CheckIn,
    state: ServiceState,
    now: datetime,
    *,
    due_at: datetime,
    party_people: int,
    appointment: str = "",
    then: tuple[str, ...] = (),
    priority: str = "",
    earlier_s: int = 0,
    is_welcome: bool,
) -> Decision:
    """A new ticket of `state`'s service, if the lobby is open or the visitor is expected now: if she `is_welcome`."""
    lobby = day.lobby
    assert lobby is not None
    if not is_welcome:
        opening = opens_at(lobby, now)
        return Refusal(code=Code.CLOSED, facts={"opens_at": opening.isoformat()} if opening else {})
    if an_input.printer:
        printer = day.devices.get(an_input.printer)
        if printer is None or printer.kind is not DeviceKind.PRINTER:
            return Refusal(code=Code.UNKNOWN_DEVICE, facts={"device": an_input.printer})
    most = PARTY_PEOPLE_MAX
    if party_people > 1:
        most = admission.largest_party(day, state.service.id, an_input.room, most)
    if not 1 <= party_people <= most:
        return Refusal(code=Code.BAD_PARTY, facts={"party_people": party_people, "max": most})
    assert an_input.ticket not in day.tickets, "ticket ids are 128 random bits"
    languages = lobby.site.languages
    issued = events.TicketIssued(
        ticket=an_input.ticket,
        token_hash=an_input.token_hash,
        service=state.service.id,
        series=state.service.letter,
        number=day.last_number(state.service.letter) + 1,
        language=an_input.language if an_input.language in languages else languages[0],
        channel=an_input.channel,
        due_at=due_at,
        party_people=party_people,
        printer=an_input.printer,
        outside=is_before(day.gates, state.admitted_room, an_input.room),
        appointment=appointment,
        then=then,
        priority=priority,
        earlier_s=earlier_s,
    )
    # Apart, since Python makes a dict of more than fifteen named arguments.
    if way := day.ways.get(an_input.room):
        issued = replace(issued, room=way[-1])
    if an_input.request:
        issued = replace(issued, request=an_input.request)
    if isinstance(an_input, inputs.IssueTicket) and an_input.door_code:
        issued = replace(issued, door_code=an_input.door_code)
    return [issued]


def _cancel_ticket(day: Day, an_input: inputs.CancelTicket, now: datetime) -> Decision:
    ticket = day.tickets.get(an_input.ticket)
    if ticket is None:
        return Refusal(code=Code.UNKNOWN_TICKET)
    if an_input.desk and day.desk(an_input.desk) is None:
        return Refusal(code=Code.UNKNOWN_DESK, facts={"desk": an_input.desk})
    is_theirs = ticket.state in AT_DESK if an_input.desk else ticket.state is TicketState.SERVING
    if is_theirs and ticket.desk != an_input.desk:
        return Refusal(
            code=Code.AT_OTHER_DESK, facts={"number": ticket.number, "desk": day.desks[ticket.desk].desk.name}
        )
    if ticket.state in ENDED:
        return Refusal(code=Code.TICKET_ENDED, facts={"number": ticket.number})
    cancelled = events.TicketClosed(ticket=ticket.id, why="cancelled", desk=an_input.desk, reason=an_input.reason)
    return [cancelled]


def _resume_ticket(day: Day, an_input: inputs.ResumeTicket, now: datetime) -> Decision:
    ticket = day.tickets.get(an_input.ticket)
    if ticket is None:
        return Refusal(code=Code.UNKNOWN_TICKET)
    room = ""
    if an_input.desk:
        desk = day.desk(an_input.desk)
        if desk is None:
            return Refusal(code=Code.UNKNOWN_DESK, facts={"desk": an_input.desk})
        if not may_take(day, desk, ticket):
            return Refusal(code=Code.NOT_SERVED_HERE, facts={"number": ticket.number, "desk": desk.desk.name})
        room = desk.desk.room
    if ticket.state in IN_LINE:
        return []
    if ticket.state is not TicketState.PARKED:
        return Refusal(code=Code.NOT_PARKED, facts={"number": ticket.number})
    # Staff see her before them; a phone may be anywhere.
    outside = is_before(day.gates, day.services[ticket.service].admitted_room, room)
    return [events.TicketResumed(ticket=ticket.id, desk=an_input.desk, outside=outside)]


def _merge_tickets(day: Day, an_input: inputs.MergeTickets, now: datetime) -> Decision:
    one, other = day.tickets.get(an_input.ticket), day.tickets.get(an_input.duplicate)
    if one is None or other is None:
        return Refusal(code=Code.UNKNOWN_TICKET)
    if one is other:
        return []
    for ticket in (one, other):
        if ticket.state in ENDED:
            return Refusal(code=Code.TICKET_ENDED, facts={"number": ticket.number})
    if one.service != other.service:
        return Refusal(code=Code.OTHER_SERVICE, facts={"number": one.number, "other": other.number})
    kept, duplicate = sorted((one, other), key=_how_near)
    if duplicate.state in AT_DESK:
        desk = day.desks[duplicate.desk].desk.name
        return Refusal(code=Code.AT_OTHER_DESK, facts={"number": duplicate.number, "desk": desk})
    due_first = min((kept, duplicate), key=lambda it: it.due_at)
    merged = events.TicketMerged(
        ticket=kept.id,
        duplicate=duplicate.id,
        due_at=due_first.due_at,
        party_people=max(one.party_people, other.party_people),
        priority=due_first.priority,
        earlier_s=due_first.earlier_s,
        times_missed=max(one.times_missed, other.times_missed),
        times_lapsed=max(one.times_lapsed, other.times_lapsed),
    )
    return [merged]


def _how_near(ticket: Ticket) -> tuple[int, datetime, int]:
    """Of two tickets of one visitor the one stays that is nearest to being served, or else came first."""
    if ticket.state in AT_DESK:
        distance = 0
    elif ticket.state in IN_LINE:
        distance = 2 if ticket.is_outside else 1
    else:
        distance = 3
    return distance, ticket.issued_at, ticket.ordinal


RULES: dict[type, Rule] = {
    inputs.IssueTicket: _issue_ticket,
    inputs.CheckIn: _check_in,
    inputs.ResumeTicket: _resume_ticket,
    inputs.MergeTickets: _merge_tickets,
    inputs.CancelTicket: _cancel_ticket,
}
