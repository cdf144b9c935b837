"""Rooms in which nobody stays longer than the lobby file says: no more can be inside than came in within that time.

So the people who came in are kept by the minute, with how many more may have come uncounted. When those of a minute
must have left, and the room's number says otherwise, it is corrected.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil, floor
from statistics import NormalDist

from hub.day.durations import seconds
from hub.day.people import room as people_of
from hub.day.rooms import Came, RoomState

MINUTE = timedelta(minutes=1)
DIGITS = 6
"""Margins are sums of small fractions."""


def begin(room: RoomState, at: datetime) -> None:
    """The room is described, anew or again: whoever is in it counts as having come now."""
    if room.room.longest_stay_s is None:
        room.recent = None
    elif room.recent is None:
        opened(room, at)


def opened(room: RoomState, at: datetime) -> None:
    """The room's number begins with what is known of it."""
    if room.room.longest_stay_s is None:
        return
    room.recent = []
    if room.known is not None:
        came(room, round(room.known.value), max(0.0, room.known.upper - room.known.value), at)
    else:
        came(room, room.people or 0, room.margin + room.deficit_people, at)


def corrected(room: RoomState, people: int, at: datetime) -> None:
    """There are so many, who may have come just now."""
    if room.recent is not None:
        room.recent = []
        came(room, people, 0.0, at)


def came(room: RoomState, people: int, missed: float, at: datetime) -> None:
    """So many were counted in, and so many more may have come."""
    recent = room.recent
    if recent is None or not (people or missed):
        return
    if recent and at < recent[-1].from_at + MINUTE:
        newest = recent[-1]
        newest.until_at, newest.people, newest.missed = at, newest.people + people, newest.missed + missed
    else:
        recent.append(Came(from_at=at, until_at=at, people=people, missed=missed))


def next_cut_at(room: RoomState, value: int, upper: int) -> datetime | None:
    """When so many must have left that its `value` or `upper` bound is too high; None if neither ever is by itself."""
    if not room.recent or not upper:
        return None
    people, missed = _sums(room.recent)
    for of_minute in room.recent:
        people -= of_minute.people
        missed -= of_minute.missed
        most = _most(room, people, missed)
        if value > most[0] or upper > most[1]:
            return of_minute.until_at + seconds(room.room.longest_stay_s or 0)
    return None


def most_at(room: RoomState, at: datetime) -> tuple[int, int]:
    """How many can be believed to be inside `at` that instant, and how many can be at all."""
    return _most(room, *_sums([it for it in room.recent or () if not _is_over(room, it, at)]))


def cut(room: RoomState, people: int, upper_people: int, at: datetime) -> None:
    """There are no more than `people`, or with what was missed `upper_people`. How few there may be stays as it was,
    unless that was too many already: then the count is wrong, and says nothing of it."""
    room.recent = [it for it in room.recent or () if not _is_over(room, it, at)]
    doubt = room.margin + room.deficit_people
    lower = (room.people or 0) - doubt - room.lower_doubt
    upper = min((room.people or 0) + doubt, upper_people)
    room.people = min(room.people or 0, people)
    doubt = max(0.0, upper - room.people)
    room.deficit_people = min(room.deficit_people, floor(doubt))
    room.margin = round(doubt - room.deficit_people, DIGITS)
    room.below_zero_people = room.deficit_people or min(room.below_zero_people, floor(room.margin))
    room.lower_doubt = round(room.people - doubt - (lower if lower <= room.people else 0), DIGITS)


def _is_over(room: RoomState, of_minute: Came, at: datetime) -> bool:
    """Whether they must have left."""
    return of_minute.until_at + seconds(room.room.longest_stay_s or 0) <= at


def _sums(recent: list[Came]) -> tuple[int, float]:
    return sum(it.people for it in recent), sum(it.missed for it in recent)


def _most(room: RoomState, people: int, missed: float) -> tuple[int, int]:
    """Of so many who were counted in. Whoever is being served is inside, however long."""
    confidence, served = room.room.gate_confidence, room.served_people
    if room.reckoned is None or confidence is None:
        return max(people, served), max(ceil(round(people + missed, DIGITS)), served)
    likely, deviation = people_of.entered(room.reckoned, people)
    upper = ceil(round(likely + _deviations(confidence) * deviation + missed, DIGITS))
    return max(round(likely), served), max(upper, served)


@lru_cache(maxsize=64)
def _deviations(confidence: float) -> float:
    """How many standard deviations a bound of that confidence is away."""
    return NormalDist().inv_cdf(confidence)
