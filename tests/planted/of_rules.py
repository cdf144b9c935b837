"""Bugs in the rules of the lobby and in what events do to the day."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import msgspec

import hub.writer
from hub.day import admission, closing, dispatch, events, inputs, occupancy, people_events
from hub.day.apply import lines
from hub.day.apply import tickets as ticket_effects
from hub.day.decide import decide, desks, tickets
from hub.day.decide import devices as device_rules
from hub.day.events import AnyEvent
from hub.day.inputs import AnyInput
from hub.day.line import DueKey
from hub.day.model import Day, DeskState, Ticket
from hub.day.refusal import Refusal
from tests.planted.plant import Decision, Plant, Rule, applied, decided, swapped, without_effect

FAR_S = 36_000


def _blind(day: Day, an_input: AnyInput, now: datetime) -> Decision:
    if isinstance(an_input, inputs.DeskInput):
        an_input = msgspec.structs.replace(an_input, seen=None)
    return decide(day, an_input, now)


def _newest_first(ticket: Ticket) -> DueKey:
    return (ticket.due_at, -ticket.ordinal, ticket.id)


def _changed(kind: type[AnyInput], **fields: object) -> AbstractContextManager[None]:
    """Whatever is decided has other fields, as far as an event has them."""

    def change(rule: Rule) -> Rule:
        def changed(day: Day, an_input: Any, now: datetime) -> Decision:
            decision = rule(day, an_input, now)
            return decision if isinstance(decision, Refusal) else [_with(event, fields, now) for event in decision]

        return changed

    return decided(kind, change)


def _with(event: AnyEvent, fields: dict[str, object], now: datetime) -> AnyEvent:
    ours = {name: value for name, value in fields.items() if name in event.__struct_fields__}
    return msgspec.structs.replace(
        event, **{name: now + it if isinstance(it, timedelta) else it for name, it in ours.items()}
    )


def _filtered(kind: type[AnyInput], left_out: type[AnyEvent]) -> AbstractContextManager[None]:
    def change(rule: Rule) -> Rule:
        def filtered(day: Day, an_input: Any, now: datetime) -> Decision:
            decision = rule(day, an_input, now)
            if isinstance(decision, Refusal):
                return decision
            return [event for event in decision if not isinstance(event, left_out)]

        return filtered

    return decided(kind, change)


def _no_reservation(day: Day, event: events.TicketAdmitted, at: datetime) -> None:
    ticket_effects.EFFECTS[events.TicketAdmitted](day, event, at)
    for room in day.rooms.values():
        room.reservations = [kept for kept in room.reservations if kept.ticket != event.ticket]


def _end_in_line(day: Day, event: events.TicketClosed, at: datetime) -> None:
    """The ticket is closed, and the line has it still."""
    ticket = day.tickets[event.ticket]
    was_in_line = ticket.line_key in day.services[ticket.service].line
    ticket_effects.EFFECTS[events.TicketClosed](day, event, at)
    if was_in_line and event.why == "cancelled":
        day.services[ticket.service].line.add(ticket.line_key)


def _one_more(day: Day, room: Any, known: Any) -> int | None:
    upper = _gate_upper(day, room, known)
    return None if upper is None else upper - 3


_gate_upper = occupancy.gate_upper


def _any_totals(day: Day, an_input: inputs.CountPeople, now: datetime) -> Decision:
    if an_input.device not in day.devices:
        return device_rules.RULES[inputs.CountPeople](day, an_input, now)
    return [
        people_events.PeopleCounted(
            device=an_input.device,
            epoch=an_input.epoch,
            entered=an_input.entered,
            left=an_input.left,
            quality=an_input.quality,
        )
    ]


def _nothing(day: Day, an_input: Any, now: datetime) -> Decision:
    return []


def _nobody(*_: object) -> list[Any]:
    return []


def _keeps_arrival(day: Day, event: events.TicketTransferred, at: datetime) -> None:
    ticket_effects.EFFECTS[events.TicketTransferred](day, event, at)
    ticket = day.tickets[event.ticket]
    lines.out_of_line(day, ticket)
    ticket.due_at = at + timedelta(seconds=day.services[ticket.service].service.target_wait_s)
    lines.into_line(day, ticket)


def _missed_without_memory(day: Day, event: events.TicketMissed, at: datetime) -> None:
    ticket_effects.EFFECTS[events.TicketMissed](day, event, at)
    day.tickets[event.ticket].times_missed = 0


def _number_again(day: Day, event: events.TicketIssued, at: datetime) -> None:
    ticket_effects.EFFECTS[events.TicketIssued](day, event, at)
    if event.channel == "phone":
        day.numbers_issued[event.series] = max(event.number - 1, 0)


def _always(*_: object) -> bool:
    return True


def _late_is_on_time(day: Day, an_input: inputs.CheckIn, now: datetime) -> Decision:
    decision = tickets.RULES[inputs.CheckIn](day, an_input, now)
    if isinstance(decision, Refusal):
        return decision
    slot_at = day.appointments[day.by_code[an_input.code_hash]].slot_at
    return [
        msgspec.structs.replace(it, due_at=slot_at) if isinstance(it, events.TicketIssued) else it for it in decision
    ]


_next_call = dispatch.next_call


def _never_a_party(day: Day, desk: DeskState, now: datetime) -> dispatch.Choice | None:
    choice = _next_call(day, desk, now)
    return None if choice is not None and choice.ticket.party_people > 1 and not desk.ticket else choice


def _never_to_help(day: Day, desk: DeskState, now: datetime) -> dispatch.Choice | None:
    choice = _next_call(day, desk, now)
    return None if choice is not None and choice.rule == "help-out" and not desk.ticket else choice


def _kept(day: Day, now: datetime) -> Iterable[AnyEvent]:
    return []


RULES = [
    Plant(
        name="ignore-seen",
        room="rules",
        breaks="A press is taken though its desk has moved on since it was looked at.",
        plant=lambda: swapped(hub.writer, "decide", _blind),
    ),
    Plant(
        name="newest-first-among-equals",
        room="rules",
        breaks="Of two tickets that are due together the newer one is called first.",
        plant=lambda: swapped(Ticket, "line_key", property(_newest_first)),
    ),
    Plant(
        name="forget-the-reservation",
        room="rules",
        breaks="Who is invited in has no place kept on the way.",
        plant=lambda: applied(events.TicketAdmitted, lambda effect: _no_reservation),
    ),
    Plant(
        name="no-show-never-returns",
        room="rules",
        breaks="Whoever missed a call is back in line after ten hours, not after the grace.",
        plant=lambda: _changed(inputs.NoShow, back_at=timedelta(seconds=FAR_S)),
    ),
    Plant(
        name="no-show-returns-for-ever",
        room="rules",
        breaks="Whoever missed a call twice is put back in line instead of closed.",
        plant=lambda: applied(events.TicketMissed, lambda effect: _missed_without_memory),
    ),
    Plant(
        name="undo-after-ten-seconds",
        room="rules",
        breaks="A call can be undone when its visitor is long on the way.",
        plant=lambda: swapped(desks, "UNDO_S", FAR_S),
    ),
    Plant(
        name="transfer-loses-the-arrival",
        room="rules",
        breaks="Whoever is sent on to another desk waits there as if she had just come.",
        plant=lambda: applied(events.TicketTransferred, lambda effect: _keeps_arrival),
    ),
    Plant(
        name="parked-for-ever",
        room="rules",
        breaks="The place of a parked visitor is kept for ten hours.",
        plant=lambda: _changed(inputs.Park, until_at=timedelta(seconds=FAR_S)),
    ),
    Plant(
        name="slot-not-guarded",
        room="rules",
        breaks="A long visit is begun though it delays an appointment whose visitor is here.",
        plant=lambda: swapped(dispatch, "_slots_to_guard", _nobody),
    ),
    Plant(
        name="help-out-at-once",
        room="rules",
        breaks="A desk takes the visitors of others before they are overdue.",
        plant=lambda: swapped(dispatch, "_helps", _always),
    ),
    Plant(
        name="closing-ignored",
        room="rules",
        breaks="Tickets that were to end at closing time go on waiting.",
        plant=lambda: swapped(closing, "ends", _kept),
    ),
    Plant(
        name="cancelled-and-still-in-line",
        room="rules",
        breaks="Who has given the ticket back is called all the same.",
        plant=lambda: applied(events.TicketClosed, lambda effect: _end_in_line),
    ),
    Plant(
        name="three-above-the-limit",
        room="rules",
        breaks="The gate lets three more in than the room may hold.",
        plant=lambda: swapped(occupancy, "gate_upper", _one_more),
    ),
    Plant(
        name="reservations-never-lapse",
        room="rules",
        breaks="Whoever was invited and does not come keeps the place for good.",
        plant=lambda: swapped(admission, "lapses", _nobody),
    ),
    Plant(
        name="silence-ignored",
        room="rules",
        breaks="A counter that is not heard is believed as before.",
        plant=lambda: decided(inputs.NoteSilence, lambda rule: _nothing),
    ),
    Plant(
        name="lower-totals-accepted",
        room="rules",
        breaks="A counter whose totals fall back is believed.",
        plant=lambda: decided(inputs.CountPeople, lambda rule: _any_totals),
    ),
    Plant(
        name="number-issued-twice",
        room="rules",
        breaks="The number after one that was given to a phone is the same once more.",
        plant=lambda: applied(events.TicketIssued, lambda effect: _number_again),
    ),
    Plant(
        name="grace-forgotten-at-the-return",
        room="rules",
        breaks="A ticket whose grace is over does not come back in line.",
        plant=lambda: _filtered(inputs.Elapse, events.TicketReturned),
    ),
    Plant(
        name="desk-stays-closed",
        room="rules",
        breaks="A desk that opens goes on refusing.",
        plant=lambda: without_effect(events.DeskOpened),
    ),
    Plant(
        name="late-is-on-time",
        room="rules",
        breaks="Whoever comes hours after the appointment goes before all who wait.",
        plant=lambda: decided(inputs.CheckIn, lambda rule: _late_is_on_time),
    ),
    Plant(
        name="nobody-while-a-party-waits",
        room="rules",
        breaks="A free desk is told that nobody waits while a party of two is next.",
        plant=lambda: swapped(desks, "next_call", _never_a_party),
    ),
    Plant(
        name="nobody-to-help",
        room="rules",
        breaks="A desk is told that nobody waits while the line that it helps is overdue.",
        plant=lambda: swapped(desks, "next_call", _never_to_help),
    ),
    Plant(
        name="undo-refused-after-five-seconds",
        room="rules",
        breaks="A call cannot be undone in the second half of the time for that.",
        plant=lambda: swapped(desks, "UNDO_S", 5),
    ),
]
"""In the order of the table."""
