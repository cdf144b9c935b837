"""What a day itself gives away about the people counters of a room, from who is served there.

Whoever is served in a room has come in. So where more people are served, one after the other, than can have been inside
when anybody was counted last, the counters stand still; and where people are served in a room that by its count has
nobody in it, since twice as many left as came, entries are counted as exits. Silent and blocked counters say so
themselves. Nothing is said of a room with a door that nothing counts.
"""

from collections.abc import Iterator
from math import ceil

from hub.day.model import Day
from hub.day.people.checks import Fault
from hub.day.rooms import CounterState, RoomState
from wire.messages import CountQuality

SERVED_BY_MISTAKE = 5
"""So many more may be served than were inside: somebody came through uncounted, somebody pressed the key for nobody."""
SERVED_IN_EMPTY = 3
"""So many who are served in an empty room are no mistake of a key."""
LEFT_TIMES, LEFT_MORE = 2, 5
"""More than twice as many left as entered, and five: no count that merely misses some says that of a morning."""


def serve(room: RoomState, ticket: str) -> None:
    """A visitor sits down at a desk of the room."""
    room.served_since_counted.add(ticket)
    is_turned = room.left_people >= LEFT_TIMES * room.entered_people + LEFT_MORE
    if room.people == 0 and is_turned:
        room.served_in_empty.add(ticket)


def look_again(room: RoomState) -> None:
    """Somebody crossed a door of the room, or nobody can know whether."""
    room.served_since_counted.clear()


def set_right(room: RoomState) -> None:
    """Somebody has counted the room."""
    room.served_since_counted.clear()
    room.served_in_empty.clear()


def is_stuck(room: RoomState) -> bool:
    """Whether more were served since anybody was counted than can have been inside."""
    served = len(room.served_since_counted)
    if served <= SERVED_BY_MISTAKE or room.people is None or not room.is_counted_all_round:
        return False
    inside = room.known.upper if room.known is not None else ceil(room.people + room.margin + room.deficit_people)
    return served > inside + SERVED_BY_MISTAKE


def signs(day: Day) -> Iterator[tuple[str, Fault]]:
    """(counter, what is the matter with it), `node/device`."""
    for address, passage in day.passages.items():
        counter = day.counters.get(address)
        if counter is None or not _is_believed(counter):
            continue
        if address in day.same_doors and day.same_doors[address].differs:
            yield address, Fault.DIFFERING
        if any(is_stuck(room) for room in passage.rooms):
            yield address, Fault.STUCK
        if any(_is_swapped(day, room) for room in passage.rooms):
            yield address, Fault.SWAPPED


def _is_swapped(day: Day, room: RoomState) -> bool:
    """Of a room with one door: with two, people may come by the one and leave by the other."""
    doors = {day.devices[it].door for it in room.counters}
    return len(room.served_in_empty) >= SERVED_IN_EMPTY and room.is_counted_all_round and len(doors) == 1


def _is_believed(counter: CounterState) -> bool:
    """Nothing else explains it."""
    return not counter.is_silent and counter.quality is CountQuality.OK and not counter.implausible
