"""python -m tests.chaos --chaos MINUTES: on SQLite, then on PostgreSQL. The seed decides who is killed when."""

import asyncio
import signal
from contextlib import nullcontext
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.chaos.launch import as_installed, nursery
from tests.chaos.report import tell, told
from tests.chaos.run import Kill, Outcome, chaos, new_database

VIOLATED = 1
SEEDS = 1_000_000
MINUTE_S = 60.0

Database = Literal["sqlite", "postgresql", "both"]


def main(
    minutes: Annotated[
        float, typer.Option("--chaos", min=0.1, max=10_000, help="So long blows fall, on each database.")
    ],
    seed: Annotated[int | None, typer.Option(help="Decides the blows.", show_default="another each time")] = None,
    database: Annotated[Database, typer.Option(help="On which.")] = "both",
    warm: Annotated[
        bool, typer.Option("--warm", help="Fork processes that have imported all: more kills, no true times to start.")
    ] = False,
) -> None:
    """A lobby of real processes under load; hub, agent and broker are killed at random. What was acknowledged is found
    again, once."""
    # Whoever ends it with SIGTERM has it tidy up as Ctrl-C does: nobody who was started is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()
    dealt = SystemRandom().randrange(SEEDS) if seed is None else seed
    names = ["sqlite", "postgresql"] if database == "both" else [database]
    console.print(f"seed {dealt}; repeat the blows with --seed {dealt}")
    outcomes = [_run(name, minutes, dealt, console, is_warm=warm) for name in names]
    for name, outcome in zip(names, outcomes, strict=True):
        tell(name, outcome, console)
    if any(outcome.verdict.violations for outcome in outcomes):
        raise typer.Exit(VIOLATED)


def _run(name: str, minutes: float, seed: int, console: Console, *, is_warm: bool) -> Outcome:
    columns = (TextColumn(f"chaos on {name}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with (
        TemporaryDirectory(prefix="guichet-chaos-") as folder,
        new_database(name, Path(folder)) as url,
        nursery() if is_warm else nullcontext(as_installed) as launch,
        Progress(*columns, TextColumn("{task.description}"), console=console) as progress,
    ):
        bar = progress.add_task("", total=minutes * MINUTE_S)
        began_s = monotonic()

        def wants_more(kills: list[Kill]) -> bool:
            passed_s = monotonic() - began_s
            progress.update(bar, completed=passed_s, description=told(kills))
            return passed_s < minutes * MINUTE_S

        return asyncio.run(chaos(Path(folder), url, seed=seed, wants_more=wants_more, launch=launch))


if __name__ == "__main__":
    typer.run(main)
