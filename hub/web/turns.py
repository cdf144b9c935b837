"""Requests take turns: of all that could go on at once, a few do in each turn of the event loop.

One loop serves requests, nodes and the writer. A crowd of requests that came in together, or whose commit has ended,
would go on together, and whatever else is due would wait for all of them: a press that passes the loop several times
waits as many times. Here those who asked first go on first, and the others wait for the next turn; while a press is
under way all of them stand still. This room knows when a request goes on, and not what it asks.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

STEPS_A_TURN = 16
"""A request goes on from one wait to the next: about an eighth of a millisecond each time, for a ticket. So long is a
press not heard; from then on nobody goes on. Fewer cost a fifth of all tickets: each turn asks the operating system."""

HOLD_S = 0.02
"""So long do requests stand still at most, and then nothing makes them for as long as they stood: a press takes less,
and a node that never stops pressing gets half of the time."""

LOOK_S = 0.001
"""How often it is looked whether they may go on."""


class Turns:
    """A layer around an application."""

    def __init__(self, app: ASGIApp, makes_way: Callable[[], bool] = lambda: False) -> None:
        """`makes_way` says whether something is under way that requests let pass."""
        self._app = app
        self._line = _Line(makes_way)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _Stepwise(self._app(scope, receive, send), self._line)


class _Line:
    """Of those who could go on, in the order in which they could."""

    def __init__(self, makes_way: Callable[[], bool]) -> None:
        self._makes_way = makes_way
        self._held_since_s: float | None = None
        """Since when they stand still; None while they do not."""
        self._free_until_s = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        """Bounded by the server's connections."""
        self._left = STEPS_A_TURN
        """How many may still go on in this turn."""
        self._is_counting = False

    def turn(self) -> "asyncio.Future[None] | None":
        """What to wait for before one may go on; None for nothing."""
        if not self._is_counting:
            self._is_counting = True
            asyncio.get_running_loop().call_soon(self._begin_turn)
        if self._left and not self._is_held():
            self._left -= 1
            return None
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        return place

    def _is_held(self) -> bool:
        """Whether nobody goes on now."""
        now_s, makes_way = asyncio.get_running_loop().time(), self._makes_way()
        if self._held_since_s is not None and (not makes_way or now_s - self._held_since_s >= HOLD_S):
            self._free_until_s, self._held_since_s = 2 * now_s - self._held_since_s, None
        elif self._held_since_s is None and makes_way and now_s >= self._free_until_s:
            self._held_since_s = now_s
        return self._held_since_s is not None

    def _begin_turn(self) -> None:
        if self._waiting and self._is_held():
            asyncio.get_running_loop().call_later(LOOK_S, self._begin_turn)
            return
        was_idle = self._left == STEPS_A_TURN and not self._waiting
        self._left = STEPS_A_TURN
        while self._waiting and self._left:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                self._left -= 1
        if was_idle:
            self._is_counting = False
        else:
            asyncio.get_running_loop().call_soon(self._begin_turn)


class _Stepwise:
    """Awaits something, and waits for its turn each time before it goes on."""

    def __init__(self, what: Awaitable[None], line: _Line) -> None:
        self._steps = what.__await__()
        self._line = line

    def __await__(self) -> Generator[Any, None, None]:
        thrown: BaseException | None = None
        while True:
            if (place := self._line.turn()) is not None:
                try:
                    yield from place
                except BaseException as error:  # noqa: BLE001  # it is cancelled: what that means, it knows itself
                    thrown = error
            try:
                waits_for = next(self._steps) if thrown is None else self._steps.throw(thrown)
            except StopIteration:
                return
            thrown = None
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001  # as it would have been told without us
                thrown = error
