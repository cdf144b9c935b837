"""Whatever bytes come, they are read or refused in words: a few thousand for each reader, led by what they reach.

The long form is `scripts/fuzz`. Atheris has wheels for Linux on x86_64 alone: elsewhere these tests are left out,
and say so.
"""

from pathlib import Path

import pytest

from tests.fuzz.__main__ import main
from tests.fuzz.exploring import HAS_ATHERIS, NO_ATHERIS, explore
from tests.fuzz.findings import kept
from tests.fuzz.target import Target
from tests.fuzz.targets import PLANTED, TARGETS

pytestmark = pytest.mark.skipif(not HAS_ATHERIS, reason=NO_ATHERIS)

PLACES_MIN = {
    "codec": 20,
    "lobby": 400,
    "agent": 200,
    "csv": 100,
    "ics": 200,
    "counts": 25,
    "tickets": 40,
    "counters": 600,
}
"""Less is reached by who reads none of what is sound."""


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_whatever_bytes_come_they_are_read_or_refused_in_words(target: Target, tmp_path: Path) -> None:
    explored = explore(target, tmp_path, runs=target.runs, seed=1)

    assert explored.said == ""
    if explored.finding is not None:
        path, fault = kept(target, explored.finding.read_bytes(), tmp_path)
        pytest.fail(f"{fault.told if fault else fault}\nrepeat it: scripts/fuzz {target.name} --repeat {path}")
    assert explored.runs >= target.runs
    assert explored.reached >= PLACES_MIN[target.name]


@pytest.mark.parametrize("target", PLANTED, ids=lambda target: target.name)
def test_a_planted_fault_is_found_made_small_and_can_be_repeated(
    target: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = [target.name, "--runs", str(target.runs), "--seconds", "60", "--seed", "1", "--folder", str(tmp_path)]
    assert main(search) == 1

    (finding,) = (tmp_path / target.name / "findings").iterdir()
    assert finding.read_bytes() == b"GUI!"
    assert f"scripts/fuzz {target.name} --repeat {finding}" in capsys.readouterr().out

    repeat = [target.name, "--repeat", str(finding), "--folder", str(tmp_path)]
    assert main(repeat) == 1
    finding.write_bytes(b"GUI?")
    assert main(repeat) == 0
