"""The same days under several scenarios, and what is different then.

Each scenario lives through the same seeds: the same visitors come at the same time with the same wishes, as far as the
scenarios agree. It knows neither tables nor pictures.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from itertools import product
from multiprocessing import get_context
from typing import NamedTuple

from msgspec import Struct

from hub.day.lobby import Lobby
from simulator.scenario import Setting
from simulator.scenario_file import ScenarioError
from simulator.simulate import load
from simulator.what_if.bare_lobby import entrance
from simulator.what_if.day import DayFigures, live
from simulator.what_if.intervals import DAYS_MIN, LEVEL, Interval, difference, interval

DAYS_MAX = 10_000


class Measure(NamedTuple):
    """What a manager asks of each day. Of all of these, less is better."""

    id: str
    name: str
    unit: str
    of: Callable[[DayFigures], float | None]


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


MEASURES = (
    Measure("wait_median", "Wait, median", "min", lambda day: _minutes(day.waits.median_s)),
    Measure("wait_p90", "Wait of 9 in 10", "min", lambda day: _minutes(day.waits.p90_s)),
    Measure("over_target", "Above target wait", "%", lambda day: _percent(day.waits.over_target)),
    Measure("unserved", "Left unserved", "%", lambda day: _percent(day.unserved)),
    Measure("overtime", "Overtime", "min", lambda day: _minutes(day.overtime_s)),
    Measure("highest", "Most inside", "people", lambda day: day.highest_people),
    Measure("at_limit", "Full inside", "% of day", lambda day: _percent(day.at_limit)),
    Measure("held", "Held at door", "people", lambda day: day.held_people),
)


class Answer(Struct, frozen=True, kw_only=True):
    """One measure under one scenario. None where fewer than two days have a figure."""

    days: Interval | None
    difference: Interval | None
    """To the first scenario, day by day; None for the first itself."""
    is_distinguishable: bool
    """The difference, from zero."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of one scenario."""

    name: str
    answers: dict[str, Answer]
    """By measure."""
    days: list[DayFigures]


class Comparison(Struct, frozen=True, kw_only=True):
    """All scenarios; the first is what the others are compared with."""

    days: int
    seed: int
    """Of the first day. Each further day has the next."""
    level: float
    """Of the intervals."""
    room: str
    """The name of the room behind the entrance, of which occupancy is told."""
    outcomes: list[Outcome]


Advanced = Callable[[], None]
"""Told of each day that is over."""


def compare(
    settings: Sequence[Setting], *, days: int, seed: int, processes: int, advanced: Advanced = lambda: None
) -> Comparison:
    """Live through `days` of each scenario, on so many processes. Their number changes nothing but the time it takes.

    Raises:
        ConfigError, ScenarioError: a scenario or its lobby cannot be used, or they cannot be compared.
    """
    if not DAYS_MIN <= days <= DAYS_MAX:
        raise ScenarioError(f"--days {days}: an interval needs {DAYS_MIN} to {DAYS_MAX:,} days")
    worlds = [(setting, load(setting)) for setting in settings]
    _check_alike(settings)
    seeds = range(seed, seed + days)
    figures = _lived_through(worlds, seeds, processes, advanced)
    lobby = worlds[0][1]
    inside = next(room for room in lobby.rooms if room.id == entrance(lobby))
    return Comparison(
        days=days,
        seed=seed,
        level=LEVEL,
        room=inside.name.get("en", inside.id),
        outcomes=list(_outcomes(_names(settings), figures)),
    )


def _check_alike(settings: Sequence[Setting]) -> None:
    """
    Raises:
        ScenarioError: they are of different days.
    """
    first = settings[0]
    for other in settings[1:]:
        if other.scenario.date != first.scenario.date:
            raise ScenarioError(
                f"{first.name!r} is on {first.scenario.date:%A %d %B %Y}, {other.name!r} on "
                f"{other.scenario.date:%A %d %B %Y}; only scenarios of one date can be compared"
            )


def _names(settings: Sequence[Setting]) -> list[str]:
    """Each scenario's name, with a number behind it where one comes again."""
    names: list[str] = []
    for setting in settings:
        again = sum(name == setting.name or name.startswith(f"{setting.name} (") for name in names)
        names.append(f"{setting.name} ({again + 1})" if again else setting.name)
    return names


# --- living through them ---------------------------------------------------------------------------------------------


def _lived_through(
    worlds: Sequence[tuple[Setting, Lobby]], seeds: Sequence[int], processes: int, advanced: Advanced
) -> list[list[DayFigures]]:
    """The days of each scenario, in the order of the seeds."""
    tasks = [(world, day) for day, world in product(range(len(seeds)), range(len(worlds)))]
    found: dict[tuple[int, int], DayFigures] = {}
    if processes == 1:
        for world, day in tasks:
            found[world, day] = _figures(*worlds[world], seeds[day])
            advanced()
    else:
        # Workers are spawned, not forked: a process that draws a progress bar has threads.
        pool = ProcessPoolExecutor(min(processes, len(tasks)), mp_context=get_context("spawn"))
        try:
            with _workers_leave_interrupts_to_us():
                futures = {pool.submit(_figures, *worlds[world], seeds[day]): (world, day) for world, day in tasks}
            for future in as_completed(futures):
                found[futures[future]] = future.result()
                advanced()
        finally:
            pool.shutdown(cancel_futures=True)
    return [[found[world, day] for day in range(len(seeds))] for world in range(len(worlds))]


def _figures(setting: Setting, lobby: Lobby, seed: int) -> DayFigures:
    return live(setting, lobby, seed).figures


@contextmanager
def _workers_leave_interrupts_to_us() -> Iterator[None]:
    """What is started meanwhile is deaf to Ctrl-C, which goes to every process of a terminal."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- what it comes to ------------------------------------------------------------------------------------------------


def _outcomes(names: Sequence[str], figures: Sequence[Sequence[DayFigures]]) -> Iterator[Outcome]:
    for i, (name, days) in enumerate(zip(names, figures, strict=True)):
        answers = {}
        for measure in MEASURES:
            values = [measure.of(day) for day in days]
            above = difference(values, [measure.of(day) for day in figures[0]]) if i else None
            answers[measure.id] = Answer(
                days=interval(values),
                difference=above,
                is_distinguishable=above is not None and above.is_distinguishable,
            )
        yield Outcome(name=name, answers=answers, days=list(days))
