"""The one thread on which the journal works, as the event loop sees it. It knows nothing of what is asked there."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from hub.errors import Unwritten
from hub.journal import Journal

CALL_S = 30.0
"""A database that has not answered by now is broken; SQLite itself gives up waiting for a lock after 5 s."""

_SILENT = "the database is silent"

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class JournalThread:
    """The one thread on which a journal works, seen from the event loop. Calls are done in their order."""

    def __init__(self, journal: Journal, patience_s: float = CALL_S) -> None:
        """`patience_s`, by the event loop's clock, is how long a call may take."""
        self.journal, self._patience_s = journal, patience_s
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._is_closed = False

    async def call(self, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """`function(*args)` on the journal's thread.

        Raises:
            Unwritten: it took longer than `patience_s`. It may still end well: ask the journal before doing it again.
        """
        if self._is_closed:
            raise Unwritten("the hub stops")
        loop = asyncio.get_running_loop()
        answer = loop.run_in_executor(self._executor, function, *args)
        # Cheaper than a timeout, and every commit comes through here.
        patience = loop.call_later(self._patience_s, answer.cancel, _SILENT)
        try:
            return await answer
        except asyncio.CancelledError as end:
            if end.args != (_SILENT,):
                raise  # it is not the answer that was given up, but whoever waits for it
            raise Unwritten(f"the database is silent for {self._patience_s:g} s; see its disk and its locks") from None
        finally:
            patience.cancel()

    def close(self) -> None:
        """Wait for the call under way. The journal stays open: it belongs to whoever opened it."""
        self._is_closed = True
        self._executor.shutdown(wait=True)
