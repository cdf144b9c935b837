"""Copies of a database that is in use, and the way back, for every database."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from hub.backup import backup, restore
from hub.database import migrate, open_journal
from hub.day.apply import apply
from hub.day.events import DeskOpened, TookOver
from hub.day.model import Day
from hub.errors import Conflict, Corrupt, HubError
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


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "UPDATE journal SET body = replace(body, '1', '2') WHERE seq = 2",
            "row 2 was altered, or the row before it was",
        ),
        ("DELETE FROM journal WHERE seq IN (2, 3)", "rows 2 to 3 are missing"),
        ("DELETE FROM journal WHERE seq = 5", "row 5 is missing"),
        ("UPDATE owner SET seq = 4", "row 5 was never committed"),
        ("UPDATE journal SET at = at + 1 WHERE seq < 3", "row 1 was altered, or the row before it was (and 1 more)"),
    ],
)
def test_a_copy_with_a_damaged_journal_is_put_back_only_if_that_is_wanted(
    database_url: str, engine: Engine, tmp_path: Path, statement: str, fault: str
) -> None:
    copy = tmp_path / "copy"
    with open_journal(database_url) as journal:
        begin(journal)
        desks = [DeskOpened(desk=desk) for desk in ("1", "\t\\N\n", "Zoé", "4")]
        journal.commit(batch(2, [*desks]))
    backup(database_url, tmp_path / "sound")
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
        connection.exec_driver_sql("UPDATE owner SET renewed_at = 0")
    backup(database_url, copy)
    restore(database_url, tmp_path / "sound")
    with pytest.raises(HubError) as raised:
        restore(database_url, copy)
    why = f"journal of site 'hall': {fault}; take an older copy, or this one with --damaged"
    assert str(raised.value) == f"{copy} is damaged: {why}"
    with open_journal(database_url) as journal:
        assert len(journal.history("hall")) == 5, "what was there still is"
    restore(database_url, copy, damaged_too=True)
    with open_journal(database_url) as journal, pytest.raises(Corrupt):
        journal.history("hall")
