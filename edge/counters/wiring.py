"""Which of a counter's numbers are those of one door, and which way is in. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from edge.counters.readings import FLOWS, Kind, Reading


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """What of a counter is which door, and which way is in: only who hung it up knows."""

    line: str = ""
    """The register that counts; empty if the counter has but one."""
    entered: str = ""
    """`register/direction` of who comes in, of a counter that has a number for each way."""
    left: str = ""
    swapped: bool = False
    net: bool = False
    """It tells how many are there, and changes of that count as passing."""

    @property
    def names(self) -> frozenset[str]:
        """Of the numbers for each way, if somebody said which they are."""
        return frozenset({self.entered, self.left} - {""})


@dataclass
class Found:
    """Of a message what is this door's."""

    readings: list[Reading] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    is_unclear: bool = False
    """It has told of several lines at once, and nobody has said which one counts."""


def of_this_door(wiring: Wiring, readings: Sequence[Reading]) -> Found:
    """Those of this door, of everybody, and of a kind that is known."""
    found = Found()
    lines: dict[str, bool] = {}
    is_asked, is_found = False, False
    for reading in readings:
        if reading.of or "kind" in reading.unsaid:
            found.flags += ["not-counted"] if "kind" in reading.unsaid else []
            continue
        is_relevant = reading.kind in (FLOWS if not wiring.net else (Kind.OCCUPANCY,))
        if reading.kind in FLOWS and (reading.count is not None or wiring.names):
            mine = list(_wired(found, wiring, reading))
        else:
            if not wiring.line and is_relevant:
                lines[reading.register] = lines.get(reading.register, True) and _is_one_way(reading)
            mine = [reading] if reading.register == wiring.line or not wiring.line else []
        is_asked, is_found = is_asked or is_relevant, is_found or (is_relevant and bool(mine))
        found.readings += mine
    if len(lines) > 1 and not (wiring.net and "" in lines):
        found.is_unclear = True
        found.flags.append("way-not-said" if all(lines.values()) else "line-not-said")
    if is_asked and not is_found and (wiring.names or wiring.line):
        found.flags.append("not-this-line")
    return found


def _wired(found: Found, wiring: Wiring, reading: Reading) -> Iterator[Reading]:
    """A number of one way as a number of that way; nothing if nobody said which way it is."""
    name = label(reading)
    if name not in wiring.names:
        found.flags += [] if wiring.names else ["way-not-said"]
        return
    entered, left = (reading.entered, reading.left) if reading.count is None else (reading.count, reading.count)
    entered, left = entered if name == wiring.entered else None, left if name == wiring.left else None
    if reading.count is not None and wiring.entered == wiring.left:
        left = None
    if entered is not None or left is not None:
        yield replace(reading, count=None, entered=entered, left=left)


def label(reading: Reading) -> str:
    """A register and its direction, as an agent file names them."""
    return "/".join(name for name in (reading.register, reading.direction) if name)


def _is_one_way(reading: Reading) -> bool:
    """Whether whoever installed it has said of this line which way it counts, and that it counts no other."""
    return (reading.entered is None) != (reading.left is None) and "direction" not in reading.unsaid
