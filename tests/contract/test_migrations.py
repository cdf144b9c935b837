"""A database of any revision, with a day in it, is brought up to date, and its lobby goes on with the next day."""

from functools import partial

import pytest
from sqlalchemy import Engine, inspect

from hub.database import migrate
from hub.history.points import NOTED_BESIDE
from hub.history.sql_store import TABLES
from hub.journal import Journal
from hub.schema import REVISION
from tests.hubs import run
from tests.kept_days import ROWS, TUESDAY_AFTER_ITS_TURN, tuesday
from tests.old_databases import GOLDEN, contents, fill, golden, held, revisions


@pytest.mark.parametrize("revision", revisions())
def test_a_day_of_an_older_release_is_kept_and_the_next_one_opens(engine: Engine, revision: str) -> None:
    before = golden(revision)
    migrate(engine, revision)
    assert set(inspect(engine).get_table_names()) - {"alembic_version"} == set(before)
    fill(engine, before)
    migrate(engine)
    assert held(engine, before) == before

    run(partial(tuesday, knows_book="appointment" in before), start_at=TUESDAY_AFTER_ITS_TURN, engine=engine)
    journal = Journal(engine)
    assert tuple(type(entry.event).__name__ for entry in journal.history("hall")) == ROWS, "the chain holds"
    journal.close()
    after = contents(engine)
    assert after["mark"] == before["mark"]
    assert after["outbox"] == before["outbox"]
    told = {kind: after[table.name] for kind, table in TABLES.items() if kind not in NOTED_BESIDE}
    assert [kind for kind, rows in told.items() if not rows] == [], "history is made from the journal"


def test_every_revision_has_left_a_database() -> None:
    assert [file.stem for file in sorted(GOLDEN.iterdir())] == revisions()


def test_a_database_of_the_newest_revision_is_known_without_alembic() -> None:
    assert revisions()[-1] == REVISION
