"""What the checker of the gate keeps while it reads a journal, and the figures that come of it.

It is the checker's own picture of counters, rooms and tickets: none of it is the hub's.
"""

from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct

from hub.day.lobby import Room

ROUNDING = 1e-6
"""Margins are sums of small fractions."""


class GateFigures(Struct, frozen=True, kw_only=True):
    """What the gate of one admitted room did in the day."""

    invited: int
    """Invitations; a visitor who did not come may have had several."""
    held: int
    """Tickets whose visitors had to wait outside."""
    longest_held_s: float
    """From ticket to first invitation."""
    lapsed: int
    """Invitations that nobody followed."""
    times_unknown: int
    """How often the room's people were known and then were not."""
    above_limit_in_truth: int
    """Invitations with which more people than allowed truly were inside or on their way, though all were counted live.
    People who slip past a counter, or have just come, are not known to it; so this is no violation."""


@dataclass(kw_only=True)
class Tally:
    """What is counted for `GateFigures`."""

    invited: int = 0
    held: int = 0
    longest_held_s: float = 0.0
    lapsed: int = 0
    times_unknown: int = 0
    above_limit_in_truth: int = 0

    @property
    def figures(self) -> GateFigures:
        return GateFigures(**{name: getattr(self, name) for name in GateFigures.__struct_fields__})


@dataclass(kw_only=True)
class Counter:
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Epoch to (entered, left)."""
    is_silent: bool = False
    is_blocked: bool = False
    has_begun_anew: bool = False
    """Today."""
    epoch: str = ""
    fell_back: set[str] = field(default_factory=set)
    is_implausible: bool = False
    """It said more than any door lets through, and nothing since."""
    counted_at: datetime | None = None
    doubted_rooms: set[str] = field(default_factory=set)
    """Counted by somebody while this counter was not heard, so who crossed meanwhile may be in that number or not."""

    @property
    def is_sound(self) -> bool:
        is_believed = not self.is_implausible and self.epoch not in self.fell_back
        return is_believed and not self.is_blocked and not self.has_begun_anew


@dataclass(kw_only=True)
class RoomState:
    room: Room
    people: int | None = None
    margin: float = 0.0
    left_empty: int = 0
    """People who left when nobody was inside any more."""
    is_contradicted: bool = False
    """They are more than the margin explains; from then on each of them may be inside."""
    on_their_way: dict[str, int] = field(default_factory=dict)
    """Ticket to people of its party who have not come in; oldest first."""
    was_known: bool = False
    corrected_at: datetime | None = None
    limit_by_hand: int | None = None
    """Set for the day; it stands when the lobby's description changes, until it is set back or the day ends."""

    @property
    def limit_people(self) -> int:
        return self.limit_by_hand if self.limit_by_hand is not None else self.room.limit_people

    @property
    def reserved(self) -> int:
        return sum(self.on_their_way.values())

    def cross(self, entered: int, left: int, margin: float) -> None:
        """People cross a door of the room, and it is known less well by `margin`."""
        people = (self.people or 0) + entered - left
        self.margin += margin
        if people < 0:
            self.left_empty -= people
            people = 0
        self.people = people
        self.is_contradicted |= self.left_empty > self.margin + ROUNDING

    def come_in(self, entered: int) -> None:
        """Who enters takes the places of those on their way."""
        for ticket, people in list(self.on_their_way.items()):
            came = min(entered, people)
            entered -= came
            self.on_their_way[ticket] -= came
            if self.on_their_way[ticket] == 0:
                del self.on_their_way[ticket]


@dataclass(kw_only=True)
class TicketState:
    number: str
    service: str
    party: int
    issued_at: datetime
    gate: str
    """The admitted room before which its visitors wait; empty if they wait nowhere."""
    inside: str = ""
    """The admitted room in which it is, or into which it is invited."""
    desk: str = ""
    is_served: bool = False
    is_over: bool = False
    was_invited: bool = False
    waits_outside: bool = False
    was_called: bool = False
    """Since the last invitation."""


@dataclass(kw_only=True)
class LastCall:
    """What it takes to undo a call."""

    before: TicketState
    """The called ticket as it was."""
    finished: tuple[str, TicketState] | None
    """Whom the call sent away, and how she was."""


def reckoning(upper: int, reserved: int, party: int, limit: int) -> str:
    """Why there is a place, or none, in words."""
    return f"{upper} inside at most, {reserved} on their way and a party of {party}, where {limit} are allowed"
