"""History's follower: reads the journal from its store's cursor, and writes what it makes of it.

Only committed entries are read, in batches, and between two batches it rests, so that neither the journal's thread nor
the event loop is ever held up for long. A store that is down is asked again and again; nothing is kept meanwhile but
one batch, since the journal holds the rest. It knows neither where points are kept nor what is in them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar, TypeVarTuple

import structlog

from hub.errors import HistoryDown, Unwritten
from hub.history.chronicle import Chronicle
from hub.history.points import Point
from hub.history.store import HistoryStore
from hub.history.vitals import Vitals
from hub.journal_thread import JournalThread
from hub.metrics import Metrics
from hub.writer import Writer

BATCH_ENTRIES = 25
"""A batch takes the event loop half a millisecond and the journal's thread one and a half, in two pieces: a press may
have to wait for one of them."""

GAP_S = 5.0
"""Between two batches of a day that runs: nobody looks at history more often, and each costs a disk a write."""

SETTLED = timedelta(minutes=1)
"""What happened so long ago has been committed and read: longer than any commit may take."""

REST_TIMES = 4
"""While it catches up it rests four times as long as it worked."""

RETRY_MIN_S = 1.0
RETRY_MAX_S = 60.0
"""Pauses before a store is asked again double from the first figure to the second."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
log = structlog.get_logger()


class Follower:
    """One site's."""

    def __init__(
        self,
        site: Writer,
        thread: JournalThread,
        store: HistoryStore,
        metrics: Metrics,
        vitals: Vitals | None = None,
    ) -> None:
        """`vitals` are the notes beside the journal; None for none."""
        self._site = site
        self._thread = thread
        self._store = store
        self._metrics = metrics
        self._vitals = vitals
        self.fault = ""
        """Why history stands still; empty while it follows."""
        self._chronicle = Chronicle(site.id)
        self._kept_seq = 0
        """Up to here the store held everything when this follower began."""
        self._read_seq = 0
        behind = metrics.history_behind.labels(site.id)
        behind.set_function(lambda: max(0, site.seq - max(self._read_seq, self._kept_seq)))

    @property
    def site(self) -> str:
        return self._site.id

    async def run(self) -> None:
        """Follow until cancelled, or until the journal cannot be followed: a lobby runs without history too."""
        try:
            await self._follow()
        except Exception as error:  # a row that was altered, an event it stumbles over: the hub of today goes on
            self.fault = f"it cannot follow the journal ({error}); see the log"
            log.exception("history stops", site=self._site.id)

    async def _follow(self) -> None:
        loop, journal = asyncio.get_running_loop(), self._thread.journal
        self._kept_seq = await self._patiently(self._store.cursor, self._site.id)
        # What an event after the cursor means is told by those before it, from where that day began.
        opened_seq = await self._patiently(self._thread.call, journal.opened_seq, self._site.id, self._kept_seq)
        self._read_seq = opened_seq - 1
        while True:
            began_s = loop.time()
            if await self._take_batch() == BATCH_ENTRIES:
                await asyncio.sleep(REST_TIMES * (loop.time() - began_s))
            else:
                await asyncio.sleep(GAP_S)
                await self._site.changed(self._read_seq)

    async def _take_batch(self) -> int:
        """Read what follows, and write what comes of it and what was noted beside it; the number of entries."""
        read = self._thread.journal.read
        entries = await self._patiently(self._thread.call, read, self._site.id, self._read_seq, BATCH_ENTRIES)
        points: dict[tuple[object, ...], Point] = {}
        for entry in entries:
            for point in self._chronicle.take(entry):
                if entry.seq > self._kept_seq:
                    points[(point.at, *point.series)] = point
        if len(entries) < BATCH_ENTRIES:
            now = await self._site.read(lambda _day, now: now)
            points |= {(point.at, *point.series): point for point in self._chronicle.quiet_until(now - SETTLED)}
        beside = self._vitals.batch() if self._vitals else []
        seq = entries[-1].seq if entries else self._read_seq
        if points or beside:
            kept_seq = max(seq, self._kept_seq)
            await self._patiently(self._store.write, self._site.id, [*points.values(), *beside], kept_seq)
        if self._vitals:
            self._vitals.forget(beside)
        self._read_seq = seq
        return len(entries)

    async def _patiently(self, ask: Callable[[*Ts], Awaitable[T]], *args: *Ts) -> T:
        """`ask(*args)`, again and again until it is answered."""
        pause_s = RETRY_MIN_S
        while True:
            try:
                answer = await ask(*args)
            except (HistoryDown, Unwritten) as error:
                self.fault = str(error)
                self._metrics.history_failures.labels(self._site.id).inc()
                log.warning("history waits", site=self._site.id, pause_s=pause_s, error=str(error))
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, RETRY_MAX_S)
            else:
                self.fault = ""
                if pause_s > RETRY_MIN_S:
                    log.info("history goes on", site=self._site.id)
                return answer
