"""Accounts in a real database: what is written is read again, and acts are as durable as what was done."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from hub.accounts.records import Account, Act, ApiToken, BrowserSession, Link
from hub.accounts.register import Register
from hub.accounts.rights import Right, Role
from hub.accounts.sql_store import SqlAccounts
from hub.day.inputs import CallNext, OpenDesk
from hub.errors import Unwritten
from hub.journal import Journal
from hub.journal_thread import JournalThread
from tests.given import MONDAY_9H
from tests.hubs import Stage, an_engine, issue, run

ADA = Account(
    name="ada", roles=(Role.ADMIN, Role.STAFF), sites=("hall", "annex"), password_hash="x", created_at=MONDAY_9H
)
SESSION = BrowserSession(id="s", account="ada", hash="h", rotated_at=MONDAY_9H, created_at=MONDAY_9H, seen_at=MONDAY_9H)
TOKEN = ApiToken(name="clock", hash="t", scopes=(Right.DESKS,), created_at=MONDAY_9H)
LINK = Link(hash="l", account="ada", expires_at=MONDAY_9H)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = an_engine()
    yield engine
    engine.dispose()


async def test_what_is_kept_is_found_again_and_what_is_dropped_is_not(engine: Engine) -> None:
    store = SqlAccounts(JournalThread(Journal(engine)))
    await store.write((ADA, SESSION, TOKEN, LINK), (), (Act(at=MONDAY_9H, who="shell", what="test"),))
    stored = await store.load()
    assert (stored.accounts, stored.sessions, stored.tokens, stored.links) == ((ADA,), (SESSION,), (TOKEN,), (LINK,))
    assert stored.version == await store.version() > 0
    SESSION.seen_at += timedelta(minutes=1)
    assert await store.write((SESSION,), (TOKEN, LINK), ()) == (stored.version, stored.version)
    again = await store.load()
    assert (again.sessions, again.tokens, again.links) == ((SESSION,), (), ())


def test_what_is_done_for_somebody_is_noted_with_it(engine: Engine) -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        await writer.submit(OpenDesk(desk="1", by="page"), who="mia")
        await writer.submit(issue(1))
        await writer.submit(CallNext(desk="1", seen=None, by="page"), mark="request/once/next/1", who="mia")
        await writer.submit(CallNext(desk="1", seen=None, by="page"), mark="request/once/next/1", who="mia")
        await writer.submit(OpenDesk(desk="99", by="page"), who="mia")
        acts = await SqlAccounts(JournalThread(Journal(stage.engine))).acts(0, "", 10)
        told = [(it.act.who, it.act.what, it.act.site, it.act.place) for it in acts]
        assert told == [("mia", "CallNext", "hall", "1"), ("mia", "OpenDesk", "hall", "1")]
        assert acts[0].act.seq == writer.seq
        assert stage.column(f"SELECT body FROM journal WHERE seq = {acts[0].act.seq}")

    run(story, engine=engine)


def test_what_could_not_be_written_was_done_by_nobody(engine: Engine) -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        stage.alter("ALTER TABLE act RENAME TO not_there")
        answer = await writer.submit(OpenDesk(desk="1", by="page"), who="mia")
        assert answer.code == "unavailable"
        stage.alter("ALTER TABLE not_there RENAME TO act")
        assert stage.column("SELECT who FROM act") == []

    run(story, engine=engine)


async def test_an_act_is_read_by_who_and_page_by_page(engine: Engine) -> None:
    store = SqlAccounts(JournalThread(Journal(engine)))
    await store.write((), (), [Act(at=MONDAY_9H, who=who, what="test", place=str(n)) for n, who in enumerate("abab")])
    newest = await store.acts(0, "", 3)
    assert [it.act.place for it in newest] == ["3", "2", "1"]
    assert [it.act.place for it in await store.acts(newest[-1].id, "", 3)] == ["0"]
    assert [it.act.place for it in await store.acts(0, "a", 3)] == ["2", "0"]


async def test_a_register_says_that_its_database_is_away(engine: Engine) -> None:
    register = Register(SqlAccounts(JournalThread(Journal(engine))), now=lambda: MONDAY_9H, new_token=lambda: "t")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE act")
    with pytest.raises(Unwritten):
        await register.load()
