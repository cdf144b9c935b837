"""What will go wrong in a lobby, drawn from a seed: the kind of day, and mishaps in the order of their beginning.

A plan is a value: it can be told, and cut down to some of its mishaps while everything else stays as it is.
"""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from hub.day.lobby import Lobby
from simulator.mayhem.learning import learns
from simulator.mishaps import COUNTER_FAULTS, COUNTERS, DAY_CLOSED, HARDWARE, KINDS, Mishap, tell

LASTS_S = 7_200.0
"""Two hours, of which the last `CALM_S` are calm."""
CALM_S = 90.0
QUIET_S = 60.0
"""Nothing goes wrong before."""
MISHAPS = (4, 12)
"""Least and most of a plan, beside those of its kind of day, its hardware and its counters."""
HARDWARE_MISHAPS = (0, 2)
"""Least and most that befall hardware. They have a chance of their own, so that seeds keep what they had before."""


COUNTER_MISHAPS = (2, 5)
"""Least and most that befall counters, in lobbies with rooms that learn; by a chance of their own as well."""
OF_THEIR_OWN = frozenset({DAY_CLOSED, *HARDWARE, *COUNTERS})
"""Kinds that are not drawn with all others."""


class DayKind(StrEnum):
    """Which two hours."""

    ORDINARY = "ordinary"
    CLOSING = "closing"
    MIDNIGHT = "midnight"
    CLOCKS_FORWARD = "clocks-forward"
    CLOCKS_BACK = "clocks-back"
    TURN = "turn"
    TURN_MISSED = "turn-missed"
    CLOSED_BY_HAND = "closed-by-hand"


BEGINS_AT = {
    DayKind.ORDINARY: datetime(2026, 3, 3, 9, 0, tzinfo=UTC),
    DayKind.CLOSING: datetime(2026, 3, 4, 10, 5, tzinfo=UTC),
    DayKind.MIDNIGHT: datetime(2026, 3, 6, 22, 0, tzinfo=UTC),
    DayKind.CLOCKS_FORWARD: datetime(2026, 3, 28, 23, 50, tzinfo=UTC),
    DayKind.CLOCKS_BACK: datetime(2026, 10, 24, 23, 15, tzinfo=UTC),
    DayKind.TURN: datetime(2026, 3, 5, 2, 0, tzinfo=UTC),
    DayKind.TURN_MISSED: datetime(2026, 3, 5, 2, 0, tzinfo=UTC),
    DayKind.CLOSED_BY_HAND: datetime(2026, 3, 5, 2, 0, tzinfo=UTC),
}
"""In a lobby that closes at half past twelve on Wednesdays, and whose day turns at four, all in Paris."""
TURN_S = 3_600.0
"""When the day turns, on the days on which it does."""

TELLS = {
    DayKind.ORDINARY: "a Tuesday at ten",
    DayKind.CLOSING: "a Wednesday until after closing time",
    DayKind.MIDNIGHT: "a Friday night until Saturday",
    DayKind.CLOCKS_FORWARD: "the night in which clocks are put forward",
    DayKind.CLOCKS_BACK: "the night in which clocks are put back",
    DayKind.TURN: "the hour before and after the service day turns",
    DayKind.TURN_MISSED: "the service day turns while the hub is down",
    DayKind.CLOSED_BY_HAND: "the service day is closed by hand, and opens when it turns",
}
WEIGHTS = dict.fromkeys(DayKind, 2) | {DayKind.ORDINARY: 6, DayKind.CLOSED_BY_HAND: 1}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Two hours of one lobby."""

    seed: int
    day: DayKind
    mishaps: tuple[Mishap, ...]
    """As they were drawn, those of hardware and of counters last: their place here is their name."""
    indices: tuple[int, ...]
    """Of those that happen."""

    @property
    def begins_at(self) -> datetime:
        return BEGINS_AT[self.day]

    @property
    def happening(self) -> list[Mishap]:
        return [self.mishaps[i] for i in self.indices]

    def only(self, indices: Collection[int]) -> "Plan":
        """This plan with those of its mishaps alone."""
        return replace(self, indices=tuple(i for i in range(len(self.mishaps)) if i in indices))

    def told(self) -> list[str]:
        """In sentences, each mishap with its number."""
        return [f"seed {self.seed}: {TELLS[self.day]}", *(f"{i}: {tell(self.mishaps[i])}" for i in self.indices)]


def draw(seed: int, lobby: Lobby) -> Plan:
    """The plan of `seed`."""
    chance = random.Random(f"{seed}/plan")
    day = chance.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))[0]
    found = list(_of_the_day(day, chance))
    for _ in range(chance.randint(*MISHAPS)):
        one = _mishap(chance, lobby, [it for it in KINDS if it not in OF_THEIR_OWN])
        if not any(_meet(one, other) for other in found):
            found.append(one)
    in_order = sorted(found, key=lambda it: (it.at_s, it.kind, it.where))
    _add(in_order, random.Random(f"{seed}/hardware"), lobby, HARDWARE, HARDWARE_MISHAPS)
    if learns(seed):
        _add(in_order, random.Random(f"{seed}/counters"), lobby, COUNTER_FAULTS, COUNTER_MISHAPS)
    return Plan(seed=seed, day=day, mishaps=tuple(in_order), indices=tuple(range(len(in_order))))


def _add(
    found: list[Mishap], chance: random.Random, lobby: Lobby, names: Iterable[str], how_many: tuple[int, int]
) -> None:
    """More mishaps of these kinds, at the end; what would be in the way of another is left out."""
    for _ in range(chance.randint(*how_many)):
        one = _mishap(chance, lobby, list(names))
        if not any(_meet(one, other) for other in found):
            found.append(one)


def _of_the_day(day: DayKind, chance: random.Random) -> Iterator[Mishap]:
    if day is DayKind.TURN_MISSED:
        down_s = chance.uniform(10, 600)
        yield Mishap(kind="hub-killed", at_s=TURN_S - down_s, lasts_s=down_s + chance.uniform(5, 300))
    elif day is DayKind.CLOSED_BY_HAND:
        before_s = chance.uniform(60, 600)
        yield Mishap(kind=DAY_CLOSED, at_s=TURN_S - before_s, lasts_s=before_s + chance.uniform(5, 60))


def _mishap(chance: random.Random, lobby: Lobby, names: Sequence[str]) -> Mishap:
    name = chance.choice(names)
    kind = KINDS[name]
    lasts_s = round(chance.uniform(*kind.lasts_s), 1)
    at_s = round(chance.uniform(QUIET_S, LASTS_S - CALM_S - lasts_s - QUIET_S), 1)
    amount = round(chance.uniform(*kind.amount), 2)
    return Mishap(kind=name, at_s=at_s, lasts_s=lasts_s, where=chance.choice(kind.places(lobby)), amount=amount)


def _meet(one: Mishap, other: Mishap) -> bool:
    """Whether the two would be in each other's way."""
    alone = KINDS[one.kind].alone or one.kind
    if alone != (KINDS[other.kind].alone or other.kind) or one.where != other.where:
        return False
    apart_s = 15.0  # what begins at the next commit may take its time
    return one.at_s < other.at_s + other.lasts_s + apart_s and other.at_s < one.at_s + one.lasts_s + apart_s
