"""The day itself: it opens, closes, changes hands, and time passes in it."""

from datetime import datetime

from hub.day import admission, alarms, changes, closing, corrections, events, idle, inputs, reckoned, schedule
from hub.day.decide import desks
from hub.day.decide.decision import Decision, Rule
from hub.day.events import AnyEvent
from hub.day.model import ENDED, Day
from hub.day.refusal import Code, Refusal
from hub.day.rooms import RoomState

EPOCHS_CARRIED = 8
"""Of each counter, into the next day: an epoch that was superseded so often does not come back."""


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
    appointments = tuple(
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
        appointments=appointments,
        evacuated_since_at=day.evacuation.since_at if day.evacuation else None,
        evacuated_by=day.evacuation.by if day.evacuation else None,
    )
    return [opened]


def _carried(room: RoomState) -> events.RoomPeople:
    """Who is in a room when the day turns; a room that is never known stays unknown."""
    if room.people is not None and room.room.empty_at_turn:
        return events.RoomPeople(room=room.room.id, people=0, reckoned=reckoned.carried(room))
    return events.RoomPeople(
        room=room.room.id,
        people=room.people if room.people is None or room.known is None else round(room.known.value),
        deficit_people=room.deficit_people,
        reckoned=reckoned.carried(room),
    )


def _close_day(day: Day, an_input: inputs.CloseDay, now: datetime) -> Decision:
    assert day.day is not None
    still_open = (ticket for ticket in day.tickets.values() if ticket.state not in ENDED)
    ends: list[AnyEvent] = [events.TicketClosed(ticket=ticket.id, why="day-end") for ticket in still_open]
    return [*alarms.ends(day, now), *ends, events.DayClosed(day=day.day)]


def _change_lobby(day: Day, an_input: inputs.ChangeLobby, now: datetime) -> Decision:
    if an_input.lobby == day.lobby:
        return []
    changed = events.LobbyChanged(lobby=an_input.lobby, keeps_outside=True)
    return [*desks.withdrawals(day, an_input.lobby), changed]


def _take_over(day: Day, an_input: inputs.TakeOver, now: datetime) -> Decision:
    assert an_input.term > day.term, f"term {an_input.term} does not follow {day.term}"
    return [events.TookOver(term=an_input.term, holder=an_input.holder)]


def _elapse(day: Day, an_input: inputs.Elapse, now: datetime) -> Decision:
    # Nobody is invited by the limit of an hour that is over, nor kept out by people who are not there.
    # Whether a place has lapsed decides where somebody waits who is back in line, and who is invited: both are decided
    # when that has happened, at once after this.
    if limited := schedule.changes(day, now):
        return limited
    if day.evacuation is None and (moved := corrections.changes(day, now) or idle.changes(day, now)):
        return moved
    if day.evacuation is None and (lapsed := admission.lapses(day, now)):
        return lapsed
    over = alarms.changes(day, now)
    if day.evacuation is not None:  # Whatever tickets wait for stands still.
        return over + changes.ends(day, now)
    if day.missed:
        over += [_returned(day, ticket) for at, ticket in day.missed if at <= now]
    if day.parked:
        over += [events.TicketClosed(ticket=ticket, why="parked") for at, ticket in day.parked if at <= now]
    over += closing.ends(day, now)
    over += changes.ends(day, now)
    return over or list(admission.invitations(day, now))


def _returned(day: Day, ticket: str) -> AnyEvent:
    known = day.tickets[ticket]
    return events.TicketReturned(ticket=ticket, outside=not admission.is_let_in(day, known, known.room))


def _expire(day: Day, an_input: inputs.Expire, now: datetime) -> Decision:
    return Refusal(code=Code.EXPIRED, facts={} if an_input.age_ms is None else {"age_ms": an_input.age_ms})


RULES: dict[type, Rule] = {
    inputs.OpenDay: _open_day,
    inputs.CloseDay: _close_day,
    inputs.ChangeLobby: _change_lobby,
    inputs.TakeOver: _take_over,
    inputs.Elapse: _elapse,
    inputs.Expire: _expire,
}
