"""Figures as people and programs read them: a table on a terminal, one in a page, and JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.rows import ROWS, Row


def table(figures: Sequence[Figure]) -> str:
    """A line each."""
    rows = [("", "ours", "bar", "reference", "ratio", "", "the reference is")]
    rows += [(f"{it.name}, {it.row.unit}", *_numbers(it), _verdict(it), it.row.beside) for it in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = []
    for name, *numbers, verdict, beside in rows:
        middle = "  ".join(number.rjust(width) for number, width in zip(numbers, widths[1:5], strict=True))
        lines.append(f"{name.ljust(widths[0])}  {middle}  {verdict.ljust(widths[5])}  {beside}".rstrip())
    return "\n".join(lines)


def markdown(figures: Sequence[Figure]) -> str:
    """The same for a page."""
    lines = ["| what | `--only` | bar | measured | beside it | ratio | |", "|---|---|---|---:|---|---:|---|"]
    for it in figures:
        value, bar, reference, ratio = _numbers(it)
        beside = f"{reference}: {it.row.beside}" if it.reference is not None else it.row.beside
        lines.append(
            f"| {it.name} | {it.row.by} | {bar} | {value} {it.row.unit} | {beside} | {ratio} | {_verdict(it)} |"
        )
    return "\n".join(lines)


def written(figures: Iterable[Figure]) -> str:
    """As JSON, a row a line."""
    rows = [
        {
            "name": it.name,
            "value": _rounded(it.value),
            "unit": it.row.unit,
            "reference": None if it.reference is None else _rounded(it.reference),
            "ratio": None if it.ratio is None else _rounded(it.ratio),
        }
        for it in figures
    ]
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"


def read(file: Path) -> list[Figure]:
    """What was written before, in the table's order; nothing if there is no such file."""
    if not file.exists():
        return []
    by_name = {row["name"]: Figure(row["name"], row["value"], row["reference"]) for row in json.loads(file.read_text())}
    return in_order(by_name)


def in_order(by_name: Mapping[str, Figure]) -> list[Figure]:
    return [by_name[name] for name in ROWS if name in by_name]


def told(it: Figure) -> str:
    """In a few words."""
    ratio = "" if it.ratio is None else f", {it.ratio:.2g} × the reference"
    return f"{_short(it.value)} {it.row.unit}{ratio}"


def bar_of(row: Row) -> str:
    """In words; empty for none."""
    than = "≥" if row.is_better_when_large else "≤"
    bars = [] if row.bar is None else [f"{than} {_short(row.bar)}" if row.bar else "0"]
    if row.ratio_bar is not None:
        bars.append(f"{than} {row.ratio_bar:g} ×")
    return ", ".join(bars)


def _numbers(it: Figure) -> tuple[str, str, str, str]:
    """Ours, the bar, the reference and the ratio."""
    reference = "" if it.reference is None else _short(it.reference)
    ratio = "" if it.ratio is None else f"{it.ratio:.2f}"
    return _short(it.value), bar_of(it.row), reference, ratio


def _verdict(it: Figure) -> str:
    """For each bar, in the order of `bar_of`."""
    return ", ".join("met" if share <= 1 else "missed" for share in it.shares)


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")


def _short(value: float) -> str:
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 0.1 else f"{value:.2g}"
