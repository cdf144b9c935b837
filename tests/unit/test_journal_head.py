"""Where a journal ends is known to the broker: one that has lost its end is named, by whoever starts it again."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from hub.hub import Hub
from hub.journal_head import LISTEN_S, TELL_GAP_S
from tests.hubs import Stage, issue, run
from wire import codec, topics
from wire.messages import Head

SITE = "hall"
SETTLED_S = LISTEN_S + 2 * TELL_GAP_S


def told(stage: Stage) -> Head:
    """What the broker remembers."""
    payload = stage.broker.retained(topics.head(SITE))
    assert payload is not None
    message = codec.decode(topics.head(SITE), payload)[1]
    assert isinstance(message, Head)
    return message


def faults(hub: Hub) -> list[str]:
    return [reason for reason in hub.health().reasons if "the broker was told" in reason]


def as_it_is_now(stage: Stage) -> bytes:
    """The whole database."""
    with closing(stage.engine.raw_connection()) as connection:
        copy: sqlite3.Connection = connection.driver_connection  # type: ignore[assignment]  # it is SQLite's
        return copy.serialize()


def go_back_to(stage: Stage, copy: bytes) -> None:
    """An older copy of the disk is put in the place of the newer one, and nobody says so."""
    stage.engine.dispose()
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.deserialize(copy)
    stage.engine = create_engine("sqlite://", poolclass=StaticPool, creator=lambda: connection)


async def visitors(hub: Hub, *numbers: int) -> None:
    for n in numbers:
        await hub.sites[SITE].submit(issue(n))
    await asyncio.sleep(SETTLED_S)


async def restarted(stage: Stage) -> Hub:
    await stage.stop()
    hub = await stage.hub()
    await asyncio.sleep(SETTLED_S)
    return hub


def test_the_head_is_told_after_commits_and_kept_by_the_broker() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        await visitors(hub, 1)
        first = told(stage)
        assert (first.seq, first.day) == (hub.sites[SITE].seq, "2026-03-02")  # type: ignore[attr-defined]
        assert stage.column(f"SELECT hash FROM journal WHERE seq = {first.seq}") == [first.hash]
        await visitors(hub, 2)
        assert told(stage).seq == first.seq + 1

    run(story)


def test_a_sound_journal_is_no_news() -> None:
    async def story(stage: Stage) -> None:
        await visitors(await stage.hub(), 1, 2)
        before = told(stage)
        hub = await restarted(stage)
        assert faults(hub) == []
        assert told(stage).seq > before.seq

    run(story)


def test_a_journal_that_has_lost_its_end_is_named_until_the_day_turns_even_by_the_next_run() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        await visitors(hub, 1)
        old = as_it_is_now(stage)
        await visitors(hub, 2, 3, 4, 5, 6)
        await stage.stop()
        lost, kept = told(stage), told(stage).seq - 5  # a run begins with a row of its own
        go_back_to(stage, old)
        for times_before in range(2):
            hub = await restarted(stage)
            (fault,) = faults(hub)
            told_of = f"site 'hall': the broker was told of row {lost.seq} of 2026-03-02, and the journal "
            assert fault == f"{told_of}ended at row {kept + 1 + times_before}: its end is lost; go back to a newer copy"
            assert told(stage) == lost, "what was told is the evidence"
        await asyncio.sleep(timedelta(hours=24).total_seconds())
        assert faults(hub) == []
        assert told(stage).day == "2026-03-03"

    run(story)


def test_a_journal_that_has_other_rows_than_were_told_is_named() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        await visitors(hub, 1)
        old = as_it_is_now(stage)
        await visitors(hub, 2)
        await stage.stop()
        row = told(stage).seq
        go_back_to(stage, old)
        hub = await restarted(stage)
        assert faults(hub) == [
            f"site 'hall': the broker was told of row {row} of 2026-03-02, and the journal has another there: "
            "its end was lost or altered; see its copies"
        ]
        assert hub.health().status == "degraded"

    run(story)


def test_a_broker_that_has_lost_everything_is_told_again() -> None:
    async def story(stage: Stage) -> None:
        await visitors(await stage.hub(), 1)
        before = told(stage)
        stage.broker.restart(keep_retained=False)
        await asyncio.sleep(10)
        assert told(stage) == before

    run(story)
