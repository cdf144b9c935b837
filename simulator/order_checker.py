"""Whether the right ticket was called, and whether the reason that the call carries is true. See "Who is next" in
`docs/rules-in-detail.md`.

For each call it looks through everybody who waits for the desk, and says whom the rules would have called. A line is
whoever waits for one service, or for one desk alone; only the first of each is a candidate, and is named in the reason.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from hub.day import events
from simulator.followed import FollowedDay, FollowedDesk, FollowedTicket, LineName


class Candidate(NamedTuple):
    """The first of a line, as a desk sees her."""

    ticket: FollowedTicket
    line: LineName
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
    """Service, number, due, why, and whose slot is guarded: the first of each other line, due first first."""


def breaches(day: FollowedDay, event: events.TicketCalled, at: datetime) -> Iterator[str]:
    """A sentence for each rule that the call breaks. `day` is as it was before it."""
    ticket, desk = day.tickets[event.ticket], day.desks[event.desk]
    yield from _facts(day, event, ticket)
    # A visitor whom the call itself sends on to her next step is not called by it.
    if event.rule == "by-hand":
        yield from _by_hand(day, desk, event, at)
        return
    without = (event.finished,) if event.finished else ()
    held = _held(day, desk, event)
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


def _held(day: FollowedDay, desk: FollowedDesk, event: events.TicketCalled) -> frozenset[str]:
    """Whom the call says that a room on the way to the desk had no place for. If there is such a room, `gate_checker`
    follows who is counted in it and says whether that is true."""
    if not day.facts.way_to_room.get(desk.desk.room):
        return frozenset()
    return frozenset(it.number for it in event.passed_over if it.why == "no-place")


def next_for(
    day: FollowedDay,
    desk: FollowedDesk,
    at: datetime,
    without: tuple[str, ...] = (),
    held: frozenset[str] = frozenset(),
) -> Choice | None:
    """Whom `desk` is to call at `at`, leaving out `without`; None if it may call nobody. For the numbers `held` there
    is no place in its room."""
    heads = list(_heads(day, desk, at, without, held))
    can = [it for it in heads if not it.why_not]
    for head in heads:
        # Behind a walk-in who is held back for an appointment stands, perhaps, somebody with an appointment.
        if head.why_not == "guards-slot":
            booked = _first_booked(day, head.ticket.service, without)
            if (
                booked is not None
                and booked.number not in held
                and (head.ticket.service not in desk.desk.helps or _is_helped(desk, booked, at))
            ):
                can.append(Candidate(booked, head.line))
    if not can:
        return None
    chosen = min(can, key=lambda it: it.ticket.turn)
    others = sorted((it for it in heads if it.ticket is not chosen.ticket), key=lambda it: it.ticket.turn)
    is_guarded = any(it.why_not == "guards-slot" and it.ticket.turn < chosen.ticket.turn for it in others)
    passed_over = [
        (
            it.ticket.service,
            it.ticket.number,
            it.ticket.due_at,
            it.why_not if it.ticket.turn < chosen.ticket.turn else "later-due",
            it.slot_of if it.ticket.turn < chosen.ticket.turn else "",
        )
        for it in others
    ]
    return Choice(chosen.ticket, "slot-guarded" if is_guarded else chosen.rule, passed_over)


def _heads(
    day: FollowedDay, desk: FollowedDesk, at: datetime, without: tuple[str, ...], held: frozenset[str]
) -> Iterator[Candidate]:
    """The first of each line that `desk` serves."""
    slots = _guarded_slots(day, desk, at)
    its_own: list[LineName] = [("desk", desk.desk.id), *(("of", it) for it in desk.desk.services)]
    helped: list[LineName] = [("of", it) for it in desk.desk.helps]
    for line in its_own + helped:
        first = day.first(line, without)
        if first is None:
            continue
        if line in helped and not _is_helped(desk, first, at):
            yield Candidate(first, line, "help-out-early")
            continue
        if first.number in held:
            yield Candidate(first, line, "no-place")
            continue
        rule = "help-out" if line in helped else "earliest-due"
        ends_at = at + timedelta(seconds=day.services[first.service].nominal_service_s)
        delayed = next((it for it in slots if it.due_at < ends_at), None)
        if first.has_slot or delayed is None:
            yield Candidate(first, line, rule=rule)
        elif at - first.due_at > timedelta(seconds=day.facts.site.overdue_max_s):
            yield Candidate(first, line, rule="overdue")
        else:
            yield Candidate(first, line, "guards-slot", delayed.number)


def _is_helped(desk: FollowedDesk, ticket: FollowedTicket, at: datetime) -> bool:
    return at - ticket.due_at >= timedelta(seconds=desk.desk.help_after_s)


def _guarded_slots(day: FollowedDay, desk: FollowedDesk, at: datetime) -> list[FollowedTicket]:
    """Of each service that no other open desk serves, who is here for the next slot; due first first."""
    if not day.facts.site.guard_slots:
        return []
    slots = []
    for service in desk.desk.services:
        upcoming = [it for it in day.waiting([("of", service)]) if it.has_slot and it.due_at > at]
        if upcoming and not any(
            it is not desk and it.is_open and service in (*it.desk.services, *it.desk.helps)
            for it in day.desks.values()
        ):
            slots.append(min(upcoming, key=lambda it: it.turn))
    return sorted(slots, key=lambda it: it.turn)


def _first_booked(day: FollowedDay, service: str, without: tuple[str, ...]) -> FollowedTicket | None:
    booked = (it for it in day.waiting([("of", service)]) if it.has_slot and it.id not in without)
    return min(booked, key=lambda it: it.turn, default=None)


def _starving(
    day: FollowedDay,
    desk: FollowedDesk,
    called: FollowedTicket,
    at: datetime,
    without: tuple[str, ...],
    held: frozenset[str],
) -> Iterator[str]:
    """Whoever is overdue by more than the stated time and was passed over for somebody due later, whyever."""
    overdue_max = timedelta(seconds=day.facts.site.overdue_max_s)
    lines: list[LineName] = [("desk", desk.desk.id), *(("of", it) for it in desk.desk.services)]
    for first in (day.first(line, without) for line in lines):
        if (
            first is not None
            and first.number not in held
            and first.turn < called.turn
            and at - first.due_at > overdue_max
        ):
            yield (
                f"{desk.desk.id} called {called.number} and passed over {first.number}, "
                f"which is overdue by {at - first.due_at}"
            )


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
    lines: list[LineName] = [("desk", desk.desk.id)]
    lines += [("of", it) for it in (*desk.desk.services, *desk.desk.helps)]
    its_own = ("desk", picked.only_desk) if picked.only_desk else ("of", picked.service)
    firsts = [(line, first) for line in lines if (first := day.first(line, without)) is not None]
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
