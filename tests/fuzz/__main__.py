"""scripts/fuzz: everything that reads what others wrote is given what nobody would write.

A finding ends with status 1, the smallest bytes that repeat it, and the command that does.
"""

import argparse
import logging
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from tests.fuzz.exploring import HAS_ATHERIS, NO_ATHERIS, Explored, explore
from tests.fuzz.findings import fault_of, kept
from tests.fuzz.target import Target
from tests.fuzz.targets import BY_NAME, ROOT, TARGETS

FOLDER = ROOT / ".fuzz"
TELL_EVERY_S = 5.0
API = "api"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when nothing was found."""
    wanted = _parser().parse_args(arguments)
    names = [wanted.target] if wanted.target else [*(target.name for target in TARGETS), API]
    if wanted.repeat is not None:
        return _repeat(BY_NAME[wanted.target], wanted.repeat, wanted.folder)
    if not HAS_ATHERIS and names != [API]:
        _say(
            f"guichet: {NO_ATHERIS}" + ("" if wanted.target else f"; the {API} is fuzzed here too: scripts/fuzz {API}")
        )
        return 2
    found = 0
    for name in names:
        if name == API:
            found += _ask(wanted.seconds, wanted.seed)
        else:
            found += _explore(BY_NAME[name], wanted)
    return min(found, 1)


def _parser() -> argparse.ArgumentParser:
    listed = [f"  {target.name:9}{target.what}" for target in TARGETS]
    parser = argparse.ArgumentParser(
        prog="scripts/fuzz",
        description="Looks for bytes and requests that somebody's reader cannot bear.",
        epilog="\n".join(["targets (all in turn, unless one is named):", *listed, f"  {API:9}the web API"]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", nargs="?", choices=[*BY_NAME, API], metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=60, metavar="N", help="for each target; 60 unless said")
    parser.add_argument("--runs", type=int, default=-1, metavar="N", help="and no more than so many")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the same search again, in an empty folder")
    parser.add_argument("--repeat", type=Path, metavar="FILE", help="give the target a finding, and nothing else")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where searches go on; .fuzz unless said")
    return parser


def _explore(target: Target, wanted: argparse.Namespace) -> int:
    began = time.monotonic()
    told_at = began

    def line(explored: Explored, end: str) -> None:
        _say(
            f"{target.name:9}{time.monotonic() - began:6.0f} s {explored.runs:12,} runs {explored.reached:6,} places "
            f"reached {explored.kept:6,} inputs kept{end}"
        )

    def tell(explored: Explored) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= TELL_EVERY_S:
            told_at = time.monotonic()
            line(explored, "")

    folder = wanted.folder.resolve() / target.name
    seed = wanted.seed or secrets.randbelow(2**31) + 1
    explored = explore(target, folder, runs=wanted.runs, seconds=wanted.seconds, seed=seed, tell=tell)
    if explored.said:
        _say(f"{explored.said}\nguichet: {target.name}: atheris has ended before its time; its last words are above")
        return 1
    if explored.finding is None:
        line(explored, "; nothing found")
        return 0
    line(explored, "; something found: making it small")
    path, fault = kept(target, explored.finding.read_bytes(), folder)
    data = path.read_bytes()
    _say(f"\n{fault.told if fault else 'It happens to whoever has read much before: once is not enough.'}")
    _say(f"{len(data)} bytes: {data[:200]!r}{'…' if len(data) > 200 else ''}")
    _say(f"repeat it: scripts/fuzz {target.name} --repeat {_shown(path)}\n")
    return 1


def _repeat(target: Target, file: Path, folder: Path) -> int:
    folder = folder.resolve() / target.name
    folder.mkdir(parents=True, exist_ok=True)
    fault = fault_of(target.load(folder), file.read_bytes(), target.hang_s)
    _say(fault.told if fault else f"{target.name} reads {file}, or says clearly why not")
    return 1 if fault else 0


def _ask(seconds: int, seed: int) -> int:
    from tests.fuzz.api import Run, Who, ask_on  # the hub, its web and schemathesis: others need none of it

    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asked = 0

    def tell(_seed: int, who: Who, run: Run) -> None:
        nonlocal asked
        asked += run.requests
        _say(f"{API:9}{asked:12,} requests; {run.checks:,} checks of {run.requests:,} in the name of {who.name}")

    found = ask_on(seconds, seed=seed or secrets.randbelow(2**31) + 1, tell=tell)
    if found is None:
        return 0
    seed, run = found
    _say("\n" + "\n\n".join(run.faults))
    _say(f"\nrepeat it: scripts/fuzz {API} --seconds 0 --seed {seed}\n")
    return 1


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
