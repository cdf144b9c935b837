"""Plants every bug in turn, lives through mayhem until a checker says so, and writes the table of `docs`.

python -m tests.planted            all bugs
python -m tests.planted NAME …     these; the table stays as it is
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.planted.bugs import BUGS
from tests.planted.hunt import SEEDS, Caught, caught, quiet, recorded
from tests.planted.table import written


def main(names: list[str]) -> int:
    """How many bugs were not caught."""
    unknown = set(names) - {bug.name for bug in BUGS}
    if unknown:
        sys.exit(f"no bug is called {', '.join(sorted(unknown))}; see tests/planted")
    hunted = [bug for bug in BUGS if not names or bug.name in names]
    found: dict[str, Caught | None] = {}
    context = get_context("spawn")  # each hunt in a process of its own: no bug can stay behind
    with ProcessPoolExecutor(max_tasks_per_child=1, mp_context=context, initializer=quiet) as pool:
        hunts = {bug.name: pool.submit(caught, bug.name, recorded().get(bug.name)) for bug in hunted}
        for done, (name, hunt) in enumerate(hunts.items(), start=1):
            found[name] = catch = hunt.result()
            how = f"seed {catch.seed}: {catch.sentence}" if catch else f"survives {SEEDS} seeds"
            sys.stdout.write(f"{done:3}/{len(hunts)}  {name:40} {how}\n")
            sys.stdout.flush()
    if not names:
        written(found)
    return sum(catch is None for catch in found.values())


def wanted(arguments: list[str]) -> list[str]:
    """The names on the command line; `--help` says what they are."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.planted", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Bugs:\n" + "\n".join(f"  {bug.name}" for bug in BUGS),
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="NAME", help="a bug")
    names: list[str] = parser.parse_args(arguments).names
    return names


if __name__ == "__main__":
    sys.exit(min(main(wanted(sys.argv[1:])), 1))
