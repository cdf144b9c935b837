"""What the filter that learns makes of a room's crossings, for checkers that go through the same journal.

The filter costs more than all that they do beside. So what it knows is written down after each step, and whoever comes
there on the same way finds it.
"""

from functools import lru_cache
from typing import NamedTuple

import msgspec

from hub.day.people import room as learning

STEPS_KEPT = 4_096
"""More than a journal of two hours has, and some megabytes."""

BURST_PEOPLE = 2
"""So many may have crossed in the moment in which a counter speaks; declared in `docs/occupancy.md`."""

State = bytes
"""All that the filter knows of a room, written down."""


class Crossed(NamedTuple):
    """A counter has spoken. More than two have crossed at even distances since the room was last looked at."""

    local_s: float
    entered: int
    left: int
    doubt_people: float
    """So many may have crossed beside."""

    def happen(self, room: learning.Room) -> None:
        begin_s = min(room.at_s, self.local_s)
        if self.entered + self.left <= BURST_PEOPLE:
            begin_s = self.local_s
        ways = ((0, self.entered, learning.enter), (1, self.left, learning.leave))
        turns = sorted(((n + 0.5) / many, which) for which, many, _ in ways for n in range(many))
        for part, which in turns:
            learning.advance(room, begin_s + (self.local_s - begin_s) * part)
            ways[which][2](room)
        learning.advance(room, self.local_s)
        if self.doubt_people:
            learning.doubt(room, self.doubt_people)


class Corrected(NamedTuple):
    """Somebody has counted the room, or nobody was there to be counted."""

    local_s: float
    people: int

    def happen(self, room: learning.Room) -> None:
        learning.advance(room, self.local_s)
        learning.correct(room, self.people)


class Cut(NamedTuple):
    """There are no more than so many."""

    local_s: float
    most_people: int

    def happen(self, room: learning.Room) -> None:
        learning.advance(room, self.local_s)
        learning.cut(room, self.most_people)


class Stayed(NamedTuple):
    """A ticket has told how long its visitor was in the room."""

    for_s: float

    def happen(self, room: learning.Room) -> None:
        learning.stayed(room, self.for_s)


class Passed(NamedTuple):
    """Time."""

    local_s: float

    def happen(self, room: learning.Room) -> None:
        learning.advance(room, self.local_s)


Step = Crossed | Corrected | Cut | Passed | Stayed


def begun(local_s: float) -> State:
    """Of a room of which nothing is known."""
    return written(learning.new_room(local_s))


def written(room: learning.Room) -> State:
    return msgspec.msgpack.encode(room)


@lru_cache(STEPS_KEPT, typed=True)  # steps of two kinds may hold the same numbers
def after(state: State, step: Step) -> State:
    """What is known after that."""
    room = msgspec.msgpack.decode(state, type=learning.Room)
    step.happen(room)
    return written(room)


@lru_cache(STEPS_KEPT)
def known(state: State, confidence: float) -> learning.Known:
    """Value and bounds, each of which holds with `confidence` (0.5 to 1)."""
    return learning.known(msgspec.msgpack.decode(state, type=learning.Room), confidence)
