"""Planted bugs are found by a checker: the seeds of the table are tried first, so that it takes a moment each."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from tests.planted.bugs import BUGS
from tests.planted.hunt import caught, recorded
from tests.planted.plant import Plant

LEAST = 20
"""So many bugs at least are planted."""
EACH = 5
"""Every fifth is hunted here, one after the other; `python -m tests.planted` hunts them all."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("bug", BUGS[::EACH], ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(bug: Plant) -> None:
    assert caught(bug.name, recorded().get(bug.name)), f"nobody notices: {bug.breaks}"


def test_the_table_tells_of_every_bug_and_of_no_other() -> None:
    names = [bug.name for bug in BUGS]
    assert len(set(names)) == len(names) >= LEAST
    assert list(recorded()) == names
