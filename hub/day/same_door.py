"""Several counters that watch the same passage of one door (`together = "same"`): one of them leads and is counted, the
others check it. Counters of one lane each need none of this: their totals are summed.

The first in the lobby file that is heard and sound leads. It goes on leading until it is not; then another takes over,
with what it saw since the leader spoke last. Whoever is wrong where two do not agree, nobody can tell from here.
"""

from typing import NamedTuple

from hub.day.lobby import DeviceKind, Lobby
from hub.day.model import Day
from hub.day.people.checks import FEWEST_CROSSINGS
from hub.day.rooms import CounterState, RoomState, SameDoor
from wire.messages import CountQuality

DIFFERENCE_SHARE = 0.05
"""Beyond the margins of both: data sheets say one to two percent, and two at the same door see the same people."""
DIFFERENCE_MIN = 5


def take(day: Day, lobby: Lobby) -> None:
    """The doors are described, anew or again."""
    before = {it.counters: it for it in day.same_doors.values()}
    day.same_doors = {}
    for door in lobby.doors:
        at_it = tuple(it.address for it in lobby.devices if it.kind is DeviceKind.COUNTER and it.door == door.id)
        if door.together == "same" and len(at_it) > 1:
            same = before.get(at_it) or SameDoor(counters=at_it, lead=at_it[0])
            same.margin_per_crossing = door.margin_per_crossing
            day.same_doors |= dict.fromkeys(at_it, same)


class Change(NamedTuple):
    """Another counter leads."""

    lead: str
    entered: int
    """By what it saw and the one before did not."""
    left: int
    doubt_people: int
    """Of whom nobody knows whether the one before has counted them."""


def leads(day: Day, device: str, entered: int, left: int, *, is_new: bool) -> bool:
    """Whether it is this counter's totals that count; it saw so many more. `is_new`: it has begun anew."""
    same = day.same_doors[device]
    _compare(day, same, device, entered, left, is_new=is_new)
    if device != same.lead:
        before = same.ahead.get(device, (0, 0))
        same.ahead[device] = (before[0] + entered, before[1] + left)
        return False
    same.ahead = {}
    same.unsure = {it for it in same.counters if it in day.counters and day.counters[it].is_silent}
    return True


def choose(day: Day, device: str) -> Change | None:
    """The state of one of the counters has changed: who leads? None if nothing comes of it."""
    same = day.same_doors.get(device)
    if same is None:
        return None
    best = min(same.counters, key=lambda it: (_rank(day.counters.get(it)), it != same.lead))
    if best == same.lead:
        return None
    ahead, before = _ahead(same, best), same.lead
    change = Change(best, 0, 0, max(ahead)) if best in same.unsure else Change(best, *ahead, 0)
    same.lead, same.ahead, same.unsure = best, {}, {before}
    for room in day.passages[best].rooms:
        room.counters = tuple(best if it == before else it for it in room.counters)
    return change if before in day.counters else None


def _ahead(same: SameDoor, counter: str) -> tuple[int, int]:
    """What this one saw since the leader spoke last, and the leader did not: it may say a moment later what has been
    counted already, and over a day it may have seen a few more."""
    since = same.ahead.get(counter, (0, 0))
    if counter in same.unsure or same.lead not in same.seen or counter not in same.seen:
        return since
    own, lead = same.seen[counter], same.seen[same.lead]
    return min(since[0], max(0, own[0] - lead[0])), min(since[1], max(0, own[1] - lead[1]))


def begin_anew(day: Day, room: RoomState) -> None:
    """Somebody has counted the room: who crossed before that is in the number."""
    for address in room.counters:
        if (same := day.same_doors.get(address)) is not None:
            same.ahead = {}


def leading(day: Day, counters: list[str]) -> tuple[str, ...]:
    """Those of a room whose totals are its people."""
    return tuple(it for it in counters if it not in day.same_doors or day.same_doors[it].lead == it)


def _rank(counter: CounterState | None) -> int:
    if counter is None or counter.is_silent:
        return 2
    return int(counter.quality is not CountQuality.OK or bool(counter.implausible))


def _compare(day: Day, same: SameDoor, device: str, entered: int, left: int, *, is_new: bool) -> None:
    """Hold the sums of the time in which all were heard against each other."""
    if is_new or any(it not in day.counters or day.counters[it].is_silent for it in same.counters):
        same.seen = {}
        return
    before = same.seen.get(device, (0, 0))
    same.seen[device] = (before[0] + entered, before[1] + left)
    for way in (0, 1):
        sums = [same.seen.get(it, (0, 0))[way] for it in same.counters]
        most, least = max(sums), min(sums)
        allowed = DIFFERENCE_MIN + (DIFFERENCE_SHARE + 2 * same.margin_per_crossing) * most
        if most >= FEWEST_CROSSINGS and most - least > allowed:
            same.differs = True
