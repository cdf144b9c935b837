"""The table of a comparison on a narrow terminal."""

from io import StringIO

import pytest
from rich.console import Console

from simulator.what_if.compare import MEASURES, Answer, Comparison, Outcome
from simulator.what_if.intervals import Interval
from simulator.what_if.table import VERDICTS, table

COLUMNS = 80


def an_answer(mean: float, sign: int) -> Answer:
    difference = Interval(mean=sign * mean, low=sign * mean - mean / 2, high=sign * mean + mean / 2)
    return Answer(
        days=Interval(mean=mean, low=mean * 0.8, high=mean * 1.2),
        difference=difference,
        is_distinguishable=difference.is_distinguishable,
    )


def printed(mean: float, names: tuple[str, ...]) -> list[str]:
    outcomes = [
        Outcome(name=name, answers={it.id: an_answer(mean, sign) for it in MEASURES}, days=[])
        for name, sign in zip(names, (1, -1, 0), strict=True)
    ]
    comparison = Comparison(days=50, seed=1, level=0.95, room="Waiting room", outcomes=outcomes)
    terminal = Console(file=StringIO(), width=COLUMNS)
    terminal.print(table(comparison))
    assert isinstance(terminal.file, StringIO)
    return terminal.file.getvalue().splitlines()


@pytest.mark.parametrize("mean", [1.5, 150.5, 1_500.5])
@pytest.mark.parametrize(
    "names",
    [
        ("four desks", "five desks", "six desks"),
        (
            "four desks as they are staffed now",
            "five desks, one of them only in the morning",
            "four desks and a waiting room for twenty",
        ),
    ],
)
def test_figures_and_verdicts_are_whole_in_80_columns(names: tuple[str, ...], mean: float) -> None:
    lines = printed(mean, names)
    less, _, _, unclear = VERDICTS
    assert max(map(len, lines)) <= COLUMNS
    for verdict in (less, unclear):
        assert sum(f")  {verdict}" in line for line in lines) == len(MEASURES)
    assert not any("…" in line for line in lines[2:])
    assert all(word in " ".join(lines) for name in names for word in name.split())
