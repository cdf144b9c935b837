"""What a place for history can do. Two can: `sql_store` and `influx_store`, held to one contract by the tests."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from hub.history.points import Point


class People(NamedTuple):
    """The people of a room from an instant on; None while they are unknown."""

    at: datetime
    people: int | None
    lower_people: int | None
    upper_people: int | None
    limit_people: int
    quality: str


class Passed(NamedTuple):
    """People who went through a door in the interval that begins at an instant."""

    begins_at: datetime
    entered: int
    left: int


class HistoryStore(Protocol):
    """Keeps points and how far it has come. Instants are aware UTC; a period holds its beginning and not its end.

    Everything here raises `HistoryDown` or `Unwritten` when the store does not answer.
    """

    async def cursor(self, site: str) -> int:
        """The journal position up to which everything of `site` is kept; 0 when that is not known."""

    async def write(self, site: str, points: Sequence[Point], seq: int) -> None:
        """Keep `points`, then note that `site` is kept up to `seq`. Points that are kept already change nothing."""

    async def curve(self, site: str, room: str, from_at: datetime, to_at: datetime) -> list[People]:
        """What was noted of a room, oldest first."""

    async def waits(self, site: str, service: str, from_at: datetime, to_at: datetime) -> list[int]:
        """Seconds from issue to first call of the visits that ended in the period, oldest first. Those that were
        never called are left out."""

    async def crossings(
        self, site: str, door: str, from_at: datetime, to_at: datetime, interval_s: int
    ) -> list[Passed]:
        """Entries and exits per interval, oldest first; intervals are multiples of `interval_s` since 1970, and those
        in which nobody passed are left out."""

    def close(self) -> None:
        """Let go of what it holds, once nothing waits for it any more."""
