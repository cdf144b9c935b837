"""Going back to a copy, on real files of SQLite: whenever it is cut short, there is the old database or the new one."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hub.backup import backup, restore
from hub.database import open_journal
from hub.day.events import DeskOpened, TookOver
from hub.errors import Conflict
from tests.given import MONDAY_9H
from tests.journals import batch
from tests.killed import killed_everywhere

OLD, NEW = 4, 1
"""Rows of the database that is there, the newest two of them not in its one file yet; and of the copy."""

WORK = """
from hub.backup import restore

def work(folder):
    restore(f"sqlite:///{folder}/hub.db", folder / "copy")
"""


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A folder with a copy, and with a database as a hub leaves it that was killed."""
    stage, work = tmp_path / "stage", tmp_path / "work"
    stage.mkdir()
    url = f"sqlite:///{work / 'hub.db'}"
    with open_journal(url) as journal:
        journal.claim("hall", "me", MONDAY_9H)
        journal.load("hall")
        journal.commit(batch(1, [TookOver(term=1, holder="me")]))
    backup(url, stage / "copy")
    with open_journal(url) as journal:
        journal.load("hall")
        journal.commit(batch(2, [DeskOpened(desk="1")]))
    with open_journal(url) as journal:
        journal.load("hall")
        journal.commit(batch(3, [DeskOpened(desk="2"), DeskOpened(desk="3")]))
        for name in ("hub.db", "hub.db-wal"):
            shutil.copy(work / name, stage)
    return stage


def rows(file: Path) -> int:
    with open_journal(f"sqlite:///{file}", create=False) as journal:
        return len(journal.history("hall"))


def test_a_restore_that_is_killed_anywhere_leaves_the_old_database_or_the_new_one(stage: Path, tmp_path: Path) -> None:
    left = [rows(folder / "hub.db") for folder in killed_everywhere(stage, tmp_path / "killed", WORK)]
    news = left.index(NEW)
    assert left == [OLD] * news + [NEW] * (len(left) - news)
    assert news > 0


def test_a_database_that_somebody_reads_is_not_replaced(stage: Path) -> None:
    with closing(sqlite3.connect(stage / "hub.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM journal").fetchone()
        with pytest.raises(Conflict, match="is being read by another program; stop that one first"):
            restore(f"sqlite:///{stage / 'hub.db'}", stage / "copy")
    assert rows(stage / "hub.db") == OLD


def test_what_is_no_database_any_more_is_replaced(stage: Path) -> None:
    (stage / "hub.db").write_bytes(b"this was a database before the disk lost it\n" * 200)
    restore(f"sqlite:///{stage / 'hub.db'}", stage / "copy")
    assert rows(stage / "hub.db") == NEW
