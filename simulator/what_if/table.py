"""A comparison as a table for a terminal: each measure under each scenario, and how sure that is."""

from rich.table import Table

from simulator.what_if.compare import MEASURES, Answer, Comparison, Outcome
from simulator.what_if.intervals import Interval

NAME_CHARS_MIN, NAME_CHARS = 8, 24
"""What is left of 80 for the names of scenarios. Longer ones are broken: figures and verdicts are never cut."""
NOTHING = "–"
VERDICTS = ("less", "more", "the same", "not clear")
MINUS = "\N{MINUS SIGN}"


def table(comparison: Comparison) -> Table:
    """Means of a day with their intervals, 80 characters wide."""
    first = comparison.outcomes[0].name
    level = f"{comparison.level:.0%}"
    grid = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        caption=f"Means of {comparison.days} days, in brackets their {level} intervals. Inside: {comparison.room}.",
        caption_justify="left",
    )
    grid.add_column("", min_width=NAME_CHARS_MIN, max_width=NAME_CHARS)
    grid.add_column("\na day", justify="right", no_wrap=True)
    grid.add_column(f"difference to\n{_short(first)}", justify="right", no_wrap=True)
    grid.add_column("\nthat is", min_width=max(map(len, VERDICTS)), no_wrap=True)
    for measure in MEASURES:
        grid.add_row(f"[bold]{measure.name}[/bold] ({measure.unit})")
        for outcome in comparison.outcomes:
            grid.add_row(*_row(outcome, outcome.answers[measure.id], is_first=outcome is comparison.outcomes[0]))
        grid.add_row()
    return grid


def _short(name: str) -> str:
    """As much of a scenario's name as stands above figures without making their column wider."""
    return name if len(name) <= NAME_CHARS else f"{name[: NAME_CHARS - 1]}…"


def _row(outcome: Outcome, answer: Answer, *, is_first: bool) -> tuple[str, str, str, str]:
    return (
        f"  {outcome.name}",
        _text(answer.days, signed=False),
        "" if is_first else _text(answer.difference, signed=True),
        "" if is_first else verdict(answer),
    )


def _text(it: Interval | None, *, signed: bool) -> str:
    if it is None:
        return NOTHING
    mean, low, high = (number(value, signed=signed) for value in (it.mean, it.low, it.high))
    return f"{mean} ({low} to {high})"


def number(value: float, *, signed: bool) -> str:
    """One digit behind the point; a minus that is as wide as a plus."""
    text = f"{value:+.1f}" if signed else f"{value:.1f}"
    return text.replace("-", MINUS) if text.strip("+-0.") else "0.0"


def verdict(answer: Answer) -> str:
    """What the difference comes to, in a word or two."""
    it = answer.difference
    if it is None:
        return NOTHING
    less, more, same, unclear = VERDICTS
    if not answer.is_distinguishable:
        return same if it.low == it.high else unclear
    return more if it.mean > 0 else less
