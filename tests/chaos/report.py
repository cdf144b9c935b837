"""What a run came to, as somebody at a terminal reads it: a bar while it lasts, then what was broken and verified."""

from collections.abc import Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

from tests.bench.figures import percentile
from tests.chaos.blows import Target
from tests.chaos.run import Kill, Outcome

VIOLATIONS_SHOWN = 20


def tell(name: str, outcome: Outcome, console: Console) -> None:
    """All of it. `name` is that of the database."""
    kills = Table("killed", "phase", "times", title=f"{name}: what was broken", title_justify="left", box=None)
    for (target, phase), times in sorted(outcome.phases.items()):
        kills.add_row(target, phase, str(times))
    console.print(kills)
    console.print(f"{len(outcome.kills)} kills in {outcome.lasted_s:.0f} s, seed {outcome.seed}\n")
    found = Table("", "times", title=f"{name}: what was verified", title_justify="left", box=None)
    for what, times in verified(outcome):
        found.add_row(what, str(times))
    console.print(found)
    for what, seconds in (
        ("a killed hub answered", [it.answered_after_s for it in outcome.kills]),
        ("it called somebody", [it.called_after_s for it in outcome.kills]),
    ):
        console.print(f"{what} after {_spread([it for it in seconds if it is not None])}")
    violations = outcome.verdict.violations
    for sentence in violations[:VIOLATIONS_SHOWN]:
        console.print(f"[red]violation:[/] {sentence}", highlight=False)
    console.print(f"{len(violations)} violations\n")


def verified(outcome: Outcome) -> list[tuple[str, int]]:
    """What was acknowledged and found, each exactly once."""
    verdict = outcome.verdict
    hubs = [it for it in outcome.kills if it.target is Target.HUB]
    return [
        ("tickets, found once", verdict.tickets),
        ("calls, found once", verdict.calls),
        ("presses of desks, calls among them, in their order", verdict.presses),
        ("bookings, found once in the book and once in the day", verdict.bookings),
        ("slips, one of each ticket without the word copy", verdict.slips - verdict.copies),
        ("slips that say copy", verdict.copies),
        ("slips that expired, since blows fell too fast", verdict.expired),
        ("tickets that the kiosk gave while nobody heard it, handed in once", verdict.own_numbers),
        ("wishes asked again until they were answered", verdict.asked_again),
        ("answers that were lost when all was committed, and then the same", verdict.answers_lost),
        ("wishes open when a hub was killed", sum(it.wishes_open for it in hubs)),
        ("rows of the journal, held against all rules", verdict.rows),
        ("times the chain was verified from where it had been before", outcome.looks),
    ]


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "no time: none was"
    return (
        f"{median(seconds):.2f} s in the middle, {percentile(seconds, 0.95):.2f} s (95 %), {max(seconds):.2f} s at most"
    )


def told(kills: Sequence[Kill]) -> str:
    """How many of whom, in a few words."""
    return ", ".join(f"{sum(it.target is target for it in kills)} {target}" for target in Target)
