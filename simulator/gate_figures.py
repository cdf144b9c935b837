"""What the checker of the gate keeps of tickets while it reads a journal, and the figures that come of it.

It is the checker's own picture: none of it is the hub's.
"""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct


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
class TicketState:
    name: str
    """In the journal's rows."""
    number: str
    service: str
    party: int
    turn: tuple[datetime, int]
    """Due, then the order of arrival."""
    issued_at: datetime
    gate: str
    """The admitted room before which its visitors wait; empty if they wait nowhere."""
    inside: str = ""
    """The admitted room in which it is, or into which it is invited or called; before that, once its place lapsed."""
    desk: str = ""
    is_served: bool = False
    is_over: bool = False
    was_invited: bool = False
    waits_outside: bool = False
    is_away: bool = False
    """Missed or parked: a desk that calls it sees its visitor."""


@dataclass(kw_only=True)
class LastCall:
    """What it takes to undo a call."""

    before: TicketState
    """The called ticket as it was."""
    inside: str
    """Of the called ticket, by the call."""
    finished: "Left | None"
    """Whom the call sent away, and how she was."""


@dataclass(kw_only=True)
class Left:
    """Somebody who has left a desk."""

    was: TicketState
    places: frozenset[str]
    """Rooms in which a place was kept for her."""
