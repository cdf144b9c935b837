"""People counters' totals on their way into the day: the newest per device, seldom, but at once when a gate would flip.

Totals are cumulative, so whatever is skipped is contained in what follows.
"""

import asyncio

from msgspec import Struct

from hub.day.inputs import CountPeople
from hub.day.model import Day
from hub.day.refusal import Code
from hub.site import Site
from wire.messages import Count

SUBMIT_GAP_S = 1.0
"""Each device's totals enter the journal at most this often, unless a gate depends on them."""

NEAR_PEOPLE = 1
"""Other doors' totals wait too, so a room this near to its limit counts as at it."""


class _Counter(Struct, kw_only=True):
    """One device's totals."""

    newest: Count
    submitted: Count | None = None
    submitted_at_s: float = -SUBMIT_GAP_S

    @property
    def is_news(self) -> bool:
        return self.newest != self.submitted


class Counts:
    """Takes counts of known counters without waiting; its `run` submits them. One slot per device, the newest wins."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._counters: dict[str, _Counter] = {}
        """By `node/device`."""
        self._more = asyncio.Event()

    def take(self, address: str, count: Count) -> None:
        """The newest totals of the counter at `address`, which the lobby knows."""
        counter = self._counters.get(address)
        if counter is None:
            self._counters[address] = _Counter(newest=count)
        else:
            counter.newest = count
        self._more.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            waiting = {address: counter for address, counter in self._counters.items() if counter.is_news}
            next_at_s = min((counter.submitted_at_s for counter in waiting.values()), default=None)
            try:
                async with asyncio.timeout_at(None if next_at_s is None else next_at_s + SUBMIT_GAP_S):
                    await self._more.wait()
            except TimeoutError:
                pass
            self._more.clear()
            await self._submit_due(loop.time())

    async def _submit_due(self, now_s: float) -> None:
        async with asyncio.TaskGroup() as group:
            for address, counter in list(self._counters.items()):
                if counter.is_news and (
                    now_s - counter.submitted_at_s >= SUBMIT_GAP_S or await self._is_urgent(address, counter.newest)
                ):
                    group.create_task(self._submit(address, counter, now_s))

    async def _submit(self, address: str, counter: _Counter, now_s: float) -> None:
        count, counter.submitted_at_s = counter.newest, now_s
        answer = await self._site.submit(
            CountPeople(
                device=address, epoch=count.epoch, entered=count.entered, left=count.left, quality=count.quality
            )
        )
        if answer.code != Code.UNAVAILABLE:
            counter.submitted = count

    async def _is_urgent(self, address: str, count: Count) -> bool:
        return await self._site.read(lambda day, now: would_flip_a_gate(day, address, count))


def would_flip_a_gate(day: Day, address: str, count: Count) -> bool:
    """Whether `count` of a known counter may change what a door sign says."""
    known, device = day.counters.get(address), day.devices.get(address)
    if known is None or device is None or day.lobby is None:
        return True
    entered, left = known.totals.get(count.epoch, (0, 0))
    change = count.entered - entered - (count.left - left)
    for door in day.lobby.doors:
        if door.id == device.door:
            ends = ((door.to_room, change), (door.from_room, -change))
            return any(_passes_limit(day, room, change) for room, change in ends)
    return False


def _passes_limit(day: Day, room_id: str, change: int) -> bool:
    room = day.rooms.get(room_id)
    if room is None:
        return False
    before = room.people or 0
    after = before + change
    return min(before, after) - NEAR_PEOPLE <= room.room.limit_people <= max(before, after) + NEAR_PEOPLE
