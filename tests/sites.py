"""A site in memory: the real rules without a journal, for tests of what stands in front of it."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from typing import TypeVar

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from hub.accounts.office import Office
from hub.book.book import Book
from hub.day.apply import apply
from hub.day.decide import decide
from hub.day.events import AnyEvent, DayOpened
from hub.day.hours import service_day
from hub.day.inputs import AnyInput, CloseDay, OpenDay
from hub.day.lobby import Lobby
from hub.day.model import Day
from hub.day.refusal import Refusal
from hub.day.report import DayReport, Recorder
from hub.fleet import Fleet
from hub.history.reading import HistoryReader
from hub.identity.views import Registrar
from hub.keyring import Keyring
from hub.self_tests import SelfTests
from hub.site import Answer
from hub.web.app import create_app
from hub.web.sign_on import SignOn
from tests.accounts import STAFF_TOKEN, an_office
from tests.given import MONDAY_9H, a_lobby
from wire.messages import Outcome

T = TypeVar("T")


class MemorySite:
    """Decides and applies at once. `now` is moved by hand."""

    def __init__(self, lobby: Lobby | None = None, now: datetime = MONDAY_9H, *, day_open: bool = True) -> None:
        self.lobby = lobby or a_lobby()
        self.id = self.lobby.site.id
        self.day = Day()
        self.now = now
        self.answer_always: Answer | None = None
        """What every input is answered, when set: a journal that cannot be written."""
        self.serves = True
        self.stumbles = False
        self.submitted = 0
        self.done_for: list[str] = []
        """In whose name each input came."""
        self._marks: dict[str, Answer] = {}
        self._changed = asyncio.Event()
        self._seq = 0
        self.rows: list[tuple[date, datetime, AnyEvent]] = []
        """Each with the service day in which it stands."""
        if day_open:
            self._do(OpenDay(day=service_day(self.lobby, now), lobby=self.lobby))

    def after(self, seconds: float) -> "MemorySite":
        self.now += timedelta(seconds=seconds)
        return self

    def end_the_day(self) -> None:
        self._do(CloseDay())

    def begin_the_next_day(self) -> None:
        """The service day turns; the marks of the old one are kept."""
        self.end_the_day()
        self.after(24 * 3600)
        self._do(OpenDay(day=service_day(self.lobby, self.now), lobby=self.lobby))

    async def submit(self, an_input: AnyInput, mark: str = "", who: str = "") -> Answer:
        self.submitted += 1
        self.done_for.append(who)
        if self.answer_always is not None:
            return self.answer_always
        if mark in self._marks:
            return self._marks[mark]
        answer = self._do(an_input)
        if mark:
            self._marks[mark] = answer
        return answer

    async def submit_and_read(
        self, an_input: AnyInput, question: Callable[[Answer, Day, datetime], T], mark: str = "", who: str = ""
    ) -> tuple[Answer, T | None]:
        answer = await self.submit(an_input, mark, who)
        return answer, question(answer, self.day, self.now) if answer.outcome is Outcome.DONE else None

    async def read(self, question: Callable[[Day, datetime], T]) -> T:
        if self.stumbles:
            raise RuntimeError("it stumbled")
        return question(self.day, self.now)

    async def changed(self, after_seq: int) -> int:
        while self._seq <= after_seq:
            await self._changed.wait()
        return self._seq

    def _do(self, an_input: AnyInput) -> Answer:
        decided = decide(self.day, an_input, self.now)
        if isinstance(decided, Refusal):
            return Answer.of(decided)
        ticket = ""
        for event in decided:
            self._seq += 1
            apply(self.day, event, self.now, self._seq)
            named = event.day if isinstance(event, DayOpened) else self.rows[-1][0]
            self.rows.append((named, self.now, event))
            ticket = getattr(event, "ticket", ticket)
        self._changed.set()
        self._changed = asyncio.Event()
        return Answer(outcome=Outcome.DONE, ticket=ticket)


class MemoryReports:
    """Made of the rows that a site has in memory."""

    def __init__(self, site: MemorySite) -> None:
        self._site = site

    async def of_day(self, day: date) -> DayReport | None:
        recorder = Recorder()
        for seq, (named, at, event) in enumerate(self._site.rows, start=1):
            if named == day:
                recorder.take(event, at, seq)
        return recorder.report(self._site.id, self._site.now)


async def _figures() -> bytes:
    return b"guichet_up 1\n"


def an_app(
    *sites: MemorySite,
    public_url: str = "http://hub.test",
    health: dict[str, object] | None = None,
    book: Book | None = None,
    office: Office | None = None,
    sign_on: SignOn | None = None,
    registrar: Registrar | None = None,
    fleet: Fleet | None = None,
    history: HistoryReader | None = None,
    self_tests: SelfTests | None = None,
) -> FastAPI:
    """The web in front of `sites`; tokens are counted. `health` is what the hub reports of itself, `book` and `fleet`
    are those of the first site. Without `office` nobody has an account, and one program a token."""
    numbers = count(1)
    return create_app(
        sites={site.id: site for site in sites},
        keyring=Keyring(b"0123456789abcdef"),
        office=office or an_office(),
        new_token=lambda: f"token-of-tests-{next(numbers):05d}",
        now=lambda: sites[0].now,
        health=lambda: (sites[0].answer_always is None, health or {"status": "told"}),
        metrics=_figures,
        public_url=public_url,
        books={sites[0].id: book} if book else {},
        sign_on=sign_on,
        registrar=registrar,
        history=history,
        self_tests={sites[0].id: self_tests} if self_tests else {},
        fleets={sites[0].id: fleet} if fleet else {},
        reports={site.id: MemoryReports(site) for site in sites},
    )


def a_visitor(
    app: FastAPI, *, language: str = "en", raise_errors: bool = True, base_url: str = "http://hub.test"
) -> AsyncClient:
    """Asks `app` in `language`, as somebody from the street. Keeps its cookies, and follows no redirect."""
    transport = ASGITransport(app, raise_app_exceptions=raise_errors)
    return AsyncClient(transport=transport, base_url=base_url, headers={"accept-language": language})


def a_browser(app: FastAPI, *, language: str = "en", raise_errors: bool = True) -> AsyncClient:
    """Like a visitor's, with a token for everything but accounts: staff and visitor at once."""
    browser = a_visitor(app, language=language, raise_errors=raise_errors)
    browser.headers["authorization"] = f"Bearer {STAFF_TOKEN}"
    return browser
