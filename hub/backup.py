"""Copies of the hub's database while it is worked on, and the way back.

SQLite copies itself, page by page, as of one moment; PostgreSQL has programs for it. The key lies beside the database
and is not in it: keep it elsewhere. This room knows files and programs, and of what is in a
database nothing but that journals are chained.
"""

import os
import re
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from hub import files, schema
from hub.database import file_of, open_journal, sole_owner
from hub.errors import Conflict, HubError
from hub.journal import Journal
from hub.journal_walk import faults_of
from hub.ownership import nobody_owns

TERMS_AHEAD = 1_000
"""Nodes ignore terms older than those they have heard, and after the copy the hub may have begun again many times."""

NEW_TERM = f"UPDATE owner SET term = term + {TERMS_AHEAD}, renewed_at = 0"

LIMIT_S = 3_600
"""No copy takes longer, whatever the disk."""

_COPY = re.compile(r"COPY \w+\.(?P<table>journal|owner) \((?P<columns>[a-z_, ]+)\) FROM stdin;")
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def backup(database_url: str, copy: Path) -> int:
    """Write the database, as it is at this moment, to `copy`, which nobody else may read; its bytes.

    Raises:
        HubError: there is no such database, `copy` exists, or the disk does not take it.
    """
    url = make_url(database_url)
    if copy.exists():
        raise HubError(f"{copy} exists already; name another file")
    partly = copy.with_name(f"{copy.name}.partly")
    try:
        os.close(os.open(partly, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        if (file := file_of(url)) is None:
            _run(["pg_dump", "--format=custom", f"--file={partly}", _plain(url)], url)
        else:
            _copy(_existing(file), partly)
        files.keep(partly, copy)
    except OSError as error:
        raise HubError(f"{copy} cannot be written: {error.strerror}; see its folder and its disk") from None
    finally:
        partly.unlink(missing_ok=True)
    return copy.stat().st_size


def restore(database_url: str, copy: Path, *, damaged_too: bool = False) -> None:
    """Make the database what it was when `copy` was made. No hub may work on it. A copy whose journals are damaged is
    put back only if `damaged_too`, for who has no other.

    Raises:
        Conflict: somebody works on it.
        HubError: `copy` is no copy of a hub's database, is damaged, or cannot be put there.
    """
    url = make_url(database_url)
    if not copy.is_file():
        raise HubError(f"there is no file {copy}")
    if (file := file_of(url)) is None:
        if not damaged_too:
            with TemporaryDirectory() as scratch:
                _look_through(_journals_of_dump(copy, Path(scratch), url), copy)
        with open_journal(database_url) as journal:
            if not nobody_owns(journal):
                raise Conflict("a hub works on this database; stop it first")
        _run(
            ["pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={_plain(url)}", str(copy)], url
        )
        with open_journal(database_url) as journal, journal.transaction() as connection:
            connection.exec_driver_sql(NEW_TERM)
        return
    with sole_owner(url):
        partly = file.with_name(f"{file.name}.partly")
        try:
            os.close(os.open(partly, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            _copy(copy, partly)
            if not damaged_too:
                _look_through(partly, copy)
            with closing(sqlite3.connect(partly)) as copied, copied:
                copied.execute(NEW_TERM)
            _fold_in(file)
            files.keep(partly, file)
        except OSError as error:
            raise HubError(f"{file} cannot be written: {error.strerror}; see its folder and its disk") from None
        finally:
            partly.unlink(missing_ok=True)


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise HubError(f"there is no database {file}; name the hub's folder with --data")
    return file


def _copy(source: Path, target: Path) -> None:
    """All pages of a hub's database as of one moment, looked through before it counts as a copy."""
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as from_database,
            closing(sqlite3.connect(target)) as to_database,
        ):
            from_database.backup(to_database)
            to_database.execute("PRAGMA journal_mode=DELETE")
            to_database.execute("SELECT count(*) FROM journal").fetchone()
            (said,) = to_database.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        raise HubError(f"{source} cannot be copied: {error}") from None
    if said != "ok":
        raise HubError(f"{source} is damaged: {said}; take an older copy")


def _look_through(database: Path, copy: Path) -> None:
    """Hold every row of every journal in `database`, which was made of `copy`, against its chain.

    Raises:
        HubError: one is not as it was written.
    """
    journal = Journal(create_engine(f"sqlite:///{database}", poolclass=NullPool))
    try:
        faults = list(faults_of(journal))
    finally:
        journal.close()
    if faults:
        more = f" (and {len(faults) - 1} more)" if faults[1:] else ""
        raise HubError(f"{copy} is damaged: {faults[0]}{more}; take an older copy, or this one with --damaged")


def _journals_of_dump(copy: Path, scratch: Path, url: URL) -> Path:
    """The journals in what pg_dump wrote, in a file of SQLite: PostgreSQL itself would have to put them back first.

    Raises:
        HubError: it is no such file.
    """
    text, database = scratch / "text", scratch / "journals.db"
    tables = [schema.journal, schema.owner]
    chosen = [f"--table={table.name}" for table in tables]
    _run(["pg_restore", "--data-only", *chosen, f"--file={text}", str(copy)], url)
    engine = create_engine(f"sqlite:///{database}", poolclass=NullPool)
    schema.metadata.create_all(engine, tables)
    with closing(sqlite3.connect(database)) as into, into, text.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if begins := _COPY.match(line):
                columns = begins["columns"].split(", ")
                places = ", ".join("?" * len(columns))
                statement = f"INSERT INTO {begins['table']} ({begins['columns']}) VALUES ({places})"
                rows = iter(lambda: next(lines).removesuffix("\n"), "\\.")
                into.executemany(statement, ([_unescaped(it) for it in row.split("\t")] for row in rows))
    return database


def _unescaped(field: str) -> str:
    """A field as COPY writes it in text; a row of a journal has no NULL."""
    return re.sub(r"\\(.)", lambda escaped: _ESCAPED.get(escaped[1], escaped[1]), field)


def _fold_in(file: Path) -> None:
    """Leave what is there whole in its one file: the log of its last transactions, which SQLite keeps beside it, would
    be lost when the copy comes, or be taken for the copy's.

    Raises:
        Conflict: somebody reads it.
        HubError: its disk does not let it be read or written.
    """
    is_read = False
    if file.is_file():
        try:
            with closing(sqlite3.connect(file, isolation_level=None)) as there:
                is_read = bool(there.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        except sqlite3.OperationalError as error:
            raise HubError(f"{file} cannot be put away: {error}; move it, and what lies beside it, elsewhere") from None
        except sqlite3.DatabaseError:
            is_read = False  # it is no database any more, so there is nothing whole to leave
    if is_read:
        raise Conflict(f"{file} is being read by another program; stop that one first")
    for beside in ("-wal", "-shm"):
        file.with_name(file.name + beside).unlink(missing_ok=True)
    files.sync(file.parent)


def _plain(url: URL) -> str:
    """As PostgreSQL's own programs write it, without the password: everybody on the machine sees a command line."""
    return URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()


def _run(command: Sequence[str], url: URL) -> None:
    env = {**os.environ, **({"PGPASSWORD": url.password} if url.password else {})}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT_S, env=env)
    except FileNotFoundError:
        raise HubError(f"{command[0]} is not installed; apt-get install postgresql-client") from None
    except subprocess.TimeoutExpired:
        raise HubError(f"{command[0]} was not done within {LIMIT_S} s; see the database") from None
    if done.returncode != 0:
        raise HubError(f"{command[0]}: {done.stderr.strip().partition(chr(10))[0]}")
