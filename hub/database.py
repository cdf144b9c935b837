"""Opening the hub's database: connection settings, one owner per file, revisions. It does not know what lies in it.

An SQLite file belongs to one hub; a PostgreSQL database may be shared by several, which then own sites by `hub.owners`.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, PoolProxiedConnection, StaticPool

from hub.errors import Conflict, JournalError, Unwritten
from hub.journal import Journal, first_line
from hub.schema import REVISION, metadata

IN_MEMORY = "sqlite://"

BUSY_MS = 5_000
"""How long SQLite waits for somebody else's lock, a backup's for instance."""

SETTINGS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    f"busy_timeout={BUSY_MS}",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is erased is overwritten, and not only forgotten
)

POSTGRESQL = "postgresql+psycopg"

POSTGRESQL_SETTINGS = {
    # What a hub had locked is free before anybody takes its sites over, even if it was stopped half-way. The first
    # two end its transaction on the server; the others end a wait for a server that has gone without a goodbye.
    "idle_in_transaction_session_timeout": "2s",
    "statement_timeout": "20s",
    "lock_timeout": "2s",
    "synchronous_commit": "on",
}
POSTGRESQL_LINE = {
    "connect_timeout": 3,
    "tcp_user_timeout": 3_000,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
}

MIGRATION_LOCK = 0x6775_6963_6865_74
"""Two hubs that start at once bring a shared database up to date one after the other."""


@contextmanager
def open_journal(url: str, *, create: bool = True, is_patient: bool = False) -> Iterator[Journal]:
    """The journal in the database at `url`, up to date, closed in the end; `sqlite://` is one in memory.

    An SQLite file that does not exist is made, unless `create` is false. A database that does not answer, as on a
    full disk, is left for later by who `is_patient`: the journal then is not ready before its `prepare` succeeds.

    Raises:
        Conflict: another hub works on this SQLite file.
        Unwritten: the database cannot be reached, or not be brought up to date.
        JournalError: `url` is no database address, a newer release has changed the database, or there is no such
            file and none is to be made.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise JournalError(f"database address {url!r} is not like sqlite:////var/lib/guichet-hub/hub.db") from None
    file = file_of(parsed)
    if file and not create and not file.is_file():
        raise JournalError(f"there is no database {file}; name the hub's folder with --data")
    with sole_owner(parsed):
        engine = _engine(parsed)
        journal = Journal(engine)
        journal.prepare, journal.is_ready = partial(_prepare, journal, engine, parsed), False
        try:
            with suppress(*[Unwritten] if is_patient else []):
                journal.prepare()
            yield journal
        finally:
            journal.close()


@contextmanager
def open_beside(url: str) -> Iterator[Journal]:
    """The database at `url` while a hub works on it, for what is not the journal's. It is taken as it is.

    Raises:
        JournalError: there is no such file.
    """
    parsed = make_url(url)
    file = file_of(parsed)
    if file and not file.is_file():
        raise JournalError(f"there is no database {file}; name the hub's folder with --data")
    journal = Journal(_engine(parsed))
    try:
        yield journal
    finally:
        journal.close()


def _prepare(journal: Journal, engine: Engine, url: URL) -> None:
    try:
        if str(url) == IN_MEMORY:
            metadata.create_all(engine)  # in memory it has no past that revisions would have to bring up to date
        else:
            migrate(engine)
    except SQLAlchemyError as error:
        shown = url.render_as_string(hide_password=True)
        raise Unwritten(f"database {shown} cannot be used: {first_line(error)}") from error
    journal.is_ready = True


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the tables up to this release's revision, or to an older one, in one transaction.

    Raises:
        JournalError: a newer release has changed them.
    """
    with engine.begin() as connection:
        _one_at_a_time(connection)
        # Nearly every start finds nothing to do, and Alembic would cost it a twelfth of its work and 8 MB for good.
        if revision != "head" or _revision_of(connection) != REVISION:
            _upgrade(connection, revision)


def _revision_of(connection: Connection) -> str | None:
    """Of the tables as they are; None for none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "hub:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        shown = connection.engine.url.render_as_string(hide_password=True)
        raise JournalError(
            f"database {shown} belongs to a newer release ({error}); run that one, or restore a backup"
        ) from error


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")


class HubSqlite(SQLiteDialect_pysqlite):
    """SQLite whose transactions begin where SQLAlchemy's do: the driver's own leave out changes of tables."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute("BEGIN")


registry.register("sqlite.hub", __name__, HubSqlite.__name__)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return _postgresql(url)
    if url.get_backend_name() != "sqlite":
        shown = url.render_as_string(hide_password=True)
        raise JournalError(f"database {shown} is neither sqlite nor postgresql; choose one of them")
    url = url.set(drivername="sqlite+hub")
    if file_of(url) is None:
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url)
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _postgresql(url: URL) -> Engine:
    settings = " ".join(f"-c {name}={value}" for name, value in POSTGRESQL_SETTINGS.items())
    # No pool: the journal keeps its one connection by itself, and one that failed is closed.
    return create_engine(
        url.set(drivername=POSTGRESQL),
        poolclass=NullPool,
        connect_args={"options": settings, "application_name": "guichet-hub", **POSTGRESQL_LINE},
    )


def _set_up_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    cursor = connection.cursor()
    for pragma in SETTINGS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def file_of(url: URL) -> Path | None:
    """The file of an SQLite address; None for a database in memory and for other databases."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


@contextmanager
def sole_owner(url: URL) -> Iterator[None]:
    """Hold `<file>.lock` for as long as the database is open. The kernel lets go of it when a process dies.

    Raises:
        Conflict: another hub holds it.
        Unwritten: its folder cannot be written.
    """
    file = file_of(url)
    if file is None:
        yield
        return
    lock_file = file.with_name(f"{file.name}.lock")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unwritten(
            f"database {file} cannot be used: {error.strerror}; see its folder's owner and its disk"
        ) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                f"database {file} is in use by another hub (it holds {lock_file.name}); "
                "stop that one, or give this one another database"
            ) from None
        yield
    finally:
        os.close(descriptor)
