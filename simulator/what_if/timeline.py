"""Virtual time for processes that only wait: a heap, and generators that yield what they wait for.

    def visitor(self):
        yield 12.0                              # walks for twelve seconds
        if not (yield Wait(self.called, 600)):  # waits to be called, for ten minutes at most
            return

It does in microseconds what an event loop does in many times that, and can do nothing else. Equal instants come in the
order in which they were wished for. This room knows no lobby.
"""

from collections.abc import Generator
from heapq import heappop, heappush
from itertools import count
from typing import Literal, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")


class Bell:
    """Something that processes wait for. Whoever waits when it rings goes on at once; it is not heard later."""

    __slots__ = ("waiting",)

    def __init__(self) -> None:
        self.waiting: list[_Place] = []


class Wait(NamedTuple):
    """Until the bell rings, or for so long at most."""

    bell: Bell
    within_s: float = float("inf")


Rung: TypeAlias = Literal[True] | None
"""What a process is sent: True when the bell rang for which it waited, None when time went by."""
Process: TypeAlias = Generator[float | Wait, Rung, T]


class _Place:
    """Where a process waits. It is there until it goes on, be it by the bell or by the clock."""

    __slots__ = ("process",)

    def __init__(self, process: Process[None]) -> None:
        self.process: Process[None] | None = process


class Timeline:
    """All processes and their clock, which begins at 0."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._order = count()
        self._queue: list[tuple[float, int, _Place, Rung]] = []

    def start(self, process: Process[None], at_s: float = 0.0) -> None:
        """Let `process` begin at `at_s`, or now if that is past."""
        self._push(at_s, _Place(process), None)

    def ring(self, bell: Bell) -> None:
        """Everybody who waits for `bell` goes on, after whatever happens now."""
        if not bell.waiting:
            return
        waiting, bell.waiting = bell.waiting, []
        for place in waiting:
            if place.process is not None:
                process, place.process = place.process, None
                self._push(self.now_s, _Place(process), True)

    def run(self, until_s: float) -> None:
        """Everything before `until_s` happens."""
        while self._queue and self._queue[0][0] < until_s:
            self.now_s, _, place, rung = heappop(self._queue)
            if place.process is not None:
                process, place.process = place.process, None
                self._go_on(process, rung)
        self.now_s = until_s

    def _go_on(self, process: Process[None], rung: Rung) -> None:
        try:
            wish = process.send(rung)
        except StopIteration:
            return
        place = _Place(process)
        if isinstance(wish, Wait):
            wish.bell.waiting.append(place)
            wish = wish.within_s
        if wish != float("inf"):
            self._push(self.now_s + wish, place, None)

    def _push(self, at_s: float, place: _Place, rung: Rung) -> None:
        heappush(self._queue, (max(at_s, self.now_s), next(self._order), place, rung))
