"""What follows from an input: events, or a refusal. Pure, and the only place where the lobby's rules stand."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hub.day import admission, appointments, events, inputs
from hub.day.dispatch import next_ticket
from hub.day.events import AnyEvent
from hub.day.gates import gates
from hub.day.hours import is_open, opens_at
from hub.day.inputs import AnyInput
from hub.day.lobby import DeviceKind
from hub.day.model import ENDED, Day, DeskState, RoomState, ServiceState, Ticket, TicketState
from hub.day.refusal import Code, Refusal

Decision = list[AnyEvent] | Refusal

PARTY_PEOPLE_MAX = 50
PEOPLE_MAX = 100_000
"""As many as a room may hold by its description."""

CROSSINGS_MAX = 10_000
"""Of one counter between two reports; a stadium's gate would need hours of silence for it."""

CHECK_IN_EARLY_S = 3_600.0
"""How long before an appointment its visitor is welcome while the lobby is closed for those without one.

The office promised the time, whatever the opening hours say; she is, until `late_s` after it.
"""

EPOCHS_CARRIED = 8
"""Of each counter, into the next day: an epoch that was superseded so often does not come back."""


def decide(day: Day, an_input: AnyInput, now: datetime) -> Decision:
    """The events that `an_input` causes at `now`, in order, or why it is refused. `day` is not changed.

    An empty list means that the input asks for nothing that is not so already. `now` is aware UTC and not earlier
    than `day.at`.
    """
    if not day.is_open and not isinstance(an_input, _WITHOUT_A_DAY):
        return Refusal(code=Code.NO_DAY)
    return _RULES[type(an_input)](day, an_input, now)


# --- the day itself ----------------------------------------------------------------------------------------------


def _open_day(day: Day, an_input: inputs.OpenDay, now: datetime) -> Decision:
    if day.is_open:
        return Refusal(code=Code.DAY_OPEN, facts={"day": str(day.day)})
    totals = tuple(
        events.CounterTotals(
            device=counter.device, epoch=epoch, entered=entered, left=left, is_silent=counter.is_silent
        )
        for counter in day.counters.values()
        for epoch, (entered, left) in list(counter.totals.items())[-EPOCHS_CARRIED:]
    )
    rooms = tuple(_carried(room) for room in day.rooms.values())
    booked = tuple(
        events.Appointment(
            appointment=known.appointment,
            service=known.service,
            slot_at=known.slot_at,
            code_hash=known.code_hash,
            party_people=known.party_people,
        )
        for known in an_input.appointments
    )
    opened = events.DayOpened(
        day=an_input.day,
        lobby=an_input.lobby,
        totals=totals,
        rooms=rooms,
        paper=dict(day.paper),
        appointments=booked,
    )
    return [opened]


def _carried(room: RoomState) -> events.RoomPeople:
    """Who is in a room when the day turns; a room that is never known stays unknown."""
    if room.people is not None and room.room.empty_at_turn:
        return events.RoomPeople(room=room.room.id, people=0)
    return events.RoomPeople(room=room.room.id, people=room.people, deficit_people=room.deficit_people)


def _close_day(day: Day, an_input: inputs.CloseDay, now: datetime) -> Decision:
    assert day.day is not None
    still_open = (ticket for ticket in day.tickets.values() if ticket.state not in ENDED)
    ends: list[AnyEvent] = [events.TicketClosed(ticket=ticket.id, why="day-end") for ticket in still_open]
    return [*ends, events.DayClosed(day=day.day)]


def _change_lobby(day: Day, an_input: inputs.ChangeLobby, now: datetime) -> Decision:
    return [] if an_input.lobby == day.lobby else [events.LobbyChanged(lobby=an_input.lobby)]


def _take_over(day: Day, an_input: inputs.TakeOver, now: datetime) -> Decision:
    assert an_input.term > day.term, f"term {an_input.term} does not follow {day.term}"
    return [events.TookOver(term=an_input.term, holder=an_input.holder)]


def _elapse(day: Day, an_input: inputs.Elapse, now: datetime) -> Decision:
    over: list[AnyEvent] = [events.TicketReturned(ticket=ticket) for at, ticket in day.missed if at <= now]
    over += admission.lapses(day, now)
    # What has lapsed makes room, so who is invited is decided when that has happened, at once after this.
    return over or list(admission.invitations(day, now))


def _expire(day: Day, an_input: inputs.Expire, now: datetime) -> Decision:
    return Refusal(code=Code.EXPIRED, facts={} if an_input.age_ms is None else {"age_ms": an_input.age_ms})


# --- tickets -----------------------------------------------------------------------------------------------------


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
    late_at = appointment.slot_at + timedelta(seconds=lobby.site.late_s)
    is_late = now > late_at
    due_at = now + timedelta(seconds=state.service.target_wait_s) if is_late else appointment.slot_at
    return _ticket(
        day,
        an_input,
        state,
        now,
        due_at=due_at,
        party_people=appointment.party_people,
        appointment=appointment.id,
        is_expected=appointment.slot_at - timedelta(seconds=CHECK_IN_EARLY_S) <= now <= late_at,
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
    is_expected: bool = False,
) -> Decision:
    """A new ticket of `state`'s service, if the lobby is open or the visitor is expected now."""
    lobby = day.lobby
    assert lobby is not None
    if not is_expected and not is_open(lobby, now):
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


# --- desks -------------------------------------------------------------------------------------------------------


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


# --- devices -----------------------------------------------------------------------------------------------------


def _count_people(day: Day, an_input: inputs.CountPeople, now: datetime) -> Decision:
    device = day.devices.get(an_input.device)
    if device is None or device.kind is not DeviceKind.COUNTER:
        return Refusal(code=Code.UNKNOWN_DEVICE, facts={"device": an_input.device})
    known = day.counters.get(an_input.device)
    last = known.totals.get(an_input.epoch) if known else None
    if known and last and (an_input.entered < last[0] or an_input.left < last[1]):
        if an_input.epoch in known.fell_back:
            return Refusal(code=Code.TOTALS_FELL_BACK, facts={"device": an_input.device})
        fell_back = events.TotalsFellBack(
            device=an_input.device, epoch=an_input.epoch, entered=an_input.entered, left=an_input.left
        )
        return [fell_back]
    is_repeated = known and last == (an_input.entered, an_input.left) and known.quality is an_input.quality
    if known and is_repeated and not known.implausible:
        return []
    before = last or (0, 0)
    if known and max(an_input.entered - before[0], an_input.left - before[1]) > CROSSINGS_MAX:
        if an_input.epoch == known.implausible:
            return Refusal(code=Code.IMPLAUSIBLE_TOTALS, facts={"device": an_input.device, "max": CROSSINGS_MAX})
        implausible = events.TotalsImplausible(
            device=an_input.device, epoch=an_input.epoch, entered=an_input.entered, left=an_input.left
        )
        return [implausible]
    counted = events.PeopleCounted(
        device=an_input.device,
        epoch=an_input.epoch,
        entered=an_input.entered,
        left=an_input.left,
        quality=an_input.quality,
    )
    return [counted]


def _note_silence(day: Day, an_input: inputs.NoteSilence, now: datetime) -> Decision:
    counter = day.counters.get(an_input.device)
    if counter is None:
        return Refusal(code=Code.UNKNOWN_DEVICE, facts={"device": an_input.device})
    if counter.is_silent == an_input.is_silent:
        return []
    kind = events.CounterSilenced if an_input.is_silent else events.CounterHeard
    return [kind(device=an_input.device)]


def _correct_people(day: Day, an_input: inputs.CorrectPeople, now: datetime) -> Decision:
    if an_input.room not in day.rooms:
        return Refusal(code=Code.UNKNOWN_ROOM, facts={"room": an_input.room})
    people_max = 0 if an_input.why == "empty" else PEOPLE_MAX
    if not 0 <= an_input.people <= people_max:
        return Refusal(code=Code.BAD_PEOPLE, facts={"people": an_input.people, "max": people_max})
    return [events.PeopleCorrected(room=an_input.room, people=an_input.people, why=an_input.why)]


def _note_paper(day: Day, an_input: inputs.NotePaper, now: datetime) -> Decision:
    device = day.devices.get(an_input.device)
    if device is None or device.kind is not DeviceKind.PRINTER:
        return Refusal(code=Code.UNKNOWN_DEVICE, facts={"device": an_input.device})
    if day.paper.get(an_input.device) is an_input.paper:
        return []
    return [events.PaperNoted(device=an_input.device, paper=an_input.paper)]


_WITHOUT_A_DAY = (inputs.OpenDay, inputs.TakeOver, inputs.Expire)

_RULES: dict[type, Callable[[Day, Any, datetime], Decision]] = {
    inputs.OpenDay: _open_day,
    inputs.CloseDay: _close_day,
    inputs.ChangeLobby: _change_lobby,
    inputs.TakeOver: _take_over,
    inputs.Elapse: _elapse,
    inputs.Expire: _expire,
    inputs.IssueTicket: _issue_ticket,
    inputs.CancelTicket: _cancel_ticket,
    inputs.CheckIn: _check_in,
    inputs.KnowAppointment: appointments.know,
    inputs.MoveAppointment: appointments.move,
    inputs.CancelAppointment: appointments.cancel,
    inputs.OpenDesk: _at_desk(_open_desk),
    inputs.CloseDesk: _at_desk(_close_desk),
    inputs.CallNext: _at_desk(_call_next),
    inputs.Recall: _with_visitor(_recall),
    inputs.NoShow: _with_visitor(_no_show),
    inputs.Start: _with_visitor(_start),
    inputs.Finish: _with_visitor(_finish, serving_too=True),
    inputs.CountPeople: _count_people,
    inputs.NoteSilence: _note_silence,
    inputs.CorrectPeople: _correct_people,
    inputs.NotePaper: _note_paper,
}
