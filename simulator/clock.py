"""Two event loops whose clock is not the wall's.

`VirtualLoop` never waits: when nothing is ready it moves its clock to the next timer, so that a day takes seconds and
the same seed gives the same day. `ScaledLoop` lets time run faster beside real sockets, for the demo. Both begin at 0.
This room knows asyncio and nothing of lobbies.
"""

import asyncio
import random
import selectors
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from contextvars import Context, copy_context
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Now = Callable[[], datetime]

EXECUTOR_DELAY_MIN_S = 0.0002
EXECUTOR_DELAY_MAX_S = 0.003
"""Work given to a thread is done at once but answered this much later, as a real thread would: an answer in the same
instant would hide races between whoever asked and everybody else."""

THREAD_WAIT_MAX_S = 10.0
"""Real seconds to wait for a thread that is still at work before the simulation gives up."""

STALL_STEP_S = 0.25
"""Scaled seconds that a busy pass of the loop may cost; the rest of a stall is dropped, which slows the clock."""


class Deadlock(RuntimeError):
    """Every task waits for something that nobody will do."""


class ThreadAtWork(RuntimeError):
    """A thread works on, unseen by the virtual clock, for longer than `THREAD_WAIT_MAX_S`."""


class _Selector(selectors.BaseSelector):
    """A selector that keeps a clock. Everything but the waiting is done by a real selector."""

    def __init__(self, real: selectors.BaseSelector | None = None) -> None:
        self._real = real or selectors.DefaultSelector()
        self.watched = 0
        """How many sockets."""
        self.now_s = 0.0

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        self.watched += 1
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        self.watched -= 1
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()


class _VirtualSelector(_Selector):
    """Never waits, except for threads: when nothing is ready it has the timers that are next put in line."""

    def __init__(self, next_timers: Callable[[], bool]) -> None:
        """`next_timers` moves the clock and puts what is due in line; False when there is no timer."""
        super().__init__()
        self._next_timers = next_timers
        self._known = set(threading.enumerate())
        self._harmless = threading.active_count()
        """How many threads there were when none was owing; looked at closely only when this changes."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # What a thread hands over is in the loop's own queue; the one socket that every loop has would only wake it.
        ready = self._real.select(0) if self.watched > 1 else []
        if ready or timeout == 0:
            return ready
        alive = threading.active_count()
        if alive != self._harmless:
            if owing := self._owing():
                return self._wait_for(owing)
            self._harmless = alive
        if not self._next_timers():
            raise Deadlock(
                f"at {self.now_s:.3f} s nothing is ready and no timer is set: every task waits for something that "
                "nobody will do"
            )
        return []

    def _owing(self) -> list[threading.Thread]:
        """Threads of this run that may still answer. A daemon owes nothing: Python itself does not wait for it."""
        return [thread for thread in threading.enumerate() if thread not in self._known and not thread.daemon]

    def _wait_for(self, owing: list[threading.Thread]) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait in real time until a thread calls the loop; the clock stands meanwhile."""
        ready = self._real.select(THREAD_WAIT_MAX_S)
        if not ready and self._owing():
            names = ", ".join(thread.name for thread in owing)
            raise ThreadAtWork(
                f"threads still alive after {THREAD_WAIT_MAX_S:g} s at {self.now_s:.3f} s: {names}; "
                "under a virtual clock use run_in_executor, and async endpoints"
            )
        return ready


_Timer = tuple[float, int, asyncio.TimerHandle, Callable[[], object], Context]
"""When it is due, its ordinal, what its setter holds, what it does and in which context."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that moves its clock instead of waiting. `seed` decides how long threads seem to take.

    It keeps its timers itself, in the order in which they were set when they are due together: asyncio leaves that
    open, and compares them in Python, which would be a tenth of a simulated day's work.
    """

    def __init__(self, seed: int | str = 0) -> None:
        self._virtual = _VirtualSelector(self._next_timers)
        self._timers: list[_Timer] = []
        """A heap."""
        self._timers_set = 0
        super().__init__(self._virtual)
        self._chance = random.Random(f"{seed}/executor")
        self._answered_at_s: dict[Executor, float] = {}

    def time(self) -> float:
        return self._virtual.now_s

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        context = context or copy_context()
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._timers_set += 1
        timer: _Timer = (when, self._timers_set, handle, partial(callback, *args), context)
        heappush(self._timers, timer)
        return handle

    def _next_timers(self) -> bool:
        """Move the clock to the next timer and put all that are due then in line; False when there is none."""
        timers, virtual = self._timers, self._virtual
        while timers and timers[0][2].cancelled():
            heappop(timers)
        if not timers:
            return False
        virtual.now_s = max(virtual.now_s, timers[0][0])
        while timers and timers[0][0] <= virtual.now_s:
            _, _, handle, act, context = heappop(timers)
            self.call_soon(_unless_cancelled, handle, act, context=context)
        return True

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Run `func` now, on this thread; answer a little later. An executor of its own answers in order."""
        future: asyncio.Future[T] = self.create_future()
        answer: Callable[[], None]
        try:
            answer = partial(future.set_result, func(*args))
        except Exception as error:  # noqa: BLE001  # the caller's future carries it, as a thread's would
            answer = partial(future.set_exception, error)
        at_s = self.time() + self._chance.uniform(EXECUTOR_DELAY_MIN_S, EXECUTOR_DELAY_MAX_S)
        if executor is not None:
            at_s = max(at_s, self._answered_at_s.get(executor, 0.0) + EXECUTOR_DELAY_MIN_S)
            self._answered_at_s[executor] = at_s
        self.call_at(at_s, _answer, future, answer)
        return future


def _unless_cancelled(handle: asyncio.TimerHandle, act: Callable[[], object]) -> None:
    if not handle.cancelled():
        act()


def _answer(future: "asyncio.Future[Any]", answer: Callable[[], None]) -> None:
    if not future.done():
        answer()


class ScaledSelector(_Selector):
    """Waits `speed` times shorter than asked and moves its clock by what really passed, `speed` times over."""

    def __init__(self, speed: float, real_s: Callable[[], float], real: selectors.BaseSelector | None = None) -> None:
        super().__init__(real)
        self._speed = speed
        self._real_s = real_s
        self._counted_s = real_s()
        """Real time up to which the clock has been moved."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        moved_s = self._move(STALL_STEP_S)
        if timeout is None:
            ready = self._real.select(None)
            self._move(float("inf"))
            return ready
        wait_s = max(timeout - moved_s, 0.0)
        ready = self._real.select(wait_s / self._speed)
        self._move(wait_s)
        return ready

    def _move(self, step_max_s: float) -> float:
        """Move the clock by what passed, at most `step_max_s`; what is left counts next time, unless it is a stall."""
        real_s = self._real_s()
        passed_s = (real_s - self._counted_s) * self._speed
        step_s = min(passed_s, step_max_s)
        self.now_s += step_s
        is_stall = passed_s - step_s > STALL_STEP_S
        self._counted_s = real_s if is_stall else self._counted_s + step_s / self._speed
        return step_s


class ScaledLoop(asyncio.SelectorEventLoop):
    """An event loop on which `speed` seconds pass in one. Sockets and threads work as ever.

    The clock stands within one pass of the loop, and a pass that takes too long slows it: timers are late by at most
    `STALL_STEP_S`, and none is skipped over.
    """

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError(f"speed {speed:g} must be above 0")
        self._scaled = ScaledSelector(speed, super().time)
        super().__init__(self._scaled)

    def time(self) -> float:
        return self._scaled.now_s


def wall(loop: asyncio.AbstractEventLoop, start_at: datetime) -> Now:
    """The wall clock that belongs to `loop`: `start_at` when its time was 0."""
    return lambda: start_at + timedelta(seconds=loop.time())


def run_virtual(main: Callable[[Now], Coroutine[Any, Any, T]], *, seed: int | str, start_at: datetime) -> T:
    """Run `main(now)` to its end on a fresh `VirtualLoop`.

    Raises:
        Deadlock: nobody will do what `main` waits for.
        ThreadAtWork: something started a thread that does not end.
    """
    return _run(main, VirtualLoop(seed), start_at)


def run_scaled(main: Callable[[Now], Coroutine[Any, Any, T]], *, speed: float, start_at: datetime) -> T:
    """Run `main(now)` to its end on a fresh `ScaledLoop`."""
    return _run(main, ScaledLoop(speed), start_at)


def _run(main: Callable[[Now], Coroutine[Any, Any, T]], loop: asyncio.SelectorEventLoop, start_at: datetime) -> T:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(wall(loop, start_at)))
