"""Forgets who came: every contact is erased when its time has come, whatever else the hub is doing."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from hub.book.rows import erase_due
from hub.errors import Unwritten
from hub.journal_thread import JournalThread

PERIOD_S = 3_600.0

log = structlog.get_logger()


async def forget(thread: JournalThread, now: Callable[[], datetime]) -> None:
    """Once an hour, until cancelled. An hour that fails is made up for by the next."""
    while True:
        try:
            erased = await thread.call(_erase, thread, now())
        except Unwritten as error:
            log.warning("contacts not erased", error=str(error))
        else:
            if erased:
                log.info("contacts erased", contacts=erased)
        await asyncio.sleep(PERIOD_S)


def _erase(thread: JournalThread, now: datetime) -> int:
    with thread.journal.owned() as connection:
        return erase_due(now, connection)
