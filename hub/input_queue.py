"""What waits to be decided at one site, first come, first decided, each with the answer that its asker waits for.

It knows that there are inputs and answers, and how many may wait; what is asked, and what becomes of it, it does not.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from hub.day.inputs import AnyInput
from hub.day.model import Day
from hub.day.refusal import Code, Refusal
from hub.journal import Beside
from hub.metrics import Metrics
from hub.site import Answer
from wire.waiting import set_by

QUEUE_INPUTS_MAX = 10_000
"""About three seconds of the hub's throughput. What comes on top is refused as unavailable, at once."""

BATCH_INPUTS_MAX = 256
"""Bounds the time that readers wait for a commit."""

UNAVAILABLE = Answer.of(Refusal(code=Code.UNAVAILABLE))

Choose = Callable[[Day], AnyInput | None]
"""What to ask of the day, once it is seen; None for nothing."""


Look = Callable[[Answer, Day, datetime], None]
"""Shown what is durable now, before anybody else changes it."""


class Wish(NamedTuple):
    """An input that waits for its answer; `who` asks for it, empty for whom no act is noted."""

    name: str
    """The input's kind, for figures."""
    choose: Choose
    mark: str
    beside: Beside | None
    """Becomes durable with the input's events, and not at all if it is refused."""
    who: str
    answer: "asyncio.Future[Answer]"
    look: Look | None = None
    """Of whoever asks, if the answer is `done`."""


class InputQueue:
    """One site's."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._waiting: deque[Wish] = deque()  # at most QUEUE_INPUTS_MAX
        self._arrived = asyncio.Event()
        self._is_closed = False

    async def ask(
        self,
        name: str,
        choose: Choose,
        mark: str,
        beside: Beside | None = None,
        who: str = "",
        look: Look | None = None,
    ) -> Answer:
        """The answer, when there is one; at once that it is not to be had if the queue is full or closed."""
        wish = Wish(name, choose, mark, beside, who, asyncio.get_running_loop().create_future(), look)
        if self._is_closed or len(self._waiting) >= QUEUE_INPUTS_MAX:
            self._count(wish, UNAVAILABLE)
            return UNAVAILABLE
        self._waiting.append(wish)
        self._arrived.set()
        return await wish.answer

    async def first(self, wait_s: float) -> list[Wish]:
        """The first that waits, or that comes within `wait_s`; none if nobody does."""
        if not self._waiting:
            self._arrived.clear()
            await set_by(self._arrived, asyncio.get_running_loop().time() + wait_s)
        return [self._waiting.popleft()] if self._waiting else []

    def fill(self, wishes: list[Wish]) -> None:
        """Add what waits to `wishes`, up to `BATCH_INPUTS_MAX`."""
        while len(wishes) < BATCH_INPUTS_MAX and self._waiting:
            wishes.append(self._waiting.popleft())

    def turn_away(self) -> None:
        """Refuse all that waits."""
        while self._waiting:
            self.reply(self._waiting.popleft(), UNAVAILABLE)

    def close(self) -> None:
        """Refuse all that waits, and whatever comes."""
        self._is_closed = True
        self.turn_away()

    def open(self) -> None:
        """Take what comes; so it is in the beginning."""
        self._is_closed = False

    def reply(self, wish: Wish, answer: Answer) -> None:
        """Tell who asked, unless nobody waits for it any more."""
        self._count(wish, answer)
        if not wish.answer.done():
            wish.answer.set_result(answer)

    def _count(self, wish: Wish, answer: Answer) -> None:
        self._metrics.inputs_of(wish.name, answer.outcome.value).inc()
        if answer.code:
            self._metrics.refusals.labels(answer.code).inc()


def own(an_input: AnyInput, beside: Beside | None = None) -> Wish:
    """A wish of the writer's own, which stands in no queue."""
    answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    return Wish(type(an_input).__name__, lambda day: an_input, "", beside, "", answer)
