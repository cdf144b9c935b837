"""Makes the reports of days from the rows of the journal, in small pieces, so that nobody waits for a long day."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime

from hub.day.report import DayReport, Recorder
from hub.journal_thread import JournalThread

PIECE_ROWS = 100
"""Some milliseconds of the journal's thread and of the event loop, as the walk through the journal takes."""


class ReportReader:
    """A `hub.room_reports.RoomReports` of one site."""

    def __init__(self, site: str, thread: JournalThread, now: Callable[[], datetime]) -> None:
        self._site, self._thread, self._now = site, thread, now
        self._one_at_a_time = asyncio.Lock()
        """A report of a busy day is work enough."""

    async def of_day(self, day: date) -> DayReport | None:
        """See `RoomReports.of_day`."""
        async with self._one_at_a_time:
            first = await self._thread.call(self._thread.journal.first_of_day, self._site, day.isoformat())
            if not first:
                return None
            recorder, seq = Recorder(), first - 1
            while entries := await self._thread.call(self._thread.journal.read, self._site, seq, PIECE_ROWS):
                for entry in entries:
                    if entry.day != day.isoformat():
                        return recorder.report(self._site, self._now())
                    recorder.take(entry.event, entry.at, entry.seq)
                seq = entries[-1].seq
                await asyncio.sleep(0)
            return recorder.report(self._site, self._now())
