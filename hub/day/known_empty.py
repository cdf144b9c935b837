"""Rooms that are known to be empty without anybody looking: at the hours that the lobby file names, and when nobody has
crossed their doors for long enough while the lobby is closed.

Each is a correction like one by hand, with a reason of its own. What the counters may not have told yet is waited for.
"""

from collections.abc import Mapping
from datetime import date, datetime

from hub.day import occupancy
from hub.day.durations import seconds
from hub.day.hours import clock_at
from hub.day.lobby import Lobby
from hub.day.model import Day
from hub.day.rooms import RoomState

MADE_UP_S = 300.0
"""An hour that came while no hub was there is made up for so long: later somebody may have come in."""

HEARD_BY_S = 2 * occupancy.SILENT_AFTER_S
"""So long after the hub began to listen every counter has spoken, or counts as silent."""


def instants(lobby: Lobby, day: date) -> Mapping[str, tuple[datetime, ...]]:
    """Room to the instants of the service day `day` at which it is known to be empty, earliest first. Rooms without any
    are left out."""
    named = [room for room in lobby.rooms if room.empty_at]
    return {room.id: tuple(sorted({clock_at(lobby, day, clock) for clock in room.empty_at})) for room in named}


def by_schedule_at(day: Day, room: RoomState) -> datetime | None:
    """The next hour, or one that is due, at which the room is known to be empty; None if no more comes today. Whoever
    has corrected the room since an hour has settled it."""
    if not room.counters or day.listens_since_at is None:
        return None
    since_at, corrected_at = day.listens_since_at - seconds(MADE_UP_S), room.corrected_at
    to_come = (at for at in day.empty_at.get(room.room.id, ()) if at >= since_at)
    return next((at for at in to_come if corrected_at is None or at > corrected_at), None)


def by_quiet_at(day: Day, room: RoomState) -> datetime | None:
    """When nobody will have crossed the room's doors for long enough, if nobody does; None if that says nothing: the
    room is not known or has a door that nothing counts, somebody is being served in it, or nobody has crossed since its
    number was corrected."""
    quiet_s = room.room.empty_after_quiet_s
    known = occupancy.bounds(day, room) if quiet_s is not None else None
    if quiet_s is None or known is None or room.served_people or room.uncounted_share or day.listens_since_at is None:
        return None
    if known == (0, 0, 0) and not room.deficit_people:
        return None
    counted = (day.counters[address].counted_at for address in room.counters)
    crossed_at = max((at for at in counted if at is not None), default=None)
    if room.corrected_at is not None and (crossed_at is None or crossed_at <= room.corrected_at):
        return None
    quiet_at = crossed_at or day.listens_since_at
    if room.served_until_at is not None:
        quiet_at = max(quiet_at, room.served_until_at)
    heard_at, quiet = day.listens_since_at + seconds(HEARD_BY_S), seconds(quiet_s)
    for opening in day.openings:
        if opening.begins_at < max(quiet_at + quiet, heard_at) and opening.ends_at > quiet_at:
            quiet_at = opening.ends_at
    return max(quiet_at + quiet, heard_at)
