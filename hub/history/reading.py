"""What is asked of history: one interface for whoever looks back, whatever keeps it. It knows points and no store."""

from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from hub.history.points import Point

P = TypeVar("P", bound=Point)


class Passed(NamedTuple):
    """People who went through a door in the interval that begins at an instant."""

    begins_at: datetime
    entered: int
    left: int


class Highest(NamedTuple):
    """The most people who were noted in a room in the interval that begins at an instant."""

    begins_at: datetime
    people: int


class HistoryReader(Protocol):
    """Answers about one site at a time. Instants are aware UTC; a period holds its beginning and not its end.

    Everything here raises `HistoryDown` or `Unwritten` when the store does not answer. A question about more than a
    day or two is put a day at a time: the store may have to do other things in between.
    """

    async def points(self, site: str, kind: type[P], of: str, from_at: datetime, to_at: datetime) -> list[P]:
        """Every point of a kind, oldest first, whose first tag is `of`: a room's, a service's, a door's."""

    async def highest(self, site: str, room: str, from_at: datetime, to_at: datetime, interval_s: int) -> list[Highest]:
        """The most people of each interval, oldest first; intervals are multiples of `interval_s` since 1970. Those in
        which nothing was known are left out."""

    async def waits(self, site: str, service: str, from_at: datetime, to_at: datetime) -> list[int]:
        """Seconds from issue to first call of the visits that ended in the period, oldest first. Those that were
        never called are left out."""

    async def crossings(
        self, site: str, door: str, from_at: datetime, to_at: datetime, interval_s: int
    ) -> list[Passed]:
        """Entries and exits per interval, as for `highest`; those in which nobody passed are left out."""
