"""Accounts in the hub's database, on the journal's thread. A hub that no longer owns its sites writes nothing here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, func, insert, select

from hub import schema
from hub.accounts.acts import note
from hub.accounts.records import Account, Act, ApiToken, BrowserSession, Link, NumberedAct, Record, Stored
from hub.accounts.rights import Right, Role
from hub.journal_thread import JournalThread

TABLES: dict[type, Table] = {
    Account: schema.account,
    BrowserSession: schema.browser_session,
    ApiToken: schema.api_token,
    Link: schema.link,
}


class SqlAccounts:
    """A `hub.accounts.store.Store`."""

    def __init__(self, thread: JournalThread) -> None:
        self._thread = thread

    async def version(self) -> int:
        """See `Store.version`."""
        return await self._thread.call(self._version)

    async def load(self) -> Stored:
        """See `Store.load`."""
        return await self._thread.call(self._load)

    async def write(self, keep: Sequence[Record], drop: Sequence[Record], acts: Sequence[Act]) -> tuple[int, int]:
        """See `Store.write`."""
        return await self._thread.call(self._write, keep, drop, acts)

    async def forget_acts(self, before: datetime) -> None:
        """See `Store.forget_acts`."""
        await self._thread.call(self._forget_acts, before)

    async def acts(self, before: int, who: str, acts_max: int) -> list[NumberedAct]:
        """See `Store.acts`."""
        return await self._thread.call(self._acts, before, who, acts_max)

    async def acts_of(self, site: str, first_seq: int, last_seq: int) -> list[Act]:
        """See `Store.acts_of`."""
        return await self._thread.call(self._acts_of, site, first_seq, last_seq)

    # --- on the journal's thread -------------------------------------------------------------------------------

    def _version(self) -> int:
        with self._thread.journal.transaction() as connection:
            return _version(connection)

    def _load(self) -> Stored:
        with self._thread.journal.transaction() as connection:
            return Stored(
                version=_version(connection),
                accounts=tuple(_account(row) for row in _rows(connection, schema.account)),
                sessions=tuple(BrowserSession(**row) for row in _rows(connection, schema.browser_session)),
                tokens=tuple(_token(row) for row in _rows(connection, schema.api_token)),
                links=tuple(Link(**row) for row in _rows(connection, schema.link)),
            )

    def _write(self, keep: Sequence[Record], drop: Sequence[Record], acts: Sequence[Act]) -> tuple[int, int]:
        with self._thread.journal.owned() as connection:
            before = _version(connection)
            for record in (*drop, *keep):
                _drop(connection, record)
            for record in keep:
                connection.execute(insert(TABLES[type(record)]), msgspec.structs.asdict(record))
            note(connection, acts)
            return before, _version(connection)

    def _forget_acts(self, before: datetime) -> None:
        with self._thread.journal.owned() as connection:
            connection.execute(delete(schema.act).where(schema.act.c.at < before))

    def _acts_of(self, site: str, first_seq: int, last_seq: int) -> list[Act]:
        table = schema.act
        wanted = select(table).where(table.c.site == site, table.c.seq.between(first_seq, last_seq))
        with self._thread.journal.transaction() as connection:
            return [_without_id(dict(row)) for row in connection.execute(wanted.order_by(table.c.id)).mappings()]

    def _acts(self, before: int, who: str, acts_max: int) -> list[NumberedAct]:
        table = schema.act
        wanted = select(table).order_by(table.c.id.desc()).limit(acts_max)
        wanted = wanted.where(table.c.id < before) if before else wanted
        wanted = wanted.where(table.c.who == who) if who else wanted
        with self._thread.journal.transaction() as connection:
            rows = [dict(row) for row in connection.execute(wanted).mappings()]
        return [NumberedAct(id=row.pop("id"), act=Act(**row)) for row in rows]


def _without_id(row: dict[str, Any]) -> Act:
    return Act(**{name: value for name, value in row.items() if name != "id"})


def _version(connection: Connection) -> int:
    """Each change of accounts, tokens and links is an act of no site, so the newest of those tells."""
    newest = select(func.max(schema.act.c.id)).where(schema.act.c.site == "")
    return connection.execute(newest).scalar_one() or 0


def _drop(connection: Connection, record: Record) -> None:
    table = TABLES[type(record)]
    (key,) = table.primary_key.columns
    connection.execute(delete(table).where(key == getattr(record, key.name)))


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def _account(row: dict[str, Any]) -> Account:
    return Account(**{**row, "roles": tuple(Role(role) for role in row["roles"])})


def _token(row: dict[str, Any]) -> ApiToken:
    return ApiToken(**{**row, "scopes": tuple(Right(scope) for scope in row["scopes"])})
