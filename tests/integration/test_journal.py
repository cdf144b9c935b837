"""The journal on a real file: durable, complete, owned by one, and honest about what is missing."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from hub.database import IN_MEMORY, migrate, open_journal
from hub.day.events import AnyEvent, DayOpened, DeskOpened, TookOver
from hub.errors import Conflict, Corrupt, JournalError, Unwritten
from hub.journal import Batch, Entry, Journal, Mark, OutboxJob, Quarantined, Settled
from hub.schema import metadata
from hub.site import Answer
from tests.given import MONDAY_9H, a_lobby
from wire.messages import Outcome

DAY = "2026-03-02"
DONE = Answer(outcome=Outcome.DONE, ticket="t1", facts={"number": "A001"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Of a database with five rows for the site `hall`."""
    file = tmp_path / "hub.db"
    with open_journal(f"sqlite:///{file}") as journal:
        journal.claim("hall", "me", MONDAY_9H)
        journal.load("hall")
        opened = DayOpened(day=MONDAY_9H.date(), lobby=a_lobby())
        journal.commit(batch(1, [TookOver(term=1, holder="me"), opened]))
        journal.commit(batch(3, [DeskOpened(desk=str(n)) for n in range(3)]))
    return file


def batch(first: int, events: list[AnyEvent], **more: object) -> Batch:
    entries = [Entry(seq, DAY if seq > 1 else "", MONDAY_9H, event) for seq, event in enumerate(events, start=first)]
    marks, jobs = more.get("marks", []), more.get("jobs", [])
    assert isinstance(marks, list)
    assert isinstance(jobs, list)
    return Batch("hall", 1, MONDAY_9H, entries, marks, jobs)


@pytest.fixture
def journal(file: Path) -> Iterator[Journal]:
    with open_journal(f"sqlite:///{file}") as journal:
        journal.load("hall")
        yield journal


def tamper(file: Path, statement: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()


def test_the_revisions_make_exactly_the_tables_that_the_code_uses() -> None:
    engine = create_engine("sqlite://")
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    engine.dispose()


def test_a_database_of_a_newer_release_is_told_in_one_line_and_left_alone(file: Path) -> None:
    tamper(file, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unwritten, match="belongs to a newer release") as raised, open_journal(f"sqlite:///{file}"):
        pass
    assert "\n" not in str(raised.value)


def test_a_file_is_safe_against_a_power_cut(journal: Journal, file: Path) -> None:
    with journal._engine.connect() as connection:  # noqa: SLF001  # settings belong to the connection
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]


def test_a_replay_begins_where_the_day_was_opened(file: Path) -> None:
    with open_journal(f"sqlite:///{file}") as journal:
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
def test_a_row_that_is_not_as_it_was_written_is_named(file: Path, statement: str, fault: str) -> None:
    tamper(file, statement)
    with open_journal(f"sqlite:///{file}") as journal, pytest.raises(Corrupt) as raised:
        journal.load("hall")
    assert str(raised.value).startswith(f"journal of site 'hall': {fault}")
    assert str(raised.value).endswith("restore the database from a backup")


def test_a_batch_is_all_or_nothing(journal: Journal) -> None:
    twice = [Mark("request/x", DONE, MONDAY_9H)] * 2
    with pytest.raises(Unwritten, match="UNIQUE constraint failed"):
        journal.commit(batch(6, [DeskOpened(desk="9")], marks=twice))
    assert journal.load("hall").entries[-1].seq == 5
    journal.commit(batch(6, [DeskOpened(desk="9")], marks=twice[:1]))
    loaded = journal.load("hall")
    assert (loaded.entries[-1].event, loaded.marks) == (DeskOpened(desk="9"), twice[:1])


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


def test_an_older_owner_can_write_nothing(journal: Journal) -> None:
    assert journal.claim("hall", "you", MONDAY_9H) == 2
    with pytest.raises(Conflict, match="site 'hall' has a newer owner than term 1; this hub must stop"):
        journal.commit(batch(6, [DeskOpened(desk="9")]))
    with pytest.raises(Conflict):
        journal.settle("hall", 1, [Settled("x", "answered", "done", MONDAY_9H)])
    assert journal.load("hall").entries[-1].seq == 5


def test_a_file_belongs_to_one_hub_at_a_time(journal: Journal, file: Path) -> None:
    with pytest.raises(Conflict) as raised, open_journal(f"sqlite:///{file}"):
        pass
    assert str(raised.value) == (
        f"database {file} is in use by another hub (it holds hub.db.lock); "
        "stop that one, or give this one another database"
    )


def test_a_full_disk_is_told_and_nothing_is_lost(journal: Journal) -> None:
    with journal.transaction() as connection:  # a full disk, as SQLite sees it
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Unwritten, match="database or disk is full"):
        journal.commit(batch(6, [DeskOpened(desk="9" * 50)] * 500))
    assert journal.load("hall").entries[-1].seq == 5


def test_a_database_that_cannot_be_had_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, it is a text that somebody put there\n" * 20)
    with (
        pytest.raises(Unwritten, match=r"text\.db cannot be used: file is not a database"),
        open_journal(f"sqlite:///{tmp_path / 'text.db'}"),
    ):
        pass
    with pytest.raises(JournalError, match="database address 'nonsense' is not like sqlite:"), open_journal("nonsense"):
        pass


def test_the_newest_of_what_was_put_aside_is_kept() -> None:
    with open_journal(IN_MEMORY) as journal:
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


def test_a_row_that_was_altered_is_not_read_on(file: Path) -> None:
    tamper(file, "UPDATE journal SET at = at + 1 WHERE seq = 4")
    with open_journal(f"sqlite:///{file}") as journal:
        assert len(journal.read("hall", 0, 3)) == 3
        with pytest.raises(Corrupt, match="row 4 was altered"):
            journal.read("hall", 2, 2)
