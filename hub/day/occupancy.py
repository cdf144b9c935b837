"""How many people are in a room, between which bounds, and whether one more may be invited in.

Counters report cumulative totals per epoch. The first report of a device is its baseline; a new epoch of a known
device counts from zero, and whoever crossed while it was starting is missing, so the bounds widen. Each counted person
widens them by the door's declared margin and by those who may have crossed another door that nothing counts, and people
who leave an empty room widen them too; a correction closes them again. What is not heard is unknown, never zero.
"""

from collections.abc import Set
from datetime import datetime
from math import ceil, floor, hypot, sqrt

from msgspec import Struct

from hub.day import counter_signs, longest_stay, reckoned, same_door
from hub.day.durations import seconds
from hub.day.model import Day
from hub.day.people_events import PeopleCounted
from hub.day.rooms import NOWHERE, CounterState, Passage, Reservation, RoomState
from wire.messages import RoomQuality

EPOCH_MARGIN_PEOPLE = 2.0
"""By how many people a restart of a counter may falsify its room: it is blind for some seconds."""

MARGIN_DIGITS = 6
"""Ten times 0.1 is to be 1: else the bounds would be wider by a whole person."""

SILENT_AFTER_S = 90.0
"""Three repetitions of a counter: one may be lost with its connection, and one may be late."""


class Estimate(Struct, frozen=True, kw_only=True, gc=False):
    """The people of a room. `value` and the bounds are None while they are unknown; else lower ≤ value ≤ upper."""

    value: int | None
    lower: int | None
    upper: int | None
    quality: RoomQuality


LIVE = RoomQuality.LIVE
UNKNOWN = Estimate(value=None, lower=None, upper=None, quality=RoomQuality.UNKNOWN)


def count(day: Day, event: PeopleCounted, at: datetime) -> None:
    """Take a counter's newest totals: change the two rooms of its door by the difference."""
    known, epoch = day.counters.get(event.device), event.epoch
    entered, left, new_epoch = event.entered, event.left, False
    if known is None:
        known = day.counters[event.device] = CounterState(device=event.device, epoch=epoch)
        entered = left = 0
    elif before := known.totals.get(epoch):
        entered -= before[0]
        left -= before[1]
    else:
        new_epoch = True
        known.epochs_seen += 1
    if epoch != known.epoch:
        # The newest epoch stands last, so that a day that is opened from these totals knows which one goes on.
        known.totals.pop(epoch, None)
    known.totals[epoch] = (event.entered, event.left)
    known.epoch, known.quality, known.counted_at = epoch, event.quality, at
    known.implausible = ""
    passage = day.passages.get(event.device, NOWHERE)
    if event.device in day.same_doors:
        _choose(day, event.device, at)
        if not same_door.leads(day, event.device, entered, left, is_new=new_epoch):
            return
    _pass(day, passage, known, entered, left, EPOCH_MARGIN_PEOPLE if new_epoch else 0.0, at)


def _choose(day: Day, device: str, at: datetime) -> None:
    """Of the counters that watch what this one watches another may have to be counted from now on."""
    change = same_door.choose(day, device)
    if change is not None:
        passage, counter = day.passages[change.lead], day.counters[change.lead]
        _pass(day, passage, counter, change.entered, change.left, EPOCH_MARGIN_PEOPLE + change.doubt_people, at)


def _pass(
    day: Day, passage: Passage, counter: CounterState, entered: int, left: int, doubt_people: float, at: datetime
) -> None:
    """So many have crossed a door, and by so many that may be wrong for other reasons than the usual ones."""
    margin = (entered + left) * passage.margin_per_crossing + doubt_people
    if passage.to_room:
        _cross(passage.to_room, entered, left, margin, counter.doubted_rooms, at)
        _reckon(day, passage.to_room, entered, left, counter, doubt_people, at)
    if passage.from_room:
        _cross(passage.from_room, left, entered, margin, counter.doubted_rooms, at)
        _reckon(day, passage.from_room, left, entered, counter, doubt_people, at)


def _reckon(
    day: Day, room: RoomState, entered: int, left: int, counter: CounterState, doubt_people: float, at: datetime
) -> None:
    if room.reckoned is None or day.lobby is None:
        return
    # Who comes uncounted by a side door goes by it as often: so many of them are off by the root of their number.
    doubt_people = hypot(doubt_people, sqrt(room.uncounted_share * (entered + left)))
    if room.room.id in counter.doubted_rooms:
        doubt_people += max(entered, left)
        entered = left = 0
    reckoned.crossed(room, day.lobby, entered, left, doubt_people, at)
    if room.recent is not None:
        longest_stay.came(room, entered, doubt_people + room.uncounted_share * (entered + left), at)


def _cross(room: RoomState, entered: int, left: int, margin: float, doubted: Set[str], at: datetime) -> None:
    counter_signs.look_again(room)
    margin += (entered + left) * room.uncounted_share
    people, came = room.people or 0, entered
    if doubted and room.room.id in doubted:
        # All, some or none of them may be in the number that somebody has counted.
        margin += max(entered, left)
        came = 0
    else:
        people += entered - left
    if room.recent is not None and room.reckoned is None:
        longest_stay.came(room, came, margin + max(0, -people), at)
    room.margin = round(room.margin + margin, MARGIN_DIGITS)
    if people < 0:
        # Nobody can be less than absent: a room that would fall below zero stays empty, and is doubted for it.
        room.below_zero_people -= people if room.reckoned is None else 0
        people = 0
    room.people = people
    if room.below_zero_people and (room.deficit_people or room.below_zero_people > room.margin):
        room.deficit_people = room.below_zero_people
    if people > room.highest_people and room.reckoned is None:
        room.highest_people = people
    room.left_people += left
    if entered:
        room.entered_people += entered
        if room.reservations:
            _consume_reservations(room, entered)


def _consume_reservations(room: RoomState, entered: int) -> None:
    """Each counted entry is taken for one person of the oldest reservation."""
    while entered and room.reservations:
        oldest = room.reservations[0]
        came = min(entered, oldest.people)
        oldest.people -= came
        oldest.has_come = True
        entered -= came
        if not oldest.people:
            room.reservations.pop(0)


def correct(day: Day, room_id: str, people: int, at: datetime) -> None:
    """Set a room to what somebody has seen."""
    room = day.rooms[room_id]
    room.corrected_at = at
    for address in room.counters:
        counter = day.counters.get(address)
        if counter is not None and counter.is_silent:
            counter.doubted_rooms.add(room_id)
    room.people, room.margin, room.below_zero_people, room.deficit_people = people, 0.0, 0, 0
    room.lower_doubt = 0.0
    room.highest_people = max(room.highest_people, people)
    counter_signs.set_right(room)
    same_door.begin_anew(day, room)
    if day.lobby is not None:
        reckoned.correct(room, day.lobby, people, at)
    longest_stay.corrected(room, people, at)


def cut(day: Day, room_id: str, people: int, upper_people: int, at: datetime) -> None:
    """Those who came too long ago to be inside still are no more."""
    room = day.rooms[room_id]
    longest_stay.cut(room, people, upper_people, at)
    if day.lobby is not None:
        reckoned.cut(room, day.lobby, upper_people, at)


def silence(day: Day, device: str, at: datetime) -> None:
    """A counter is not heard. It was not for a while before that was noticed: a correction of that time is one, too."""
    counter = day.counters[device]
    counter.is_silent = True
    _choose(day, device, at)
    since = at - seconds(SILENT_AFTER_S)
    for room in day.passages.get(device, NOWHERE).rooms:
        counter_signs.look_again(room)
        is_recent = room.corrected_at is not None and room.corrected_at >= since
        is_before = counter.counted_at is None or room.corrected_at is None or counter.counted_at <= room.corrected_at
        if is_recent and is_before:
            counter.doubted_rooms.add(room.room.id)


def hear(day: Day, device: str, at: datetime) -> None:
    """A silent counter is heard again, and its totals of the time of silence have been taken."""
    counter = day.counters[device]
    counter.is_silent = False
    _choose(day, device, at)
    counter.doubted_rooms.clear()
    for room in day.passages.get(device, NOWHERE).rooms:
        counter_signs.look_again(room)


def estimate(day: Day, room_id: str) -> Estimate:
    """The room's people as well as the day knows them: `unknown` before any count and while a counter is silent,
    `degraded` while one is blocked, stands still, has begun anew or said what cannot be, or since more people left than
    can have been inside; and always where a door is not counted. Where it learns, the upper bound is no less than those
    inside with a ticket that is newer than the last correction: in a line that desks take one by one, the rate of exits
    says nothing of its length."""
    room = day.rooms[room_id]
    known = bounds(day, room)
    if known is None:
        return UNKNOWN
    value, lower, upper = known
    if room.known is not None:
        upper = max(upper, _people_with_tickets(day, room, room.corrected_at))
    is_sound = not room.deficit_people and not room.uncounted_share and not counter_signs.is_stuck(room)
    for address in room.counters:
        is_sound = is_sound and day.counters[address].is_sound
    return Estimate(value=value, lower=lower, upper=upper, quality=LIVE if is_sound else RoomQuality.DEGRADED)


def bounds(day: Day, room: RoomState) -> tuple[int, int, int] | None:
    """How many people the room most likely holds, at least and at most; None while that is unknown."""
    people, served = room.people, room.served_people
    if people is None or not room.counters:
        return None
    for address in room.counters:
        counter = day.counters.get(address)
        if counter is None or counter.is_silent:
            return None
    if room.known is not None:
        return reckoned.whole(room.known, served)
    margin = room.margin + room.deficit_people
    value = people if people > served else served
    lower, upper = floor(people - margin - room.lower_doubt), ceil(people + margin)
    return value, lower if lower > served else served, upper if upper > value else value


def is_known(day: Day, room: RoomState) -> bool:
    """Whether every counter of the room is heard, so that whoever comes in is seen."""
    return bounds(day, room) is not None


def gate_upper(day: Day, room: RoomState, known: Estimate) -> int | None:
    """The number of people that the gate of the room reckons with, whose people are `known`; None if it must not let
    anybody in.

    The estimate's upper bound; while that is unknown, what the room declares: nobody is invited, or the people of the
    tickets inside and a margin are counted.
    """
    if known.upper is not None or room.room.unknown == "hold":
        return known.upper
    return _people_with_tickets(day, room) + room.room.margin_people


def gate_confidence(room: RoomState, known: Estimate) -> float | None:
    """With which `gate_upper` holds (0.5 to 1); None where it is a sum of margins, or of the people of tickets."""
    return room.room.gate_confidence if known.upper is not None and room.known is not None else None


def upper_if_empty(room: RoomState, known: Estimate) -> int | None:
    """What `gate_upper` would be if everybody had left; None if the room must not let anybody in."""
    if known.upper is not None and room.known is not None:
        return 0
    if known.upper is not None:
        return ceil(room.margin + room.deficit_people)
    return None if room.room.unknown == "hold" else room.room.margin_people


def reserved_people(room: RoomState) -> int:
    """People who have been invited into the room and not been counted in yet."""
    people = 0
    for kept in room.reservations:
        people += kept.people
    return people


def quality(day: Day, room_id: str) -> RoomQuality:
    """What the room's number is worth."""
    return estimate(day, room_id).quality


def reservation_of(room: RoomState, ticket: str) -> Reservation | None:
    """The place that is kept for a ticket; None if it has none."""
    for kept in room.reservations:
        if kept.ticket == ticket:
            return kept
    return None


def _people_with_tickets(day: Day, room: RoomState, since_at: datetime | None = None) -> int:
    """People of live tickets, issued after `since_at`, whom the day knows in the room, whatever they came for, and at
    its desks; whoever was called in vain a moment ago may still be there. Those for whom a place is kept are counted as
    reserved."""
    lines = [line for state in day.services.values() for line in (state.line, state.outside)]
    lines += [desk.line for desk in day.desks.values()]
    waiting = [key[2] for line in lines for key in line] + [ticket for _, ticket in day.missed]
    inside = [it for it in waiting if day.tickets[it].room == room.room.id]
    inside += [desk.ticket for desk in day.desks.values() if desk.ticket and desk.desk.room == room.room.id]
    reserved = {kept.ticket: kept.people for kept in room.reservations}
    return sum(
        day.tickets[it].party_people - reserved.get(it, 0)
        for it in inside
        if since_at is None or day.tickets[it].issued_at > since_at
    )
