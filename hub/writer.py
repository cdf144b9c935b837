"""The writer of one site: the only code that changes its day.

It takes everything that waits in its queue, decides and applies one by one on the pending day, and commits the lot in
one transaction. Then it answers callers, then those who asked to read, then wakes followers, and only then begins
again: what nobody can lose is all that anybody can see. It does not know where inputs come from, or what is made of
the day.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec
import structlog

from hub.clock import SteadyClock
from hub.day.apply import apply
from hub.day.decide import decide
from hub.day.due import due
from hub.day.events import (
    AnyEvent,
    DayOpened,
    ServiceStarted,
    TicketCalled,
    TicketClosed,
    TicketIssued,
    TicketMissed,
    TicketRecalled,
    TicketServed,
)
from hub.day.hours import service_day
from hub.day.inputs import AnyInput, ChangeLobby, CloseDay, Elapse, OpenDay, TakeOver
from hub.day.jobs import wanted
from hub.day.lobby import Lobby
from hub.day.model import Day
from hub.day.refusal import Code, Refusal
from hub.errors import HubError, Unwritten
from hub.journal import Batch, Entry, JournalThread, Mark, OutboxJob
from hub.metrics import Metrics
from hub.quarantine import Quarantine
from hub.site import Answer
from wire.messages import Outcome

QUEUE_INPUTS_MAX = 10_000
"""About three seconds of the hub's throughput. What comes on top is refused as unavailable, at once."""

BATCH_INPUTS_MAX = 256
"""Bounds the time that readers wait for a commit."""

RETRY_S = 1.0
"""Between two attempts to read a journal that does not answer."""

OWN_GAP_S = 0.1
OWN_RETRY_S = 10.0
"""Between two inputs of the writer's own, and after one that failed: a due time that stays must not spin."""

MINUTE_S = 60
UNAVAILABLE = Answer.of(Refusal(code=Code.UNAVAILABLE))
POISON = Answer.of(Refusal(code=Code.POISON))

OF_A_TICKET = (TicketIssued, TicketCalled, TicketRecalled, TicketMissed, ServiceStarted, TicketServed, TicketClosed)

T = TypeVar("T")
log = structlog.get_logger()


class _Wish(NamedTuple):
    """An input that waits for its answer."""

    input: AnyInput
    mark: str
    answer: "asyncio.Future[Answer]"


class _Question(NamedTuple):
    """A read that waits for the commit under way."""

    ask: Callable[[Day, datetime], Any]
    answer: "asyncio.Future[Any]"


class Writer:
    """A `hub.site.Site`."""

    def __init__(
        self,
        lobby: Lobby,
        thread: JournalThread,
        clock: SteadyClock,
        *,
        holder: str,
        quarantine: Quarantine,
        metrics: Metrics,
    ) -> None:
        """`holder` names this process in the owner's row."""
        self.lobby = lobby
        self.started = asyncio.Event()
        self.term = 0
        self.seq = 0
        """Of the newest committed event."""
        self.fault = ""
        """Why the journal could not be written the last time; empty when it could."""
        self.take_jobs: Callable[[Sequence[OutboxJob]], None] = lambda jobs: None
        """Told of jobs once they are durable, and after a replay of all that still wait."""
        self._thread = thread
        self._journal = thread.journal
        self._clock = clock
        self._holder = holder
        self._quarantine = quarantine
        self._metrics = metrics
        self._queue: asyncio.Queue[_Wish] = asyncio.Queue(QUEUE_INPUTS_MAX)
        self._questions: list[_Question] = []
        """Bounded by their askers, each of whom waits for one."""
        self._day = Day()
        self._is_committed = False
        """Whether the day holds committed state only, and may be read."""
        self._marks: dict[str, tuple[Answer, datetime]] = {}
        """Oldest first; those of today and the day before."""
        self._day_name = ""
        """The service day that the journal stands in, as it writes it."""
        self._opened_at: datetime | None = None
        self._minute = 0
        self._news = asyncio.Event()
        """Set once, at the next change; then another takes its place."""
        self._rests_until_s = 0.0

    # --- the site that others see ------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self.lobby.site.id

    async def submit(self, an_input: AnyInput, mark: str = "") -> Answer:
        """See `hub.site.Site.submit`."""
        wish = _Wish(an_input, mark, asyncio.get_running_loop().create_future())
        try:
            self._queue.put_nowait(wish)
        except asyncio.QueueFull:
            self._count(an_input, UNAVAILABLE)
            return UNAVAILABLE
        return await wish.answer

    async def read(self, question: Callable[[Day, datetime], T]) -> T:
        """See `hub.site.Site.read`."""
        if self._is_committed:
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

    # --- the one task that writes ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Own the site and write its day, until cancelled.

        Raises:
            Conflict: another hub owns the site now.
            Corrupt: the journal is not as it was written.
            HubError: the day cannot be opened.
        """
        await self._begin()
        self.started.set()
        while True:
            own = self._own_wishes()
            wishes = await self._with_waiting(own)
            if wishes:
                await self._write(wishes)
            if any(wish.answer.result().outcome is not Outcome.DONE for wish in own):
                self._rests_until_s = asyncio.get_running_loop().time() + OWN_RETRY_S
            self._turn_minute()

    async def _begin(self) -> None:
        """Take the site over, replay today, and have a day open with this lobby."""
        self.term = await self._thread.call(self._journal.claim, self.id, self._holder, self._now())
        await self._replay(Day(term=self.term - 1))
        turn = self._day_turn(self._now()) or [ChangeLobby(lobby=self.lobby)]
        wishes = self._wishes([TakeOver(term=self.term, holder=self._holder), *turn])
        await self._write(wishes)
        for wish in wishes:
            answer = wish.answer.result()
            if answer.outcome is not Outcome.DONE:
                what = type(wish.input).__name__
                raise HubError(f"site {self.id!r} cannot begin: {what} was refused ({answer.code}) {self.fault}")
        log.info("site begins", site=self.id, term=self.term, seq=self.seq, day=self._day_name)

    async def _replay(self, day: Day) -> None:
        """Make the day anew from the journal, beginning with `day`, which is empty but for its term."""
        loaded = await self._thread.call(self._journal.load, self.id)
        self._day = day
        for entry in loaded.entries:
            apply(day, entry.event, entry.at, entry.seq)
            self._day_name = entry.day
            if isinstance(entry.event, DayOpened):
                self._opened_at = entry.at
        self._marks = {mark.mark: (mark.answer, mark.at) for mark in loaded.marks}
        self.seq = day.seq
        self.take_jobs(loaded.jobs)

    async def _with_waiting(self, own: list[_Wish]) -> list[_Wish]:
        """`own` and what waits, together at most `BATCH_INPUTS_MAX`. With neither, wait for an input, until something
        is due or the minute turns."""
        wishes = list(own)
        if not wishes and self._queue.empty():
            try:
                async with asyncio.timeout(self._sleep_s()):
                    wishes.append(await self._queue.get())
            except TimeoutError:
                return []
        while len(wishes) < BATCH_INPUTS_MAX and not self._queue.empty():
            wishes.append(self._queue.get_nowait())
        return wishes

    async def _write(self, wishes: Sequence[_Wish]) -> None:
        """Decide, apply and commit `wishes`, then tell everybody."""
        batch = Batch(self.id, self.term, self._now())
        self._is_committed = False
        answers = [self._answer(wish, batch) for wish in wishes]
        if batch.entries or batch.marks:
            began_s = asyncio.get_running_loop().time()
            try:
                await self._thread.call(self._journal.commit, batch)
            except Unwritten as error:
                await self._start_over(wishes, error)
                return
            self.fault = ""
            self._count_commit(batch, len(wishes), asyncio.get_running_loop().time() - began_s)
        self.seq = self._day.seq
        for wish, answer in zip(wishes, answers, strict=True):
            self._reply(wish, answer)
        if batch.jobs:
            self.take_jobs(batch.jobs)
        self._show(is_news=bool(batch.entries))

    async def _start_over(self, wishes: Sequence[_Wish], error: Unwritten) -> None:
        """The commit failed: refuse, and go back to what the journal says. Until it speaks, nobody reads."""
        log.error("commit failed", site=self.id, inputs=len(wishes), error=str(error))
        self._metrics.failed_commits.labels(self.id).inc()
        self.fault = str(error)
        for wish in wishes:
            self._reply(wish, UNAVAILABLE)
        while True:
            try:
                await self._replay(Day(term=self.term))
            except Unwritten as again:
                self.fault = str(again)
                while not self._queue.empty():
                    self._reply(self._queue.get_nowait(), UNAVAILABLE)
                await asyncio.sleep(RETRY_S)
            else:
                self._show(is_news=True)
                return

    # --- deciding ----------------------------------------------------------------------------------------------

    def _answer(self, wish: _Wish, batch: Batch) -> Answer:
        """Decide one wish, apply what follows to the pending day and note in `batch` what has to become durable."""
        if wish.mark in self._marks:
            return self._marks[wish.mark][0]
        try:
            decided = decide(self._day, wish.input, batch.at)
        except Exception as error:  # whatever it is, it is this one input's: the others are decided as ever
            log.exception("poison", site=self.id, input=type(wish.input).__name__)
            self._quarantine.put(self.id, "", "poison", repr(error), msgspec.json.encode(wish.input))
            answer = POISON
        else:
            if isinstance(decided, Refusal):
                answer = Answer.of(decided)
            else:
                for event in decided:
                    self._apply(event, batch)
                answer = self._done(decided)
        if wish.mark:
            self._marks[wish.mark] = (answer, batch.at)
            batch.marks.append(Mark(wish.mark, answer, batch.at))
        return answer

    def _apply(self, event: AnyEvent, batch: Batch) -> None:
        """Change the pending day. An exception ends the process: the journal must not get what cannot be replayed."""
        seq = self._day.seq + 1
        apply(self._day, event, batch.at, seq)
        if isinstance(event, DayOpened):
            self._day_name = str(event.day)
            self._forget_marks(batch)
        batch.entries.append(Entry(seq, self._day_name, batch.at, event))
        for job in wanted(self._day, event, batch.at):
            job_id = f"{job.ticket}-{seq}"
            batch.jobs.append(OutboxJob(job_id, job.device, job.kind, job.ticket, batch.at, job.expires_at))

    def _forget_marks(self, batch: Batch) -> None:
        """A day opens: keep the answers of the day that closed, whose repeats may still come, and none before."""
        before, self._opened_at = self._opened_at, batch.at
        if before is not None:
            batch.forget_marks_before = before
            self._marks = {mark: (answer, at) for mark, (answer, at) in self._marks.items() if at >= before}

    def _done(self, decided: Sequence[AnyEvent]) -> Answer:
        for event in reversed(decided):
            if isinstance(event, OF_A_TICKET):
                number = self._day.tickets[event.ticket].number
                return Answer(outcome=Outcome.DONE, ticket=event.ticket, facts={"number": number})
        return Answer(outcome=Outcome.DONE)

    # --- what happens by itself --------------------------------------------------------------------------------

    def _own_wishes(self) -> list[_Wish]:
        """What the passing of time asks for now. Nothing while the clock is not believable."""
        now, loop_s = self._now(), asyncio.get_running_loop().time()
        if not self._clock.is_steady or loop_s < self._rests_until_s:
            return []
        inputs = self._day_turn(now)
        due_at = due(self._day)
        if not inputs and due_at is not None and due_at <= now:
            inputs = [Elapse()]
        if inputs:
            self._rests_until_s = loop_s + OWN_GAP_S
        return self._wishes(inputs)

    def _day_turn(self, now: datetime) -> list[AnyInput]:
        """Close a day that is over, open one if none is open; a clock that went back changes nothing."""
        today = service_day(self.lobby, now)
        if self._day.day is None:
            return [OpenDay(day=today, lobby=self.lobby)]
        return [CloseDay(), OpenDay(day=today, lobby=self.lobby)] if today > self._day.day else []

    def _sleep_s(self) -> float:
        """Until something is due or the minute turns."""
        now = self._now()
        to_minute_s = MINUTE_S - now.timestamp() % MINUTE_S
        due_at = due(self._day)
        if due_at is None or not self._clock.is_steady:
            return to_minute_s
        rest_s = self._rests_until_s - asyncio.get_running_loop().time()
        return min(to_minute_s, max((due_at - now).total_seconds(), rest_s, 0.0))

    def _turn_minute(self) -> None:
        minute = int(self._now().timestamp() // MINUTE_S)
        if minute != self._minute:
            self._minute = minute
            self._wake_followers()

    def _now(self) -> datetime:
        """Time never goes back behind the newest event."""
        now = self._clock.now()
        return now if self._day.at is None else max(now, self._day.at)

    # --- telling -----------------------------------------------------------------------------------------------

    def _show(self, *, is_news: bool) -> None:
        """The day is committed: answer those who asked to read, and wake followers if anything happened."""
        self._is_committed = True
        questions, self._questions = self._questions, []
        now = self._now()
        for question in questions:
            if question.answer.done():
                continue
            try:
                question.answer.set_result(question.ask(self._day, now))
            except Exception as error:  # noqa: BLE001  # it belongs to whoever asked
                question.answer.set_exception(error)
        if is_news:
            self._wake_followers()

    def _wake_followers(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _wishes(self, inputs: Sequence[AnyInput]) -> list[_Wish]:
        loop = asyncio.get_running_loop()
        return [_Wish(an_input, "", loop.create_future()) for an_input in inputs]

    def _reply(self, wish: _Wish, answer: Answer) -> None:
        self._count(wish.input, answer)
        if not wish.answer.done():
            wish.answer.set_result(answer)

    def _count(self, an_input: AnyInput, answer: Answer) -> None:
        self._metrics.inputs.labels(type(an_input).__name__, answer.outcome.value).inc()
        if answer.code:
            self._metrics.refusals.labels(answer.code).inc()

    def _count_commit(self, batch: Batch, inputs: int, took_s: float) -> None:
        self._metrics.commits.labels(self.id).inc()
        self._metrics.rows.labels(self.id).inc(len(batch.entries))
        self._metrics.batch_inputs.observe(inputs)
        self._metrics.commit_s.observe(took_s)
