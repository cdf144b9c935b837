"""Into which admitted room one must be invited to reach a room. Knows the building, and nobody in it."""

from collections import deque
from collections.abc import Iterator, Mapping

from hub.day.lobby import OUTSIDE, Lobby


def gates(lobby: Lobby) -> dict[str, str]:
    """Each room to the first admitted room on the way there from outside, which may be itself.

    Empty for a room that can be reached past all admitted ones. A room to which no door leads is its own gate.
    """
    admitted = {room.id for room in lobby.rooms if room.admitted}
    found: dict[str, str] = {}
    free, gated = deque([(OUTSIDE, "")]), deque[tuple[str, str]]()
    while free or gated:
        room, gate = (free or gated).popleft()
        if room in found:
            continue
        found[room] = gate
        for beyond in _beyond(lobby, room):
            its = gate or (beyond if beyond in admitted else "")
            (gated if its else free).append((beyond, its))
    return {room.id: found.get(room.id, room.id if room.admitted else "") for room in lobby.rooms}


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
