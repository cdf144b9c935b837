"""Reports of a real hub: made of the rows of its journal, of today and of days before, with who did what."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from hub.accounts.sql_store import SqlAccounts
from hub.day.change_events import LimitChanged
from hub.day.events import AnyEvent, DayOpened, TookOver
from hub.day.inputs import ChangeLimit, CorrectPeople
from hub.errors import Corrupt
from hub.journal import Batch, Entry, Journal
from hub.journal_thread import JournalThread
from hub.report_reader import PIECE_ROWS
from tests.given import MONDAY_9H, a_lobby
from tests.hubs import Stage, run

SITE = "hall"
TODAY, SUNDAY = MONDAY_9H.date(), MONDAY_9H.date() - timedelta(days=1)


def yesterday(stage: Stage) -> None:
    """A journal with rows of Sunday, in more than one piece, and Monday opened."""
    journal, sunday = Journal(stage.engine), MONDAY_9H - timedelta(days=1)
    journal.claim(SITE, "earlier", sunday)
    journal.load(SITE)
    limits = [LimitChanged(room="main", limit_people=n, why="other") for n in range(2 * PIECE_ROWS)]
    events: list[AnyEvent] = [TookOver(term=1, holder="earlier"), DayOpened(day=SUNDAY, lobby=a_lobby()), *limits]
    rows = [Entry(seq, str(SUNDAY), sunday, event) for seq, event in enumerate(events, start=1)]
    journal.commit(Batch(SITE, 1, sunday, rows))
    opened = DayOpened(day=TODAY, lobby=a_lobby())
    journal.commit(Batch(SITE, 1, MONDAY_9H, [Entry(len(rows) + 1, str(TODAY), MONDAY_9H, opened)]))
    journal.let_go()


def test_the_hub_tells_of_today_and_of_days_before_and_of_no_others() -> None:
    async def story(stage: Stage) -> None:
        yesterday(stage)
        hub = await stage.hub()
        await hub.sites[SITE].submit(CorrectPeople(room="main", people=4, why="counted"), who="ada")
        today, before = await hub.reports[SITE].of_day(TODAY), await hub.reports[SITE].of_day(SUNDAY)
        assert today is not None
        assert [it.people for it in today.rooms[0].corrections] == [4]
        assert before is not None
        assert (before.day, len(before.rooms[0].limits)) == (SUNDAY, 1 + 2 * PIECE_ROWS)
        assert await hub.reports[SITE].of_day(TODAY + timedelta(days=1)) is None

    run(story)


def test_acts_are_found_by_the_rows_that_came_of_them() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        await hub.sites[SITE].submit(ChangeLimit(room="main", limit_people=7, why="safety"), who="ada")
        await hub.sites[SITE].submit(CorrectPeople(room="main", people=4, why="counted"), who="bob")
        report = await hub.reports[SITE].of_day(TODAY)
        assert report is not None
        room = report.rooms[0]
        store = SqlAccounts(JournalThread(Journal(stage.engine)))
        acts = {it.seq: it.who for it in await store.acts_of(SITE, report.first_seq, report.last_seq)}
        assert acts[room.limits[-1].seq] == "ada"
        assert acts[room.corrections[0].seq] == "bob"
        assert await store.acts_of("annex", 0, 1_000) == []

    run(story)


def test_rows_that_were_altered_make_no_report() -> None:
    async def story(stage: Stage) -> None:
        yesterday(stage)
        hub = await stage.hub()
        with stage.engine.begin() as connection:
            connection.execute(text("UPDATE journal SET body = replace(body, 'other', 'event') WHERE seq = 9"))
        with pytest.raises(Corrupt):
            await hub.reports[SITE].of_day(SUNDAY)

    run(story)
