"""What staff do at a desk. A desk that has moved on since they looked refuses."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hub.day import events, inputs
from hub.day.admission import is_let_in, places_for, room_after_undo
from hub.day.decide.decision import Decision, Rule
from hub.day.dispatch import Choice, by_hand, first_without_place, next_call
from hub.day.durations import seconds
from hub.day.events import AnyEvent
from hub.day.gates import is_before
from hub.day.lobby import Lobby
from hub.day.model import AT_DESK, CALLED, ENDED, IN_LINE, SERVED, SERVING, Day, DeskState, Ticket, Was
from hub.day.refusal import Code, Refusal
from wire.messages import Fact

UNDO_S = 10
"""So long can a call be undone: later the visitor is on the way."""


def _at_desk(
    rule: Callable[[Day, DeskState, Any, datetime], Decision], *, is_open: bool = True
) -> Callable[[Day, Any, datetime], Decision]:
    """`rule` for a desk that exists, has not moved on since staff looked, and is open or is not."""

    def checked(day: Day, an_input: inputs.DeskInput, now: datetime) -> Decision:
        desk = day.desk(an_input.desk)
        if desk is None:
            return Refusal(code=Code.UNKNOWN_DESK, facts={"desk": an_input.desk})
        if an_input.seen is not None and an_input.seen != desk.seq:
            return Refusal(code=Code.MOVED_ON, facts={"seen": an_input.seen, "desk_seq": desk.seq})
        if desk.is_open is not is_open:
            return Refusal(code=Code.DESK_OPEN if desk.is_open else Code.DESK_CLOSED, facts={"desk": desk.desk.name})
        return rule(day, desk, an_input, now)

    return checked


def _with_visitor(
    rule: Callable[[Day, DeskState, Ticket, datetime], Decision], *, serving_too: bool = False
) -> Callable[[Day, Any, datetime], Decision]:
    """`rule` for a desk that has called somebody, who is not being served yet unless `serving_too`."""

    def checked(day: Day, desk: DeskState, an_input: inputs.DeskInput, now: datetime) -> Decision:
        if not desk.ticket:
            return Refusal(code=Code.NOBODY_HERE, facts={"desk": desk.desk.name})
        ticket = day.tickets[desk.ticket]
        if ticket.state is SERVING and not serving_too:
            return Refusal(code=Code.ALREADY_STARTED, facts={"number": ticket.number})
        return rule(day, desk, ticket, now)

    return _at_desk(checked)


def _open_desk(day: Day, desk: DeskState, an_input: inputs.OpenDesk, now: datetime) -> Decision:
    return [events.DeskOpened(desk=desk.desk.id)]


def _close_desk(day: Day, desk: DeskState, an_input: inputs.CloseDesk, now: datetime) -> Decision:
    return [*_finished(day, desk), events.DeskClosed(desk=desk.desk.id)]


def withdrawals(day: Day, lobby: Lobby) -> list[AnyEvent]:
    """Desks that `lobby` has no more close. Whoever is served there has been; whoever is on her way waits again."""
    described = {desk.id for desk in lobby.desks}
    ends: list[AnyEvent] = []
    for desk in day.desks.values():
        if not desk.is_open or desk.desk.id in described:
            continue
        if desk.ticket and (ticket := day.tickets[desk.ticket]).state is CALLED:
            ends.append(_transferred(day, desk, ticket, ticket.service, then=ticket.then))
        else:
            ends += _finished(day, desk)
        ends.append(events.DeskClosed(desk=desk.desk.id))
    return ends


def _call_next(day: Day, desk: DeskState, an_input: inputs.CallNext, now: datetime) -> Decision:
    choice = next_call(day, desk, now)
    if choice is None:
        # With a visitor at the desk the key still has a meaning: she has been served.
        return _finished(day, desk) or _nobody_to_call(day, desk, now)
    return [*_finished(day, desk, by_call_at=now), _called(day, desk, choice, now)]


def _nobody_to_call(day: Day, desk: DeskState, now: datetime) -> Refusal:
    held = first_without_place(day, desk, now)
    if held is None:
        return Refusal(code=Code.NOBODY_WAITING, facts={"desk": desk.desk.name})
    return Refusal(code=Code.NO_PLACE, facts={"number": held.number, "desk": desk.desk.name})


def _pick_ticket(day: Day, desk: DeskState, an_input: inputs.PickTicket, now: datetime) -> Decision:
    ticket = day.tickets.get(an_input.ticket)
    if ticket is None:
        return Refusal(code=Code.UNKNOWN_TICKET)
    facts: dict[str, Fact] = {"number": ticket.number}
    if ticket.state in ENDED:
        return Refusal(code=Code.TICKET_ENDED, facts=facts)
    elsewhere = ticket.desk if ticket.state in AT_DESK else ticket.for_desk
    if ticket.state in AT_DESK or elsewhere not in ("", desk.desk.id):
        return Refusal(code=Code.AT_OTHER_DESK, facts=facts | {"desk": day.desks[elsewhere].desk.name})
    if not may_take(day, desk, ticket):
        return Refusal(code=Code.NOT_SERVED_HERE, facts=facts | {"desk": desk.desk.name})
    if ticket.is_outside and ticket.state in IN_LINE:
        return Refusal(code=Code.NOT_INVITED, facts=facts)
    # Whom staff see before them has come back, whatever was thought of her.
    is_here = ticket.state not in IN_LINE
    if not is_here and places_for(day, ticket, desk.desk) is None:
        return Refusal(code=Code.NO_PLACE, facts=facts | {"desk": desk.desk.name})
    finished = _finished(day, desk, by_call_at=now)
    return [*finished, _called(day, desk, by_hand(day, desk, ticket, now), now, is_here=is_here)]


def may_take(day: Day, desk: DeskState, ticket: Ticket) -> bool:
    """Whether the desk may see to a visitor who stands before it: it serves her, or no desk of the lobby does."""
    return ticket.service in desk.desk.serves or not day.is_served(ticket.service)


def _called(day: Day, desk: DeskState, choice: Choice, now: datetime, *, is_here: bool = False) -> AnyEvent:
    """`is_here`: she stands before the desk, and needs no place."""
    assert day.lobby is not None
    places = () if is_here else places_for(day, choice.ticket, desk.desk)
    assert places is not None, f"{choice.ticket.number} was chosen for a room without a place"
    return events.TicketCalled(
        ticket=choice.ticket.id,
        desk=desk.desk.id,
        rule=choice.rule,
        due_at=choice.ticket.due_at,
        passed_over=choice.passed_over,
        finished=desk.ticket,
        priority=choice.ticket.priority,
        earlier_s=choice.ticket.earlier_s,
        appointment=choice.ticket.slot_at is not None,
        overdue_max_s=day.lobby.site.overdue_max_s,
        places=places,
        kept_until_at=now + seconds(day.lobby.site.invitation_s) if places else None,
    )


def _finished(day: Day, desk: DeskState, *, by_call_at: datetime | None = None) -> list[AnyEvent]:
    """Whoever is at the desk has been served, or goes on to the next step of the visit: also by a call of somebody
    else, which can be undone."""
    if not desk.ticket:
        return []
    ticket = day.tickets[desk.ticket]
    if ticket.then and (then := [step for step in ticket.then if not day.services[step].withdrawn]):
        return [_transferred(day, desk, ticket, then[0], then=tuple(then[1:]), planned=True)]
    place_until_at = by_call_at + seconds(UNDO_S) if by_call_at and _has_place(day, ticket) else None
    return [events.TicketServed(ticket=ticket.id, desk=desk.desk.id, place_until_at=place_until_at)]


def _has_place(day: Day, ticket: Ticket) -> bool:
    """Whether a place is kept for her anywhere."""
    return any(kept.ticket == ticket.id for room in day.rooms.values() for kept in room.reservations)


def _undo_call(day: Day, desk: DeskState, an_input: inputs.UndoCall, now: datetime) -> Decision:
    call = desk.call
    if call is None or call.seq != desk.seq or not _can_come_back(day, call.finished):
        return Refusal(code=Code.NOTHING_TO_UNDO, facts={"desk": desk.desk.name})
    if now - call.at > seconds(UNDO_S):
        return Refusal(code=Code.UNDO_TOO_LATE, facts={"max_s": UNDO_S})
    restored = call.finished.ticket if call.finished else ""
    called = day.tickets[call.called.ticket]
    outside = call.called.state in IN_LINE and not is_let_in(day, called, room_after_undo(called, call))
    return [events.CallUndone(ticket=called.id, desk=desk.desk.id, restored=restored, outside=outside)]


def _can_come_back(day: Day, finished: Was | None) -> bool:
    """Whether the ticket that a call sent away has been left alone since, and so has its place on the way to the desk:
    nobody is called back into a room without one."""
    if finished is None:
        return True
    ticket = day.tickets[finished.ticket]
    was_on_her_way = finished.state is CALLED and finished.places
    if was_on_her_way and ticket.room != finished.room:
        return False
    return ticket.state is SERVED or ticket.state in IN_LINE


def _transfer(day: Day, desk: DeskState, an_input: inputs.Transfer, now: datetime) -> Decision:
    if not desk.ticket:
        return Refusal(code=Code.NOBODY_HERE, facts={"desk": desk.desk.name})
    ticket = day.tickets[desk.ticket]
    service = an_input.service or ticket.service
    if service not in day.services or day.services[service].withdrawn:
        return Refusal(code=Code.UNKNOWN_SERVICE, facts={"service": service})
    if an_input.to_desk:
        to_desk = day.desk(an_input.to_desk)
        if to_desk is None:
            return Refusal(code=Code.UNKNOWN_DESK, facts={"desk": an_input.to_desk})
        if not to_desk.is_open:
            return Refusal(code=Code.DESK_AWAY, facts={"desk": to_desk.desk.name})
        if service not in to_desk.desk.serves:
            return Refusal(code=Code.NOT_SERVED_HERE, facts={"number": ticket.number, "desk": to_desk.desk.name})
    then = ticket.then[1:] if ticket.then[:1] == (service,) else ticket.then
    return [_transferred(day, desk, ticket, service, to_desk=an_input.to_desk, then=then)]


def _transferred(
    day: Day,
    desk: DeskState,
    ticket: Ticket,
    service: str,
    *,
    to_desk: str = "",
    then: tuple[str, ...] = (),
    planned: bool = False,
) -> AnyEvent:
    """The ticket goes on to wait for `service`, due as if its visitor had come for it in the first place."""
    state = day.services[service]
    outside = is_before(day.gates, state.admitted_room, ticket.room)
    return events.TicketTransferred(
        ticket=ticket.id,
        desk=desk.desk.id,
        service=service,
        due_at=ticket.counts_from + seconds(state.service.target_wait_s),
        to_desk=to_desk,
        outside=outside,
        then=then,
        planned=planned,
        keeps_place=not outside and ticket.state is CALLED and _has_place(day, ticket),
    )


def _recall(day: Day, desk: DeskState, ticket: Ticket, now: datetime) -> Decision:
    assert day.lobby is not None
    recalls = ticket.times_called - 1
    if recalls >= day.lobby.site.recall_times_max:
        return Refusal(code=Code.RECALLED_ENOUGH, facts={"number": ticket.number, "times": recalls})
    return [events.TicketRecalled(ticket=ticket.id, desk=desk.desk.id)]


def _no_show(day: Day, desk: DeskState, ticket: Ticket, now: datetime) -> Decision:
    assert day.lobby is not None
    if ticket.times_missed:
        return [events.TicketClosed(ticket=ticket.id, why="no-show")]
    back_at = now + seconds(day.lobby.site.no_show_grace_s)
    return [events.TicketMissed(ticket=ticket.id, desk=desk.desk.id, back_at=back_at)]


def _park(day: Day, desk: DeskState, ticket: Ticket, now: datetime) -> Decision:
    assert day.lobby is not None
    until_at = now + seconds(day.lobby.site.park_s)
    if day.closes_at is not None and now < day.closes_at < until_at:
        until_at = day.closes_at  # Nobody comes back to a closed door.
    return [events.TicketParked(ticket=ticket.id, desk=desk.desk.id, until_at=until_at)]


def _start(day: Day, desk: DeskState, ticket: Ticket, now: datetime) -> Decision:
    return [events.ServiceStarted(ticket=ticket.id, desk=desk.desk.id)]


def _finish(day: Day, desk: DeskState, ticket: Ticket, now: datetime) -> Decision:
    return _finished(day, desk)


RULES: dict[type, Rule] = {
    inputs.OpenDesk: _at_desk(_open_desk, is_open=False),
    inputs.CloseDesk: _at_desk(_close_desk),
    inputs.CallNext: _at_desk(_call_next),
    inputs.PickTicket: _at_desk(_pick_ticket),
    inputs.UndoCall: _at_desk(_undo_call),
    inputs.Recall: _with_visitor(_recall),
    inputs.NoShow: _with_visitor(_no_show),
    inputs.Park: _with_visitor(_park, serving_too=True),
    inputs.Transfer: _at_desk(_transfer),
    inputs.Start: _with_visitor(_start),
    inputs.Finish: _with_visitor(_finish, serving_too=True),
}
