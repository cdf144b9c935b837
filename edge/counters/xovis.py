"""What Xovis calls the numbers of its lines and zones, in each of its firmwares."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from edge.counters.readings import Kind, Reading, Said
from edge.counters.table import Table

FORWARD = frozenset({"fw", "forward"})
BACKWARD = frozenset({"bw", "backward", "reverse"})
WAYS = dict.fromkeys(FORWARD, "fw") | dict.fromkeys(BACKWARD, "bw") | {"in": "in", "out": "out"}
THERE = frozenset({"balance", "occupancy", "presence", "fill-level", "fill_level"})


def meaning(name: str) -> tuple[Kind | None, str]:
    """How a number of that name counts, and which way; None if it is none of passing or being there, as a dwell."""
    asked = name.strip().lower()
    if asked in WAYS:
        return Kind.PERIOD, WAYS[asked]
    return (Kind.OCCUPANCY, "") if asked in THERE else (None, "")


def there(said: Said, register: str, people: int, at: datetime, unsaid: tuple[str, ...] = ()) -> Iterator[Reading]:
    """A balance of who came and went may fall below nobody; then it says nothing."""
    if people < 0:
        said.flag("negative-balance")
        said.fields[f"{register}/balance"] = people
        return
    yield Reading(kind=Kind.OCCUPANCY, register=register, people=people, at=at, unsaid=unsaid)


def names(drawn: Sequence[Table], name: str, number: str, otherwise: str) -> list[str]:
    """Of lines and zones, by what whoever drew them called them; where two are called alike, their numbers beside."""
    given = [it.maybe_text(name) for it in drawn]
    often = Counter(given)
    return [
        each if each and often[each] == 1 else f"{each or otherwise}-{it.natural(number)}"
        for each, it in zip(given, drawn, strict=True)
    ]
