"""Whether the day knows which counters are heard: one that falls silent is not believed, one that speaks is.

It holds the journal's rows against what counters said, as the broker heard it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from hub.day import events, people_events
from simulator.evidence import Evidence
from wire.messages import Count

SILENT_S = 90.0
"""Who is not heard for so long is silent; declared in `docs/occupancy.md`."""
NOTED_S = 10.0
"""So soon does the day know."""
SETTLE_S = 12.0
HUB = "hub"
"""What no trouble of a node touches."""


def counter_violations(it: Evidence) -> Iterator[str]:
    """Silences that nobody noted, that nobody ended, or that were none."""
    said_s: dict[str, list[float]] = defaultdict(list)
    for heard, _ in it.each(Count):
        said_s[heard.device].append(heard.at_s)
    noted: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    counted_s: dict[str, float] = {}
    days_s = [it.row_s(row) for row in it.entries if isinstance(row.event, events.DayOpened)]
    for row in it.entries:
        if isinstance(row.event, people_events.CounterSilenced | people_events.CounterHeard):
            is_silent = isinstance(row.event, people_events.CounterSilenced)
            noted[row.event.device].append((it.row_s(row), is_silent))
        elif isinstance(row.event, people_events.PeopleCounted):
            counted_s.setdefault(row.event.device, it.row_s(row))
    for device, at_s in said_s.items():
        known_s = counted_s.get(device, float("inf"))
        yield from _unnoted(it, device, [at for at in at_s if at >= known_s], noted[device], days_s)
        yield from _not_silent(it, device, noted[device])


def _is_silent(noted: Sequence[tuple[float, bool]], at_s: float) -> bool:
    place = bisect_right(noted, (at_s, True))
    return place > 0 and noted[place - 1][1]


def _unnoted(
    it: Evidence, device: str, said_s: list[float], noted: Sequence[tuple[float, bool]], days_s: Sequence[float]
) -> Iterator[str]:
    for last_s, next_s in pairwise([*said_s, it.ends_s]):
        known_s = last_s + SILENT_S + NOTED_S
        if next_s > known_s and it.record.is_calm(HUB, last_s - SETTLE_S, known_s):
            turned = any(last_s <= day_s <= known_s for day_s in days_s)
            if not turned and not _is_silent(noted, known_s):
                yield f"{device} was not heard after {last_s:.1f} s, and is believed at {known_s:.1f} s"
    for at_s in said_s:
        known_s = at_s + NOTED_S
        was_calm = known_s <= it.ends_s and it.record.is_calm(device, at_s - SETTLE_S, known_s)
        if was_calm and _is_silent(noted, at_s) and _is_silent(noted, known_s):
            yield f"{device} was heard at {at_s:.1f} s, in calm, and counts as silent at {known_s:.1f} s"


def _not_silent(it: Evidence, device: str, noted: Sequence[tuple[float, bool]]) -> Iterator[str]:
    for at_s, is_silent in noted:
        if is_silent and it.record.is_calm(device, at_s - SILENT_S - SETTLE_S, at_s):
            yield f"{device} fell silent at {at_s:.1f} s, and nothing was wrong with it"
