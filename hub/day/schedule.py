"""Limits that the lobby file wants at certain hours of certain days: which of them holds, and when the next one does.

Each change is an event, written when it is due, so that a replay knows no clock. Local times of day are worked out when
the day opens; see `hub.day.hours` for what happens to them when clocks are put forward or back.
"""

from datetime import date, datetime

from hub.day.change_events import LimitScheduled
from hub.day.events import AnyEvent
from hub.day.hours import DAY, WEEKDAYS, spans_on
from hub.day.lobby import LimitSpan, Lobby
from hub.day.model import Day
from hub.day.rooms import RoomState, ScheduledLimit


def scheduled_limits(lobby: Lobby, day: date) -> dict[str, tuple[ScheduledLimit, ...]]:
    """Room to its limits about the service day `day`, in the order of the file, of which the first one that holds
    counts. Rooms without any are left out."""
    dates = [day + ahead * DAY for ahead in range(-1, 3)]
    found = {}
    for room in lobby.rooms:
        spans = [(span, on) for span in room.limits for on in dates if _is_on(span, on)]
        if spans:
            found[room.id] = tuple(
                ScheduledLimit(begins_at, ends_at, span.limit_people)
                for span, on in spans
                for begins_at, ends_at in spans_on(lobby, on, (span.hours,))
            )
    return found


def _is_on(span: LimitSpan, on: date) -> bool:
    return not span.days or WEEKDAYS[on.weekday()] in span.days


def changes(day: Day, now: datetime) -> list[AnyEvent]:
    """The limits that are others by now. One that changed and changed back while nobody was there is told as it is."""
    found: list[AnyEvent] = []
    for room in day.rooms.values():
        change_at = _next_change_at(day, room)
        if change_at is not None and change_at <= now:
            found.append(LimitScheduled(room=room.room.id, limit_people=_limit_at(day, room, now)))
    return found


def next_change_at(day: Day) -> datetime | None:
    """When the first of them changes; None if none will in this day."""
    found = (_next_change_at(day, room) for room in day.rooms.values())
    return min((at for at in found if at is not None), default=None)


def _next_change_at(day: Day, room: RoomState) -> datetime | None:
    """At once if another limit holds than was told, as it does when the day opens or is described anew."""
    assert day.at is not None
    if _limit_at(day, room, day.at) != room.limit_by_schedule:
        return day.at
    edges = {at for it in day.scheduled_limits.get(room.room.id, ()) for at in (it.begins_at, it.ends_at)}
    later = sorted(at for at in edges if at > day.at)
    return next((at for at in later if _limit_at(day, room, at) != room.limit_by_schedule), None)


def _limit_at(day: Day, room: RoomState, at: datetime) -> int | None:
    """What the schedule says; None for the usual limit."""
    spans = day.scheduled_limits.get(room.room.id, ())
    return next((it.limit_people for it in spans if it.begins_at <= at < it.ends_at), None)
