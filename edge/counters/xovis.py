"""What Xovis calls the numbers of its lines and zones, in each of its firmwares."""

from edge.counters.readings import Kind

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
