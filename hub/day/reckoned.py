"""Rooms whose people are reckoned by the filter that learns (`hub.day.people`), where the lobby file asks for it with
`gate_confidence`. Kept with the day, moved by its counts alone, so that a replay reckons the same."""

from copy import deepcopy
from datetime import datetime

from hub.day.hours import local
from hub.day.lobby import Lobby
from hub.day.people import room as people
from hub.day.rooms import RoomState

DAY_S = 86_400
AT_ONCE_PEOPLE = 2
"""A counter that sends each change, four times a second at most, tells of no more at a time."""


def begin(room: RoomState, lobby: Lobby, at: datetime) -> None:
    """The room is described, anew or again. What the filter knew is the count from which one goes on without it."""
    confidence = room.room.gate_confidence
    if confidence is None:
        if room.known is not None and room.people is not None:
            room.people = round(room.known.value)
            room.margin = float(max(room.known.upper - room.people, 0))
        room.reckoned = room.known = room.reckoned_at = None
        return
    if room.reckoned is None:
        room.reckoned = people.new_room(_local_s(lobby, at))
        if room.people:
            people.correct(room.reckoned, room.people)
    room.known, room.reckoned_at = people.known(room.reckoned, confidence), at


def carry_on(room: RoomState, carried: people.Room | None, lobby: Lobby, at: datetime) -> None:
    """A day begins with what the one before has learned, and with the people who are carried over."""
    reckoned, confidence = room.reckoned, room.room.gate_confidence
    if reckoned is None or confidence is None:
        return
    if carried is not None:
        reckoned = room.reckoned = deepcopy(carried)
        people.advance(reckoned, _local_s(lobby, at))
    if room.room.empty_at_turn:
        people.correct(reckoned, 0)
    elif carried is None and room.people:
        people.correct(reckoned, room.people)
    room.known, room.reckoned_at = people.known(reckoned, confidence), at
    room.highest_people = round(room.known.value)


def carried(room: RoomState) -> people.Room | None:
    """For the next day."""
    return deepcopy(room.reckoned)


def crossed(room: RoomState, lobby: Lobby, entered: int, left: int, doubt_people: float, at: datetime) -> None:
    """A counter of the room has spoken. Nobody knows when and in which order they crossed. One or two did so just now;
    more were kept while the counter was not heard, or are the sum of a counter that speaks seldom: they are spread
    evenly over the time since the room was last reckoned, for many exits at once would say that many are inside.

    `doubt_people`: so many may have crossed uncounted, or twice, for other reasons than the usual ones.
    """
    reckoned, confidence = room.reckoned, room.room.gate_confidence
    if reckoned is None or confidence is None:
        return
    now_s = _local_s(lobby, at)
    since_s = min(reckoned.at_s, now_s) if entered + left > AT_ONCE_PEOPLE else now_s
    for share, is_exit in _spread(entered, left):
        people.advance(reckoned, since_s + (now_s - since_s) * share)
        if is_exit:
            people.leave(reckoned)
        else:
            people.enter(reckoned)
    people.advance(reckoned, now_s)
    if doubt_people:
        people.doubt(reckoned, doubt_people)
    room.known, room.reckoned_at = people.known(reckoned, confidence), at
    room.highest_people = max(room.highest_people, round(room.known.value))


def _spread(entered: int, left: int) -> list[tuple[float, bool]]:
    """Each crossing with the share of the time after which it happens (0 to 1), and whether it is an exit."""
    entries = [((turn + 0.5) / entered, False) for turn in range(entered)]
    exits = [((turn + 0.5) / left, True) for turn in range(left)]
    return sorted(entries + exits)


def correct(room: RoomState, lobby: Lobby, seen: int, at: datetime) -> None:
    """Somebody has counted the room."""
    reckoned, confidence = room.reckoned, room.room.gate_confidence
    if reckoned is None or confidence is None:
        return
    people.advance(reckoned, _local_s(lobby, at))
    people.correct(reckoned, seen)
    room.known, room.reckoned_at = people.known(reckoned, confidence), at


def cut(room: RoomState, lobby: Lobby, most: int, at: datetime) -> None:
    """No more than `most` can be inside."""
    reckoned, confidence = room.reckoned, room.room.gate_confidence
    if reckoned is None or confidence is None:
        return
    people.advance(reckoned, _local_s(lobby, at))
    people.cut(reckoned, most)
    room.known, room.reckoned_at = people.known(reckoned, confidence), at


def elapse(room: RoomState, lobby: Lobby, at: datetime) -> None:
    """Nobody has crossed until now."""
    if room.reckoned is not None and (known := known_at(room.reckoned, room, lobby, at)) is not None:
        room.known, room.reckoned_at = known, at
        room.highest_people = max(room.highest_people, round(known.value))


def known_at(filter_: people.Room | None, room: RoomState, lobby: Lobby, at: datetime) -> people.Known | None:
    """What `filter_`, one of the room's, knows when nobody has crossed until then; it is moved there."""
    confidence = room.room.gate_confidence
    if filter_ is None or confidence is None:
        return None
    people.advance(filter_, _local_s(lobby, at))
    return people.known(filter_, confidence)


def whole(known: people.Known, served: int) -> tuple[int, int, int]:
    """Value, lower and upper bound of a room in which so many are being served: they are inside."""
    value = max(round(known.value), served)
    return value, min(max(known.lower, served), value), max(known.upper, value)


def _local_s(lobby: Lobby, at: datetime) -> float:
    """Local seconds since a midnight long ago; at the end of summer time an hour comes twice, and the second counts
    nothing."""
    there = local(lobby, at)
    return there.toordinal() * DAY_S + there.hour * 3600 + there.minute * 60 + there.second + there.microsecond / 1e6
