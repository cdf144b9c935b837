"""Hub, agent and broker are killed under load, on both databases: what was acknowledged is found again, once.

The short form of `scripts/check --chaos`; `docs/chaos.md` says what is broken and what is verified.
"""

import asyncio
from pathlib import Path

from tests.chaos.blows import Target
from tests.chaos.launch import nursery
from tests.chaos.run import Outcome, chaos, new_database

KILLS = {"sqlite": 12, "postgresql": 8}
"""On PostgreSQL each of a hub takes longer: the next one waits until it has been silent for 3 s."""
SEEDS = {"sqlite": 1, "postgresql": 2}


async def test_whoever_is_killed_nothing_that_was_acknowledged_is_lost_or_doubled(tmp_path: Path) -> None:
    with nursery() as launch:

        async def on(kind: str) -> Outcome:
            folder = tmp_path / kind
            folder.mkdir()
            with new_database(kind, folder) as url:
                return await chaos(
                    folder, url, seed=SEEDS[kind], wants_more=lambda it: len(it) < KILLS[kind], launch=launch
                )

        outcomes = await asyncio.gather(*(on(kind) for kind in KILLS))
    for outcome in outcomes:
        verdict = outcome.verdict
        assert verdict.violations == []
        assert {it.target for it in outcome.kills} == set(Target)
        assert outcome.looks > sum(it.answered_after_s is not None for it in outcome.kills) > 0
        assert min(verdict.tickets, verdict.calls, verdict.bookings, verdict.slips, verdict.asked_again) > 0
