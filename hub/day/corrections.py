"""Corrections that nobody makes by hand: what the lobby file says of a room is held against its number."""

from collections.abc import Iterator
from datetime import datetime

from hub.day import known_empty
from hub.day.events import AnyEvent
from hub.day.lobby import Room
from hub.day.model import Day
from hub.day.people_events import CorrectedWhy, PeopleCorrected
from hub.day.rooms import RoomState


def is_ruled(room: Room) -> bool:
    """Whether the lobby file says anything of the kind of the room."""
    return bool(room.empty_at) or room.empty_after_quiet_s is not None


def changes(day: Day, now: datetime) -> list[AnyEvent]:
    """Those that are due by now, at most one of each room."""
    found: list[AnyEvent] = []
    for room in day.ruled_rooms:
        due = [(at, why) for at, why in _due(day, room) if at <= now]
        if due:
            # Nobody but who is being served is inside.
            why = min(due)[1]
            found.append(PeopleCorrected(room=room.room.id, people=room.served_people, why=why))
    return found


def next_at(day: Day) -> datetime | None:
    """When the first of them is due; None if none will be before something else happens."""
    return min((at for room in day.ruled_rooms for at, _ in _due(day, room)), default=None)


def _due(day: Day, room: RoomState) -> Iterator[tuple[datetime, CorrectedWhy]]:
    if at := known_empty.by_schedule_at(day, room):
        yield at, "schedule"
    if at := known_empty.by_quiet_at(day, room):
        yield at, "quiet"
