"""Who looks at a site's day: questions are answered from committed state only, followers wake when it has changed.

It knows that there is a day; what is asked of it, and who writes it, it does not know.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from hub.day.model import Day

MINUTE_S = 60

T = TypeVar("T")


class _Question(NamedTuple):
    """A read that waits for the commit under way."""

    ask: Callable[[Day, datetime], Any]
    answer: "asyncio.Future[Any]"


class Readers:
    """Those of one site."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.seq = 0
        """Of the newest committed event."""
        self._now = now
        self._day: Day | None = None
        """Where questions may look; None while it holds what is not committed."""
        self._questions: list[_Question] = []
        """Bounded by their askers, each of whom waits for one."""
        self._minute = 0
        self._news = asyncio.Event()
        """Set once, at the next change; then another takes its place."""
        self._watchers: list[Callable[[Day, datetime], None]] = []

    def watch(self, watcher: Callable[[Day, datetime], None]) -> None:
        """See `hub.writer.Writer.watch`."""
        self._watchers.append(watcher)

    async def read(self, question: Callable[[Day, datetime], T]) -> T:
        """See `hub.site.Site.read`."""
        if self._day is not None:
            return question(self._day, self._now())
        waiting = _Question(question, asyncio.get_running_loop().create_future())
        self._questions.append(waiting)
        answer: T = await waiting.answer
        return answer

    async def changed(self, after_seq: int) -> int:
        """See `hub.site.Site.changed`."""
        minute = self._minute
        while self.seq <= after_seq and self._minute == minute:
            await self._news.wait()
        return self.seq

    def hold(self) -> None:
        """Whoever asks from now on waits for `show`."""
        self._day = None

    def show(self, day: Day, *, is_news: bool) -> None:
        """`day` is committed: answer those who asked, and wake followers if anything happened."""
        self._day, self.seq = day, day.seq
        questions, self._questions = self._questions, []
        now = self._now()
        for question in questions:
            if question.answer.done():
                continue
            try:
                question.answer.set_result(question.ask(day, now))
            except Exception as error:  # noqa: BLE001  # it belongs to whoever asked
                question.answer.set_exception(error)
        if is_news:
            self._wake(day, now)

    def turn_minute(self, day: Day, now: datetime) -> None:
        """Estimates move with time: followers of `day`, which is committed, wake once a minute."""
        minute = int(now.timestamp() // MINUTE_S)
        if minute != self._minute:
            self._minute = minute
            self._wake(day, now)

    def _wake(self, day: Day, now: datetime) -> None:
        for watcher in self._watchers:
            watcher(day, now)
        news, self._news = self._news, asyncio.Event()
        news.set()
