"""A lamp beside a key, and what its blinking means.

The meanings are a table. This room knows seconds and light; it does not know what was pressed. The blinking is done
by the event loop, so it costs no thread and a simulation sees every flash.
"""

import asyncio
from collections.abc import Callable, Iterator
from enum import Enum
from typing import NamedTuple

from edge.lane import Condition
from edge.node import Node
from wire.messages import Outcome

DARK_FIRST_S = 0.1


class Flash(NamedTuple):
    is_lit: bool
    lasts_s: float


def _blinks(times: int, on_s: float, off_s: float) -> tuple[Flash, ...]:
    return (Flash(True, on_s), Flash(False, off_s)) * times


class Feedback(Enum):
    """What a lamp can say. Once said, the lamp goes back to its rest."""

    HELD = (Flash(True, 10.0),)  # until it is clear whether the press is short or long
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
        """`light(is_lit)` is the driver's. It moves a pin, which is done sooner than a thread could be asked to."""
        self._light = light
        self._condition = Condition(node, device)
        self._is_lit: bool | None = None
        """None while it is not known: before the first wish, and after a fault."""
        self._is_lit_at_rest = False
        self._flashes: Iterator[Flash] = iter(())
        self._timer: asyncio.TimerHandle | None = None
        """Set while the lamp has something to say."""
        self._again: asyncio.TimerHandle | None = None
        """Set while a lamp that did not switch is left alone for a while."""

    def rest(self, is_lit: bool) -> None:
        """How the lamp is while it has nothing to say."""
        self._is_lit_at_rest = is_lit
        if self._timer is None and is_lit is not self._is_lit:
            self._set(is_lit)

    def say(self, feedback: Feedback) -> None:
        flashes = feedback.value
        # Whoever presses wants to see at once that she was felt: a lamp that is lit already goes dark first.
        if flashes[0].is_lit is self._is_lit:
            flashes = (Flash(not flashes[0].is_lit, DARK_FIRST_S), *flashes)
        self._flashes = iter(flashes)
        self._go_on()

    def close(self) -> None:
        """Say no more."""
        self._fall_silent()
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def _fall_silent(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go_on(self) -> None:
        self._fall_silent()
        flash = next(self._flashes, None)
        if flash is None:
            self._set(self._is_lit_at_rest)
        else:
            self._set(flash.is_lit)
            self._timer = asyncio.get_running_loop().call_later(flash.lasts_s, self._go_on)

    def _set(self, is_lit: bool) -> None:
        if is_lit is self._is_lit:
            return
        try:
            self._light(is_lit)
        except Exception as error:  # noqa: BLE001 - vendors raise what they like
            self._is_lit = None
            pause_s = self._condition.failed(error)
            if self._again is None:
                self._again = asyncio.get_running_loop().call_later(pause_s, self._try_again)
        else:
            self._is_lit = is_lit
            self._condition.worked()

    def _try_again(self) -> None:
        """Nobody should have to press a key to find out that a lamp is mended."""
        self._again = None
        if self._is_lit is None:
            self._set(self._is_lit_at_rest)
