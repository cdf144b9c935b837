"""A room's people as counted and learned: the filter of the day, and those who stay overnight.

Time is the room's local time in seconds, of any origin that lies on a midnight; it never goes back.
"""

from msgspec import Struct

from hub.day.people import bounds, crossings, overnight, state
from hub.day.people.overnight import DUSK_H, MORNING_H, MOST_STAYERS, NIGHT_H, Overnight, new_overnight
from hub.day.people.state import Learned, People, begin, set_people

HOUR_S = 3600
DAY_S = 24 * HOUR_S


class Room(Struct, kw_only=True):
    at_s: float
    """Local seconds; everything before is accounted for."""
    people: People
    nights: Overnight


class Known(Struct, frozen=True, gc=False):
    """lower ≤ value ≤ upper, but for the rounding of the bounds."""

    value: float
    lower: int
    upper: int


def new_room(at_s: float, learned: Learned | None = None) -> Room:
    return Room(at_s=at_s, people=begin(learned), nights=new_overnight())


def advance(room: Room, to_s: float) -> None:
    """Nobody was counted until `to_s`. Earlier instants than the room has seen change nothing."""
    while room.at_s < to_s:
        mark_s = _next_mark_s(room.at_s)
        until_s = min(mark_s, to_s)
        crossings.pass_time(room.people, until_s - room.at_s)
        room.at_s = until_s
        if until_s == mark_s:
            _mark(room, round(mark_s % DAY_S) // HOUR_S)


def _next_mark_s(at_s: float) -> float:
    midnight = at_s - at_s % DAY_S
    marks = (NIGHT_H, MORNING_H, DUSK_H, NIGHT_H + 24)
    return next(midnight + hour * HOUR_S for hour in marks if midnight + hour * HOUR_S > at_s)


def _mark(room: Room, hour: int) -> None:
    if hour == DUSK_H:
        overnight.dusk(room.nights, bounds.mean_people(room.people), bounds.variance_people(room.people))
    elif hour == NIGHT_H:
        overnight.night(room.nights)
    else:
        overnight.morning(room.nights)


def enter(room: Room) -> None:
    """One person was counted in."""
    crossings.enter(room.people)
    overnight.crossed(room.nights, 1.0)


def leave(room: Room) -> None:
    """One person was counted out."""
    people = room.people
    shortfall = sum(w * it for w, it in zip(people.weights, people.shortfalls, strict=True))
    crossings.leave(people)
    overnight.crossed(room.nights, -1.0 - shortfall)


def correct(room: Room, people: int) -> None:
    """Somebody has counted the room, or knows that it is empty. What was learned stays; nobody else is there."""
    set_people(room.people, people, 0.0)
    room.nights.tonight, room.nights.left_over, room.nights.is_evening = [], [], False


def cut(room: Room, most: int) -> None:
    """No more than `most` are inside, whatever was counted. What was learned stays."""
    if not most:
        correct(room, 0)
        return
    crossings.at_most(room.people, most)
    overnight.at_most(room.nights, most)


def entries(room: Room) -> tuple[float, float]:
    """How many most likely came in for each who was counted, and the variance of that: where more leave than enter,
    entries are missed."""
    people = room.people
    missed = max(0.0, -sum(w * it for w, it in zip(people.weights, people.shortfalls, strict=True)))
    return 1 + missed, crossings.ENTRY_VARIANCE + crossings.SHORTFALL_VARIANCE * missed


def stayed(room: Room, for_s: float) -> None:
    """The visitor of a ticket was inside for so long."""
    state.stayed(room.people, for_s)


def doubt(room: Room, people: float) -> None:
    """So many people, more or less, may have crossed uncounted."""
    room.people.variances = [it + people * people for it in room.people.variances]
    room.nights.variance += people * people


def known(room: Room, confidence: float) -> Known:
    """Value and bounds, each of which holds with `confidence` (0.5 to 1)."""
    value = bounds.mean_people(room.people)
    lower, upper = bounds.bounds(room.people, confidence)
    nights = room.nights
    if overnight.is_telling(nights) and value < MOST_STAYERS:
        stay = overnight.stayers(nights, overnight.VALUE_QUANTILE)
        # The filter knows how long people stay, but not that this room is empty every night.
        value = stay if overnight.has_learned(nights) else max(value, stay)
        lower = min(lower, stay)
        upper = max(upper, overnight.stayers(nights, confidence))
    return Known(value, lower, upper)
