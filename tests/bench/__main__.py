"""scripts/bench: measures every row, tells the machine and a table, and writes JSON and a picture if asked."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.bench.figures import Figure, Setting
from tests.bench.machine import busy_cores, described
from tests.bench.measures import MEASURES
from tests.bench.picture import draw
from tests.bench.telling import in_order, markdown, read, table, written


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _arguments(arguments)
    figures = read(asked.source) if asked.source else _measured(asked.only or list(MEASURES), quick=asked.quick)
    sys.stdout.write(f"{markdown(figures) if asked.markdown else table(figures)}\n")
    if asked.json:
        kept = {it.name: it for it in [*read(asked.json), *figures]} if asked.only else {it.name: it for it in figures}
        asked.json.write_text(written(in_order(kept)))
    if asked.picture:
        draw(figures, asked.picture)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = "\n".join(f"  {name:<9}{measure.what}" for name, measure in MEASURES.items())
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures our speed beside the barest thing that could do the same, in turns, in one run.",
        epilog=f"what can be measured:\n{names}\n\nAll of it takes twenty minutes on a machine at rest.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", action="append", choices=MEASURES, metavar="NAME", help="measure this; may be repeated"
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: does it run at all?")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the figures; with --only, the other rows of FILE stay"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw them: .svg or .png")
    parser.add_argument("--markdown", action="store_true", help="print the table as one for a page")
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="FILE", help="measure nothing, but tell what --json wrote"
    )
    return parser.parse_args(arguments)


def _measured(names: Sequence[str], *, quick: bool) -> list[Figure]:
    """All rows of these measurements; what is being done, and on what, is said on stderr."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    found: list[Figure] = []
    with TemporaryDirectory(prefix="guichet-bench-") as folder:
        console.print(described(Path(folder)))
        for number, name in enumerate(names, 1):
            others = busy_cores()
            began_s = perf_counter()
            inside = Path(folder, name)
            inside.mkdir()
            with _told(console, f"{number}/{len(names)} {MEASURES[name].what}") as tell:
                found += MEASURES[name].run(Setting(folder=inside, quick=quick, tell=tell))
            took_s = perf_counter() - began_s
            console.print(f"{name}: {took_s:.0f} s; before it others kept {others:.1f} cores busy")
    return found


@contextmanager
def _told(console: Console, what: str) -> Iterator[Callable[[float], None]]:
    """A bar while it lasts, on a terminal; elsewhere a line."""
    if not console.is_terminal:
        console.print(what)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda share: progress.update(task, completed=share)


if __name__ == "__main__":
    main()
