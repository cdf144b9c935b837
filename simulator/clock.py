"""Two event loops whose clock is not the wall's.

`VirtualLoop` never waits: when nothing is ready it moves its clock to the next timer, so that a day takes seconds and
the same seed gives the same day. `ScaledLoop` lets time run faster beside real sockets, for the demo. Both begin at 0.
This room knows asyncio and nothing of lobbies.
"""

import asyncio
import random
import selectors
import sys
import threading
from _thread import _count as _threads_running  # threading's own takes a lock
from asyncio.events import _set_running_loop  # meant for those who write event loops, says asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import Context, copy_context
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count, repeat
from typing import Any, TypeVar, TypeVarTuple

from msgspec import Struct

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Now = Callable[[], datetime]

EXECUTOR_DELAY_MIN_S = 0.0002
EXECUTOR_DELAY_MAX_S = 0.003
"""Work given to a thread is done at once but answered this much later, as a real thread would: an answer in the same
instant would hide races between whoever asked and everybody else."""

THREAD_WAIT_MAX_S = 10.0
"""Real seconds to wait for a thread that is still at work before the simulation gives up."""

_ASKED = ("get_running_loop", "_get_running_loop")
"""What asyncio calls the functions that answer the loop which runs."""

STALL_STEP_S = 0.25
"""Scaled seconds that a busy pass of the loop may cost; the rest of a stall is dropped, which slows the clock."""


class Deadlock(RuntimeError):
    """Every task waits for something that nobody will do."""


class ThreadAtWork(RuntimeError):
    """A thread works on, unseen by the virtual clock, for longer than `THREAD_WAIT_MAX_S`."""


class _Call(Struct):
    """Something to do, soon or at its time. What asyncio calls a handle, without what a debugger would want."""

    context: Context
    callback: Callable[..., object] | None
    """None when it has been cancelled."""
    args: tuple[object, ...]

    def cancel(self) -> None:
        self.callback, self.args = None, ()

    def cancelled(self) -> bool:
        return self.callback is None


class VirtualLoop(asyncio.BaseEventLoop):
    """An event loop that moves its clock instead of waiting. It has no sockets. `seed` decides how long threads take.

    Timers that are due together fire in the order in which they were set. The loop is asyncio's in all but its two
    queues, which are kept as lean as can be: a simulated day passes through them a million times.
    """

    def __init__(self, seed: int | str = 0) -> None:
        self._runs = self._stops = False
        super().__init__()
        # Every wait asks both; like this no frame of Python's is made for it.
        self.create_future = partial(asyncio.Future, loop=self)  # type: ignore[method-assign]
        self.get_debug = bool  # type: ignore[method-assign]
        self._now_s = 0.0
        self._soon: deque[_Call] = deque()
        self._timers: list[tuple[float, int, _Call]] = []
        """A heap of (due, ordinal, what to do)."""
        self._ordinals = count()
        self._chance = random.Random(f"{seed}/executor")
        self._answered_at_s: dict[Executor, float] = {}
        self._known = set(threading.enumerate())
        self._harmless = _threads_running()
        """How many threads there were when none was owing; looked at closely only when this changes."""
        self._woken = threading.Event()

    def time(self) -> float:
        return self._now_s

    def is_running(self) -> bool:
        return self._runs

    def stop(self) -> None:
        self._stops = True

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        call = _Call(copy_context() if context is None else context, callback, args)
        self._soon.append(call)
        return call  # type: ignore[return-value]  # a handle in all that anybody asks of one

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        handle = self.call_soon(callback, *args, context=context)
        self._woken.set()
        return handle

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        # Not by way of `call_at`: every sleep comes through here.
        call = _Call(copy_context() if context is None else context, callback, args)
        heappush(self._timers, (self._now_s + delay, next(self._ordinals), call))
        return call  # type: ignore[return-value]  # as above

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        call = _Call(copy_context() if context is None else context, callback, args)
        heappush(self._timers, (when, next(self._ordinals), call))
        return call  # type: ignore[return-value]  # as above

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Run `func` now, on this thread; answer a little later. An executor of its own answers in order."""
        future: asyncio.Future[T] = self.create_future()
        answer: Callable[[], None]
        try:
            answer = partial(future.set_result, func(*args))
        except Exception as error:  # noqa: BLE001  # the caller's future carries it, as a thread's would
            answer = partial(future.set_exception, error)
        at_s = self._now_s + self._chance.uniform(EXECUTOR_DELAY_MIN_S, EXECUTOR_DELAY_MAX_S)
        if executor is not None:
            at_s = max(at_s, self._answered_at_s.get(executor, 0.0) + EXECUTOR_DELAY_MIN_S)
            self._answered_at_s[executor] = at_s
        self.call_at(at_s, _answer, future, answer)
        return future

    def run_forever(self) -> None:
        """
        Raises:
            Deadlock: nobody will do what everybody waits for.
            ThreadAtWork: something started a thread that does not end.
        """
        assert not self._runs, "this loop runs already"
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(finalizer=self._close_generator)
        _set_running_loop(self)
        self._runs, self._stops = True, False
        try:
            with _found_at_once(self):
                self._run()
        finally:
            self._runs = False
            _set_running_loop(None)
            sys.set_asyncgen_hooks(*hooks)

    def _run(self) -> None:
        """Do what is to be done now, one after the other; when there is nothing, move the clock."""
        soon = self._soon
        while not self._stops:
            if not soon:
                self._move()
                continue
            call = soon.popleft()
            callback = call.callback
            if callback is None:
                continue
            try:
                call.context.run(callback, *call.args)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001  # as asyncio does: a callback's failure is told, and life goes on
                self.call_exception_handler({"message": f"Exception in callback {callback!r}", "exception": error})

    def _move(self) -> None:
        """Move the clock to the next timer and put all that are due then in line."""
        if (alive := _threads_running()) != self._harmless:
            if owing := self._owing():
                self._wait_for(owing)
                return
            self._harmless = alive
        timers = self._timers
        while timers:
            when_s, _, call = heappop(timers)
            if call.callback is not None:
                break
        else:
            raise Deadlock(
                f"at {self._now_s:.3f} s nothing is ready and no timer is set: every task waits for something that "
                "nobody will do"
            )
        self._soon.append(call)
        if when_s > self._now_s:
            self._now_s = when_s
        while timers and timers[0][0] <= self._now_s:
            self._soon.append(heappop(timers)[2])

    def _owing(self) -> list[threading.Thread]:
        """Threads of this run that may still answer. A daemon owes nothing: Python itself does not wait for it."""
        return [thread for thread in threading.enumerate() if thread not in self._known and not thread.daemon]

    def _wait_for(self, owing: list[threading.Thread]) -> None:
        """Wait in real time until a thread calls the loop; the clock stands meanwhile."""
        self._woken.clear()
        if not self._soon and not self._woken.wait(THREAD_WAIT_MAX_S) and self._owing():
            names = ", ".join(thread.name for thread in owing)
            raise ThreadAtWork(
                f"threads still alive after {THREAD_WAIT_MAX_S:g} s at {self._now_s:.3f} s: {names}; "
                "under a virtual clock use run_in_executor, and async endpoints"
            )

    def _close_generator(self, generator: AsyncGenerator[Any, Any]) -> None:
        """An asynchronous generator that nobody reads to its end gets to run its `finally`."""
        self.call_soon(self.create_task, generator.aclose())


@contextmanager
def _found_at_once(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Whoever asks for the running loop gets `loop`. Python 3.11 asks the kernel each time which process this is, a
    hundred thousand times in two hours of a lobby, for what cannot change here; later ones do not."""
    if sys.version_info >= (3, 12):
        yield
        return
    at_once = repeat(loop).__next__
    places = [(vars(module), name) for module in (asyncio, asyncio.events) for name in _ASKED if name in vars(module)]
    plain = [names[name] for names, name in places]
    for names, name in places:
        names[name] = at_once
    try:
        yield
    finally:
        for (names, name), function in zip(places, plain, strict=True):
            names[name] = function


def _answer(future: "asyncio.Future[Any]", answer: Callable[[], None]) -> None:
    if not future.done():
        answer()


class ScaledSelector(selectors.BaseSelector):
    """Waits `speed` times shorter than asked and moves its clock by what really passed, `speed` times over."""

    def __init__(self, speed: float, real_s: Callable[[], float], real: selectors.BaseSelector | None = None) -> None:
        self._real = real or selectors.DefaultSelector()
        self.now_s = 0.0
        self._speed = speed
        self._real_s = real_s
        self._counted_s = real_s()
        """Real time up to which the clock has been moved."""

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

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


def _run(main: Callable[[Now], Coroutine[Any, Any, T]], loop: asyncio.AbstractEventLoop, start_at: datetime) -> T:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(wall(loop, start_at)))
