"""Copies of a database that is in use, and the way back, for every database."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.backup import backup, restore
from hub.database import migrate, open_journal
from hub.day.apply import apply
from hub.day.events import DeskOpened, TookOver
from hub.day.model import Day
from hub.errors import Conflict, HubError
from hub.journal import Journal
from tests.given import MONDAY_9H
from tests.hubs import run
from tests.journals import batch
from tests.kept_days import ROWS, TUESDAY_AFTER_ITS_TURN, monday, tuesday


def begin(journal: Journal) -> None:
    journal.claim("hall", "me", MONDAY_9H)
    journal.load("hall")
    journal.commit(batch(1, [TookOver(term=1, holder="me")]))


def test_a_copy_of_a_database_in_use_brings_back_what_was_there(database_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with open_journal(database_url) as journal:
        begin(journal)
        assert backup(database_url, copy) == copy.stat().st_size > 0
        journal.commit(batch(2, [DeskOpened(desk="1")]))
        with pytest.raises(Conflict):
            restore(database_url, copy)
        with journal.transaction() as connection:  # it stops, and says so
            connection.exec_driver_sql("UPDATE owner SET renewed_at = 0")
    restore(database_url, copy)
    with open_journal(database_url) as journal:
        assert [entry.event for entry in journal.history("hall")] == [TookOver(term=1, holder="me")]
        assert journal.claim("hall", "me again", MONDAY_9H) > 1_000, "newer than any that nodes have heard"
    assert copy.stat().st_mode & 0o077 == 0, "nobody else may read it"
    assert [path.name for path in tmp_path.iterdir() if "partly" in path.name] == []


def test_a_day_that_is_put_back_elsewhere_is_the_same_day_and_goes_on_there(
    database_url: str, engine: Engine, elsewhere_url: str, elsewhere: Engine, tmp_path: Path
) -> None:
    migrate(engine)
    run(monday, engine=engine)
    backup(database_url, tmp_path / "copy")
    restore(elsewhere_url, tmp_path / "copy")
    assert replayed(elsewhere) == replayed(engine)
    run(tuesday, engine=elsewhere, start_at=TUESDAY_AFTER_ITS_TURN)
    with open_journal(elsewhere_url) as journal:
        assert tuple(type(entry.event).__name__ for entry in journal.history("hall")) == ROWS


def replayed(engine: Engine) -> Day:
    """Today, as the journal tells it."""
    journal, day = Journal(engine), Day()
    for entry in journal.load("hall").entries:
        apply(day, entry.event, entry.at, entry.seq)
    journal.close()
    assert [ticket.number for ticket in day.tickets.values()] == ["A001"]
    return day


def test_a_copy_is_never_written_over(database_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_text("precious")
    with open_journal(database_url), pytest.raises(HubError, match="exists already; name another file"):
        backup(database_url, copy)
    assert copy.read_text() == "precious"


def test_what_is_no_copy_changes_nothing(database_url: str, tmp_path: Path) -> None:
    with open_journal(database_url) as journal:
        begin(journal)
        with journal.transaction() as connection:
            connection.exec_driver_sql("UPDATE owner SET renewed_at = 0")
    wrong = tmp_path / "wrong"
    wrong.write_text("this is no database, it is a text that somebody put there\n" * 20)
    with pytest.raises(HubError):
        restore(database_url, wrong)
    with pytest.raises(HubError, match="there is no file"):
        restore(database_url, tmp_path / "missing")
    with open_journal(database_url) as journal:
        assert len(journal.history("hall")) == 1
