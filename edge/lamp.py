"""A lamp beside a key, and what its blinking means.

The meanings are a table. This room knows seconds and light; it does not know what was pressed. The blinking is done
by the event loop, so it costs no thread and a simulation sees every flash.
"""

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from edge.lane import Condition
from edge.node import Node
from wire.messages import Outcome


class Flash(NamedTuple):
    is_lit: bool
    lasts_s: float


def _blinks(times: int, on_s: float, off_s: float) -> tuple[Flash, ...]:
    return (Flash(True, on_s), Flash(False, off_s)) * times


class Feedback(Enum):
    """What a lamp can say. Once said, the lamp goes back to its rest."""

    SENT = _blinks(100, 0.1, 0.1)  # until the answer; nobody waits for one longer than 20 s
    DONE = _blinks(1, 0.6, 0.2)
    REFUSED = _blinks(3, 0.15, 0.15)
    OFFLINE = _blinks(2, 0.8, 0.4)
    HERE = _blinks(20, 0.25, 0.25)


ANSWERS = {Outcome.DONE: Feedback.DONE, Outcome.REFUSED: Feedback.REFUSED, Outcome.EXPIRED: Feedback.OFFLINE}
"""What a lamp says of a receipt."""


class Lamp:
    """One lamp with a state of rest and something to say now and then. The newest wish counts."""

    def __init__(self, node: Node, device: str, light: Callable[[bool], None]) -> None:
        """`light(is_lit)` is the driver's, called in a worker thread."""
        self._light = light
        self._condition = Condition(node, device)
        self._is_lit_at_rest = False
        self._saying: Feedback | None = None
        self._changed = asyncio.Event()

    def rest(self, is_lit: bool) -> None:
        """How the lamp is while it has nothing to say."""
        if is_lit != self._is_lit_at_rest:
            self._is_lit_at_rest = is_lit
            if self._saying is None:
                self._changed.set()

    def say(self, feedback: Feedback) -> None:
        self._saying = feedback
        self._changed.set()

    async def run(self) -> None:
        while True:
            self._changed.clear()
            flashes = () if self._saying is None else self._saying.value
            if await self._play(flashes):
                self._saying = None
                await self._set(self._is_lit_at_rest)
                await self._changed.wait()

    async def _play(self, flashes: tuple[Flash, ...]) -> bool:
        """False when something newer interrupted."""
        for flash in flashes:
            await self._set(flash.is_lit)
            try:
                async with asyncio.timeout(flash.lasts_s):
                    await self._changed.wait()
            except TimeoutError:
                continue
            return False
        return True

    async def _set(self, is_lit: bool) -> None:
        try:
            await asyncio.to_thread(self._light, is_lit)
        except OSError as error:
            self._condition.failed(error)
        else:
            self._condition.worked()
