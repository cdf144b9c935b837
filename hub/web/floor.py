"""Where rooms and doors are drawn on a floor plan that nobody has measured: who enters from outside comes from below.

Pure: a lobby's rooms and doors go in, places go out. Rooms lie in rows by how many doors they are away from outside.
Across, places are percents, so that words keep their size at any width; down, they are pixels.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

from msgspec import Struct

from hub.day.lobby import OUTSIDE, Door, Lobby

ROOM_PX = 164
"""A name of two lines, a number that is seen from afar, and a word."""
GAP_PX = 66
"""Between two rows: a door and its mark."""
OUTSIDE_PX = 44
EDGE_PX = 8
ABREAST_MAX = 3
"""As many rooms side by side as a phone has room for."""
GAP = 4.0
"""Percent between two rooms of a row."""


class Place(Struct, frozen=True, kw_only=True):
    """Where a room is drawn; `left` and `width` in percent, `top_px` and `height_px` in pixels."""

    room: str
    left: float
    top_px: int
    width: float
    height_px: int = ROOM_PX

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def middle_px(self) -> float:
        return self.top_px + self.height_px / 2


class Passage(Struct, frozen=True, kw_only=True):
    """A door: a line between two places, with a mark on it."""

    door: str
    from_x: float
    from_px: float
    to_x: float
    to_px: float

    @property
    def mark_x(self) -> float:
        return round((self.from_x + self.to_x) / 2, 2)

    @property
    def mark_px(self) -> float:
        return (self.from_px + self.to_px) / 2


class Plan(Struct, frozen=True, kw_only=True):
    """A lobby as it is drawn."""

    places: tuple[Place, ...]
    outside: Place
    passages: tuple[Passage, ...]
    height_px: int


def plan(lobby: Lobby) -> Plan:
    """Rooms in the order of the lobby file, the nearest to the doors of the house at the bottom."""
    rows = list(_rows(lobby))
    top_px = EDGE_PX
    places: dict[str, Place] = {}
    for row in reversed(rows):
        width = (100 - GAP * (len(row) + 1)) / len(row)
        for n, room in enumerate(row):
            left = round(GAP + n * (width + GAP), 2)
            places[room] = Place(room=room, left=left, top_px=top_px, width=round(width, 2))
        top_px += ROOM_PX + GAP_PX
    outside = Place(room=OUTSIDE, left=0, top_px=top_px, width=100, height_px=OUTSIDE_PX)
    return Plan(
        places=tuple(places[room.id] for room in lobby.rooms),
        outside=outside,
        passages=tuple(_passages(lobby.doors, places | {OUTSIDE: outside})),
        height_px=top_px + OUTSIDE_PX + EDGE_PX,
    )


def _rows(lobby: Lobby) -> Iterator[Sequence[str]]:
    """The rooms by their distance from outside; those that no door leads to come last."""
    away = _doors_away(lobby.doors)
    by_distance: defaultdict[int, list[str]] = defaultdict(list)
    last = max(away.values()) + 1
    for room in lobby.rooms:
        by_distance[away.get(room.id, last)].append(room.id)
    for _, rooms in sorted(by_distance.items()):
        for first in range(0, len(rooms), ABREAST_MAX):
            yield rooms[first : first + ABREAST_MAX]


def _doors_away(doors: Sequence[Door]) -> dict[str, int]:
    """Room to the number of doors between it and outside."""
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for door in doors:
        beside[door.from_room].append(door.to_room)
        beside[door.to_room].append(door.from_room)
    away, reached = {OUTSIDE: 0}, deque([OUTSIDE])
    while reached:
        here = reached.popleft()
        for room in beside[here]:
            if room not in away:
                away[room] = away[here] + 1
                reached.append(room)
    return away


def _passages(doors: Sequence[Door], places: dict[str, Place]) -> Iterator[Passage]:
    between: defaultdict[frozenset[str], list[Door]] = defaultdict(list)
    for door in doors:
        between[frozenset((door.from_room, door.to_room))].append(door)
    for those in between.values():
        for n, door in enumerate(those):
            yield _passage(door.id, places[door.from_room], places[door.to_room], (n + 1) / (len(those) + 1))


def _passage(door: str, one: Place, other: Place, share: float) -> Passage:
    """A line between the sides that face each other; `share` is how far along them."""
    if one.top_px == other.top_px:
        left, right = sorted((one, other), key=lambda it: it.left)
        level_px = left.top_px + share * left.height_px
        return Passage(door=door, from_x=left.right, from_px=level_px, to_x=right.left, to_px=level_px)
    upper, lower = sorted((one, other), key=lambda it: it.top_px)
    begin, end = max(upper.left, lower.left), min(upper.right, lower.right)
    if begin < end:
        x_upper = x_lower = begin + share * (end - begin)
    else:
        x_upper, x_lower = upper.left + share * upper.width, lower.left + share * lower.width
    return Passage(
        door=door,
        from_x=round(x_upper, 2),
        from_px=upper.top_px + upper.height_px,
        to_x=round(x_lower, 2),
        to_px=lower.top_px,
    )
