"""Which admitted rooms lie on the way to a room. Knows the building, and nobody in it."""

from collections import deque
from collections.abc import Iterator, Mapping

from hub.day.lobby import OUTSIDE, Lobby

Way = tuple[str, ...]
"""The admitted rooms that one passes from outside, in their order, the goal among them if it is one."""


def ways(lobby: Lobby) -> dict[str, Way]:
    """Each room to the way there past as few admitted rooms as can be. A room to which no door leads is its own."""
    admitted = {room.id for room in lobby.rooms if room.admitted}
    found: dict[str, Way] = {}
    ahead: deque[tuple[str, Way]] = deque([(OUTSIDE, ())])
    while ahead:
        room, way = ahead.popleft()
        if room in found:
            continue
        found[room] = way
        for beyond in _beyond(lobby, room):
            if beyond in admitted:
                ahead.append((beyond, (*way, beyond)))
            else:
                ahead.appendleft((beyond, way))
    return {room.id: found.get(room.id, (room.id,) if room.admitted else ()) for room in lobby.rooms}


def gates(lobby: Lobby) -> dict[str, str]:
    """Each room to the first admitted room on the way there from outside, which may be itself: into it one is invited.

    Empty for a room that can be reached past all admitted ones.
    """
    return {room: way[0] if way else "" for room, way in ways(lobby).items()}


def is_before(gate_of: Mapping[str, str], admitted_room: str, room: str) -> bool:
    """Whether somebody in `room` must be invited into `admitted_room`, if that is one; an empty room may be any."""
    return bool(admitted_room) and gate_of.get(room) != admitted_room


def _beyond(lobby: Lobby, room: str) -> Iterator[str]:
    """Where the doors of `room` lead."""
    for door in lobby.doors:
        if room == door.from_room:
            yield door.to_room
        elif room == door.to_room:
            yield door.from_room
