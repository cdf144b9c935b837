"""What a hub says of itself while its machine fails it, and that nothing is lost meanwhile."""

import asyncio
from datetime import timedelta

import pytest

from hub.health import DISK_LOW_BYTES, HealthReport, report
from hub.hub import Hub
from hub.journal import Journal
from tests.given import MONDAY_9H
from tests.hubs import Stage, issue, run

SITE = "hall"
FULL = "CREATE TRIGGER full BEFORE UPDATE ON owner BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"


async def numbers(hub: Hub, *visitors: int) -> list[object]:
    """What they get: a number, or why not."""
    answers = [await hub.sites[SITE].submit(issue(n), f"request/{n}") for n in visitors]
    return [answer.facts.get("number", answer.code) for answer in answers]


def failing(hub: Hub) -> list[str]:
    """What it says of its database."""
    health: HealthReport = hub.health()
    faults = [reason for reason in health.reasons if "database" in reason]
    assert all(site.journal_ok is not bool(faults) for site in health.sites)
    assert (health.status == "failing") is bool(faults)
    return faults


@pytest.mark.parametrize(
    ("breaks", "heals", "why"),
    [
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF", "attempt to write a readonly database"),
        (FULL, "DROP TRIGGER full", "database or disk is full"),
    ],
)
def test_a_database_that_takes_nothing_is_told_and_tried_until_it_does(breaks: str, heals: str, why: str) -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        assert await numbers(hub, 1, 2) == ["A001", "A002"]
        assert failing(hub) == []
        stage.alter(breaks)
        assert await numbers(hub, 3) == ["unavailable"]
        await asyncio.sleep(60)
        said = f"site hall: the database did not take a transaction: {why}; see its disk and its locks"
        assert failing(hub) == [said]
        stage.alter(heals)
        await asyncio.sleep(2)
        assert failing(hub) == [], "nobody had to ask in vain to find out"
        assert await numbers(hub, 3, 1) == ["A003", "A001"]
        await stage.stop()
        journal = Journal(stage.engine)
        issued = [entry for entry in journal.history(SITE) if type(entry.event).__name__ == "TicketIssued"]
        assert len(issued) == 3
        journal.let_go()

    run(story)


def test_a_day_that_should_turn_while_nothing_is_taken_turns_afterwards() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        stage.alter("PRAGMA query_only = ON")
        await asyncio.sleep(600)
        assert str(await hub.sites[SITE].read(lambda day, now: day.day)) == "2026-03-01"
        assert len(failing(hub)) == 1
        stage.alter("PRAGMA query_only = OFF")
        await asyncio.sleep(15)
        assert str(await hub.sites[SITE].read(lambda day, now: day.day)) == "2026-03-02"
        assert failing(hub) == []

    run(story, start_at=MONDAY_9H.replace(hour=3, minute=55))


@pytest.mark.parametrize("leap", [timedelta(days=-3), timedelta(hours=-2), timedelta(hours=20), timedelta(days=400)])
def test_a_clock_that_leaps_is_told_and_loses_nothing_not_even_over_a_restart(leap: timedelta) -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        assert await numbers(hub, 1) == ["A001"]
        stage.leap = leap
        assert await numbers(hub, 2) == ["A002"]
        health = hub.health()
        assert (health.status, health.clock_ok) == ("failing", False)
        assert health.reasons[0] == "the wall clock leapt; correct it and restart the hub"
        await asyncio.sleep(3_600)
        assert str(await hub.sites[SITE].read(lambda day, now: day.day)) == "2026-03-02"
        stage.leap = timedelta()
        await stage.stop()
        hub = await stage.hub()
        assert hub.health().clock_ok
        assert await numbers(hub, 3, 2) == ["A003", "A002"]
        at = [entry.at for entry in Journal(stage.engine).history(SITE)]
        assert at == sorted(at)

    run(story)


def test_a_hub_that_starts_while_the_clock_is_behind_goes_on_from_its_newest_row() -> None:
    async def story(stage: Stage) -> None:
        assert await numbers(await stage.hub(), 1) == ["A001"]
        await stage.stop()
        stage.leap = timedelta(days=-3)
        hub = await stage.hub()
        assert await numbers(hub, 2, 1) == ["A002", "A001"]
        assert str(await hub.sites[SITE].read(lambda day, now: day.day)) == "2026-03-02"

    run(story)


@pytest.mark.parametrize(("free_bytes", "said"), [(None, 0), (DISK_LOW_BYTES, 0), (DISK_LOW_BYTES - 1, 1), (0, 1)])
def test_a_disk_that_fills_up_is_told_before_it_is_full(free_bytes: int | None, said: int) -> None:
    health = report([], link_connected=True, clock_ok=True, disk_free_bytes=free_bytes)
    assert len(health.reasons) == said
    assert health.status == ("degraded" if said else "ok")
