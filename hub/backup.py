"""Copies of the hub's database while it is worked on, and the way back.

SQLite copies itself, page by page, as of one moment; PostgreSQL has programs for it. The key lies beside the database
and is not in it: keep it elsewhere. This room knows files and programs, and not what is in a database.
"""

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL

from hub.database import file_of, open_journal, sole_owner
from hub.errors import Conflict, HubError
from hub.ownership import nobody_owns

TERMS_AHEAD = 1_000
"""Nodes ignore terms older than those they have heard, and after the copy the hub may have begun again many times."""

NEW_TERM = f"UPDATE owner SET term = term + {TERMS_AHEAD}, renewed_at = 0"

LIMIT_S = 3_600
"""No copy takes longer, whatever the disk."""


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
        _keep(partly, copy)
    except OSError as error:
        raise HubError(f"{copy} cannot be written: {error.strerror}; see its folder and its disk") from None
    finally:
        partly.unlink(missing_ok=True)
    return copy.stat().st_size


def restore(database_url: str, copy: Path) -> None:
    """Make the database what it was when `copy` was made. No hub may work on it.

    Raises:
        Conflict: a hub works on it.
        HubError: `copy` is no copy of a hub's database, or it cannot be put there.
    """
    url = make_url(database_url)
    if not copy.is_file():
        raise HubError(f"there is no file {copy}")
    if (file := file_of(url)) is None:
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
            with closing(sqlite3.connect(partly)) as copied, copied:
                copied.execute(NEW_TERM)
            for beside in ("-wal", "-shm"):
                file.with_name(file.name + beside).unlink(missing_ok=True)
            _keep(partly, file)
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


def _keep(partly: Path, file: Path) -> None:
    """Give what is complete its name, so that it is there after a power cut, or not at all."""
    for path in (partly, partly.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if path is partly:
            partly.replace(file)


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
