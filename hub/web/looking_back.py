"""What pages ask of history, a day at a time: a store that also writes the journal has its turns in between.

Days that are over do not change, so their answers are kept for an hour. It knows days, rooms, doors and services, and
neither pages nor stores.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from hub.day.lobby import OUTSIDE, Lobby
from hub.history.reading import HistoryReader
from hub.web.usual import Usual, usual, usual_by_slot

SLOT_S = 900
SLOTS = 96
"""Of a day: quarters of an hour by the lobby's clocks."""
SLOTS_OF_HOUR = 4
WEEKS = 8
"""As far back as "usual" looks: a season, and not the year before."""
DAY = timedelta(days=1)
KEPT_FOR = timedelta(hours=1)
"""A store that has been away may still be catching up with yesterday."""
KEPT_MAX = 20_000
"""Answers; some hundred bytes to two kilobytes each. A room that is looked at has 56 of them."""

T = TypeVar("T")


class Span(NamedTuple):
    """A local date."""

    day: date
    from_at: datetime
    to_at: datetime


class Compared(NamedTuple):
    """A figure of today so far, and what is usual for the whole of such a day."""

    today: float | None
    """None if there is nothing to say it of."""
    usual: Usual | None


class LookingBack:
    """At one site."""

    def __init__(self, reader: HistoryReader, lobby: Lobby, now: Callable[[], datetime]) -> None:
        self._reader = reader
        self._lobby = lobby
        self._now = now
        self._zone = ZoneInfo(lobby.site.time_zone)
        self._kept: dict[tuple[Any, ...], tuple[datetime, Any]] = {}
        """Oldest first."""

    def today(self) -> date:
        """The local date."""
        return self._now().astimezone(self._zone).date()

    def span(self, day: date) -> Span:
        """From one local midnight to the next."""
        midnights = (datetime.combine(it, time(), self._zone) for it in (day, day + DAY))
        return Span(day, *midnights)

    def slot_of(self, at: datetime) -> int:
        """The quarter of an hour of its local day, 0 to 95."""
        local_at = at.astimezone(self._zone)
        return local_at.hour * SLOTS_OF_HOUR + local_at.minute * SLOTS_OF_HOUR // 60

    async def people(self, room: str, day: date) -> dict[int, int]:
        """Slot to the most people of a room in it, of those in which they were known."""
        _, from_at, to_at = self.span(day)

        async def ask() -> dict[int, int]:
            found = await self._reader.highest(self._site, room, from_at, to_at, SLOT_S)
            return {self.slot_of(it.begins_at): it.people for it in found}

        return await self._once(("people", room, day), day, ask)

    async def usual_people(self, room: str) -> dict[int, Usual]:
        """Slot to the usual of days like today; days on which nobody came are left out."""
        return usual_by_slot(await self._open_days(room, self._days_like(self.today())))

    async def week(self, room: str) -> dict[tuple[int, int], int]:
        """(weekday from 0, hour) to the most people that are usual then: the median of the weeks."""
        found: dict[tuple[int, int], int] = {}
        today = self.today()
        for weekday in range(7):
            next_one = today + timedelta(days=(weekday - today.weekday()) % 7)
            days = [_by_hour(it) for it in await self._open_days(room, self._days_like(next_one))]
            for hour in sorted({hour for day in days for hour in day}):
                found[weekday, hour] = round(median(day[hour] for day in days if hour in day))
        return found

    async def entered(self) -> Compared:
        """People who came in from outside, today until now and usually until this time of day."""
        now_slot = self.slot_of(self._now())
        today = sum((await self._entered(self.today())).values())
        before = [await self._entered(day) for day in self._days_like(self.today())]
        usually = [sum(n for slot, n in day.items() if slot <= now_slot) for day in before if day]
        return Compared(today, usual(usually))

    async def waits(self, service: str) -> Compared:
        """Median seconds from the ticket to its call, of who was called today and on days like today."""
        today = await self._waits(service, self.today())
        before = [await self._waits(service, day) for day in self._days_like(self.today())]
        return Compared(median(today) if today else None, usual([median(waits) for waits in before if waits]))

    @property
    def _site(self) -> str:
        return self._lobby.site.id

    def _days_like(self, day: date) -> list[date]:
        """The same weekday of the weeks before, the newest first."""
        return [day - timedelta(weeks=weeks) for weeks in range(1, WEEKS + 1)]

    async def _open_days(self, room: str, days: Sequence[date]) -> list[Mapping[int, int]]:
        """Those on which anybody came."""
        found = [await self.people(room, day) for day in days]
        return [it for it in found if any(it.values())]

    async def _entered(self, day: date) -> dict[int, int]:
        """Slot to who came in from outside, of those in which anybody did."""
        _, from_at, to_at = self.span(day)

        async def ask() -> dict[int, int]:
            sums: dict[int, int] = {}
            for door in self._lobby.doors:
                if OUTSIDE not in (door.from_room, door.to_room):
                    continue
                for it in await self._reader.crossings(self._site, door.id, from_at, to_at, SLOT_S):
                    slot, came = self.slot_of(it.begins_at), it.entered if door.from_room == OUTSIDE else it.left
                    sums[slot] = sums.get(slot, 0) + came
            return sums

        return await self._once(("entered", day), day, ask)

    async def _waits(self, service: str, day: date) -> list[int]:
        _, from_at, to_at = self.span(day)

        async def ask() -> list[int]:
            return await self._reader.waits(self._site, service, from_at, to_at)

        return await self._once(("waits", service, day), day, ask)

    async def _once(self, key: tuple[Any, ...], day: date, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask` answers, or has answered of a day that is over."""
        now = self._now()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < KEPT_FOR:
            answer: T = kept[1]
            return answer
        found = await ask()
        if day < self.today():
            self._kept.pop(key, None)
            self._kept[key] = (now, found)
            if len(self._kept) > KEPT_MAX:
                del self._kept[next(iter(self._kept))]
        await asyncio.sleep(0)  # whoever else waits for the loop comes first
        return found


def _by_hour(slots: Mapping[int, int]) -> dict[int, int]:
    """Hour to the most people in any of its slots."""
    hours: dict[int, int] = {}
    for slot, people in slots.items():
        hour = slot // SLOTS_OF_HOUR
        hours[hour] = max(people, hours.get(hour, 0))
    return hours
