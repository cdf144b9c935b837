"""Tickets come to be, and are given back."""

from datetime import datetime, timedelta

from hub.day import events, inputs
from hub.day.decide.decision import Decision, Rule
from hub.day.gates import gates
from hub.day.hours import is_open, opens_at
from hub.day.lobby import DeviceKind
from hub.day.model import ENDED, Day, ServiceState, TicketState
from hub.day.refusal import Code, Refusal

PARTY_PEOPLE_MAX = 50


def _issue_ticket(day: Day, an_input: inputs.IssueTicket, now: datetime) -> Decision:
    state = day.services.get(an_input.service)
    if state is None or state.withdrawn:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": an_input.service})
    if not 1 <= an_input.party_people <= PARTY_PEOPLE_MAX:
        return Refusal(code=Code.BAD_PARTY, facts={"party_people": an_input.party_people, "max": PARTY_PEOPLE_MAX})
    due_at = now + timedelta(seconds=state.service.target_wait_s)
    return _ticket(day, an_input, state, now, due_at=due_at, party_people=an_input.party_people)


def _check_in(day: Day, an_input: inputs.CheckIn, now: datetime) -> Decision:
    lobby = day.lobby
    assert lobby is not None
    known = day.by_code.get(an_input.code_hash)
    if known is None:
        return Refusal(code=Code.UNKNOWN_CODE)
    appointment = day.appointments[known]
    if appointment.ticket:
        return Refusal(code=Code.CHECKED_IN, facts={"number": day.tickets[appointment.ticket].number})
    state = day.services.get(appointment.service)
    if state is None or state.withdrawn:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": appointment.service})
    is_late = now > appointment.slot_at + timedelta(seconds=lobby.site.late_s)
    due_at = now + timedelta(seconds=state.service.target_wait_s) if is_late else appointment.slot_at
    return _ticket(
        day, an_input, state, now, due_at=due_at, party_people=appointment.party_people, appointment=appointment.id
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
) -> Decision:
    """A new ticket of `state`'s service, if the lobby is open."""
    lobby = day.lobby
    assert lobby is not None
    if not is_open(lobby, now):
        opening = opens_at(lobby, now)
        return Refusal(code=Code.CLOSED, facts={"opens_at": opening.isoformat()} if opening else {})
    printer = day.devices.get(an_input.printer)
    if an_input.printer and (printer is None or printer.kind is not DeviceKind.PRINTER):
        return Refusal(code=Code.UNKNOWN_DEVICE, facts={"device": an_input.printer})
    assert an_input.ticket not in day.tickets, "ticket ids are 128 random bits"
    languages = lobby.site.languages
    issued = events.TicketIssued(
        ticket=an_input.ticket,
        token_hash=an_input.token_hash,
        service=state.service.id,
        series=state.service.letter,
        number=state.numbers_issued + 1,
        language=an_input.language if an_input.language in languages else languages[0],
        channel=an_input.channel,
        due_at=due_at,
        party_people=party_people,
        printer=an_input.printer,
        outside=bool(state.admitted_room) and gates(lobby).get(an_input.room) != state.admitted_room,
        appointment=appointment,
    )
    return [issued]


def _cancel_ticket(day: Day, an_input: inputs.CancelTicket, now: datetime) -> Decision:
    ticket = day.tickets.get(an_input.ticket)
    if ticket is None:
        return Refusal(code=Code.UNKNOWN_TICKET)
    if ticket.state in ENDED or ticket.state is TicketState.SERVING:
        return Refusal(code=Code.TICKET_ENDED, facts={"number": ticket.number})
    return [events.TicketClosed(ticket=ticket.id, why="cancelled")]


RULES: dict[type, Rule] = {
    inputs.IssueTicket: _issue_ticket,
    inputs.CheckIn: _check_in,
    inputs.CancelTicket: _cancel_ticket,
}
