"""What every database of the journal does alike: SQLite in a file, and PostgreSQL, a real one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from hub.database import migrate, open_journal
from hub.day.events import AnyEvent, DayOpened, DeskOpened, TookOver
from hub.errors import Conflict, Corrupt, Unwritten
from hub.journal import Batch, Journal, Mark, OutboxJob, Quarantined, Settled
from hub.schema import metadata
from hub.site import Answer
from tests.given import MONDAY_9H, a_lobby
from tests.journals import batch
from wire.messages import Outcome

DONE = Answer(outcome=Outcome.DONE, ticket="t1", facts={"number": "A001"})


@pytest.fixture
def url(database_url: str) -> str:
    """Of a database with five rows for the site `hall`."""
    with open_journal(database_url) as journal:
        journal.claim("hall", "me", MONDAY_9H)
        journal.load("hall")
        opened = DayOpened(day=MONDAY_9H.date(), lobby=a_lobby())
        journal.commit(batch(1, [TookOver(term=1, holder="me"), opened]))
        journal.commit(batch(3, [DeskOpened(desk=str(n)) for n in range(3)]))
    return database_url


@pytest.fixture
def journal(url: str) -> Iterator[Journal]:
    with open_journal(url) as journal:
        journal.load("hall")
        yield journal


def tamper(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_the_revisions_make_exactly_the_tables_that_the_code_uses(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_a_replay_begins_where_the_day_was_opened(url: str) -> None:
    with open_journal(url) as journal:
        entries = journal.load("hall").entries
    assert [(entry.seq, type(entry.event).__name__) for entry in entries] == [
        (2, "DayOpened"),
        (3, "DeskOpened"),
        (4, "DeskOpened"),
        (5, "DeskOpened"),
    ]
    assert all(entry.at == MONDAY_9H for entry in entries)


def test_another_site_has_its_own_journal(journal: Journal) -> None:
    journal.claim("annex", "me", MONDAY_9H)
    assert journal.load("annex").entries == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE journal SET body = replace(body, '1', '2') WHERE seq = 4", "row 4 was altered, or the row before"),
        ("UPDATE journal SET at = at + 1 WHERE seq = 3", "row 3 was altered, or the row before"),
        ("UPDATE journal SET hash = '' WHERE seq = 1", "row 2 was altered, or the row before"),
        ("DELETE FROM journal WHERE seq = 1", "row 1 is missing"),
        ("DELETE FROM journal WHERE seq = 2", "row 2 is missing"),
        ("DELETE FROM journal WHERE seq = 4", "row 4 is missing"),
        ("DELETE FROM journal WHERE seq = 5", "row 5 is missing"),
        ("DELETE FROM journal", "row 1 is missing"),
        ("UPDATE owner SET seq = 4", "row 5 was never committed"),
    ],
)
def test_a_row_that_is_not_as_it_was_written_is_named(url: str, engine: Engine, statement: str, fault: str) -> None:
    tamper(engine, statement)
    with open_journal(url) as journal, pytest.raises(Corrupt) as raised:
        journal.load("hall")
    assert str(raised.value).startswith(f"journal of site 'hall': {fault}")
    assert str(raised.value).endswith("restore the database from a backup")


def test_a_batch_is_all_or_nothing(journal: Journal) -> None:
    twice = [Mark("request/x", DONE, MONDAY_9H)] * 2
    with pytest.raises(Unwritten, match=r"(?i)unique constraint"):
        journal.commit(batch(6, [DeskOpened(desk="9")], marks=twice))
    assert journal.load("hall").entries[-1].seq == 5
    journal.commit(batch(6, [DeskOpened(desk="9")], marks=twice[:1]))
    loaded = journal.load("hall")
    assert (loaded.entries[-1].event, loaded.marks) == (DeskOpened(desk="9"), twice[:1])


@pytest.mark.parametrize("rows", [1, 2, 3, 63, 64, 65, 200])
def test_a_batch_of_any_size_is_read_as_it_was_written(journal: Journal, rows: int) -> None:
    events: list[AnyEvent] = [DeskOpened(desk=str(n)) for n in range(rows)]
    marks = [Mark(f"request/{n:03}", DONE, MONDAY_9H) for n in range(rows)]
    journal.commit(batch(6, events, marks=marks))
    loaded = journal.load("hall")
    assert [entry.event for entry in loaded.entries[-rows:]] == events
    assert (loaded.entries[-rows].seq, loaded.marks) == (6, marks)


def test_what_is_committed_is_on_the_disk_whatever_the_server_does_for_others(url: str, engine: Engine) -> None:
    wanted: tuple[str, object] = ("PRAGMA synchronous", 2)
    if engine.dialect.name == "postgresql":
        tamper(engine, f"ALTER DATABASE {engine.url.database} SET synchronous_commit = off")
        wanted = ("SHOW synchronous_commit", "on")
    with open_journal(url) as journal, journal.transaction() as connection:
        assert connection.exec_driver_sql(wanted[0]).scalar() == wanted[1]


def test_marks_before_a_moment_are_forgotten(journal: Journal) -> None:
    journal.commit(batch(6, [], marks=[Mark("request/old", DONE, MONDAY_9H)]))
    later = Batch("hall", 1, MONDAY_9H, [], [Mark("request/new", DONE, MONDAY_9H + timedelta(hours=1))])
    later.forget_marks_before = MONDAY_9H + timedelta(minutes=1)
    journal.commit(later)
    assert [mark.mark for mark in journal.load("hall").marks] == ["request/new"]


def test_jobs_wait_until_they_are_settled(journal: Journal) -> None:
    expires_at = MONDAY_9H + timedelta(minutes=2)
    job = OutboxJob("t1-6", "kiosk-1/printer", "print-slip", "t1", MONDAY_9H, expires_at)
    journal.commit(batch(6, [DeskOpened(desk="9")], jobs=[job]))
    assert journal.load("hall").jobs == [job]
    journal.settle("hall", 1, [Settled("t1-6", "answered", "done", expires_at)])
    assert journal.load("hall").jobs == []


def test_an_older_owner_can_write_nothing(journal: Journal, engine: Engine) -> None:
    assert journal.claim("hall", "me again", MONDAY_9H) == 2
    assert journal.claim("hall", "me again", MONDAY_9H) == 2, "it owns the site already"
    other = Journal(engine)
    assert other.claim("hall", "you", MONDAY_9H) == 3
    older = batch(6, [DeskOpened(desk="9")])
    older.term = 2
    with pytest.raises(Conflict, match="site 'hall' has a newer owner than term 2; this hub must stop"):
        journal.commit(older)
    with pytest.raises(Conflict):
        journal.settle("hall", 2, [Settled("x", "answered", "done", MONDAY_9H)])
    with pytest.raises(Conflict), journal.owned():
        pass
    with pytest.raises(Conflict):
        journal.load("hall")
    assert other.load("hall").entries[-1].seq == 5
    other.close()


def test_the_newest_of_what_was_put_aside_is_kept(database_url: str) -> None:
    with open_journal(database_url) as journal:
        row = Quarantined("hall", MONDAY_9H, "topic", "reason", b"payload")
        for _ in range(3):
            journal.put_aside([row] * 4_000)
        with journal._engine.connect() as connection:  # noqa: SLF001  # nobody reads it but people
            count = connection.exec_driver_sql("SELECT count(*), max(id) FROM quarantine").one()
    assert tuple(count) == (10_000, 12_000)


def test_it_can_be_read_on_from_any_place(journal: Journal) -> None:
    whole = journal.history("hall")
    assert journal.read("hall", 0, 2) == whole[:2]
    assert journal.read("hall", 2, 2) == whole[2:4]
    assert journal.read("hall", 3, 100) == whole[3:]
    assert journal.read("hall", 5, 100) == []
    assert journal.read("annex", 0, 100) == []


def test_the_place_where_a_day_began_is_known(journal: Journal) -> None:
    assert [journal.opened_seq("hall", seq) for seq in range(6)] == [1, 1, 2, 2, 2, 2]


def test_a_row_that_was_altered_is_not_read_on(url: str, engine: Engine) -> None:
    tamper(engine, "UPDATE journal SET at = at + 1 WHERE seq = 4")
    with open_journal(url) as journal:
        assert len(journal.read("hall", 0, 3)) == 3
        with pytest.raises(Corrupt, match="row 4 was altered"):
            journal.read("hall", 2, 2)
