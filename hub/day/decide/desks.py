"""What staff do at a desk. A desk that has moved on since they looked refuses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hub.day import events, inputs
from hub.day.decide.decision import Decision, Rule
from hub.day.dispatch import next_ticket
from hub.day.events import AnyEvent
from hub.day.model import Day, DeskState, Ticket, TicketState
from hub.day.refusal import Code, Refusal


def _at_desk(rule: Callable[[Day, DeskState, Any, datetime], Decision]) -> Callable[[Day, Any, datetime], Decision]:
    """`rule` for a desk that exists and has not moved on since staff looked."""

    def checked(day: Day, an_input: inputs.DeskInput, now: datetime) -> Decision:
        desk = day.desks.get(an_input.desk)
        if desk is None:
            return Refusal(code=Code.UNKNOWN_DESK, facts={"desk": an_input.desk})
        if an_input.seen is not None and an_input.seen != desk.seq:
            return Refusal(code=Code.MOVED_ON, facts={"seen": an_input.seen, "desk_seq": desk.seq})
        if desk.is_open == isinstance(an_input, inputs.OpenDesk):
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
        if ticket.state is TicketState.SERVING and not serving_too:
            return Refusal(code=Code.ALREADY_STARTED, facts={"number": ticket.number})
        return rule(day, desk, ticket, now)

    return _at_desk(checked)


def _open_desk(day: Day, desk: DeskState, an_input: inputs.OpenDesk, now: datetime) -> Decision:
    return [events.DeskOpened(desk=desk.desk.id)]


def _close_desk(day: Day, desk: DeskState, an_input: inputs.CloseDesk, now: datetime) -> Decision:
    return [*_served(desk), events.DeskClosed(desk=desk.desk.id)]


def _call_next(day: Day, desk: DeskState, an_input: inputs.CallNext, now: datetime) -> Decision:
    found = next_ticket(day, desk.desk)
    if found is None:
        # With a visitor at the desk the key still has a meaning: she has been served.
        return _served(desk) or Refusal(code=Code.NOBODY_WAITING, facts={"desk": desk.desk.name})
    ticket, passed_over = found
    called = events.TicketCalled(
        ticket=ticket.id, desk=desk.desk.id, rule="earliest-due", due_at=ticket.due_at, passed_over=passed_over
    )
    return [*_served(desk), called]


def _served(desk: DeskState) -> list[AnyEvent]:
    return [events.TicketServed(ticket=desk.ticket, desk=desk.desk.id)] if desk.ticket else []


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
    back_at = now + timedelta(seconds=day.lobby.site.no_show_grace_s)
    return [events.TicketMissed(ticket=ticket.id, desk=desk.desk.id, back_at=back_at)]


def _start(day: Day, desk: DeskState, ticket: Ticket, now: datetime) -> Decision:
    return [events.ServiceStarted(ticket=ticket.id, desk=desk.desk.id)]


def _finish(day: Day, desk: DeskState, ticket: Ticket, now: datetime) -> Decision:
    return _served(desk)


RULES: dict[type, Rule] = {
    inputs.OpenDesk: _at_desk(_open_desk),
    inputs.CloseDesk: _at_desk(_close_desk),
    inputs.CallNext: _at_desk(_call_next),
    inputs.Recall: _with_visitor(_recall),
    inputs.NoShow: _with_visitor(_no_show),
    inputs.Start: _with_visitor(_start),
    inputs.Finish: _with_visitor(_finish, serving_too=True),
}
