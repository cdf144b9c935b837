"""Who is truly in which room, whatever the counters say: what no real building knows of itself.

It is told of everybody who goes through a door. It knows no hub and no sensor.
"""

import asyncio
from bisect import bisect_right
from collections import defaultdict

from edge.beams import Crossing
from hub.day.lobby import Door, Lobby


class Census:
    """The people of one building. Instants are the loop's."""

    def __init__(self, lobby: Lobby) -> None:
        self._doors = {door.id: door for door in lobby.doors}
        self._at_s: defaultdict[str, list[float]] = defaultdict(list)
        self._people: defaultdict[str, list[int]] = defaultdict(list)
        """By room, from each instant of `_at_s` on."""

    def crossed(self, door_id: str, way: Crossing) -> None:
        """One person went through that door now."""
        door: Door = self._doors[door_id]
        entered, left = door.to_room, door.from_room
        if way is Crossing.LEFT:
            entered, left = left, entered
        self._note(entered, 1)
        self._note(left, -1)

    def people(self, room: str, at_s: float = float("inf")) -> int:
        """How many were in a room at that instant; after all that happened in it then."""
        before = bisect_right(self._at_s[room], at_s)
        return self._people[room][before - 1] if before else 0

    def _note(self, room: str, change: int) -> None:
        people = self._people[room]
        people.append((people[-1] if people else 0) + change)
        self._at_s[room].append(asyncio.get_running_loop().time())
