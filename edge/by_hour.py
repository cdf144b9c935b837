"""What is another at another time of day: how loud a speaker is, how bright a board. Knows a table and the time."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct


class ByHour(Struct, frozen=True):
    """A value with other values from some times of day on."""

    usual: int
    """While the time is not known, and always if `from_on` is empty."""
    from_on: Mapping[str, int]
    """Local time, `hh:mm`, to what holds from then on; the last one holds through the night until the first."""

    def at(self, now_at: datetime | None) -> int:
        """What holds at `now_at`, in the site's time zone."""
        if now_at is None or not self.from_on:
            return self.usual
        clock = f"{now_at.hour:02}:{now_at.minute:02}"
        begun = [time for time in self.from_on if time <= clock]
        return self.from_on[max(begun or self.from_on)]
