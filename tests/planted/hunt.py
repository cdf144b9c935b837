"""The hunt for one planted bug: seeds of mayhem, one after the other, until a checker has something to say."""

import logging
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import structlog

from simulator.mayhem.plan import draw
from simulator.mayhem.run import live_through, lobby
from tests.planted.bugs import BUGS

SEEDS = 100
"""As many as CI runs."""
SEED_MAX_S = 40
"""Of the processor's time: a run that a bug has made endless is ended."""
TABLE = Path(__file__).parents[2] / "docs" / "planted-bugs.md"


class Caught(NamedTuple):
    """How a bug gave itself away."""

    seed: int
    sentence: str


class EndlessError(Exception):
    """The run does not end."""


def recorded() -> dict[str, int]:
    """Bug to the seed that caught it when the table was written."""
    if not TABLE.exists():
        return {}
    rows = [line.strip("| ").split(" | ") for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): int(row[-1]) for row in rows if row[-1].isdecimal()}


def caught(name: str, first: int | None = None) -> Caught | None:
    """Live through mayhem with that bug: the first seed of which a checker has something to say, and what. `first` is
    tried before all others."""
    bug = next(bug for bug in BUGS if bug.name == name)
    for seed in _seeds(first):
        with bug.plant():
            sentences = violations(seed)
        if sentences:
            return Caught(seed, sentences[0])
    return None


def quiet() -> None:
    """What a hub logs in mayhem fills a screen a second. It is here since what is spawned does not know `__main__`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def violations(seed: int) -> list[str]:
    """What the checkers say of a seed."""
    before = signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, SEED_MAX_S)
    try:
        return live_through(draw(seed, lobby())).violations
    except EndlessError:
        return ["the run does not end"]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _seeds(first: int | None) -> Iterator[int]:
    if first is not None:
        yield first
    yield from (seed for seed in range(SEEDS) if seed != first)


def _give_up(number: int, frame: FrameType | None) -> None:
    raise EndlessError
