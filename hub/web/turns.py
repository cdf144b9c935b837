"""Requests take turns: of all that could go on at once, a few do in each turn of the event loop.

One loop serves requests, nodes and the writer. A crowd of requests that came in together, or whose commit has ended,
would go on together, and whatever else is due would wait for all of them: a press that passes the loop several times
waits as many times. Here those who asked first go on first, and the others wait for the next turn. This room knows when
a request goes on, and not what it asks.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Generator
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

STEPS_A_TURN = 4
"""A request goes on from one wait to the next: about a third of a millisecond each time, for a ticket."""


class Turns:
    """A layer around an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._line = _Line()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _Stepwise(self._app(scope, receive, send), self._line)


class _Line:
    """Of those who could go on, in the order in which they could."""

    def __init__(self) -> None:
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
        if self._left:
            self._left -= 1
            return None
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        return place

    def _begin_turn(self) -> None:
        was_idle = self._left == STEPS_A_TURN
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
