"""The journal: what happened, durable before anybody is told, and the answers, jobs and owner that belong to it.

Synchronous, on one thread (`hub.journal_thread`), on SQLite or PostgreSQL. Rows are chained (`hub.chain`), so that what
is lost or altered is named when a day is loaded. This room knows rows and transactions; it does not know what events
mean.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from hub import schema
from hub.accounts.acts import note
from hub.accounts.records import Act
from hub.chain import Entry as Entry
from hub.chain import Head, Place, chained, looked_through, verified
from hub.errors import Corrupt, Unwritten
from hub.owners import Owners
from hub.site import Answer
from hub.statement import Addition, Change

QUARANTINE_ROWS_MAX = 10_000
"""The newest are kept: a chatty stranger on the broker must not fill the disk."""

_body = msgspec.json.Encoder()
_answer = msgspec.json.Decoder(Answer)

_SETTLE = (
    update(schema.outbox)
    .where(schema.outbox.c.site == bindparam("of_site"), schema.outbox.c.id == bindparam("of_id"))
    .values({name: bindparam(name) for name in ("state", "outcome", "answered_at")})
)


class Mark(NamedTuple):
    """The answer to a wish, kept for its repeats."""

    mark: str
    answer: Answer
    at: datetime


class OutboxJob(NamedTuple):
    """A job that waits for its answer."""

    id: str
    device: str
    """`node/device`."""
    kind: str
    ticket: str
    created_at: datetime
    expires_at: datetime


class Settled(NamedTuple):
    """What became of a job."""

    id: str
    state: str
    """`answered` or `expired`."""
    outcome: str
    """The device's own word; empty if it gave none."""
    at: datetime


class Quarantined(NamedTuple):
    """A message or input that was put aside."""

    site: str
    at: datetime
    topic: str
    reason: str
    payload: bytes


Beside = Callable[[Connection], object]
"""Changes tables that are not the journal's, in the same transaction."""


@dataclass(slots=True)
class Batch:
    """Everything that one commit makes durable. Entries follow the journal's end without a gap."""

    site: str
    term: int
    at: datetime
    entries: list[Entry] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    jobs: list[OutboxJob] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    forget_marks_before: datetime | None = None


class Loaded(NamedTuple):
    """What a writer needs to go on."""

    entries: list[Entry]
    """From the newest DayOpened; from the beginning if there is none."""
    marks: list[Mark]
    """Oldest first."""
    jobs: list[OutboxJob]
    """Those without an answer, oldest first."""


class Journal:
    """The database of one hub, for one thread at a time. A site is loaded before anything is committed to it."""

    def __init__(self, engine: Engine) -> None:
        """`engine` leads to a database that `hub.database.open_journal` has brought up to date."""
        self.owners = Owners(engine.dialect)
        self.is_shared = engine.dialect.name != "sqlite"
        """Other hubs may use the same database; a file of SQLite has one."""
        self._engine = engine
        self._settle_job = Change(_SETTLE, engine.dialect)
        self._add_rows = Addition(schema.journal, engine.dialect)
        self._add_marks = Addition(schema.mark, engine.dialect)
        self._driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._connection: Connection | None = None
        """Kept from one transaction to the next, until one fails."""
        self._heads: dict[str, Head] = {}
        self.prepare: Callable[[], None] = lambda: None
        """Brings the tables up to date, or raises `Unwritten`; see `hub.database.open_journal`."""
        self.is_ready = True
        """Whether that has been done. Before, nothing else may be asked."""
        self.committed: Callable[[Batch], None] = lambda batch: None
        """Told of each batch that has become durable."""
        self._terms: dict[str, int] = {}
        """Of the sites that were claimed."""

    def close(self) -> None:
        self.let_go()
        self._engine.dispose()

    def claim(self, site: str, holder: str, at: datetime) -> int:
        """Become the owner of `site`; the new term. Whoever owned it before can write nothing from now on. A holder
        that owns it already keeps its term.

        Raises:
            Conflict: somebody else claimed it in the same moment.
            Unwritten: the database did not take it.
        """
        with self.transaction() as connection:
            term = self._terms[site] = self.owners.claim(connection, site, holder, at)
        return term

    def load(self, site: str) -> Loaded:
        """Today as the journal tells it.

        Raises:
            Conflict: the site was claimed here, and has a newer owner.
            Corrupt: a row is missing, was altered or cannot be read.
            Unwritten: the database does not answer.
        """
        owner, mark, outbox = schema.owner, schema.mark, schema.outbox
        with self.transaction() as connection:
            self.owners.check(connection, {of: term for of, term in self._terms.items() if of == site})
            claimed = connection.execute(select(owner).where(owner.c.site == site)).one()
            first = max(1, claimed.opened_seq)
            rows = connection.execute(_rows_of(site).where(schema.journal.c.seq >= first - 1)).all()
            kept = select(mark.c.mark, mark.c.answer, mark.c.at).where(mark.c.site == site)
            marks = connection.execute(kept.order_by(mark.c.at, mark.c.mark)).all()
            waiting = select(outbox).where(outbox.c.site == site, outbox.c.state == "waiting")
            jobs = connection.execute(waiting.order_by(outbox.c.created_at, outbox.c.id)).all()
        entries, end_hash = verified(site, first, claimed.seq, rows)
        self._heads[site] = Head(claimed.seq, end_hash, claimed.opened_seq, entries[-1].day if entries else "")
        return Loaded(
            entries,
            [_mark(site, *row) for row in marks],
            [OutboxJob(j.id, j.device, j.kind, j.ticket, j.created_at, j.expires_at) for j in jobs],
        )

    def history(self, site: str) -> list[Entry]:
        """Everything that ever happened at `site`, as it was written. For checks and exports: it may be long.

        Raises as `load` does.
        """
        owner = schema.owner
        with self.transaction() as connection:
            end = connection.execute(select(owner.c.seq).where(owner.c.site == site)).scalar_one()
            rows = connection.execute(_rows_of(site)).all()
        entries, _ = verified(site, 1, end, rows)
        return entries

    def read(self, site: str, after_seq: int, entries_max: int) -> list[Entry]:
        """The entries that follow `after_seq`, each as it was written.

        Raises as `load` does.
        """
        following = _rows_of(site).where(schema.journal.c.seq >= after_seq)
        # The row before them, if there is one, is what they are chained to.
        rows_max = entries_max + (after_seq > 0)
        with self.transaction() as connection:
            rows = connection.execute(following.limit(rows_max)).all()
        last = rows[-1][0] if rows else after_seq
        return verified(site, after_seq + 1, last, rows)[0]

    def look_through(self, site: str, place: Place, last: int, rows_max: int) -> tuple[Place, list[str]]:
        """The next rows behind `place`, up to row `last`; see `hub.chain.looked_through`. Without any it stays there.

        Raises:
            Unwritten: the database does not answer.
        """
        seq = schema.journal.c.seq
        following = _rows_of(site).where(seq > place.seq, seq <= last)
        with self.transaction() as connection:
            rows = connection.execute(following.limit(rows_max)).all()
        return looked_through(site, place, rows)

    def ends(self) -> dict[str, tuple[int, int]]:
        """Of every site that has rows or an owner: the end that the owner noted, and that of the rows; 0 for none.

        Raises:
            Unwritten: the database does not answer.
        """
        owner, journal = schema.owner.c, schema.journal.c
        with self.transaction() as connection:
            noted = {it.site: it.seq for it in connection.execute(select(owner.site, owner.seq))}
            newest = select(journal.site, func.max(journal.seq).label("seq")).group_by(journal.site)
            there = {it.site: it.seq for it in connection.execute(newest)}
        return {site: (noted.get(site, 0), there.get(site, 0)) for site in sorted({*noted, *there})}

    def opened_seq(self, site: str, seq: int) -> int:
        """Where the service day began in which `seq` stands; 1 before the first.

        Raises:
            Unwritten: the database does not answer.
        """
        journal = schema.journal
        day = select(journal.c.day).where(journal.c.site == site, journal.c.seq == seq).scalar_subquery()
        first = select(func.min(journal.c.seq)).where(journal.c.site == site, journal.c.day == day)
        with self.transaction() as connection:
            return connection.execute(first).scalar_one() or 1

    def first_of_day(self, site: str, day: str) -> int:
        """The first row that stands in a service day (ISO); 0 if there is none.

        Raises:
            Unwritten: the database does not answer.
        """
        journal = schema.journal
        first = select(func.min(journal.c.seq)).where(journal.c.site == site, journal.c.day == day)
        with self.transaction() as connection:
            return connection.execute(first).scalar_one() or 0

    def head(self, site: str) -> Head:
        """Where the journal of a site ends that was loaded here, as this hub knows it."""
        return self._heads[site]

    def hash_of(self, site: str, seq: int) -> str:
        """Of row `seq`; empty if there is none.

        Raises:
            Unwritten: the database does not answer.
        """
        journal = schema.journal
        wanted = select(journal.c.hash).where(journal.c.site == site, journal.c.seq == seq)
        with self.transaction() as connection:
            return connection.execute(wanted).scalar_one_or_none() or ""

    def commit(self, batch: Batch) -> None:
        """Make `batch` durable, all or nothing.

        Raises:
            Conflict: `batch.term` is no longer the site's.
            Unwritten: the database did not take it; load the site again, since it may have after all.
        """
        rows, head_after = chained(batch.site, batch.entries, self._heads[batch.site])
        with self.transaction() as connection:
            self._hold(connection, batch.site, batch.term, batch.at, head_after)
            self._add_rows.execute(connection, rows)
            self._add_marks.execute(connection, [_mark_row(batch.site, mark) for mark in batch.marks])
            if batch.jobs:
                fresh = {"site": batch.site, "state": "waiting", "outcome": "", "answered_at": None}
                connection.execute(insert(schema.outbox), [fresh | job._asdict() for job in batch.jobs])
            note(connection, batch.acts)
            for change in batch.beside:
                change(connection)
            if batch.forget_marks_before is not None:
                mark = schema.mark
                stale = delete(mark).where(mark.c.site == batch.site, mark.c.at < batch.forget_marks_before)
                connection.execute(stale)
        self._heads[batch.site] = head_after
        self.committed(batch)

    def settle(self, site: str, term: int, settled: Sequence[Settled]) -> None:
        """Note what became of jobs. Raises as `commit` does."""
        with self.transaction() as connection:
            self._hold(connection, site, term, settled[-1].at, self._heads[site])
            for job in settled:
                became = {"state": job.state, "outcome": job.outcome, "answered_at": schema.micros(job.at)}
                self._settle_job.execute(connection, {"of_site": site, "of_id": job.id, **became})

    def prove(self, site: str, term: int, at: datetime) -> None:
        """Write what is known already, to learn whether the database takes anything. Raises as `commit` does."""
        with self.transaction() as connection:
            self._hold(connection, site, term, at, self._heads[site])

    def put_aside(self, quarantined: Sequence[Quarantined]) -> None:
        """Keep what nobody understood, for whoever looks; the oldest make room.

        Raises:
            Unwritten: the database did not take it.
        """
        table = schema.quarantine
        with self.transaction() as connection:
            connection.execute(insert(table), [row._asdict() for row in quarantined])
            newest = connection.execute(select(func.max(table.c.id))).scalar_one()
            connection.execute(delete(table).where(table.c.id <= newest - QUARANTINE_ROWS_MAX))

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction of whoever keeps tables beside the journal's; on the journal's thread, like everything here.

        Raises:
            Unwritten: the database did not take it.
        """
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                yield self._connection
        except (SQLAlchemyError, self._driver_error) as error:
            self.let_go()
            why = first_line(error)
            raise Unwritten(f"the database did not take a transaction: {why}; see its disk and its locks") from error

    @contextmanager
    def owned(self) -> Iterator[Connection]:
        """Like `transaction`, for a hub that still owns whatever it has claimed.

        Raises:
            Conflict: it does not.
            Unwritten: the database did not take it.
        """
        with self.transaction() as connection:
            self.owners.check(connection, self._terms)
            yield connection

    def _hold(self, connection: Connection, site: str, term: int, at: datetime, head: Head) -> None:
        self.owners.hold(connection, site, term, at, seq=head.seq, opened_seq=head.opened_seq)

    def let_go(self) -> None:
        """The next transaction gets a new connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _rows_of(site: str) -> Select[int, str, int, str, str]:
    """The rows of a site in their order, as `hub.chain` reads them."""
    table = schema.journal.c
    at_us = type_coerce(table.at, BigInteger)
    return select(table.seq, table.day, at_us, table.body, table.hash).where(table.site == site).order_by(table.seq)


def first_line(error: Exception) -> str:
    """What the driver says of it: a database may go on for lines."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def _mark(site: str, name: str, answer: str, at: datetime) -> Mark:
    """
    Raises:
        Corrupt: the answer cannot be read.
    """
    try:
        return Mark(name, _answer.decode(answer), at)
    except msgspec.DecodeError as error:
        what = f"the answer to {name!r} cannot be read ({error})"
        raise Corrupt(f"journal of site {site!r}: {what}; restore the database from a backup") from error


def _mark_row(site: str, mark: Mark) -> dict[str, object]:
    answer = _body.encode(mark.answer).decode()
    return {"site": site, "mark": mark.mark, "answer": answer, "at": schema.micros(mark.at)}
