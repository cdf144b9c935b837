"""Who is next: earliest due first. A walk-in is due at arrival plus the target wait, an appointment at its slot.

One rule that can be explained to whoever asks, and two exceptions, which end when somebody has waited long enough. Only
the heads of the lines are compared, and behind one that cannot be called the heads of its parts: so a call costs the
same however many wait.
"""

import sys
from collections.abc import Sequence
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
    """The first ticket of a line, or of a part of it, and what keeps it from being called, if anything."""

    key: DueKey
    """Of the ticket: what is due first has the least."""
    ticket: Ticket
    why_not: PassedOver | None = None
    slot_of: str = ""
    rule: CallRule = "earliest-due"


_due = attrgetter("key")
EARLY: PassedOver = "help-out-early"


def next_call(day: Day, desk: DeskState, now: datetime) -> Choice | None:
    """Whom `desk` should call now; None if there is nobody for it. Equal due times go by the order of issue."""
    heads = _heads(day, desk, now)
    if not heads:
        return None
    first = heads[0]
    if first.why_not is None:
        passed_over = [_head(it.ticket) for it in heads[1:]] if len(heads) > 1 else []
        return Choice(first.ticket, first.rule, tuple(passed_over))
    looked_at = sorted([*heads, *_behind(day, desk, heads, now)], key=_due)
    chosen = next((it for it in looked_at if it.why_not is None), None)
    if chosen is None:
        return None
    held = [it for it in looked_at if it.key < chosen.key]
    rule = "slot-guarded" if any(it.why_not == "guards-slot" for it in held) else chosen.rule
    # Of each line whoever was the first to be held back for this reason or that.
    named = {(_line_of(it.ticket), it.why_not): it for it in reversed(held)}
    passed_over = [_head(it.ticket, it.why_not or "later-due", it.slot_of) for it in sorted(named.values(), key=_due)]
    passed_over += [_head(it.ticket) for it in heads if it.key > chosen.key]
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


def is_next(day: Day, ticket: Ticket, now: datetime) -> bool:
    """Whether some desk calls nobody before `ticket`, the first of its line: an open one, or any while none is open."""
    desks = [it for it in day.desks.values() if ticket.service in it.desk.serves]
    choices = (
        next_call(day, desk, now)
        for desk in [it for it in desks if it.is_open] or desks
        if ticket.for_desk in ("", desk.desk.id)
    )
    return any(choice is None or choice.ticket is ticket for choice in choices)


def calls_now(day: Day, desk: DeskState, service: str, now: datetime) -> bool:
    """Whether `desk` takes tickets of `service`: its own always, others when their first is overdue enough."""
    if service in desk.desk.services:
        return True
    first = day.services[service].line.first
    return first is not None and _helps(desk, first, now)


def _helps(desk: DeskState, key: DueKey, now: datetime) -> bool:
    """Whether whoever waits with this key in a line that `desk` helps is overdue enough for that."""
    return now >= key[0] + seconds(desk.desk.help_after_s)


def _line_of(ticket: Ticket) -> tuple[str, str]:
    """The name of the line in which the ticket waits."""
    return ticket.for_desk, ticket.service if not ticket.for_desk else ""


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
            why_not = None if _helps(desk, first, now) else EARLY
            heads.append(_Candidate(first, tickets[first[2]], why_not, rule="help-out"))
    if not heads:
        return heads
    heads = _judged(day, desk, heads, now)
    if len(heads) > 1:
        heads.sort(key=_due)
    return heads


def _behind(day: Day, desk: DeskState, heads: Sequence[_Candidate], now: datetime) -> list[_Candidate]:
    """Who may be called though the head of her line cannot: of each other part of it the first. In a line without parts
    those with an appointment are one."""
    found = []
    for head in heads:
        if head.why_not is None or head.why_not == EARLY:
            continue
        line = desk if head.ticket.for_desk else day.services[head.ticket.service]
        if line.parts is not None:
            keys = line.parts.firsts
        else:
            booked = day.services[head.ticket.service].booked.first
            keys = [booked] if booked and not head.ticket.for_desk else []
        is_helped = not head.ticket.for_desk and head.ticket.service in desk.desk.helps
        rule: CallRule = "help-out" if is_helped else "earliest-due"
        found += [
            _Candidate(key, day.tickets[key[2]], rule=rule)
            for key in keys
            if key != head.key and (not is_helped or _helps(desk, key, now))
        ]
    return _judged(day, desk, found, now)


def _judged(day: Day, desk: DeskState, of: list[_Candidate], now: datetime) -> list[_Candidate]:
    """The candidates, held back if there is no place for them or an appointment to guard."""
    if day.ways.get(desk.desk.room):
        of = [_with_place(day, desk, it) for it in of]
    if slots := _slots_to_guard(day, desk, now):
        of = [_guarding(day, it, slots, now) for it in of]
    return of


def _with_place(day: Day, desk: DeskState, it: _Candidate) -> _Candidate:
    """The candidate, held back if the room of the desk has no place for it."""
    if it.why_not or admission.places_for(day, it.ticket, desk.desk) is not None:
        return it
    return _Candidate(it.key, it.ticket, "no-place")


def _guarding(day: Day, it: _Candidate, slots: list[Ticket], now: datetime) -> _Candidate:
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
    """The next appointment of each service that no other open desk has as its own, if its visitor is here and can be
    called: so no desk stands idle for it. A desk that only helps out does not take her at her slot."""
    assert day.lobby is not None
    if not day.lobby.site.guard_slots:
        return []
    slots = []
    for service in desk.desk.services:
        state = day.services[service]
        is_only_here = state.own_desks == desk.is_open
        if is_only_here and (upcoming := state.booked.after((now, sys.maxsize, ""))):
            slots.append(upcoming)
    if not slots:
        return []
    here = [day.tickets[key[2]] for key in sorted(slots)]
    return [it for it in here if admission.places_for(day, it, desk.desk) is not None]
