"""More people in a room than it may hold: an alarm that begins and ends by events, with how long and by how many.

It begins with the first count above the limit, whoever was to blame, and ends with the first one that is not. While
nobody knows how many are inside it goes on: unknown is not fine. Reckoned is with the number, not with its bounds.
"""

from collections.abc import Iterable
from datetime import datetime

from hub.day import occupancy
from hub.day.events import AnyEvent
from hub.day.model import Day
from hub.day.people_events import OverLimitBegan, OverLimitEnded
from hub.day.rooms import OverLimit, RoomState


def look(day: Day, rooms: Iterable[RoomState]) -> None:
    """After an event that may have moved people or limits of `rooms`: note what it makes worse, and of which of them an
    alarm is to begin or to end."""
    for room in rooms:
        known = occupancy.bounds(day, room)
        people = None if known is None else known[0]
        if people is not None and room.over is not None:
            grow(room.over, people, room.limit_people)
        is_over = people is not None and people > room.limit_people
        is_fine = not room.counters or (people is not None and not is_over)
        if is_over if room.over is None else is_fine:
            day.alarms_due[room.room.id] = None
        else:
            day.alarms_due.pop(room.room.id, None)


def grow(over: OverLimit, people: int, limit_people: int) -> None:
    """There are so many, where so many are allowed."""
    over.highest_people = max(over.highest_people, people)
    over.most_over_people = max(over.most_over_people, people - limit_people)


def changes(day: Day, now: datetime) -> list[AnyEvent]:
    """The alarms that begin or end by now."""
    return [_began(day, room) if room.over is None else _ended(day, room, room.over, now) for room in _due(day)]


def ends(day: Day, now: datetime) -> list[AnyEvent]:
    """The day ends, and with it every alarm that goes on."""
    return [_ended(day, room, room.over, now) for room in day.rooms.values() if room.over is not None]


def _due(day: Day) -> list[RoomState]:
    return [day.rooms[room] for room in day.alarms_due]


def _began(day: Day, room: RoomState) -> AnyEvent:
    known = occupancy.bounds(day, room)
    assert known is not None, f"{room.room.id} is over its limit, and nobody knows how many are inside"
    people, lower, _ = known
    return OverLimitBegan(room=room.room.id, people=people, lower_people=lower, limit_people=room.limit_people)


def _ended(day: Day, room: RoomState, over: OverLimit, now: datetime) -> AnyEvent:
    return OverLimitEnded(
        room=room.room.id,
        highest_people=over.highest_people,
        most_over_people=over.most_over_people,
        lasted_s=round((now - over.since_at).total_seconds()),
    )
