"""Bugs in what is made of counters' totals, in rooms that learn and in all others."""

from datetime import datetime
from typing import Any

import msgspec

from hub.counts import Counts
from hub.day import events, inputs, occupancy
from hub.day.model import Day
from hub.day.occupancy import Estimate
from hub.day.refusal import Refusal
from hub.day.rooms import RoomState
from tests.planted.plant import Decision, Plant, Rule, decided, swapped
from wire.messages import Count

_take, _gate_upper = Counts.take, occupancy.gate_upper


def _moved_only(rule: Rule) -> Rule:
    def count(day: Day, an_input: Any, now: datetime) -> Decision:
        is_first = an_input.device not in day.counters
        return [] if is_first and not (an_input.entered or an_input.left) else rule(day, an_input, now)

    return count


def _silent_in_the_morning(rule: Rule) -> Rule:
    def open_day(day: Day, an_input: Any, now: datetime) -> Decision:
        decision = rule(day, an_input, now)
        if isinstance(decision, Refusal):
            return decision
        return [
            msgspec.structs.replace(it, totals=tuple(msgspec.structs.replace(at, is_silent=True) for at in it.totals))
            if isinstance(it, events.DayOpened)
            else it
            for it in decision
        ]

    return open_day


def _heard_when_it_moves(counts: Counts, address: str, count: Count, *, is_heard: bool) -> None:
    before = counts._counters[address].newest
    _take(counts, address, count, is_heard=is_heard and count != before)


def _value(day: Day, room: RoomState, known: Estimate) -> int | None:
    return known.value if room.known is not None else _gate_upper(day, room, known)


def _no_confidence(room: RoomState, known: Estimate) -> None:
    return None


COUNTS = [
    Plant(
        name="first-totals-are-no-news",
        room="rules",
        breaks="A counter that has counted nobody yet has not spoken: its rooms are unknown until somebody crosses.",
        plant=lambda: decided(inputs.CountPeople, _moved_only),
    ),
    Plant(
        name="heard-when-it-counts",
        room="intake",
        breaks="A counter that says the same as before is not heard: its rooms are unknown while nobody crosses.",
        plant=lambda: swapped(Counts, "take", _heard_when_it_moves),
    ),
    Plant(
        name="silent-in-the-morning",
        room="rules",
        breaks="When the day turns every counter counts as silent, and nobody says that it is heard.",
        plant=lambda: decided(inputs.OpenDay, _silent_in_the_morning),
    ),
    Plant(
        name="gate-acts-on-the-value",
        room="rules",
        breaks="In a room that learns the gate acts on how many are most likely inside, not on how many may be.",
        plant=lambda: swapped(occupancy, "gate_upper", _value),
    ),
    Plant(
        name="confidence-not-recorded",
        room="rules",
        breaks="An admission does not say how sure its upper bound was.",
        plant=lambda: swapped(occupancy, "gate_confidence", _no_confidence),
    ),
    Plant(
        name="sure-after-a-start",
        room="rules",
        breaks="A counter that began anew is believed as if nobody had crossed meanwhile.",
        plant=lambda: swapped(occupancy, "EPOCH_MARGIN_PEOPLE", 0.0),
    ),
]
"""In the order of the table."""
