"""What a place for history can do. Two can: `sql_store` and `influx_store`, held to one contract by the tests."""

from collections.abc import Sequence
from typing import Protocol

from hub.history.points import Point
from hub.history.reading import HistoryReader


class HistoryStore(HistoryReader, Protocol):
    """Keeps points and how far it has come, and answers about them. Raises as `HistoryReader` does."""

    async def cursor(self, site: str) -> int:
        """The journal position up to which everything of `site` is kept; 0 when that is not known."""

    async def write(self, site: str, points: Sequence[Point], seq: int) -> None:
        """Keep `points`, then note that `site` is kept up to `seq`. Points that are kept already change nothing."""

    def close(self) -> None:
        """Let go of what it holds, once nothing waits for it any more."""
