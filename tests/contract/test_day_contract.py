"""A whole hub, with all that it keeps, on every database: stopped in the afternoon, started again, and once more on the
next morning."""

from datetime import timedelta

from sqlalchemy import Engine, select

from hub import schema
from hub.database import migrate
from hub.history.points import NOTED_BESIDE
from hub.history.sql_store import TABLES
from hub.journal import Journal
from tests.hubs import run
from tests.kept_days import ROWS, TUESDAY_9H, TUESDAY_AFTER_ITS_TURN, monday, tuesday


def test_a_day_is_kept_and_goes_on(engine: Engine) -> None:
    migrate(engine)
    run(monday, engine=engine)
    run(tuesday, start_at=TUESDAY_AFTER_ITS_TURN, engine=engine)
    journal = Journal(engine)
    assert tuple(type(entry.event).__name__ for entry in journal.history("hall")) == ROWS
    journal.close()
    with engine.connect() as connection:
        marks = connection.execute(select(schema.mark.c.mark).order_by(schema.mark.c.mark)).scalars()
        assert list(marks) == ["request/1", "request/call-1"]
        outbox = connection.execute(select(schema.outbox.c.state, schema.outbox.c.outcome))
        assert [tuple(row) for row in outbox] == [("answered", "done")]
        booked = connection.execute(select(schema.appointment.c.uid).order_by(schema.appointment.c.slot_at)).scalars()
        assert list(booked) == ["0", "1"]
        comes = connection.execute(select(schema.contact.c.name, schema.contact.c.erase_at)).all()
        assert [tuple(row) for row in comes] == [("Zoé", TUESDAY_9H + timedelta(hours=25))]
        (reason,) = connection.execute(select(schema.quarantine.c.reason)).scalars()
        assert "JSON is malformed" in reason
        told = [table for kind, table in TABLES.items() if kind not in NOTED_BESIDE]
        assert [table.name for table in told if not connection.execute(select(table)).all()] == []
