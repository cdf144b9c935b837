"""A manager's question from the command line to its answer: progress while it is worked on, then table and picture."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from simulator.scenario import Setting
from simulator.scenario_file import ScenarioError
from simulator.what_if import picture
from simulator.what_if.compare import Advanced, compare
from simulator.what_if.table import table


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be compared, and where the answer goes."""

    settings: Sequence[Setting]
    days: int
    seed: int
    processes: int
    out: Path | None
    """The folder for picture and figures; None for the table alone."""


def answer(asked: Asked, answers: Console, says: Console) -> None:
    """Print the table on `answers`; what else is to be said, on `says`.

    Raises:
        ConfigError, ScenarioError: a scenario cannot be used, or they cannot be compared.
        NoMatplotlib: a picture is wanted and cannot be drawn.
        OSError: the folder cannot be written.
        KeyboardInterrupt: after it was said how far it came.
    """
    if len(asked.settings) < 2:
        raise ScenarioError("one scenario is compared with nothing; name two or more")
    if asked.out is not None:
        picture.check()
        asked.out.mkdir(parents=True, exist_ok=True)
    with _progress(says, asked.days * len(asked.settings)) as advanced:
        found = compare(asked.settings, days=asked.days, seed=asked.seed, processes=asked.processes, advanced=advanced)
    answers.print(table(found))
    if asked.out is not None:
        figures = asked.out / "compare.json"
        figures.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
        for path in (*picture.draw(found, asked.out), figures):
            says.print(f"written: {path}", soft_wrap=True, highlight=False)


@contextmanager
def _progress(says: Console, days: int) -> Iterator[Advanced]:
    """A bar with the time that is left, on a terminal; elsewhere nothing but where Ctrl-C stopped it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=says, transient=True, disable=not says.is_terminal) as progress:
        task = progress.add_task("days lived through", total=days)
        try:
            yield lambda: progress.advance(task)
        except KeyboardInterrupt:
            progress.stop()
            says.print(f"stopped after {progress.tasks[task].completed:.0f} of {days} days", highlight=False)
            raise
