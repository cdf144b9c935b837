"""Corrections that nobody makes by hand: what the lobby file says of a room is held against its number."""

from collections.abc import Iterator
from datetime import datetime

from hub.day import counter_signs, known_empty, longest_stay, occupancy
from hub.day.durations import seconds
from hub.day.events import AnyEvent
from hub.day.lobby import Room
from hub.day.model import Day
from hub.day.people_events import CorrectedWhy, PeopleCorrected
from hub.day.rooms import RoomState


def is_ruled(room: Room) -> bool:
    """Whether the lobby file says anything of the kind of the room."""
    return bool(room.empty_at) or room.empty_after_quiet_s is not None or room.longest_stay_s is not None


def changes(day: Day, now: datetime) -> list[AnyEvent]:
    """Those that are due by now, at most one of each room."""
    found: list[AnyEvent] = []
    for room in day.ruled_rooms:
        if due := [(at, why) for at, why in _due(day, room) if at <= now]:
            found.append(_corrected(day, room, min(due)[1], now))
    return found


def next_at(day: Day) -> datetime | None:
    """When the first of them is due; None if none will be before something else happens."""
    return min((at for room in day.ruled_rooms for at, _ in _due(day, room)), default=None)


def _due(day: Day, room: RoomState) -> Iterator[tuple[datetime, CorrectedWhy]]:
    if at := known_empty.by_schedule_at(day, room):
        yield at, "schedule"
    if counter_signs.is_stuck(room) or not all(day.counters[it].sees for it in room.counters if it in day.counters):
        return  # Nobody can know who came in meanwhile.
    if at := known_empty.by_quiet_at(day, room):
        yield at, "quiet"
    known = occupancy.bounds(day, room) if room.recent else None
    if known is not None and day.listens_since_at is not None:
        value, _, upper = known
        if at := longest_stay.next_cut_at(room, value, upper):
            yield max(at, day.listens_since_at + seconds(known_empty.HEARD_BY_S)), "dwell"


def _corrected(day: Day, room: RoomState, why: CorrectedWhy, now: datetime) -> AnyEvent:
    name = room.room.id
    if why != "dwell":
        # Nobody but who is being served is inside.
        return PeopleCorrected(room=name, people=room.served_people, why=why)
    known = occupancy.bounds(day, room)
    assert known is not None, f"{name} is cut down, and nobody knows how many are inside"
    people, upper_people = longest_stay.most_at(room, now)
    return PeopleCorrected(room=name, people=min(known[0], people), upper_people=upper_people, why=why)
