"""Events: how many people are where, as counters and staff say it.

Frozen, as all events: fields are only ever added, each with a default.
"""

from typing import Literal

from hub.day.event import Event
from wire.messages import CountQuality


class PeopleCounted(Event, frozen=True, kw_only=True):
    """A counter's newest totals; the day takes the difference to what it knew."""

    device: str
    epoch: str
    entered: int
    left: int
    quality: CountQuality = CountQuality.OK


class TotalsFellBack(Event, frozen=True, kw_only=True):
    """A counter reported less than before within one epoch: ignored, and flagged."""

    device: str
    epoch: str
    entered: int
    left: int


class TotalsImplausible(Event, frozen=True, kw_only=True):
    """A counter reported more than any door lets through: ignored, and flagged until it says what can be."""

    device: str
    epoch: str
    entered: int
    left: int


class CounterSilenced(Event, frozen=True, kw_only=True):
    """A counter is not heard: its rooms are unknown."""

    device: str


class CounterHeard(Event, frozen=True, kw_only=True):
    """A silent counter is heard again; its next totals hold what it counted meanwhile."""

    device: str


CorrectedWhy = Literal["counted", "empty", "schedule", "quiet", "dwell"]
"""Somebody has counted, or seen that nobody is there; the lobby file says that nobody is there at this hour, or after
so long a quiet, or that nobody stays so long."""


BY_HAND = frozenset({"counted", "empty"})


class PeopleCorrected(Event, frozen=True, kw_only=True):
    """The people of a room as somebody saw them, or as the lobby file says. Totals are never rewritten; tickets are
    never touched."""

    room: str
    people: int
    why: CorrectedWhy
    upper_people: int | None = None
    """Of `dwell`: at most so many, with those who may have come uncounted; `people` then are those who can be believed
    to be there, and how few there may be stays as it was. None: there are `people`."""


class PeopleReckoned(Event, frozen=True, kw_only=True):
    """The estimate of a room that learns is another though nobody has crossed its doors: time has passed."""

    room: str
    people: int
    lower_people: int
    upper_people: int


class OverLimitBegan(Event, frozen=True, kw_only=True):
    """A room holds more people than it may."""

    room: str
    people: int
    lower_people: int
    """At least so many: above the limit if it is certain."""
    limit_people: int


class OverLimitEnded(Event, frozen=True, kw_only=True):
    """It does no longer, is not counted any more, or the day ends."""

    room: str
    highest_people: int
    most_over_people: int
    """By how many the limit of the moment was exceeded at most."""
    lasted_s: int
