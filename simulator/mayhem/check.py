"""Many seeds of mayhem on all cores, what they have covered, and what they found.

`guichet-sim mayhem`, and so `scripts/check --seeds`, is this. It judges nothing: a violation is a checker's word.
"""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from typing import get_args

from hub.day.events import AnyEvent
from hub.day.refusal import Code
from simulator.mayhem.plan import Plan, draw
from simulator.mayhem.run import Outcome, live_through, lobby
from simulator.mayhem.shrink import shrink
from simulator.mishaps import KINDS

COVERS_ALL_SEEDS = 100
"""So many seeds see everything; of fewer nothing is asked."""
SHRINK_S = 60.0
"""For a failing seed."""
SHRINKS_MAX = 3
"""Of the seeds that failed, so many are shrunk: the others most often fail for the same reason."""

EVENTS = tuple(it.__name__ for it in get_args(AnyEvent))
REFUSALS = tuple(it.value for it in Code)


@dataclass(kw_only=True)
class Coverage:
    """How often everything occurred."""

    seeds: int = 0
    events: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    mishaps: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        self.seeds += 1
        self.events += outcome.events
        self.refusals += outcome.refusals
        self.mishaps += outcome.mishaps
        self.days[outcome.plan.day.value] += 1

    @property
    def missing(self) -> list[str]:
        """What never occurred."""
        wanted = ((EVENTS, self.events), (REFUSALS, self.refusals), (tuple(KINDS), self.mishaps))
        return [name for names, seen in wanted for name in names if not seen[name]]


@dataclass(kw_only=True)
class Failure:
    """A seed that failed, and what is left of its plan."""

    plan: Plan
    violations: list[str]
    is_shrunk: bool = False

    @property
    def command(self) -> str:
        """What repeats it."""
        whole = len(self.plan.indices) == len(self.plan.mishaps)
        only = "" if whole else f" --only {','.join(map(str, self.plan.indices)) or 'none'}"
        return f"scripts/check --seed {self.plan.seed}{only}"


def live_seed(seed: int, only: Collection[int] | None = None) -> Outcome:
    """The outcome of a seed, with some of its mishaps alone if these are given."""
    plan = draw(seed, lobby())
    return live_through(plan if only is None else plan.only(only))


def live_seeds(seeds: Sequence[int], processes: int | None = None) -> Iterator[Outcome]:
    """Outcomes as they come, of a process on each core."""
    if len(seeds) == 1:
        yield live_seed(seeds[0])
        return
    context = multiprocessing.get_context("spawn")
    workers = min(processes or multiprocessing.cpu_count(), len(seeds))
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_quiet) as pool:
        todo = iter(seeds)
        running: set[Future[Outcome]] = {
            pool.submit(live_seed, seed) for _, seed in zip(range(2 * workers), todo, strict=False)
        }
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(live_seed, seed) for _, seed in zip(done, todo, strict=False)}
            yield from (it.result() for it in done)


def shrunk(outcome: Outcome, clock: Callable[[], float]) -> Failure:
    """The failure of `outcome` with as few mishaps as can be found in `SHRINK_S` by the real `clock`."""
    until_s = clock() + SHRINK_S
    outcomes: dict[tuple[int, ...], Outcome] = {outcome.plan.indices: outcome}

    def fails(indices: Sequence[int]) -> bool:
        found = outcomes[tuple(indices)] = live_through(outcome.plan.only(indices))
        return bool(found.violations)

    kept = shrink(outcome.plan.indices, fails, lambda: clock() < until_s)
    least = outcomes[tuple(kept)]
    return Failure(plan=least.plan, violations=least.violations, is_shrunk=True)


def _quiet() -> None:
    from simulator.cli import set_up

    set_up(is_mayhem=True)
