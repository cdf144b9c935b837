"""Works on the book when no hub runs: for a moment this process is the hub, without a link and without pages.

Like a hub it owns the database's file, closes a day that is over and opens the one that has begun.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from hub.book.keeper import Keeper
from hub.clock import SteadyClock
from hub.database import open_journal
from hub.day.lobby import Lobby
from hub.errors import HubError
from hub.journal_thread import JournalThread
from hub.keyring import Keyring
from hub.metrics import Metrics
from hub.quarantine import Quarantine
from hub.writer import Writer

T = TypeVar("T")


async def with_own_keeper(
    task: Callable[[Keeper], Awaitable[T]],
    lobby: Lobby,
    database_url: str,
    keyring: Keyring,
    *,
    now: Callable[[], datetime],
    new_token: Callable[[], str],
    retention_h: int,
) -> T:
    """`task` with the keeper of `lobby`'s book.

    Raises:
        HubError: a hub runs, or the database is none whose file would tell.
        ExceptionGroup: of `HubError`, when the site cannot begin.
    """
    if not database_url.startswith("sqlite:"):
        raise HubError("--database is for SQLite, whose file tells whether a hub runs; start the hub instead")
    with open_journal(database_url) as journal:
        thread, clock, metrics = JournalThread(journal), SteadyClock(now), Metrics()
        quarantine = Quarantine(thread, clock.now, metrics)
        writer = Writer(lobby, thread, clock, holder="book", quarantine=quarantine, metrics=metrics)
        try:
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(writer.run())
                await writer.started.wait()
                done = await task(Keeper(writer, thread, clock.now, new_token, keyring, retention_h=retention_h))
                writing.cancel()
        finally:
            thread.close()
    return done
