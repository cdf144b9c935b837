"""Rooms in which nobody stays longer than the lobby file says: no more can be inside than came in within that time.

So the people who came in are kept by the minute, with how many more may have come uncounted. When those of a minute
must have left, and the room's number says otherwise, it is corrected.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil, floor, sqrt
from statistics import NormalDist
from typing import NamedTuple

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
    """When so many must have left that its `value` or `upper` bound is too high; None if neither ever is by itself.

    Looked for from the newest on: in a busy room those of the last few minutes are enough.
    """
    if not room.recent or (value <= room.served_people and upper <= room.served_people):
        return None
    errs = _errs(room)
    people, missed = 0, 0.0
    for of_minute in reversed(room.recent):
        people += of_minute.people
        missed += of_minute.missed
        most = _most(room, errs, people, missed)
        if value <= most[0] and upper <= most[1]:
            break
    return of_minute.until_at + seconds(room.room.longest_stay_s or 0)


def most_at(room: RoomState, at: datetime) -> tuple[int, int]:
    """How many can be believed to be inside `at` that instant, and how many can be at all."""
    still = [it for it in room.recent or () if not _is_over(room, it, at)]
    return _most(room, _errs(room), sum(it.people for it in still), sum(it.missed for it in still))


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


class _Errs(NamedTuple):
    """How the count of those who came in errs."""

    people: float
    """Who came, for each who was counted."""
    variance: float
    """Of one of them."""
    deviations: float
    """So many standard deviations away is the bound."""


def _errs(room: RoomState) -> _Errs:
    confidence = room.room.gate_confidence
    if room.reckoned is None or confidence is None:
        return _Errs(1.0, 0.0, 0.0)
    return _Errs(*people_of.entries(room.reckoned), _deviations(confidence))


def _most(room: RoomState, errs: _Errs, people: int, missed: float) -> tuple[int, int]:
    """Of so many who were counted in. Whoever is being served is inside, however long."""
    likely, served = people * errs.people, room.served_people
    upper = likely + errs.deviations * sqrt(people * errs.variance) + missed
    return max(round(likely), served), max(ceil(round(upper, DIGITS)), served)


@lru_cache(maxsize=64)
def _deviations(confidence: float) -> float:
    """How many standard deviations a bound of that confidence is away."""
    return NormalDist().inv_cdf(confidence)
