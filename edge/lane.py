"""Lanes: one device's work, one call at a time, off the event loop.

A lane knows how to wait, how to throw away and how to try again. It does not know what the work is. Whatever the
vendor's code behind it raises, the lane goes on: a broken board must not take the printer down with it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from edge.errors import DeviceFault
from edge.node import Node
from wire.waiting import set_by

BACKOFF_FIRST_S = 1.0
BACKOFF_MAX_S = 30.0
"""Long enough to leave a dead device alone, short enough that a replugged one is back before anyone wonders."""

log = structlog.get_logger()
T = TypeVar("T")


class Condition:
    """Whether a device works: told to the node's health, logged once when lost and once when back."""

    def __init__(self, node: Node, device: str) -> None:
        self._node = node
        self._device = device
        self._needs: str | None = None
        self._backoff_s = BACKOFF_FIRST_S

    def failed(self, error: Exception) -> float:
        """Note the fault; returns how many seconds to leave the device alone."""
        needs = str(error) or type(error).__name__
        if self._needs is None:
            # A DeviceFault explains itself; anything else is a surprise, and its traceback is what explains it.
            surprise = None if isinstance(error, DeviceFault) else error
            log.warning("device lost", device=self._device, needs=needs, exc_info=surprise)
        self._needs = needs
        self._node.set_fault(self._device, needs)
        pause_s, self._backoff_s = self._backoff_s, min(self._backoff_s * 2, BACKOFF_MAX_S)
        return pause_s

    def worked(self) -> None:
        """Note that the device did what it was told."""
        if self._needs is None:
            return
        log.info("device back", device=self._device)
        self._needs = None
        self._backoff_s = BACKOFF_FIRST_S
        self._node.set_fault(self._device, None)


class LatestLane(Generic[T]):
    """A lane for what a device should show: only the newest wish counts, and it is tried until the device has it.

    Overflow: a newer wish takes the place of one that has not been started.
    """

    def __init__(self, node: Node, device: str, work: Callable[[T], None]) -> None:
        """`work(wish)` is called in a worker thread."""
        self._work = work
        self._condition = Condition(node, device)
        self._wish: tuple[T] | None = None
        self._arrived = asyncio.Event()

    @property
    def queue_length(self) -> int:
        return 0 if self._wish is None else 1

    def put(self, wish: T) -> None:
        self._wish = (wish,)
        self._arrived.set()

    async def run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            if self._wish is None:
                continue
            (wish,), self._wish = self._wish, None
            try:
                await asyncio.to_thread(self._work, wish)
            except Exception as error:  # noqa: BLE001 - vendors raise what they like
                pause_s = self._condition.failed(error)
                if self._wish is None:
                    self.put(wish)
                await asyncio.sleep(pause_s)
            else:
                self._condition.worked()


class WorkLane(Generic[T]):
    """A lane for work that has to be done piece by piece, in order, with something to do while idle.

    Overflow: the piece that comes when `length_max` are waiting is not taken; whoever sent it sends it again.
    """

    def __init__(
        self,
        node: Node,
        device: str,
        work: Callable[[T], Awaitable[None]],
        *,
        length_max: int,
        idle: Callable[[], Awaitable[None]],
        idle_every_s: float,
    ) -> None:
        """`work(piece)` and `idle()` run on the loop, never both, and call the driver with `asyncio.to_thread`.

        A piece whose `work` raises is gone: `work` tells its sender itself. `idle` is tried again. `idle_every_s` may
        be changed at any time.
        """
        self._node = node
        self._work = work
        self._idle = idle
        self.idle_every_s = idle_every_s
        self._length_max = length_max
        self._condition = Condition(node, device)
        self._pieces: deque[T] = deque()
        self._arrived = asyncio.Event()

    @property
    def queue_length(self) -> int:
        return len(self._pieces)

    def put(self, piece: T) -> bool:
        """False when the lane is full."""
        if len(self._pieces) >= self._length_max:
            self._node.count_dropped()
            return False
        self._pieces.append(piece)
        self._arrived.set()
        return True

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        idle_at_s = loop.time()
        while True:
            await set_by(self._arrived, idle_at_s)
            pause_s = await self._do_next()
            idle_at_s = loop.time() + pause_s

    async def _do_next(self) -> float:
        """Do one piece, or the idle work when there is none; returns how long to wait for the next piece."""
        self._arrived.clear()
        try:
            if self._pieces:
                await self._work(self._pieces.popleft())
            else:
                await self._idle()
        except Exception as error:  # noqa: BLE001 - vendors raise what they like
            return self._condition.failed(error)
        self._condition.worked()
        if self._pieces:
            self._arrived.set()
        return self.idle_every_s
