"""Lanes: one device's work, one call at a time, off the event loop.

A lane knows how to wait, how to throw away and how to try again. It does not know what the work is. Whatever the
vendor's code behind it raises, the lane goes on: a broken board must not take the printer down with it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
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


STUCK_S = 60.0
"""Longer than any device takes for one thing, and longer than the longest pause after a fault."""


class Condition:
    """Whether a device works: told to the node's health, logged once when lost and once when back."""

    def __init__(self, node: Node, device: str, part: str = "") -> None:
        """`part` names what may fail while the rest of the device works."""
        self._node = node
        self._device = device
        self._part = part
        self._needs: str | None = None
        self._backoff_s = BACKOFF_FIRST_S

    def failed(self, error: Exception) -> float:
        """Note the fault; returns how many seconds to leave the device alone."""
        needs = str(error) or type(error).__name__
        if self._needs is None:
            part = {"part": self._part} if self._part else {}
            # A DeviceFault explains itself; anything else is a surprise, and its traceback is what explains it.
            surprise = None if isinstance(error, DeviceFault) else error
            log.warning("device lost", device=self._device, **part, needs=needs, exc_info=surprise)
        self._needs = needs
        self._node.set_fault(self._device, needs, self._part)
        pause_s, self._backoff_s = self._backoff_s, min(self._backoff_s * 2, BACKOFF_MAX_S)
        return pause_s

    def worked(self) -> None:
        """Note that the device did what it was told."""
        if self._needs is None:
            return
        log.info("device back", device=self._device, **({"part": self._part} if self._part else {}))
        self._needs = None
        self._backoff_s = BACKOFF_FIRST_S
        self._node.set_fault(self._device, None, self._part)


class LaneProgress:
    """What one lane tells the agent's watchdog (`edge.node.Progress`): a driver that hangs in its thread cannot be
    ended, only its process can."""

    def __init__(self, node: Node, device: str, waiting: Callable[[], int], stuck_s: float) -> None:
        """`waiting()` is how much there is to do; one thing takes `stuck_s` at most."""
        self.device = device
        self._waiting = waiting
        self._stuck_s = stuck_s
        self._is_busy = False
        self._moved_at_s = 0.0
        """The loop's instant of the newest beginning or end."""
        node.lanes.append(self)

    def is_stuck(self, now_s: float) -> bool:
        return (self._is_busy or self._waiting() > 0) and now_s - self._moved_at_s >= self._stuck_s

    def arrives(self) -> None:
        """Something is about to be put into the lane."""
        if not self._is_busy and not self._waiting():
            self._move()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """The lane is at work for as long as the block lasts."""
        self._is_busy = True
        self._move()
        try:
            yield
        finally:
            self._is_busy = False
            self._move()

    def _move(self) -> None:
        self._moved_at_s = asyncio.get_running_loop().time()


class LatestLane(Generic[T]):
    """A lane for what a device should show: only the newest wish counts, and it is tried until the device has it.

    Overflow: a newer wish takes the place of one that has not been started.
    """

    def __init__(self, node: Node, device: str, work: Callable[[T], None], *, stuck_s: float = STUCK_S) -> None:
        """`work(wish)` is called in a worker thread and takes `stuck_s` at most."""
        self._work = work
        self._progress = LaneProgress(node, device, lambda: self.queue_length, stuck_s)
        self._condition = Condition(node, device)
        self._wish: tuple[T] | None = None
        self._arrived = asyncio.Event()

    @property
    def queue_length(self) -> int:
        return 0 if self._wish is None else 1

    def put(self, wish: T) -> None:
        self._progress.arrives()
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
                with self._progress.busy():
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
        stuck_s: float = STUCK_S,
    ) -> None:
        """`work(piece)` and `idle()` run on the loop, never both, call the driver with `asyncio.to_thread` and take
        `stuck_s` at most.

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
        self._progress = LaneProgress(node, device, lambda: len(self._pieces), stuck_s)
        self._arrived = asyncio.Event()

    @property
    def queue_length(self) -> int:
        return len(self._pieces)

    def put(self, piece: T) -> bool:
        """False when the lane is full."""
        if len(self._pieces) >= self._length_max:
            self._node.count_dropped()
            return False
        self._progress.arrives()
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
            with self._progress.busy():
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
