"""Reads the journal from outside while hubs come and go, and remembers it: what has been read stays as it was.

The chain of hashes is verified over every row, from the last one that was read before.
"""

from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Engine, NullPool, create_engine, make_url, select

from hub import schema
from hub.chain import Entry
from hub.errors import Corrupt, Unwritten
from hub.journal import Journal, Mark
from hub.site import Answer
from tests.chaos.stage import SITE

ROWS_MAX = 10_000_000

_answer = msgspec.json.Decoder(Answer)


class Booked(NamedTuple):
    """A row of the book."""

    id: str
    uid: str
    service: str
    is_cancelled: bool


class JobRow(NamedTuple):
    """A row of the outbox."""

    ticket: str
    state: str
    outcome: str
    created_at: datetime
    expires_at: datetime

    @property
    def is_printed(self) -> bool:
        """As its printer says."""
        return (self.state, self.outcome) == ("answered", "done")

    @property
    def has_expired(self) -> bool:
        return "expired" in (self.state, self.outcome)


def engine_of(database: str) -> Engine:
    """A way into the database beside the hub."""
    url = make_url(database)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, poolclass=NullPool)


class Watch:
    """Of one site's journal."""

    def __init__(self, engine: Engine) -> None:
        self.entries: list[Entry] = []
        self.faults: list[str] = []
        self._engine = engine
        self._journal = Journal(engine)
        self._hash = ""
        """Of the last entry."""

    def look(self) -> None:
        """Verify what is new, and that nothing of what is old has changed."""
        seq = self.entries[-1].seq if self.entries else 0
        try:
            if seq and self._journal.hash_of(SITE, seq) != self._hash:
                self.faults.append(f"row {seq} of the journal is gone, or is another than it was")
                return
            self.entries += self._journal.read(SITE, seq, ROWS_MAX)
            self._hash = self._journal.hash_of(SITE, self.entries[-1].seq) if self.entries else ""
        except (Corrupt, Unwritten) as error:
            self.faults.append(str(error))

    def marks(self) -> dict[str, Mark]:
        """The answers that the hub has kept."""
        mark = schema.mark
        with self._engine.connect() as connection:
            rows = connection.execute(select(mark.c.mark, mark.c.answer, mark.c.at).where(mark.c.site == SITE)).all()
        return {name: Mark(name, _answer.decode(answer), at) for name, answer, at in rows}

    def jobs(self) -> list[JobRow]:
        """Every slip that was ever to be printed."""
        outbox = schema.outbox.c
        of_job = (outbox.ticket, outbox.state, outbox.outcome, outbox.created_at, outbox.expires_at)
        wanted = select(*of_job).where(outbox.site == SITE)
        with self._engine.connect() as connection:
            return [JobRow(*row) for row in connection.execute(wanted)]

    def booked(self) -> list[Booked]:
        """The book."""
        book = schema.appointment.c
        wanted = select(book.id, book.uid, book.service, book.is_cancelled).where(book.site == SITE)
        with self._engine.connect() as connection:
            return [Booked(*row) for row in connection.execute(wanted)]
