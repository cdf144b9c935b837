"""Who is next: earliest due first. A walk-in is due at arrival plus the target wait, an appointment at its slot.

One rule that can be explained to whoever asks, and two exceptions, which end when somebody has waited long enough. Only
the heads of the lines are compared, so a call costs the same however many wait.
"""

import sys
from datetime import datetime
from operator import attrgetter

from msgspec import Struct

from hub.day import admission
from hub.day.durations import seconds
from hub.day.events import CallRule, Head, PassedOver
from hub.day.line import DueKey
from hub.day.model import Day, DeskState, Ticket


class Choice(Struct, frozen=True, gc=False):
    """Whom a desk should call, by which rule, and whom that passes over."""

    ticket: Ticket
    rule: CallRule
    passed_over: tuple[Head, ...]


class _Candidate(Struct, frozen=True, gc=False):
    """The first ticket of a line, and what keeps it from being called, if anything."""

    key: DueKey
    """Of the ticket: what is due first has the least."""
    ticket: Ticket
    why_not: PassedOver | None = None
    slot_of: str = ""
    rule: CallRule = "earliest-due"


_due = attrgetter("key")


def next_call(day: Day, desk: DeskState, now: datetime) -> Choice | None:
    """Whom `desk` should call now; None if there is nobody for it. Equal due times go by the order of issue."""
    heads = _heads(day, desk, now)
    if not heads:
        return None
    first = heads[0]
    if first.why_not is None:
        passed_over = [_head(it.ticket) for it in heads[1:]] if len(heads) > 1 else []
        return Choice(first.ticket, first.rule, tuple(passed_over))
    callable_now = [it for it in heads if it.why_not is None]
    # Whoever is due at the slot that is being guarded stands behind a walk-in of her own service.
    guarded = [it for it in heads if it.why_not == "guards-slot"]
    for it in guarded:
        booked = day.services[it.ticket.service].booked.first
        if booked is None or not _may_call(desk, it.ticket.service, booked, now):
            continue
        if admission.places_for(day, day.tickets[booked[2]], desk.desk) is not None:
            callable_now.append(_Candidate(booked, day.tickets[booked[2]]))
    if not callable_now:
        return None
    chosen = min(callable_now, key=_due)
    rule = "slot-guarded" if any(it.key < chosen.key for it in guarded) else chosen.rule
    passed_over = [
        _head(it.ticket, it.why_not, it.slot_of) if it.why_not and it.key < chosen.key else _head(it.ticket)
        for it in heads
        if it.ticket is not chosen.ticket
    ]
    return Choice(chosen.ticket, rule, tuple(passed_over))


def first_without_place(day: Day, desk: DeskState, now: datetime) -> Ticket | None:
    """Of those whom `desk` cannot call because its room has no place for them, whoever is due first."""
    if not day.ways.get(desk.desk.room):
        return None
    held = [it for it in _heads(day, desk, now) if it.why_not == "no-place"]
    return held[0].ticket if held else None


def by_hand(day: Day, desk: DeskState, ticket: Ticket, now: datetime) -> Choice:
    """Staff of `desk` pick `ticket`, and whom they pass over by it."""
    own = ticket.line_key
    others = [it for it in _heads(day, desk, now) if it.ticket is not ticket]
    passed_over = [_head(it.ticket, "not-picked" if it.key < own else "later-due") for it in others]
    return Choice(ticket, "by-hand", tuple(passed_over))


def calls_now(day: Day, desk: DeskState, service: str, now: datetime) -> bool:
    """Whether `desk` takes tickets of `service`: its own always, others when their first is overdue enough."""
    if service in desk.desk.services:
        return True
    first = day.services[service].line.first
    return first is not None and _may_call(desk, service, first, now)


def _may_call(desk: DeskState, service: str, key: DueKey, now: datetime) -> bool:
    """Whether `desk` takes whoever waits in the line of `service` with this key, or helps her out by now."""
    return service in desk.desk.services or now >= key[0] + seconds(desk.desk.help_after_s)


def _head(ticket: Ticket, why: PassedOver = "later-due", slot_of: str = "") -> Head:
    return Head(service=ticket.service, number=ticket.number, due_at=ticket.due_at, why=why, slot_of=slot_of)


def _heads(day: Day, desk: DeskState, now: datetime) -> list[_Candidate]:
    """The first ticket of each line that `desk` serves, due first first."""
    tickets, services = day.tickets, day.services
    own = desk.line.first
    heads = [_Candidate(own, tickets[own[2]])] if own else []
    for service in desk.desk.services:
        first = services[service].line.first
        if first:
            heads.append(_Candidate(first, tickets[first[2]]))
    for service in desk.desk.helps:
        first = services[service].line.first
        if first:
            is_early = not calls_now(day, desk, service, now)
            heads.append(_Candidate(first, tickets[first[2]], "help-out-early" if is_early else None, rule="help-out"))
    if not heads:
        return heads
    if day.ways.get(desk.desk.room):
        heads = [_with_place(day, desk, it) for it in heads]
    if slots := _slots_to_guard(day, desk, now):
        heads = [_judged(day, it, slots, now) for it in heads]
    if len(heads) > 1:
        heads.sort(key=_due)
    return heads


def _with_place(day: Day, desk: DeskState, it: _Candidate) -> _Candidate:
    """The candidate, held back if the room of the desk has no place for it."""
    if it.why_not or admission.places_for(day, it.ticket, desk.desk) is not None:
        return it
    return _Candidate(it.key, it.ticket, "no-place")


def _judged(day: Day, it: _Candidate, slots: list[Ticket], now: datetime) -> _Candidate:
    """The candidate, held back if it would delay somebody who is here for one of `slots`, unless it is overdue too
    long."""
    ticket = it.ticket
    if it.why_not or ticket.slot_at is not None:
        return it
    assert day.lobby is not None
    ends_at = now + seconds(day.services[ticket.service].service.nominal_service_s)
    delayed = next((slot for slot in slots if slot.due_at < ends_at), None)
    if delayed is None:
        return it
    if now - ticket.due_at > seconds(day.lobby.site.overdue_max_s):
        return _Candidate(it.key, ticket, rule="overdue")
    return _Candidate(it.key, ticket, "guards-slot", delayed.number)


def _slots_to_guard(day: Day, desk: DeskState, now: datetime) -> list[Ticket]:
    """The next appointment of each service that no other open desk serves, if its visitor is here."""
    assert day.lobby is not None
    if not day.lobby.site.guard_slots:
        return []
    slots = []
    for service in desk.desk.services:
        state = day.services[service]
        is_only_here = state.open_desks == desk.is_open
        if is_only_here and (upcoming := state.booked.after((now, sys.maxsize, ""))):
            slots.append(upcoming)
    return [day.tickets[key[2]] for key in sorted(slots)] if slots else []
