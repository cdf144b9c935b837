"""Where malformed messages and inputs that made the hub stumble are put aside: counted all, kept few.

Nothing here carries personal data, since neither messages nor inputs do.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from hub.errors import Unwritten
from hub.journal import Quarantined
from hub.journal_thread import JournalThread
from hub.metrics import Metrics
from hub.schema import PAYLOAD_BYTES_KEPT

ROWS_PER_MINUTE_MAX = 60
"""Beyond it they are only counted: the first ones tell the story."""

TEXT_CHARS_MAX = 300
MINUTE_S = 60.0

log = structlog.get_logger()


class Quarantine:
    """Takes things aside without waiting; its `run` writes them down."""

    def __init__(self, thread: JournalThread, now: Callable[[], datetime], metrics: Metrics) -> None:
        self._thread = thread
        self._now = now
        self._metrics = metrics
        self._waiting: list[Quarantined] = []
        """Grows by at most `ROWS_PER_MINUTE_MAX` a minute, and is emptied at once or by the database's timeout."""
        self._minute_began_s = -MINUTE_S
        self._rows_this_minute = 0
        self._more = asyncio.Event()

    def put(self, site: str, topic: str, kind: str, reason: str, payload: bytes) -> None:
        """Count under `kind`, one word of a small set; keep `reason` and the payload's beginning, if there is room."""
        self._metrics.bad_messages.labels(kind).inc()
        now_s = asyncio.get_running_loop().time()
        if now_s - self._minute_began_s >= MINUTE_S:
            self._minute_began_s, self._rows_this_minute = now_s, 0
        if self._rows_this_minute >= ROWS_PER_MINUTE_MAX:
            return
        self._rows_this_minute += 1
        row = Quarantined(
            site, self._now(), topic[:TEXT_CHARS_MAX], reason[:TEXT_CHARS_MAX], payload[:PAYLOAD_BYTES_KEPT]
        )
        self._waiting.append(row)
        self._more.set()
        log.warning("put aside", site=site, topic=row.topic, reason=row.reason)

    async def run(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            rows, self._waiting = self._waiting, []
            try:
                await self._thread.call(self._thread.journal.put_aside, rows)
            except Unwritten as error:
                log.warning("quarantine not kept", rows=len(rows), error=str(error))
