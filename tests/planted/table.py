"""The table of planted bugs in `docs`."""

from collections.abc import Mapping

from tests.planted.bugs import BUGS, PLANTED, RARE
from tests.planted.hunt import TABLE, Caught

HEAD = """# Planted bugs

Each of these bugs is planted in the product while `simulator` lives through two hours of mayhem, and each is found by a
checker: the sentence is what it says first. `python -m tests.planted` plants them all, tries up to 100 seeds for each
and writes this table; `tests/simulation/test_planted_bugs.py` holds a part of it on every commit, seed by seed.

| bug | room | what is broken | what the checkers say | first seed |
|---|---|---|---|---|
"""

REST = """
These are planted as well, and the first seeds do not find them:

"""


def written(found: Mapping[str, Caught | None]) -> None:
    """Write the table anew."""
    rows = "".join(_row(bug.name, bug.room, bug.breaks, found[bug.name]) for bug in BUGS)
    rare = "".join(f"- {bug.name}, {bug.room}: {bug.breaks} {RARE[bug.name]}\n" for bug in PLANTED if bug.name in RARE)
    TABLE.write_text(HEAD + rows + REST + rare)


def _row(name: str, room: str, breaks: str, catch: Caught | None) -> str:
    said, seed = (catch.sentence.replace("|", "/"), str(catch.seed)) if catch else ("nothing yet", "")
    return f"| `{name}` | {room} | {breaks} | {said} | {seed} |\n"
