"""Everything goes wrong, many times over, and afterwards everything is right."""

import json
import os
import subprocess
import sys

import pytest

from simulator.mayhem.check import COVERS_ALL_SEEDS, Coverage, Failure, live_seeds
from simulator.mayhem.plan import draw
from simulator.mayhem.run import lobby
from simulator.mayhem.shrink import shrink

RUN_S = 120
"""Some seconds on a quiet machine."""

PRINT_TRACE = """
import json
from simulator.cli import set_up
from simulator.mayhem.check import live_seed
set_up(is_mayhem=True)
outcome = live_seed(7)
print(json.dumps([outcome.trace, outcome.plan.told()]))
"""


def trace_and_plan(hash_seed: str) -> tuple[str, list[str]]:
    """Of one seed, in a process of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", PRINT_TRACE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=RUN_S, check=True)
    trace, told = json.loads(done.stdout.splitlines()[-1])
    return trace, told


def test_lobbies_survive_everything_that_goes_wrong_and_nothing_is_left_out() -> None:
    coverage, failed = Coverage(), list[Failure]()
    for outcome in live_seeds(range(1, COVERS_ALL_SEEDS + 1)):
        coverage.add(outcome)
        if outcome.violations:
            failed.append(Failure(plan=outcome.plan, violations=outcome.violations))
    assert [(it.command, it.violations) for it in failed] == []
    assert coverage.missing == []


def test_a_seed_decides_everything_whatever_the_order_of_sets() -> None:
    assert trace_and_plan("0") == trace_and_plan("4242")


def test_a_plan_can_be_cut_down_and_told() -> None:
    whole = draw(7, lobby())
    part = whole.only([1, 2])
    assert part.happening == [whole.mishaps[1], whole.mishaps[2]]
    assert len(part.told()) == 3
    assert Failure(plan=part, violations=[]).command == "scripts/check --seed 7 --only 1,2"
    assert Failure(plan=whole, violations=[]).command == "scripts/check --seed 7"


@pytest.mark.parametrize("guilty", [{3}, {0, 7}, {1, 4, 5}, set()])
def test_shrinking_leaves_the_fewest_mishaps_that_still_fail(guilty: set[int]) -> None:
    asked: list[list[int]] = []

    def fails(indices: list[int]) -> bool:
        asked.append(indices)
        return guilty <= set(indices)

    assert set(shrink(range(8), lambda indices: fails(list(indices)), lambda: True)) == guilty
    assert len(asked) < 40


def test_shrinking_ends_when_there_is_no_more_time() -> None:
    assert shrink(range(8), lambda indices: True, lambda: False) == list(range(8))
