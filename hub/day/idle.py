"""Rooms whose doors nobody crosses: their estimate moves by itself, since who is inside leaves in time, counted or not,
and since nobody's leaving says that few are inside.

When it will be another whole number is found by letting a copy of the filter live on, minute by minute, for as long as
nobody has crossed: so a row is written when something changes, at most once a minute, and none while nothing does.
"""

from copy import deepcopy
from datetime import datetime, timedelta

from hub.day import occupancy, reckoned
from hub.day.durations import seconds
from hub.day.events import AnyEvent
from hub.day.known_empty import HEARD_BY_S
from hub.day.model import Day
from hub.day.people import room as people
from hub.day.people_events import PeopleReckoned
from hub.day.rooms import Foreseen, RoomState

MINUTE = timedelta(minutes=1)
FORESEEN = timedelta(minutes=30)
"""So far is looked ahead at a time: that takes some milliseconds."""


def changes(day: Day, now: datetime) -> list[AnyEvent]:
    """The estimates that are others by now."""
    found: list[AnyEvent] = []
    for room in day.learning_rooms:
        at = _next_at(day, room, now)
        if at is not None and at <= now and (known := _known_at(day, room, now)) is not None:
            value, lower, upper = reckoned.whole(known, room.served_people)
            found.append(PeopleReckoned(room=room.room.id, people=value, lower_people=lower, upper_people=upper))
    return found


def next_at(day: Day, now: datetime) -> datetime | None:
    """When the first of them changes, or when to ask again at the latest, which is after `now`; None if none does."""
    found = (_next_at(day, room, now) for room in day.learning_rooms)
    return min((at for at in found if at is not None), default=None)


def _known_at(day: Day, room: RoomState, at: datetime) -> people.Known | None:
    assert day.lobby is not None
    return reckoned.known_at(deepcopy(room.reckoned), room, day.lobby, at)


def _next_at(day: Day, room: RoomState, now: datetime) -> datetime | None:
    """None while nobody knows how many are inside. Nothing is looked up while people cross once a minute."""
    if room.reckoned_at is None or day.listens_since_at is None:
        return None
    first_at = max(room.reckoned_at + MINUTE, day.listens_since_at + seconds(HEARD_BY_S))
    if now < first_at:
        return first_at
    shown = occupancy.bounds(day, room)
    return None if shown is None else max(first_at, _foreseen(day, room, shown, now))


def _foreseen(day: Day, room: RoomState, shown: tuple[int, int, int], now: datetime) -> datetime:
    """When the estimate is another than is `shown`; if that is far, an instant after `now` until which it is not."""
    assert day.lobby is not None
    assert room.reckoned_at is not None
    told = room.foreseen
    if told is None or (told.reckoned_at, told.shown) != (room.reckoned_at, shown):
        told = Foreseen(
            reckoned_at=room.reckoned_at, shown=shown, filter=deepcopy(room.reckoned), until_at=room.reckoned_at
        )
        room.foreseen = told
    while not told.is_change and told.until_at <= now + FORESEEN:
        told.until_at += MINUTE
        known = reckoned.known_at(told.filter, room, day.lobby, told.until_at)
        told.is_change = known is not None and reckoned.whole(known, room.served_people) != shown
    return told.until_at
