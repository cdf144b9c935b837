"""Questions that pages and API put to a committed day, by `Site.read`. The answers are views, never the day."""

import re
from datetime import date, datetime

from hub.day.closing import opening_ends_at
from hub.day.model import Day
from hub.day.page_views import (
    DeskView,
    LobbyView,
    TicketView,
    desk_view,
    lobby_view,
    view_of_ticket,
)
from hub.day.room_views import RoomCurve, RoomView, room_curve, room_view
from hub.site import Answer

_NUMBER = re.compile(r"\s*([A-Za-z])\s*([0-9]{1,6})\s*", re.ASCII)


def lobby(day: Day, now: datetime) -> LobbyView | None:
    """The lobby as a whole; None while no day is open."""
    return lobby_view(day, now) if day.is_open else None


def rooms(day: Day, now: datetime) -> list[RoomView]:
    """Every room of the day; none while no day is open."""
    return [room_view(day, room) for room in day.rooms.values()] if day.is_open else []


def room(room_id: str, day: Day, now: datetime) -> RoomView | None:
    """One room; None for an unknown one, or while no day is open."""
    known = day.rooms.get(room_id)
    return room_view(day, known) if known and day.is_open else None


def curve(room_id: str, day: Day, now: datetime) -> RoomCurve | None:
    """Today's curve of one room; None as for `room`."""
    known = day.rooms.get(room_id)
    return room_curve(day, known) if known and day.is_open else None


def desks(day: Day, now: datetime) -> list[DeskView]:
    """Every desk that the lobby describes, in its order; none while no day is open."""
    if not day.is_open or day.lobby is None:
        return []
    views = (desk_view(day, desk.id, now) for desk in day.lobby.desks)
    return [view for view in views if view is not None]


def desk(desk_id: str, day: Day, now: datetime) -> DeskView | None:
    """One desk; None for an unknown one."""
    return desk_view(day, desk_id, now)


def ticket(ticket_id: str, day: Day, now: datetime) -> TicketView | None:
    """One ticket, or the one that it has become; None for one of another day."""
    known = day.tickets.get(ticket_id)
    if known and known.merged_into:
        known = day.tickets[known.merged_into]
    return None if known is None else view_of_ticket(day, known, now)


def ticket_of(answer: Answer, day: Day, now: datetime) -> TicketView | None:
    """The ticket of an answer."""
    return ticket(answer.ticket, day, now)


def ticket_by_hash(token_hash: str, day: Day, now: datetime) -> tuple[str, TicketView] | None:
    """The id and the view of the ticket whose token has this hash; None if there is none today."""
    ticket_id = day.by_token.get(token_hash)
    return None if ticket_id is None else (ticket_id, view_of_ticket(day, day.tickets[ticket_id], now))


def ticket_numbered(number: str, day: Day, now: datetime) -> str:
    """The ticket that people call `number`, however they write it: `A042`, `a42`. Empty if there is none today."""
    written = _NUMBER.fullmatch(number)
    return day.by_number.get(f"{written[1].upper()}{int(written[2]):03d}", "") if written else ""


def number(ticket_id: str, day: Day, now: datetime) -> str:
    """The number of a ticket; empty for one of another day, or for none."""
    known = day.tickets.get(ticket_id)
    return known.number if known else ""


def is_invited(code_hash: str, day: Day, now: datetime) -> bool:
    """Whether today has an appointment with this code. Without a day nobody can know, and the day says so itself."""
    return not day.is_open or code_hash in day.by_code


def room_of_desk(desk_id: str, day: Day, now: datetime) -> str:
    """The room in which a desk stands; empty for an unknown one."""
    known = day.desk(desk_id)
    return known.desk.room if known else ""


def is_open(day: Day, now: datetime) -> bool:
    """Whether it is within the opening hours of a day."""
    return day.is_open and opening_ends_at(day, now) is not None


def joins_with(door_code: str, day: Day, now: datetime) -> int:
    """How many tickets were had with a code of a sign."""
    return day.door_joins.get(door_code, 0)


def service_day(day: Day, now: datetime) -> date | None:
    """The day that is open; None for none."""
    return day.day
