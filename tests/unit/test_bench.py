"""The bench tells every row in one form. How fast anything is, no test asserts."""

import json
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench.figures import Figure
from tests.bench.measures import MEASURES
from tests.bench.rows import ROWS
from tests.bench.telling import markdown, read, written

DOCS = Path(__file__).parents[2] / "docs"
FIGURES = [Figure(name, 10.0 + number, 4.0 if row.beside else None) for number, (name, row) in enumerate(ROWS.items())]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Figures of every row, as a run before has written them."""
    file = tmp_path / "before.json"
    file.write_text(written(FIGURES))
    return file


def test_every_row_is_written_with_its_value_unit_reference_and_ratio(source: Path) -> None:
    rows = json.loads(source.read_text())

    assert [set(row) for row in rows] == [{"name", "value", "unit", "reference", "ratio"}] * len(ROWS)
    assert [row["name"] for row in rows] == list(ROWS)
    assert all(row["ratio"] == row["value"] / 4 for row in rows if row["reference"] is not None)
    assert all(row["ratio"] is None for row in rows if row["reference"] is None)
    assert read(source) == FIGURES


def test_a_bar_is_met_from_its_good_side_alone() -> None:
    assert Figure("tickets over HTTP", 3_500, 10_000).meets
    assert not Figure("tickets over HTTP", 3_499, 9_000).meets
    assert not Figure("tickets over HTTP", 3_500, 10_001).meets
    assert Figure("press to board, p50", 2.5, 1).meets
    assert not Figure("press to board, p50", 2.5, 0.8).meets
    assert not Figure("duplicate numbers of 2 hubs", 1).meets
    assert Figure("messages decoded", 1, 2).meets is None


def test_each_row_has_a_measurement_and_each_measurement_is_found_under_its_name() -> None:
    assert {row.by for row in ROWS.values()} == set(MEASURES)
    parts = [measure.where.split(".") for measure in MEASURES.values()]
    texts = [(Path(bench.__file__).with_name(f"{module}.py").read_text(), function) for module, function in parts]

    assert [function for text, function in texts if f"def {function}(setting: Setting) ->" not in text] == []


def test_what_was_written_is_told_and_drawn_again(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture, copy = source.with_suffix(".svg"), source.with_name("copy.json")

    bench.main(["--from", str(source), "--picture", str(picture), "--json", str(copy)])

    said = capsys.readouterr().out
    assert [name for name in ROWS if name not in said] == []
    assert copy.read_bytes() == source.read_bytes()
    assert [name for name, row in ROWS.items() if row.has_bar and name not in picture.read_text()] == []


def test_the_page_tells_every_row_as_it_was_measured() -> None:
    figures = read(DOCS / "bench.json")

    assert [it.name for it in figures] == list(ROWS)
    assert markdown(figures) in (DOCS / "bench.md").read_text()
