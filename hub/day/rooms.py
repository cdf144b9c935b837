"""A room of the day and its people as counted: at its doors, by whom, and since when. Changed by `apply` alone."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from hub.day.lobby import Room
from hub.day.people.room import Known
from hub.day.people.room import Room as Reckoned
from wire.messages import CountQuality

OK = CountQuality.OK
"""A name of its own: before Python 3.12 looking a member up in its enumeration takes as long as a call."""


@dataclass(slots=True, kw_only=True)
class CounterState:
    """What a counter said last, per epoch."""

    device: str
    epoch: str
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Epoch to (entered, left)."""
    quality: CountQuality = CountQuality.OK
    counted_at: datetime | None = None
    fell_back: set[str] = field(default_factory=set)
    """Epochs in which the totals once fell back; flagged once each."""
    implausible: str = ""
    """The epoch whose newest totals cannot be; empty once the counter says what can be."""
    is_silent: bool = False
    """Not heard for too long: its rooms are unknown."""
    doubted_rooms: set[str] = field(default_factory=set)
    """Counted by somebody while this counter was not heard: who crossed meanwhile did so before that, or after."""
    epochs_seen: int = 1
    """More than one: the counter started anew, and people who crossed meanwhile are missing."""

    @property
    def is_sound(self) -> bool:
        """Nothing is known against its totals of this day."""
        return self.epochs_seen == 1 and self.sees

    @property
    def sees(self) -> bool:
        """Whoever crosses is counted, as far as it says itself."""
        return self.quality is OK and not self.implausible and not (self.fell_back and self.epoch in self.fell_back)


class Reservation(Struct, kw_only=True, gc=False):
    """A place kept for an invited party until it is counted in."""

    ticket: str
    lapses_at: datetime
    people: int
    """Of the party who have not been counted in yet."""
    has_come: bool = False
    """Somebody of the party has been counted in."""


class Came(Struct, kw_only=True, gc=False):
    """Who came into a room within a minute."""

    from_at: datetime
    until_at: datetime
    """When the newest of them was counted."""
    people: int
    missed: float
    """How many more may have come."""


class CurvePoint(Struct, frozen=True, gc=False):
    """What was known of a room's people from one minute on, until the next point. None while it was not known."""

    at: datetime
    """The beginning of the minute."""
    people: int | None
    lower: int | None
    upper: int | None
    lowest: int | None
    """Of `people` within that minute, in which more may have happened than its end shows."""
    highest: int | None


class ScheduledLimit(NamedTuple):
    """A limit of a room from one instant to another."""

    begins_at: datetime
    ends_at: datetime
    limit_people: int


@dataclass(slots=True, kw_only=True)
class OverLimit:
    """More people than a room may hold, so far."""

    since_at: datetime
    highest_people: int
    most_over_people: int


@dataclass(slots=True, kw_only=True)
class Foreseen:
    """What the filter of a room will say if nobody crosses its doors; see `hub.day.idle`."""

    reckoned_at: datetime
    """From where it was reckoned: holds as long as the filter itself stands there,"""
    shown: tuple[int, int, int]
    """and the room shows this."""
    filter: Reckoned | None
    until_at: datetime
    """As the filter is then. Before, nothing is another than is shown."""
    is_change: bool = False
    """But then it is."""


@dataclass(slots=True, kw_only=True)
class RoomState:
    """A room and its people as counted."""

    room: Room
    limit_by_hand: int | None = None
    """What somebody has set for the day in place of the described limit."""
    limit_by_schedule: int | None = None
    """What the lobby file says for this hour in place of it."""
    counters: tuple[str, ...] = ()
    """`node/device` of every counter at one of its doors."""
    corrected_at: datetime | None = None
    """When its number was corrected last, by hand or by what the lobby file says."""
    served_until_at: datetime | None = None
    """When somebody was last done being served in it."""
    people: int | None = None
    """None until a counter of one of its doors has spoken."""
    margin: float = 0.0
    """By how many people the count may be off: grows with each crossing, ends with a correction."""
    below_zero_people: int = 0
    """People who left a room that held nobody any more, as far as the margin explains them."""
    deficit_people: int = 0
    """All of them once they are more than the margin explains: the count is wrong by as many."""
    lower_doubt: float = 0.0
    """By how many people more the lower bound may be off than the upper one."""
    recent: list[Came] | None = None
    """Who came within the longest stay, oldest first; None where people stay as long as they like."""
    reservations: list[Reservation] = field(default_factory=list)
    """Oldest first."""
    highest_people: int = 0
    entered_people: int = 0
    left_people: int = 0
    reckoned: Reckoned | None = None
    """Of a room with a `gate_confidence`; see `hub.day.reckoned`."""
    known: Known | None = None
    """What `reckoned` said last,"""
    reckoned_at: datetime | None = None
    """and when."""
    foreseen: Foreseen | None = field(default=None, compare=False)
    """Only so that it is not looked up twice."""
    served_people: int = 0
    """Of the tickets that are being served at its desks: they are certainly inside."""
    uncounted_share: float = 0.0
    """How many cross the doors of which the lobby file says that nothing counts them, for each who is counted."""
    is_counted_all_round: bool = False
    """Each of its doors has a counter."""
    served_since_counted: set[str] = field(default_factory=set)
    """Tickets whose service began here since anybody was counted at one of its doors; see `hub.day.counter_signs`."""
    served_in_empty: set[str] = field(default_factory=set)
    """Those whose service has begun although the count said that nobody was here."""
    is_held: bool = False
    """It was full, and has not emptied far enough since to open again; see `hub.day.gate_state`."""
    over: OverLimit | None = None
    """While it holds more people than it may; see `hub.day.alarms`."""
    curve: list[CurvePoint] = field(default_factory=list)
    """Today's, oldest first; see `hub.day.curve`."""

    @property
    def limit_people(self) -> int:
        """As it is now: set by hand, or as the lobby file says for this hour, or for all others."""
        if self.limit_by_hand is not None:
            return self.limit_by_hand
        return self.room.limit_people if self.limit_by_schedule is None else self.limit_by_schedule


@dataclass(slots=True, kw_only=True)
class SameDoor:
    """Counters that watch the same passage of a door; see `hub.day.same_door`."""

    counters: tuple[str, ...]
    lead: str
    """Whose totals count."""
    margin_per_crossing: float = 0.0
    ahead: dict[str, tuple[int, int]] = field(default_factory=dict)
    """What the others saw since the leader spoke last: (entered, left)."""
    unsure: set[str] = field(default_factory=set)
    """Those that were silent then: what they bring may have been counted."""
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of each, while all are heard."""
    differs: bool = False
    """They did not agree, today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Where a counter stands: between which rooms people are that it has counted."""

    to_room: RoomState | None
    """None for outside."""
    from_room: RoomState | None
    margin_per_crossing: float
    rooms: tuple[RoomState, ...]
    """Both, as far as they are rooms."""


NOWHERE = Passage(to_room=None, from_room=None, margin_per_crossing=0.0, rooms=())
"""Of a counter that the lobby no longer describes."""
