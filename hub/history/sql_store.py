"""History in the hub's own database, beside the journal.

It works on the journal's thread: one file has one writer, and waiting in line for it is shorter than fighting for its
lock. Points and cursor go in one transaction, so nothing is ever half kept.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import BigInteger, Connection, Insert, Table, delete, func, select, type_coerce
from sqlalchemy.dialects import sqlite

from hub import schema
from hub.history.points import (
    NOTED_BESIDE,
    Crossing,
    DeskState,
    DeviceState,
    Line,
    NodeState,
    Occupancy,
    Point,
    SelfTest,
    Visit,
)
from hub.history.reading import Highest, Passed
from hub.journal import Journal
from hub.journal_thread import JournalThread

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

NAME = "sql"

TABLES: dict[type[Point], Table] = {
    Occupancy: schema.history_occupancy,
    Line: schema.history_line,
    DeviceState: schema.history_device,
    DeskState: schema.history_desk,
    NodeState: schema.history_node,
    SelfTest: schema.history_self_test,
    Crossing: schema.history_crossing,
    Visit: schema.history_visit,
}

P = TypeVar("P", bound=Point)


class SqlStore:
    """A `hub.history.store.HistoryStore`."""

    def __init__(self, thread: JournalThread) -> None:
        self._thread = thread

    async def cursor(self, site: str) -> int:
        return await self._thread.call(read_cursor, self._thread.journal, NAME, site)

    async def write(self, site: str, points: Sequence[Point], seq: int) -> None:
        await self._thread.call(self._write, site, points, seq)

    async def points(self, site: str, kind: type[P], of: str, from_at: datetime, to_at: datetime) -> list[P]:
        rows = await self._thread.call(self._points, site, kind, of, from_at, to_at)
        return [kind(**row) for row in rows]

    async def highest(self, site: str, room: str, from_at: datetime, to_at: datetime, interval_s: int) -> list[Highest]:
        return await self._thread.call(self._highest, site, room, from_at, to_at, interval_s)

    async def waits(self, site: str, service: str, from_at: datetime, to_at: datetime) -> list[int]:
        return await self._thread.call(self._waits, site, service, from_at, to_at)

    async def crossings(
        self, site: str, door: str, from_at: datetime, to_at: datetime, interval_s: int
    ) -> list[Passed]:
        return await self._thread.call(self._crossings, site, door, from_at, to_at, interval_s)

    def close(self) -> None:
        """The thread and its journal belong to the hub."""

    def _write(self, site: str, points: Sequence[Point], seq: int) -> None:
        rows: defaultdict[type[Point], list[dict[str, object]]] = defaultdict(list)
        for point in points:
            rows[type(point)].append(msgspec.structs.asdict(point))
        with self._thread.journal.owned() as connection:
            for kind, those in rows.items():
                connection.execute(_put(connection, TABLES[kind]), those)
            _move_cursor(connection, NAME, site, seq)

    def _points(
        self, site: str, kind: type[Point], of: str, from_at: datetime, to_at: datetime
    ) -> list[dict[str, Any]]:
        t = TABLES[kind].c
        wanted = select(*t).where(t.site == site, t[kind.TAGS[0]] == of, t.at >= from_at, t.at < to_at)
        with self._thread.journal.transaction() as connection:
            return [dict(row) for row in connection.execute(wanted.order_by(t.at)).mappings()]

    def _highest(self, site: str, room: str, from_at: datetime, to_at: datetime, interval_s: int) -> list[Highest]:
        t = schema.history_occupancy.c
        interval_us = interval_s * 1_000_000
        at_us = type_coerce(t.at, BigInteger)
        interval = (at_us - at_us % interval_us).label("begin_us")
        wanted = select(interval, func.max(t.people)).where(
            t.site == site, t.room == room, t.at >= from_at, t.at < to_at, t.people.is_not(None)
        )
        with self._thread.journal.transaction() as connection:
            rows = connection.execute(wanted.group_by(interval).order_by(interval))
            return [Highest(schema.instant(begin_us), people) for begin_us, people in rows]

    def _waits(self, site: str, service: str, from_at: datetime, to_at: datetime) -> list[int]:
        t = schema.history_visit.c
        wanted = select(t.wait_s).where(t.site == site, t.service == service, t.at >= from_at, t.at < to_at)
        with self._thread.journal.transaction() as connection:
            return list(connection.execute(wanted.where(t.wait_s.is_not(None)).order_by(t.at)).scalars())

    def _crossings(self, site: str, door: str, from_at: datetime, to_at: datetime, interval_s: int) -> list[Passed]:
        t = schema.history_crossing.c
        wanted = select(t.at, t.entered, t.left).where(t.site == site, t.door == door, t.at >= from_at, t.at < to_at)
        interval_us = interval_s * 1_000_000
        sums: dict[int, tuple[int, int]] = {}
        with self._thread.journal.transaction() as connection:
            for at, entered, left in connection.execute(wanted.order_by(t.at)):
                begin_us = schema.micros(at) // interval_us * interval_us
                before = sums.get(begin_us, (0, 0))
                sums[begin_us] = (before[0] + entered, before[1] + left)
        return [Passed(schema.instant(begin_us), *sums[begin_us]) for begin_us in sums]


def read_cursor(journal: Journal, store: str, site: str) -> int:
    """The newest journal row of `site` that `store` holds; 0 if that is not known."""
    t = schema.history_cursor.c
    with journal.transaction() as connection:
        found = connection.execute(select(t.seq).where(t.store == store, t.site == site)).scalar_one_or_none()
    return found or 0


def write_cursor(journal: Journal, store: str, site: str, seq: int) -> None:
    """Note that `store` holds everything of `site` up to `seq`."""
    with journal.owned() as connection:
        _move_cursor(connection, store, site, seq)


def forget(journal: Journal) -> int:
    """Drop what this database holds of history, and every store's cursor: it is made anew from the journal. What is in
    no journal, how nodes were and what counters' tests said, is kept.

    Returns the number of points dropped.
    """
    told = [table for kind, table in TABLES.items() if kind not in NOTED_BESIDE]
    with journal.transaction() as connection:
        points = sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in told)
        for table in (*told, schema.history_cursor):
            connection.execute(delete(table))
    return points


def _move_cursor(connection: Connection, store: str, site: str, seq: int) -> None:
    connection.execute(_put(connection, schema.history_cursor), [{"store": store, "site": site, "seq": seq}])


def _put(connection: Connection, table: Table) -> Insert:
    """Insert rows, or replace those of the same key."""
    row = _insert(connection, table)
    values = {column.name: row.excluded[column.name] for column in table.columns if not column.primary_key}
    return row.on_conflict_do_update(index_elements=list(table.primary_key), set_=values)


def _insert(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """As this database knows it. A hub on SQLite does not load the other's words."""
    if connection.dialect.name != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
