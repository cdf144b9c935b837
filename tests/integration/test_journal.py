"""The journal on a real file of SQLite: safe against a power cut, owned by one, and honest about what is wrong."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.database import open_journal
from hub.day.events import DayOpened, DeskOpened, TookOver
from hub.errors import Conflict, JournalError, Unwritten
from hub.journal import Journal
from hub.site import Answer
from tests.given import MONDAY_9H, a_lobby
from tests.journals import batch
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


@pytest.fixture
def journal(file: Path) -> Iterator[Journal]:
    with open_journal(f"sqlite:///{file}") as journal:
        journal.load("hall")
        yield journal


def tamper(file: Path, statement: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()


def test_a_database_of_a_newer_release_is_told_in_one_line_and_left_alone(file: Path) -> None:
    tamper(file, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(JournalError, match="belongs to a newer release") as raised, open_journal(f"sqlite:///{file}"):
        pass
    assert "\n" not in str(raised.value)


def test_a_file_is_safe_against_a_power_cut(journal: Journal, file: Path) -> None:
    with journal._engine.connect() as connection:  # noqa: SLF001  # settings belong to the connection
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]


def test_a_file_belongs_to_one_hub_at_a_time(journal: Journal, file: Path) -> None:
    with pytest.raises(Conflict) as raised, open_journal(f"sqlite:///{file}"):
        pass
    assert str(raised.value) == (
        f"database {file} is in use by another hub (it holds hub.db.lock); "
        "stop that one, or give this one another database"
    )


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "hub.db"
    (tmp_path / "hub.db.lock").mkdir()  # a disk that is read-only refuses root too, and a test cannot have one
    with pytest.raises(Unwritten) as raised, open_journal(f"sqlite:///{file}"):
        pass
    assert str(raised.value) == f"database {file} cannot be used: Is a directory; see its folder's owner and its disk"


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
