"""Whether the right ticket was called, and whether the reason that the call carries is true. See "Who is next" in
`docs/rules-in-detail.md`.

For each call it looks through everybody who waits for the desk, and says whom the rules would have called. A line is
whoever waits for one service, or for one desk alone. The first of each is named in the reason, and so is whoever is the
first in it who had no place, or would have delayed an appointment. Who has no place it is told by `gate_checker`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from hub.day import events
from simulator.followed import FollowedDay, FollowedDesk, FollowedTicket, LineName


class Candidate(NamedTuple):
    """Somebody who waits, as a desk sees her."""

    ticket: FollowedTicket
    why_not: str = ""
    """Why the desk does not call her now; empty if she can be called."""
    slot_of: str = ""
    """The number whose appointment she would delay."""
    rule: str = "earliest-due"


class Choice(NamedTuple):
    """Whom the rules call."""

    ticket: FollowedTicket
    rule: str
    passed_over: list[tuple[str, str, datetime, str, str]]
    """Service, number, due, why, and whose slot is guarded; due first first."""


def breaches(
    day: FollowedDay, event: events.TicketCalled, at: datetime, held: frozenset[str] = frozenset()
) -> Iterator[str]:
    """A sentence for each rule that the call breaks. `day` is as it was before it, and the tickets `held` then had no
    place on the way to the desk."""
    ticket, desk = day.tickets[event.ticket], day.desks[event.desk]
    yield from _facts(day, event, ticket)
    # A visitor whom the call itself sends on to her next step is not called by it.
    if event.rule == "by-hand":
        yield from _by_hand(day, desk, event, at)
        return
    without = (event.finished,) if event.finished else ()
    yield from _starving(day, desk, ticket, at, without, held)
    choice = next_for(day, desk, at, without, held)
    who = f"{event.desk} called {ticket.number}, due at {ticket.due_at:%H:%M:%S}"
    if choice is None:
        yield f"{who}, and may call nobody now"
    elif choice.ticket is not ticket:
        yield f"{who}; next is {choice.ticket.number}, due at {choice.ticket.due_at:%H:%M:%S} ({choice.rule})"
    else:
        if event.rule != choice.rule:
            yield f"{who}, by the rule {event.rule!r}; it is {choice.rule!r}"
        if (named := _named(event.passed_over)) != choice.passed_over:
            yield f"{who}, passing over {_told(named)}; it passed over {_told(choice.passed_over)}"


def next_for(
    day: FollowedDay,
    desk: FollowedDesk,
    at: datetime,
    without: tuple[str, ...] = (),
    held: frozenset[str] = frozenset(),
) -> Choice | None:
    """Whom `desk` is to call at `at`, leaving out `without`; None if it may call nobody. The tickets `held` have no
    place on the way to it."""
    slots = _guarded_slots(day, desk, at, held)
    lines = [
        sorted(
            (_judged(day, desk, line, it, at, slots, held) for it in day.waiting([line]) if it.id not in without),
            key=lambda it: it.ticket.turn,
        )
        for line in _lines(desk)
    ]
    can = [it for line in lines for it in line if not it.why_not]
    if not can:
        return None
    chosen = min(can, key=lambda it: it.ticket.turn)
    named = sorted((it for line in lines for it in _to_name(line, chosen)), key=lambda it: it.ticket.turn)
    is_guarded = any(it.why_not == "guards-slot" for it in named)
    passed_over = [
        (it.ticket.service, it.ticket.number, it.ticket.due_at, it.why_not or "later-due", it.slot_of) for it in named
    ]
    return Choice(chosen.ticket, "slot-guarded" if is_guarded else chosen.rule, passed_over)


def _lines(desk: FollowedDesk) -> list[LineName]:
    return [("desk", desk.desk.id), *(("of", it) for it in (*desk.desk.services, *desk.desk.helps))]


def _to_name(line: list[Candidate], chosen: Candidate) -> Iterator[Candidate]:
    """Whom of a line the reason has to name."""
    before = [it for it in line if it.ticket.turn < chosen.ticket.turn]
    if before:
        yield before[0]
        for why in ("no-place", "guards-slot"):
            if before[0].why_not != why:
                yield from [it for it in before if it.why_not == why][:1]
    elif line and line[0] is not chosen:
        yield Candidate(line[0].ticket)


def _judged(
    day: FollowedDay,
    desk: FollowedDesk,
    line: LineName,
    ticket: FollowedTicket,
    at: datetime,
    slots: list[FollowedTicket],
    held: frozenset[str],
) -> Candidate:
    """Whether `desk` can call somebody who waits in that line, and why not."""
    is_helped = line[0] == "of" and line[1] in desk.desk.helps
    if is_helped and not _is_helped(desk, ticket, at):
        return Candidate(ticket, "help-out-early")
    if ticket.id in held:
        return Candidate(ticket, "no-place")
    ends_at = at + timedelta(seconds=day.services[ticket.service].nominal_service_s)
    delayed = next((it for it in slots if it.due_at < ends_at), None)
    if ticket.has_slot or delayed is None:
        return Candidate(ticket, rule="help-out" if is_helped else "earliest-due")
    if at - ticket.due_at > timedelta(seconds=day.facts.site.overdue_max_s):
        return Candidate(ticket, rule="overdue")
    return Candidate(ticket, "guards-slot", delayed.number)


def _is_helped(desk: FollowedDesk, ticket: FollowedTicket, at: datetime) -> bool:
    return at - ticket.due_at >= timedelta(seconds=desk.desk.help_after_s)


def _guarded_slots(day: FollowedDay, desk: FollowedDesk, at: datetime, held: frozenset[str]) -> list[FollowedTicket]:
    """Of each service that is no other open desk's own, who is here for the next slot; due first first. Whoever has no
    place could not be called instead, so nobody is held back for her."""
    if not day.facts.site.guard_slots:
        return []
    slots = []
    for service in desk.desk.services:
        upcoming = [it for it in day.waiting([("of", service)]) if it.has_slot and it.due_at > at]
        others = (it for it in day.desks.values() if it is not desk and it.is_open)
        if upcoming and not any(service in it.desk.services for it in others):
            slots.append(min(upcoming, key=lambda it: it.turn))
    return sorted((it for it in slots if it.id not in held), key=lambda it: it.turn)


def _starving(
    day: FollowedDay,
    desk: FollowedDesk,
    called: FollowedTicket,
    at: datetime,
    without: tuple[str, ...],
    held: frozenset[str],
) -> Iterator[str]:
    """Whoever has a place, is overdue by more than the stated time and was passed over for somebody due later."""
    overdue_max = timedelta(seconds=day.facts.site.overdue_max_s)
    lines: list[LineName] = [("desk", desk.desk.id), *(("of", it) for it in desk.desk.services)]
    for it in sorted(day.waiting(lines), key=lambda it: it.turn):
        if it.turn < called.turn and it.id not in (*without, *held) and at - it.due_at > overdue_max:
            yield (
                f"{desk.desk.id} called {called.number} and passed over {it.number}, "
                f"which is overdue by {at - it.due_at}"
            )
            return


def _facts(day: FollowedDay, event: events.TicketCalled, ticket: FollowedTicket) -> Iterator[str]:
    said = (event.due_at, event.priority, event.earlier_s, event.appointment, event.overdue_max_s)
    site = day.facts.site
    true = (ticket.due_at, ticket.priority, ticket.earlier_s, ticket.has_slot, site.overdue_max_s)
    if said != true:
        yield f"{event.desk} called {ticket.number} for a reason that is not true: {said}, but {true}"


def _by_hand(day: FollowedDay, desk: FollowedDesk, event: events.TicketCalled, at: datetime) -> Iterator[str]:
    """The first of each other line has to be named; of the picked one's own line it may be the next, or nobody."""
    picked = day.tickets[event.ticket]
    without = (picked.id, event.finished)
    its_own = ("desk", picked.only_desk) if picked.only_desk else ("of", picked.service)
    firsts = [(line, first) for line in _lines(desk) if (first := day.first(line, without)) is not None]
    named = _named(event.passed_over)
    who = f"{event.desk} picked {picked.number}"
    if [it[2:3] for it in named] != sorted(it[2:3] for it in named):
        yield f"{who} and names whom it passed over in no order: {_told(named)}"
    for line, first in firsts:
        why = "not-picked" if first.turn < picked.turn else "later-due"
        fact = (first.service, first.number, first.due_at, why, "")
        if fact in named:
            named.remove(fact)
        elif line != its_own:
            yield f"{who} and passed over {first.number} ({why}), which it does not name"
    if named:
        yield f"{who} and names {_told(named)}, whom it did not pass over"


def _named(heads: Sequence[events.Head]) -> list[tuple[str, str, datetime, str, str]]:
    return [(it.service, it.number, it.due_at, it.why, it.slot_of) for it in heads]


def _told(passed_over: Sequence[tuple[str, str, datetime, str, str]]) -> str:
    told = [
        f"{number} due at {due_at:%H:%M:%S} ({why} {of}".strip() + ")" for _, number, due_at, why, of in passed_over
    ]
    return ", ".join(told) or "nobody"
