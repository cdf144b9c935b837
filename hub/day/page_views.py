"""What pages and the API show: views of a ticket, a desk and the whole lobby, pure functions of (day, now)."""

from datetime import datetime

from msgspec import Struct

from hub.day import changes, closing, dispatch, estimates, gate_state, occupancy
from hub.day.events import CallRule, Head
from hub.day.lobby import Label, Lobby
from hub.day.lobby_views import LobbyView as LobbyView
from hub.day.lobby_views import NoticeView as NoticeView
from hub.day.lobby_views import PriorityView as PriorityView
from hub.day.lobby_views import ServiceView as ServiceView
from hub.day.lobby_views import lobby_view as lobby_view
from hub.day.model import AT_DESK, ENDED, IN_LINE, SERVING, Day, DeskState, Ticket, TicketState
from hub.day.room_views import AlarmView, alarm_views
from wire.messages import GateState, PanelState


class TicketView(Struct, frozen=True, kw_only=True):
    """One ticket as its visitor sees it."""

    number: str
    service: Label
    bring: Label
    language: str
    state: TicketState
    issued_at: datetime
    ahead: int | None
    """People before this one in line; None when not in line."""
    is_next: bool
    """Nobody is before her in line, and a desk calls nobody else of another line before her."""
    wait_s: int | None
    """None if it cannot be said: no desk is open for it, or it waits for one desk alone."""
    desk: str
    """Short name of the desk that calls or serves; empty if none."""
    room: Label
    """Where that desk stands; before any call the admitted room before which the visitor waits, or into which she is
    invited."""
    called_at: datetime | None
    times_called: int
    back_at: datetime | None
    """When a missed ticket is in line again."""
    parked_until_at: datetime | None
    """Until when the place of a visitor is kept who is to come back with what was missing."""
    ended_why: str
    also: tuple[str, ...]
    """Numbers of duplicates that are this ticket now."""
    ended_reason: str
    """Why staff cancelled it; empty otherwise."""
    for_desk: str
    """Short name of the only desk that may call it; empty for any."""
    then: tuple[Label, ...]
    """The services that the visit goes on to."""
    is_outside: bool
    """Waits outside until invited in."""
    place_outside: int | None
    """1 for who is invited in next; None for who does not wait outside."""
    come_in_by_at: datetime | None
    """Until when a place is kept for an invited visitor; None once she is counted in."""
    closes_at: datetime | None
    """The end of the day's last opening; None until it is near."""
    served_after_close: bool
    """Whether everybody who waits at the end is still served; otherwise a ticket that was never called ends."""
    ends_with_day: bool
    """The day turns while the lobby is open: then every ticket ends."""
    times_missed: int
    """How often she was called and did not come."""
    times_lapsed: int
    """How often she was invited in and did not come."""
    notices: tuple[Label, ...]
    """What is posted everywhere, and in the rooms where she may be called."""
    asks_at_desk: bool
    """The lobby has no desk for it any more: any desk sees to its visitor, when she asks."""
    room_state: GateState | None
    """Of the room before which its visitor waits; None for who does not wait outside."""
    evacuates: bool
    """Everybody is to leave the building; the ticket keeps its place."""
    seq: int


class DeskLine(Struct, frozen=True, kw_only=True):
    """One service that a desk serves, and its line."""

    id: str
    letter: str
    name: Label
    waiting: int
    """Those who wait for another desk alone are left out."""
    next_number: str
    """The first whom any desk may call."""
    next_due_at: datetime | None
    helps: bool
    """The desk only helps out: it calls that ticket when it is overdue enough."""


class CallReason(Struct, frozen=True, kw_only=True):
    """Why this visitor was called and nobody else."""

    rule: CallRule
    due_at: datetime
    appointment: bool
    slot_at: datetime | None
    """Of the appointment. Whoever had two tickets that became one may be due before it."""
    priority: Label
    """Why its ticket was due earlier; empty if it was not."""
    earlier_s: int
    """By how much."""
    overdue_max_s: int
    passed_over: tuple[Head, ...]


class ParkedTicket(Struct, frozen=True, kw_only=True):
    """A visitor who is to come back with what was missing."""

    number: str
    until_at: datetime
    """The ticket ends when she has not come back by then."""


class DeskView(Struct, frozen=True, kw_only=True):
    """A desk as its staff see it."""

    id: str
    name: str
    room: Label
    state: PanelState
    desk_seq: int
    number: str
    """Of the ticket called or served here; empty when free."""
    service: Label
    language: str
    party_people: int
    issued_at: datetime | None
    called_at: datetime | None
    times_called: int
    why: CallReason | None
    """Of the newest call, while its visitor is here."""
    lines: tuple[DeskLine, ...]
    own: tuple[str, ...]
    """Numbers that wait for this desk alone, due first first."""
    next_number: str
    """Whom this desk would call now; empty for nobody."""
    parked: tuple[ParkedTicket, ...]
    """Of the services of this desk, whose place is kept the shortest time first."""
    room_state: GateState
    """Of the room in which it stands."""
    alarms: tuple[AlarmView, ...]
    """Rooms of the lobby that hold more people than they may."""
    seq: int


def place_in_line(day: Day, ticket: Ticket) -> int | None:
    """People before a ticket in the line of its service; None if it is not in line."""
    if ticket.state not in IN_LINE:
        return None
    service = day.services[ticket.service]
    if ticket.is_outside:
        return service.inside + service.outside.before(ticket.line_key)
    ahead = service.line.before(ticket.line_key)
    # Who waits for one desk waits for those before her at that desk too.
    return ahead + day.desks[ticket.for_desk].line.before(ticket.line_key) if ticket.for_desk else ahead


def place_outside(day: Day, ticket: Ticket) -> int | None:
    """1 for who is invited next into the ticket's admitted room; None for a ticket that does not wait outside."""
    if ticket.state not in IN_LINE or not ticket.is_outside:
        return None
    room = day.services[ticket.service].admitted_room
    lines = (state.outside for state in day.services.values() if state.admitted_room == room)
    return 1 + sum(line.before(ticket.line_key) for line in lines)


def ticket_view(day: Day, token_hash: str, now: datetime) -> TicketView | None:
    """The ticket whose token has this hash; None if there is none today."""
    ticket_id = day.by_token.get(token_hash)
    return None if ticket_id is None else view_of_ticket(day, day.tickets[ticket_id], now)


def view_of_ticket(day: Day, ticket: Ticket, now: datetime) -> TicketView:
    service = day.services[ticket.service]
    ahead = place_in_line(day, ticket)
    desk = day.desks[ticket.desk] if ticket.state in AT_DESK else None
    before = day.rooms.get(service.admitted_room)
    kept = occupancy.reservation_of(before, ticket.id) if before and ticket.state is TicketState.ADMITTED else None
    room = day.rooms[desk.desk.room] if desk else before if ticket.is_outside or kept else None
    return TicketView(
        number=ticket.number,
        service=service.service.name,
        bring=service.service.bring,
        language=ticket.language,
        state=ticket.state,
        issued_at=ticket.issued_at,
        ahead=ahead,
        is_next=ahead == 0 and dispatch.is_next(day, ticket, now),
        wait_s=None if ahead is None or ticket.for_desk else estimates.wait_s(day, ticket.service, ahead, now),
        desk=desk.desk.name if desk else "",
        room=room.room.name if room else {},
        called_at=ticket.called_at,
        times_called=ticket.times_called,
        back_at=ticket.back_at,
        parked_until_at=ticket.parked_until_at,
        ended_why=ticket.ended_why,
        also=ticket.old_numbers + tuple(number for it in ticket.merged for number in _numbers(day.tickets[it])),
        ended_reason=ticket.ended_reason,
        for_desk=day.desks[ticket.for_desk].desk.name if ticket.for_desk else "",
        then=tuple(day.services[step].service.name for step in ticket.then),
        is_outside=ticket.is_outside,
        place_outside=place_outside(day, ticket),
        come_in_by_at=kept.lapses_at if kept else None,
        closes_at=None if closing.outlasts(day, ticket) else closing.told_at(day, now),
        served_after_close=closing.serves_all(day) and not closing.turns_while_open(day),
        ends_with_day=closing.turns_while_open(day),
        times_missed=ticket.times_missed,
        times_lapsed=ticket.times_lapsed,
        notices=_notices_for(day, ticket),
        asks_at_desk=ticket.state not in AT_DESK | ENDED and not day.is_served(ticket.service),
        evacuates=day.evacuation is not None and ticket.state not in ENDED,
        room_state=gate_state.state_before(day, service) if ticket.is_outside and ticket.state in IN_LINE else None,
        seq=day.seq,
    )


def _numbers(ticket: Ticket) -> tuple[str, ...]:
    """All that it ever had, the newest first."""
    return ticket.number, *ticket.old_numbers


def _notices_for(day: Day, ticket: Ticket) -> tuple[Label, ...]:
    if not day.notices or ticket.state in ENDED:
        return ()
    desks = [desk.desk for desk in day.desks.values() if ticket.service in desk.desk.serves]
    before = day.services[ticket.service].admitted_room
    return tuple(changes.notices(day, before, *(desk.room for desk in desks)))


def desk_view(day: Day, desk_id: str, now: datetime) -> DeskView | None:
    """A desk as its staff see it; None for an unknown desk."""
    state = day.desk(desk_id)
    if state is None:
        return None
    ticket = day.tickets[state.ticket] if state.ticket else None
    choice = dispatch.next_call(day, state, now)
    return DeskView(
        id=desk_id,
        name=state.desk.name,
        room=day.rooms[state.desk.room].room.name,
        state=panel_state(day, state),
        desk_seq=state.seq,
        number=ticket.number if ticket else "",
        service=day.services[ticket.service].service.name if ticket else {},
        language=ticket.language if ticket else "",
        party_people=ticket.party_people if ticket else 0,
        issued_at=ticket.issued_at if ticket else None,
        called_at=ticket.called_at if ticket else None,
        times_called=ticket.times_called if ticket else 0,
        why=_why(day, state),
        lines=tuple(_desk_line(day, state, service) for service in state.desk.serves),
        own=tuple(day.tickets[key[2]].number for key in state.line),
        next_number=choice.ticket.number if choice else "",
        parked=tuple(
            ParkedTicket(number=day.tickets[ticket].number, until_at=until_at)
            for until_at, ticket in day.parked
            if day.tickets[ticket].service in state.desk.serves
        ),
        room_state=gate_state.state_of(day, day.rooms[state.desk.room]),
        alarms=alarm_views(day),
        seq=day.seq,
    )


def _why(day: Day, state: DeskState) -> CallReason | None:
    if state.call is None or state.call.called.ticket != state.ticket:
        return None
    why = state.call.why
    return CallReason(
        rule=why.rule,
        due_at=why.due_at,
        appointment=why.appointment,
        slot_at=state.call.called.slot_at,
        priority=next((it.name for it in _lobby(day).priorities if it.id == why.priority), {}),
        earlier_s=why.earlier_s,
        overdue_max_s=why.overdue_max_s,
        passed_over=why.passed_over,
    )


def panel_state(day: Day, state: DeskState) -> PanelState:
    """What a desk is doing, as its panel and page say it."""
    if not state.is_open:
        return PanelState.CLOSED
    if not state.ticket:
        return PanelState.FREE
    return PanelState.SERVING if day.tickets[state.ticket].state is SERVING else PanelState.CALLED


def _desk_line(day: Day, desk: DeskState, service_id: str) -> DeskLine:
    state = day.services[service_id]
    own = sum(day.tickets[key[2]].service == service_id for key in desk.line) if state.for_desks else 0
    first = state.line.first
    head = day.tickets[first[2]] if first else None
    return DeskLine(
        id=service_id,
        letter=state.service.letter,
        name=state.service.name,
        waiting=state.waiting - state.for_desks + own,
        next_number=head.number if head else "",
        next_due_at=head.due_at if head else None,
        helps=service_id in desk.desk.helps,
    )


def _lobby(day: Day) -> Lobby:
    assert day.lobby is not None, "views are of an open day"
    return day.lobby
