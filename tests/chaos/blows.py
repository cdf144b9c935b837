"""What is killed, and at which moment: drawn from a seed, so that the same seed deals the same blows in the same order.

It knows no processes. When a moment has come is for those to say to whom it happens.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar


class Target(StrEnum):
    """Who is killed."""

    HUB = "hub"
    AGENT = "agent"
    BROKER = "broker"


class Moment(StrEnum):
    """When."""

    ASKED = "wish on its way"
    ANSWERED = "answer just come"
    PRESSED = "key of the kiosk pressed"
    PRINTING = "slip coming out"
    ALONE = "number given without the hub"
    STARTING = "starting again"
    ANY = "any"


TARGETS = (*(Target.HUB,) * 4, *(Target.AGENT,) * 3, *(Target.BROKER,) * 3)
MOMENTS = {
    Target.HUB: (Moment.ASKED, Moment.ASKED, Moment.ANSWERED, Moment.ANSWERED, Moment.STARTING, Moment.ANY),
    Target.AGENT: (Moment.PRESSED, Moment.PRINTING, Moment.ALONE, Moment.STARTING, Moment.ANY),
    Target.BROKER: (Moment.ASKED, Moment.PRESSED, Moment.PRINTING, Moment.ANY),
}
DELAY_MAX_S = {
    Moment.ASKED: 0.02,
    Moment.ANSWERED: 0.0,
    Moment.PRESSED: 0.1,
    Moment.PRINTING: 0.15,
    Moment.ALONE: 0.3,
    Moment.STARTING: 3.0,
    Moment.ANY: 1.0,
}
"""So long after its moment a blow falls at most: what happens then takes about so long."""
PAUSE_S = (0.1, 1.0)
"""Between two blows, so that some fall while the one before is not over yet."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Blow:
    """One kill -9."""

    target: Target
    moment: Moment
    pause_s: float
    """Since the blow before."""
    delay_s: float
    """After its moment."""


def blows(seed: int) -> Iterator[Blow]:
    """Endless. Of all targets and moments the first few have some already."""
    chance = Random(seed)
    targets = _dealt(TARGETS, chance)
    moments = {target: _dealt(kinds, chance) for target, kinds in MOMENTS.items()}
    for target in targets:
        moment = next(moments[target])
        # The square, so that half of them fall in the first quarter: a start may take long, or be over at once.
        pause_s, delay_s = chance.uniform(*PAUSE_S), chance.random() ** 2 * DELAY_MAX_S[moment]
        yield Blow(target=target, moment=moment, pause_s=pause_s, delay_s=delay_s)


def _dealt(cards: Sequence[T], chance: Random) -> Iterator[T]:
    """One card after the other; when none is left, all are shuffled again."""
    while True:
        yield from chance.sample(cards, len(cards))


class Moments:
    """Tells whoever waits for a moment that it has come, in that very moment."""

    def __init__(self) -> None:
        self._waiting: dict[Moment, Callable[[], None]] = {}

    def await_next(self, moment: Moment, told: Callable[[], None]) -> None:
        """Call `told` once, when `moment` comes the next time."""
        self._waiting[moment] = told

    def forget(self, moment: Moment) -> None:
        self._waiting.pop(moment, None)

    def has_come(self, moment: Moment) -> None:
        told = self._waiting.pop(moment, None)
        if told is not None:
            told()
