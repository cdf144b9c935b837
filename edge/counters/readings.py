"""What a counter of another maker said, in our words, or why nobody can tell.

These are values: they know neither bytes nor makers. Nothing in them is guessed: what a counter cannot say stands in
`unsaid`, what makes its word doubtful in `flags`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct


class Kind(StrEnum):
    """What a number means. Only the first four can become totals; the others say how many are there, not who passed."""

    TOTAL = "total"
    """Everybody since a start. The next one holds this one, so losing it costs nothing."""
    PERIOD = "period"
    """Everybody between two instants, or since the report before. Lost, those people are lost."""
    DELTA = "delta"
    """What was added since the message before."""
    CROSSING = "crossing"
    """Somebody crossed at one instant."""
    OCCUPANCY = "occupancy"
    """So many people are there."""
    PRESENCE = "presence"
    """Somebody is there, or nobody."""


FLOWS = (Kind.TOTAL, Kind.PERIOD, Kind.DELTA, Kind.CROSSING)
"""Who passed; from the best way to say it to the worst."""


class Reading(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was said. A counter that tells both ways at once fills `entered` and `left`; one that tells a
    number for each direction fills `count` and names the direction, and only who hung it up knows which way is in."""

    kind: Kind
    register: str = ""
    """The line, zone, region or register, as the maker or the installer names it; empty for a counter's only one."""
    direction: str = ""
    """The maker's name for the way that `count` counts, such as `fw` or `ltr`."""
    entered: int | None = None
    left: int | None = None
    count: int | None = None
    people: int | None = None
    present: bool | None = None
    of: str = ""
    """Whom it counts, when not everybody: `children`, `staff`, `groups`."""
    at: datetime | None = None
    since: datetime | None = None
    """When its period or total begins."""
    until: datetime | None = None
    local_at: str = ""
    """An instant of which the counter does not say in which time zone it is; so with the next two."""
    local_since: str = ""
    local_until: str = ""
    epoch: str = ""
    """The counter's own mark of the time since its totals were last cleared: with another one they begin at zero."""
    wraps_at: int | None = None
    """A total that reaches this begins at 0 again."""
    is_late: bool = False
    """Sent again from the counter's own memory."""
    unsaid: tuple[str, ...] = ()
    """What this counter cannot say: `direction`, `instant`, `zone`, `kind`, `line`, `count`, `register`."""


class Decoded(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message, understood."""

    family: str
    readings: tuple[Reading, ...]
    flags: tuple[str, ...]
    via: str = ""
    """The network server that wrapped it."""
    device: str = ""
    """The counter's own name for itself; empty if it has none."""
    message: str = ""
    """The same for every delivery of the same message; empty if nothing tells them apart."""
    at: datetime | None = None
    """When the network server received it."""
    port: int | None = None
    fields: dict[str, Any] = {}
    """More of what the message says, under the maker's own names."""


class Refused(Struct, frozen=True, kw_only=True):
    """A message that is not used, whole."""

    refused: str
    why: str


class Refuse(ValueError):
    """This message cannot be used; raised inside of dialects only."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


WHY_LETTERS_MAX = 300


def refused(refuse: Refuse) -> Refused:
    """The same as a value, as a line that any screen can show."""
    why = "".join(letter if letter.isprintable() else "?" for letter in str(refuse))
    return Refused(refused=refuse.code, why=why if len(why) <= WHY_LETTERS_MAX else f"{why[:WHY_LETTERS_MAX]}…")


@dataclass
class Said:
    """What a dialect found in one message, while it reads."""

    readings: list[Reading] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    device: str = ""
    message: str = ""

    def flag(self, *flags: str) -> None:
        """Each once, in the order in which they were found."""
        self.flags += [flag for flag in dict.fromkeys(flags) if flag not in self.flags]

    def read(self, readings: Iterable[Reading]) -> None:
        self.readings += readings


CLOCK_MIN = datetime(2010, 1, 1, tzinfo=UTC)
CLOCK_MAX = datetime(2100, 1, 1, tzinfo=UTC)
"""What is outside was never an hour of counting: a clock that nobody has set says 1970 or 2000."""
