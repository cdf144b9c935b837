"""Reports of days, as the rest of the hub may ask for them. This room knows no journal; `hub.report_reader` does."""

from datetime import date
from typing import Protocol

from hub.day.report import DayReport


class RoomReports(Protocol):
    """Those of one site."""

    async def of_day(self, day: date) -> DayReport | None:
        """The report of a service day, of the one that is open until now; None for a day of which there are no rows.

        Raises:
            JournalError: its rows cannot be read, or are not as they were written.
        """
