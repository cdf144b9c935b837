"""People counters' totals on their way into the day: the newest per device, seldom, but at once when a gate would flip.

Totals are cumulative, so whatever is skipped is contained in what follows. A counter repeats its totals; one that is
not heard any more is noted as silent, which makes its rooms unknown, and heard again only after its next totals.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from hub.day.inputs import CountPeople, NoteSilence
from hub.day.lobby import DeviceKind
from hub.day.model import Day
from hub.day.occupancy import SILENT_AFTER_S
from hub.day.refusal import Code
from hub.day.rooms import RoomState
from hub.site import Site
from wire.messages import Count, Outcome
from wire.waiting import set_by

SUBMIT_GAP_S = 1.0
"""Each device's totals enter the journal at most this often, unless a gate depends on them."""

ROUND_GAP_S = 0.01
"""Between two looks at all counters: with two hundred of them a look costs as much as ten counts."""

RETRY_S = 1.0
"""Between two attempts to note a silence that could not be written."""

NEAR_PEOPLE = 1
"""Other doors' totals wait too, so a room this near to its limit counts as at it."""


class _Counter(Struct, kw_only=True):
    """One device's totals, and whether it is heard. Instants are the loop's."""

    newest: Count | None = None
    submitted: Count | None = None
    submit_at_s: float = 0.0
    """Not before."""
    silent_at_s: float = 0.0
    """It counts as silent from here, unless it is heard before."""
    was_heard: bool = False
    """Since the start, or since it fell silent."""
    noted_silent: bool | None = None
    """As the day has it from here; None before the day was told."""
    note_at_s: float = 0.0
    """Not before."""

    @property
    def is_news(self) -> bool:
        return self.newest != self.submitted

    def silence_to_note(self, now_s: float) -> bool | None:
        """What the day should be told; None if it knows, or cannot be told before the newest totals."""
        if now_s >= self.silent_at_s:
            return None if self.noted_silent is True else True
        return False if self.was_heard and not self.is_news and self.noted_silent is not False else None


class Counts:
    """Takes counts of the lobby's counters without waiting; its `run` submits them. One slot per device, the newest
    wins."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._counters = {
            device.address: _Counter() for device in site.lobby.devices if device.kind is DeviceKind.COUNTER
        }
        """By `node/device`."""
        self._more = asyncio.Event()

    def take(self, address: str, count: Count, *, is_heard: bool) -> None:
        """The newest totals of the counter at `address`, which the lobby knows. `is_heard` is False for what may be an
        old word of a node that is gone."""
        counter = self._counters[address]
        counter.newest = count
        if is_heard:
            counter.was_heard = True
            counter.silent_at_s = asyncio.get_running_loop().time() + SILENT_AFTER_S
        self._more.set()

    def lose(self, node: str) -> None:
        """The node is gone, and its counters with it."""
        for address, counter in self._counters.items():
            if address.startswith(f"{node}/"):
                counter.silent_at_s, counter.was_heard = 0.0, False
        self._more.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for counter in self._counters.values():
            counter.silent_at_s = loop.time() + SILENT_AFTER_S
        while True:
            await set_by(self._more, min(self._instants(), default=None))
            self._more.clear()
            await self._submit_due(loop.time())
            await self._note_due(loop.time())
            await asyncio.sleep(ROUND_GAP_S)

    def _instants(self) -> Iterator[float]:
        """When there is something to submit or to note, unless more is taken before."""
        now_s = asyncio.get_running_loop().time()
        for counter in self._counters.values():
            if counter.is_news:
                yield counter.submit_at_s
            if counter.silence_to_note(now_s) is not None:
                yield counter.note_at_s
            elif counter.noted_silent is not True:
                yield counter.silent_at_s

    # --- totals ------------------------------------------------------------------------------------------------

    async def _submit_due(self, now_s: float) -> None:
        news = [
            (address, counter, counter.newest)
            for address, counter in self._counters.items()
            if counter.newest is not None and counter.is_news
        ]
        early = {address: count for address, counter, count in news if now_s < counter.submit_at_s}
        urgent = await self._urgent(early) if early else frozenset()
        await _all([self._submit(*it) for it in news if it[0] not in early or it[0] in urgent])

    async def _submit(self, address: str, counter: _Counter, count: Count) -> None:
        counter.submit_at_s = asyncio.get_running_loop().time() + SUBMIT_GAP_S
        answer = await self._site.submit(
            CountPeople(
                device=address, epoch=count.epoch, entered=count.entered, left=count.left, quality=count.quality
            )
        )
        if answer.code in (Code.UNAVAILABLE, Code.NO_DAY):
            return
        if counter.submitted is None:
            # Before its first totals the day may not have known the counter, and could not take its silence.
            counter.noted_silent = None
        counter.submitted = count

    async def _urgent(self, counts: Mapping[str, Count]) -> frozenset[str]:
        """Those on which a gate depends."""

        def look(day: Day, now: datetime) -> frozenset[str]:
            return frozenset(it for it, count in counts.items() if would_flip_a_gate(day, it, count))

        return await self._site.read(look)

    # --- silence -----------------------------------------------------------------------------------------------

    async def _note_due(self, now_s: float) -> None:
        due: list[tuple[str, _Counter, bool]] = []
        for address, counter in self._counters.items():
            is_silent = counter.silence_to_note(now_s)
            if is_silent is not None and now_s >= counter.note_at_s:
                due.append((address, counter, is_silent))
        await _all([self._note(*it) for it in due])

    async def _note(self, address: str, counter: _Counter, is_silent: bool) -> None:
        counter.note_at_s = asyncio.get_running_loop().time() + RETRY_S
        if is_silent:
            counter.was_heard = False
        answer = await self._site.submit(NoteSilence(device=address, is_silent=is_silent))
        # A counter that the day does not know has never spoken: its rooms are unknown anyway.
        if answer.outcome is Outcome.DONE or answer.code == Code.UNKNOWN_DEVICE:
            counter.noted_silent = is_silent
            counter.note_at_s = 0.0


async def _all(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Do it at one time; most often there is one piece, or none."""
    if len(work) == 1:
        await work[0]
    elif work:
        async with asyncio.TaskGroup() as group:
            for piece in work:
                group.create_task(piece)


def would_flip_a_gate(day: Day, address: str, count: Count) -> bool:
    """Whether `count` of a known counter may change what a door sign says."""
    known, passage = day.counters.get(address), day.passages.get(address)
    if known is None or passage is None:
        return True
    entered, left = known.totals.get(count.epoch, (0, 0))
    change = count.entered - entered - (count.left - left)
    return _passes_limit(passage.to_room, change) or _passes_limit(passage.from_room, -change)


def _passes_limit(room: RoomState | None, change: int) -> bool:
    """False for outside, which has none."""
    if room is None:
        return False
    before = room.people or 0 if room.known is None else round(room.known.value)
    after = before + change
    return min(before, after) - NEAR_PEOPLE <= room.limit_people <= max(before, after) + NEAR_PEOPLE
