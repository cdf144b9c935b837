"""What many seeds came to, as somebody at a terminal reads it: a bar while they run, then tables and failures."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from simulator.mayhem.check import (
    COVERS_ALL_SEEDS,
    EVENTS,
    REFUSALS,
    SHRINKS_MAX,
    Coverage,
    Failure,
    live_seed,
    live_seeds,
    shrunk,
)
from simulator.mayhem.run import Outcome
from simulator.mishaps import KINDS

COLUMNS = 4
"""Of names and counts beside each other."""
VIOLATIONS_SHOWN = 5
"""Of one seed."""


def check_seeds(seeds: Sequence[int], console: Console) -> bool:
    """Live through `seeds` and tell what was found; False if there is a violation, or something never occurred."""
    coverage, failed = Coverage(), list[Outcome]()
    columns = (TextColumn("mayhem"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=console) as progress:
        bar = progress.add_task("no violation", total=len(seeds))
        for outcome in live_seeds(seeds):
            coverage.add(outcome)
            if outcome.violations:
                failed.append(outcome)
                progress.update(bar, description=f"[red]{len(failed)} seeds failed")
            progress.advance(bar)
    console.print(_covered(coverage))
    missing = coverage.missing if coverage.seeds >= COVERS_ALL_SEEDS else []
    if missing:
        console.print(f"[red]never occurred:[/] {', '.join(missing)}")
    failed.sort(key=lambda it: it.plan.seed)
    for i, outcome in enumerate(failed):
        whole = Failure(plan=outcome.plan, violations=outcome.violations)
        _tell(shrunk(outcome, progress.get_time) if i < SHRINKS_MAX else whole, console)
    console.print(f"{len(seeds)} seeds, {len(failed)} failed, {progress.tasks[bar].elapsed or 0:.1f} s")
    return not failed and not missing


def check_one(seed: int, only: Sequence[int] | None, console: Console) -> bool:
    """Live through one seed, and tell everything that was found; False if there is a violation."""
    outcome = live_seed(seed, only)
    for sentence in outcome.plan.told():
        console.print(sentence, highlight=False)
    console.print(_counts("fate of visits", outcome.fates, list(outcome.fates)))
    for sentence in outcome.violations:
        console.print(f"[red]violation:[/] {sentence}", highlight=False)
    console.print(f"{outcome.rows} rows, {len(outcome.violations)} violations, trace {outcome.trace[:16]}")
    return not outcome.violations


def _tell(failure: Failure, console: Console) -> None:
    told, *mishaps = failure.plan.told()
    console.print(f"\n[red]{told}[/]{', with the fewest mishaps that still fail' if failure.is_shrunk else ''}")
    for sentence in mishaps:
        console.print(f"  {sentence}", highlight=False)
    for sentence in failure.violations[:VIOLATIONS_SHOWN]:
        console.print(f"  [red]violation:[/] {sentence}", highlight=False)
    if (more := len(failure.violations) - VIOLATIONS_SHOWN) > 0:
        console.print(f"  and {more} more")
    console.print(f"  repeat it with [bold]{failure.command}[/]", highlight=False)


def _covered(coverage: Coverage) -> Table:
    table = Table.grid(padding=(1, 0))
    table.add_row(_counts("event", coverage.events, EVENTS))
    table.add_row(_counts("refusal", coverage.refusals, REFUSALS))
    table.add_row(_counts("mishap", coverage.mishaps, list(KINDS)))
    table.add_row(_counts("day", coverage.days, sorted(coverage.days)))
    return table


def _counts(title: str, seen: Counter[str], names: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    cells = [cell for name in names for cell in (name, f"[red]{seen[name]}[/]" if not seen[name] else str(seen[name]))]
    for i in range(0, len(cells), 2 * COLUMNS):
        table.add_row(*cells[i : i + 2 * COLUMNS])
    return table
