"""Who is next: earliest due first. A walk-in is due at arrival plus the target wait, an appointment at its slot.

One rule that can be explained to whoever asks, and two exceptions, which end when somebody has waited long enough. Only
the heads of the lines are compared, so a call costs the same however many wait.
"""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from hub.day.events import CallRule, Head, PassedOver
from hub.day.model import Day, DeskState, ServiceState, Ticket


class Choice(NamedTuple):
    """Whom a desk should call, by which rule, and whom that passes over."""

    ticket: Ticket
    rule: CallRule
    passed_over: tuple[Head, ...]


class _Candidate(NamedTuple):
    """The first ticket of a line, and what keeps it from being called, if anything."""

    ticket: Ticket
    why_not: PassedOver | None = None
    slot_of: str = ""
    rule: CallRule = "earliest-due"


def next_call(day: Day, desk: DeskState, now: datetime) -> Choice | None:
    """Whom `desk` should call now; None if there is nobody for it. Equal due times go by the order of issue."""
    heads = list(_heads(day, desk, now))
    callable_now = [it for it in heads if it.why_not is None]
    # Whoever is due at the slot that is being guarded stands behind a walk-in of her own service.
    for it in heads:
        state = day.services[it.ticket.service]
        if it.why_not == "guards-slot" and state.booked:
            callable_now.append(_Candidate(day.tickets[state.booked[0][2]]))
    if not callable_now:
        return None
    chosen = min(callable_now, key=_due_key)
    others = sorted((it for it in heads if it.ticket is not chosen.ticket), key=_due_key)
    earlier = [it for it in others if _due_key(it) < _due_key(chosen)]
    rule = "slot-guarded" if any(it.why_not == "guards-slot" for it in earlier) else chosen.rule
    passed_over = [_head(it) for it in earlier] + [_head(_Candidate(it.ticket)) for it in others[len(earlier) :]]
    return Choice(chosen.ticket, rule, tuple(passed_over))


def by_hand(day: Day, desk: DeskState, ticket: Ticket, now: datetime) -> Choice:
    """Staff of `desk` pick `ticket`, and whom they pass over by it."""
    others = sorted((it for it in _heads(day, desk, now) if it.ticket is not ticket), key=_due_key)
    passed_over = [
        _head(_Candidate(it.ticket, "not-picked" if it.ticket.line_key < ticket.line_key else None)) for it in others
    ]
    return Choice(ticket, "by-hand", tuple(passed_over))


def calls_now(day: Day, desk: DeskState, service: str, now: datetime) -> bool:
    """Whether `desk` takes tickets of `service`: its own always, others when their first is overdue enough."""
    line = day.services[service].line
    if service in desk.desk.services:
        return True
    return bool(line) and now >= line[0][0] + timedelta(seconds=desk.desk.help_after_s)


def _due_key(candidate: _Candidate) -> tuple[datetime, int, str]:
    return candidate.ticket.line_key


def _head(passed: _Candidate) -> Head:
    ticket = passed.ticket
    why = passed.why_not or "later-due"
    return Head(service=ticket.service, number=ticket.number, due_at=ticket.due_at, why=why, slot_of=passed.slot_of)


def _heads(day: Day, desk: DeskState, now: datetime) -> Iterator[_Candidate]:
    """The first ticket of each line that `desk` serves."""
    slots = _slots_to_guard(day, desk, now)
    if desk.line:
        yield _judged(day, day.tickets[desk.line[0][2]], slots, now)
    for service in desk.desk.services:
        line = day.services[service].line
        if line:
            yield _judged(day, day.tickets[line[0][2]], slots, now)
    for service in desk.desk.helps:
        line = day.services[service].line
        if not line:
            continue
        ticket = day.tickets[line[0][2]]
        if calls_now(day, desk, service, now):
            yield _judged(day, ticket, slots, now, rule="help-out")
        else:
            yield _Candidate(ticket, "help-out-early")


def _judged(
    day: Day, ticket: Ticket, slots: list[Ticket], now: datetime, rule: CallRule = "earliest-due"
) -> _Candidate:
    """`ticket`, held back if it would delay somebody who is here for one of `slots`, unless it is overdue too long."""
    if not slots or ticket.slot_at is not None:
        return _Candidate(ticket, rule=rule)
    assert day.lobby is not None
    ends_at = now + timedelta(seconds=day.services[ticket.service].service.nominal_service_s)
    delayed = next((it for it in slots if it.due_at < ends_at), None)
    if delayed is None:
        return _Candidate(ticket, rule=rule)
    if now - ticket.due_at > timedelta(seconds=day.lobby.site.overdue_max_s):
        return _Candidate(ticket, rule="overdue")
    return _Candidate(ticket, "guards-slot", delayed.number)


def _slots_to_guard(day: Day, desk: DeskState, now: datetime) -> list[Ticket]:
    """The next appointment of each service that no other open desk serves, if its visitor is here."""
    assert day.lobby is not None
    if not day.lobby.site.guard_slots:
        return []
    slots = []
    for service in desk.desk.services:
        upcoming = _next_slot(day.services[service], now)
        if upcoming and not any(
            it is not desk and it.is_open and service in it.desk.serves for it in day.desks.values()
        ):
            slots.append(day.tickets[upcoming])
    return sorted(slots, key=lambda ticket: ticket.line_key)


def _next_slot(state: ServiceState, now: datetime) -> str:
    """The ticket that is due at the next slot after `now`; empty if none is."""
    at = state.booked.bisect_right((now, sys.maxsize, "")) if state.booked else 0
    return state.booked[at][2] if at < len(state.booked) else ""
