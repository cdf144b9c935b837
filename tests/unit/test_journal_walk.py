"""Rows of earlier days are looked through after a start: what was altered or is gone is named, the lobby goes on."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from hub.day.events import AnyEvent, DayOpened, DeskOpened, TookOver
from hub.hub import Hub
from hub.journal import Batch, Entry, Journal
from hub.journal_walk import FAULTS_MAX, FIRST_REST_S, PIECE_ROWS, REST_S, RETRY_S
from hub.site import Answer
from tests.given import MONDAY_9H, a_lobby
from tests.hubs import Stage, issue, run
from wire.messages import Outcome

SITE = "hall"
KEPT = 3 * PIECE_ROWS + 17
"""Rows of the days before; the last piece is none that is full."""

WALKED_S = FIRST_REST_S + 10 * REST_S


def yesterday(stage: Stage) -> None:
    """A journal with rows of Sunday, and Monday opened."""
    journal, sunday = Journal(stage.engine), MONDAY_9H - timedelta(days=1)
    journal.claim(SITE, "earlier", sunday)
    journal.load(SITE)
    opened = DayOpened(day=sunday.date(), lobby=a_lobby())
    events: list[AnyEvent] = [
        TookOver(term=1, holder="earlier"),
        opened,
        *[DeskOpened(desk=str(n)) for n in range(KEPT - 2)],
    ]
    rows = [Entry(seq, str(sunday.date()), sunday, event) for seq, event in enumerate(events, start=1)]
    journal.commit(Batch(SITE, 1, sunday, rows))
    opened = DayOpened(day=MONDAY_9H.date(), lobby=a_lobby())
    journal.commit(Batch(SITE, 1, MONDAY_9H, [Entry(KEPT + 1, str(MONDAY_9H.date()), MONDAY_9H, opened)]))
    journal.let_go()


def faults(hub: Hub) -> list[str]:
    return [reason for reason in hub.health().reasons if reason.startswith("journal of site")]


async def walked(stage: Stage, statements: Sequence[str]) -> Hub:
    """A hub that has looked through a journal that was tampered with before it started."""
    yesterday(stage)
    for statement in statements:
        stage.alter(statement)
    hub = await stage.hub()
    await asyncio.sleep(WALKED_S)
    return hub


def test_a_sound_journal_is_looked_through_and_nothing_is_said() -> None:
    async def story(stage: Stage) -> None:
        with capture_logs() as logs:
            hub = await walked(stage, [])
        assert faults(hub) == []
        assert [it for it in logs if it["event"].startswith("journal")] == [
            {"event": "journal looked through", "site": SITE, "rows": KEPT, "faults": 0, "log_level": "info"}
        ]

    run(story)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "UPDATE journal SET body = replace(body, '1', '2') WHERE seq = 4",
            "row 4 was altered, or the row before it was",
        ),
        ("UPDATE journal SET at = at + 1 WHERE seq = 1", "row 1 was altered, or the row before it was"),
        ("UPDATE journal SET body = '' WHERE seq = 150", "row 150 was altered, or the row before it was"),
        (f"UPDATE journal SET day = '' WHERE seq = {KEPT}", f"row {KEPT} was altered, or the row before it was"),
        ("DELETE FROM journal WHERE seq = 1", "row 1 is missing"),
        ("DELETE FROM journal WHERE seq BETWEEN 50 AND 260", "rows 50 to 260 are missing"),
        (f"DELETE FROM journal WHERE seq BETWEEN 200 AND {KEPT - 1}", f"rows 200 to {KEPT - 1} are missing"),
    ],
)
def test_a_row_of_an_earlier_day_that_is_not_as_it_was_written_is_named_and_the_lobby_goes_on(
    statement: str, fault: str
) -> None:
    async def story(stage: Stage) -> None:
        with capture_logs() as logs:
            hub = await walked(stage, [statement])
        named = f"journal of site 'hall': {fault}"
        assert faults(hub) == [f"{named}; the lobby goes on, see what the copies have there"]
        assert [it["fault"] for it in logs if it["event"] == "journal damaged"] == [named]
        assert hub.health().status == "degraded"
        answer: Answer = await hub.sites[SITE].submit(issue(1))
        assert answer.outcome is Outcome.DONE

    run(story)


def test_each_of_several_rows_is_named_up_to_a_number() -> None:
    async def story(stage: Stage) -> None:
        hub = await walked(stage, [f"UPDATE journal SET at = at + 1 WHERE seq = {seq}" for seq in (10, 20, 130)])
        assert [fault.split(" was")[0].split()[-1] for fault in faults(hub)] == ["10", "20", "130"]
        await stage.stop()
        stage.alter("UPDATE journal SET at = at + 1 WHERE seq > 100 AND seq <= 300")
        hub = await stage.hub()
        await asyncio.sleep(WALKED_S)
        assert len(faults(hub)) == FAULTS_MAX

    run(story)


def test_between_two_pieces_it_rests_and_a_press_goes_between() -> None:
    async def story(stage: Stage) -> None:
        yesterday(stage)
        stage.alter(f"UPDATE journal SET at = at + 1 WHERE seq = {KEPT}")
        hub = await stage.hub()
        await asyncio.sleep(FIRST_REST_S + 2.5 * REST_S)
        assert faults(hub) == [], "three pieces are done, and the last one is not"
        answer = await hub.sites[SITE].submit(issue(1))
        assert answer.outcome is Outcome.DONE
        assert faults(hub) == []
        await asyncio.sleep(REST_S)
        assert len(faults(hub)) == 1

    run(story)


def test_a_row_that_cannot_be_read_at_all_is_named_and_looked_at_again() -> None:
    async def story(stage: Stage) -> None:
        yesterday(stage)
        (body,) = stage.column("SELECT body FROM journal WHERE seq = 150")
        stage.alter("UPDATE journal SET body = CAST(x'ff' AS TEXT) WHERE seq = 150")
        hub = await stage.hub()
        await asyncio.sleep(WALKED_S)
        (fault,) = faults(hub)
        assert fault.startswith("journal of site 'hall': what follows row 100 cannot be looked through: the database")
        assert (await hub.sites[SITE].submit(issue(1))).outcome is Outcome.DONE
        stage.alter(f"UPDATE journal SET body = '{body}' WHERE seq = 150")
        await asyncio.sleep(RETRY_S + WALKED_S)
        assert faults(hub) == []

    run(story)
