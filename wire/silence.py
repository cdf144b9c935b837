"""Noticing that what is told again and again is told no more: one timer, however many want to know."""

import asyncio
from collections.abc import Callable

LATE_S = 0.01
"""The timer aims a little late, so that the silence has come when it fires, however the fractions are rounded."""

Newest = Callable[[], float | None]
"""The loop's instant of the newest word; None before the first."""


class Watch:
    """One who wants to know, once."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.tell = tell
        self.silence: Silence | None = None
        """Where it waits; None before, and when it was told or has given up."""

    def give_up(self) -> None:
        if self.silence is not None:
            self.silence.remove(self)


class Silence:
    """The moment at which the newest word is so and so old."""

    def __init__(self, newest_s: Newest, after_s: float) -> None:
        self._newest_s = newest_s
        self._after_s = after_s
        self._watches: dict[Watch, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, watch: Watch) -> None:
        """Tell `watch` when it is silent; soon if it is already. It waits nowhere else from now on."""
        watch.give_up()
        watch.silence = self
        self._watches[watch] = None
        if self._timer is None:
            self._wait(self._newest_s())

    def remove(self, watch: Watch) -> None:
        watch.silence = None
        del self._watches[watch]
        if not self._watches and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self, newest_s: float | None) -> None:
        loop = asyncio.get_running_loop()
        left_s = 0.0 if newest_s is None else max(0.0, newest_s + self._after_s - loop.time())
        self._timer = loop.call_later(left_s + LATE_S, self._look)

    def _look(self) -> None:
        newest_s = self._newest_s()
        if newest_s is not None and asyncio.get_running_loop().time() < newest_s + self._after_s:
            self._wait(newest_s)
            return
        self._timer = None
        watches, self._watches = self._watches, {}
        for watch in watches:
            watch.silence = None
        for watch in watches:
            watch.tell()
