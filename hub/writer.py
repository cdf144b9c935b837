"""The writer of one site: the only code that changes its day.

It takes everything that waits in its queue, decides and applies one by one on the pending day, and commits the lot in
one transaction. Then it answers those who asked to read, wakes followers, so that a board is on its way first, and
answers callers, and only then begins again: what nobody can lose is all that anybody can see. It does not know where
inputs come from.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
import structlog

from hub.accounts.acts import act_of
from hub.clock import SteadyClock
from hub.day.apply import apply
from hub.day.decide import decide
from hub.day.due import due
from hub.day.event import OfTicket
from hub.day.events import AnyEvent, DayOpened, TicketCalled
from hub.day.inputs import (
    AnyInput,
    CallNext,
    ChangeLobby,
    Elapse,
    PickTicket,
    TakeOver,
)
from hub.day.jobs import wanted
from hub.day.lobby import Lobby
from hub.day.model import Day
from hub.day.refusal import Code, Refusal
from hub.errors import Conflict, HubError, SiteDown, Unwritten
from hub.input_queue import UNAVAILABLE, Choose, InputQueue, Wish, own
from hub.journal import Batch, Beside, Entry, Mark, OutboxJob
from hub.journal_thread import JournalThread
from hub.metrics import Metrics
from hub.quarantine import Quarantine
from hub.readers import MINUTE_S, Readers
from hub.site import Answer
from hub.turn import turn
from wire.messages import Outcome

RETRY_S = 1.0
"""Between two attempts with a database that does not answer, or takes nothing."""

OWN_GAP_S = 0.1
OWN_RETRY_S = 10.0
"""Between two inputs of the writer's own, and after one that failed: a due time that stays must not spin."""

POISON = Answer.of(Refusal(code=Code.POISON))

T = TypeVar("T")
log = structlog.get_logger()


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
        """Set once the day is open; never if its journal is damaged."""
        self.settled = asyncio.Event()
        """Set once it is known whether the day can be opened."""
        self.term = 0
        self.fault = ""
        """Why the day could not be opened, or the journal not be written the last time; empty when it could."""
        self.take_jobs: Callable[[Sequence[OutboxJob]], None] = lambda jobs: None
        """Told of jobs once they are durable, and after a replay of all that still wait."""
        self._thread = thread
        self._journal = thread.journal
        self._clock = clock
        self._holder = holder
        self._quarantine = quarantine
        self._metrics = metrics
        self._commits, self._rows = metrics.commits.labels(self.id), metrics.rows.labels(self.id)
        self._queue = InputQueue(metrics)
        self._day = Day()
        """With what is not committed yet, while a batch is being decided."""
        self._readers = Readers(self._now)
        self._marks: dict[str, tuple[Answer, datetime]] = {}
        """Oldest first; those of today and the day before."""
        self._day_name = ""
        """The service day that the journal stands in, as it writes it."""
        self._opened_at: datetime | None = None
        self._rests_until_s = 0.0

    # --- the site that others see ------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self.lobby.site.id

    @property
    def serves(self) -> bool:
        """See `hub.site.Site.serves`."""
        return self.started.is_set()

    @property
    def seq(self) -> int:
        """Of the newest committed event."""
        return self._readers.seq

    async def submit(self, an_input: AnyInput, mark: str = "", who: str = "") -> Answer:
        """See `hub.site.Site.submit`."""
        return await self._queue.ask(type(an_input).__name__, lambda day: an_input, mark, who=who)

    async def submit_and_read(
        self, an_input: AnyInput, question: Callable[[Answer, Day, datetime], T], mark: str = "", who: str = ""
    ) -> tuple[Answer, T | None]:
        """See `hub.site.Site.submit_and_read`."""
        found: list[T] = []

        def look(answer: Answer, day: Day, now: datetime) -> None:
            found.append(question(answer, day, now))

        answer = await self._queue.ask(type(an_input).__name__, lambda day: an_input, mark, who=who, look=look)
        return answer, found[0] if found else None

    async def submit_beside(self, choose: Choose, beside: Beside) -> Answer:
        """Like `submit`, for what has rows beside the journal: they become durable with what follows from the input
        that `choose` finds when its turn comes, or alone when it finds none. A refused input changes no row."""
        return await self._queue.ask("BookChange", choose, "", beside)

    async def read(self, question: Callable[[Day, datetime], T]) -> T:
        """See `hub.site.Site.read`."""
        self._check_that_it_serves()
        return await self._readers.read(question)

    async def changed(self, after_seq: int) -> int:
        """See `hub.site.Site.changed`."""
        self._check_that_it_serves()
        return await self._readers.changed(after_seq)

    def watch(self, watcher: Callable[[Day, datetime], None]) -> None:
        """Like following by `changed`, for who is shown the committed day at once, before the next batch begins.
        `watcher` must not wait, and must not keep the day or change it."""
        self._readers.watch(watcher)

    def _check_that_it_serves(self) -> None:
        """Who asks while it is about to begin waits for that."""
        if self.settled.is_set() and not self.started.is_set():
            raise SiteDown(f"site {self.id!r} does not serve: {self.fault}")

    # --- the one task that writes ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Own the site and write its day, until cancelled. Returns at once if the day cannot be opened before somebody
        has mended what `fault` says; a database that does not answer is asked again.

        Raises:
            Conflict: another hub owns the site now.
            Corrupt: the journal was damaged since it was begun.
        """
        if not await self._can_begin():
            return
        while True:
            now = self._now()
            due_at = due(self._day, now)
            self._readers.turn_minute(self._day, now)
            its_own = await self._own_wishes(now, due_at)
            wishes = list(its_own) or await self._queue.first(self._sleep_s(now, due_at))
            self._queue.fill(wishes)
            if wishes:
                await self._write(wishes)
            if any(wish.answer.result().outcome is not Outcome.DONE for wish in its_own):
                self._rests_until_s = asyncio.get_running_loop().time() + OWN_RETRY_S

    async def _can_begin(self) -> bool:
        """Begin, as soon as the database lets us; False if this is not all that is in the way."""
        while not self.started.is_set():
            try:
                await self._begin()
            except Conflict:
                raise
            except HubError as error:
                self._stay_down(str(error))
                if not isinstance(error, Unwritten):
                    return False
                await asyncio.sleep(RETRY_S)
        return True

    def _stay_down(self, fault: str) -> None:
        """Serve nobody, so that the other sites of this hub can."""
        if self.fault != fault or not self.settled.is_set():
            log.error("site does not serve", site=self.id, error=fault)
        self.fault = fault
        self._queue.close()
        self.settled.set()

    async def _begin(self) -> None:
        """Take the site over, replay today, and have a day open with this lobby.

        Raises:
            HubError: it cannot be had.
        """
        self.term = await self._thread.call(self._journal.claim, self.id, self._holder, self._now())
        await self._replay(Day(term=self.term - 1))
        wishes = await self._day_turn(self._now()) or [own(ChangeLobby(lobby=self.lobby))]
        if self._day.term < self.term:
            wishes.insert(0, own(TakeOver(term=self.term, holder=self._holder)))
        await self._write(wishes)
        for wish in wishes:
            answer = wish.answer.result()
            if answer.outcome is not Outcome.DONE:
                raise HubError(f"site {self.id!r} cannot begin: {wish.name} was refused ({answer.code})")
        self.fault = ""
        self._queue.open()
        self.started.set()
        self.settled.set()
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
        self.take_jobs(loaded.jobs)

    async def _write(self, wishes: Sequence[Wish]) -> None:
        """Decide, apply and commit `wishes`, then tell everybody."""
        batch = Batch(self.id, self.term, self._now())
        self._readers.hold()
        answers = [self._answer(wish, batch) for wish in wishes]
        if batch.entries or batch.marks or batch.beside:
            began_s = asyncio.get_running_loop().time()
            try:
                await self._thread.call(self._journal.commit, batch)
            except Unwritten as error:
                await self._start_over(wishes, error)
                return
            self.fault = ""
            self._count_commit(batch, len(wishes), asyncio.get_running_loop().time() - began_s)
        self._readers.show(self._day, is_news=bool(batch.entries))
        self._reply(wishes, answers)
        if batch.jobs:
            self.take_jobs(batch.jobs)

    def _reply(self, wishes: Sequence[Wish], answers: Sequence[Answer]) -> None:
        """Tell those who asked, and show them the day if they want to see it."""
        now = self._now()
        for wish, answer in zip(wishes, answers, strict=True):
            if wish.look is not None and answer.outcome is Outcome.DONE and not wish.answer.done():
                try:
                    wish.look(answer, self._day, now)
                except Exception as error:  # noqa: BLE001  # it belongs to whoever asked
                    wish.answer.set_exception(error)
            self._queue.reply(wish, answer)

    async def _start_over(self, wishes: Sequence[Wish], error: Unwritten) -> None:
        """The commit failed: refuse, and go back to what the journal says. Until it speaks, nobody reads."""
        self._metrics.failed_commits.labels(self.id).inc()
        for wish in wishes:
            self._queue.reply(wish, UNAVAILABLE)
        if not self.started.is_set():
            raise error  # and begin anew
        log.error("commit failed", site=self.id, inputs=len(wishes), error=str(error))
        self.fault = str(error)
        while True:
            try:
                await self._replay(Day(term=self.term))
            except Unwritten as again:
                self.fault = str(again)
                self._queue.turn_away()
                await asyncio.sleep(RETRY_S)
            else:
                self._readers.show(self._day, is_news=True)
                return

    # --- deciding ----------------------------------------------------------------------------------------------

    def _answer(self, wish: Wish, batch: Batch) -> Answer:
        """Decide one wish, apply what follows to the pending day and note in `batch` what has to become durable."""
        if wish.mark in self._marks:
            return self._marks[wish.mark][0]
        an_input: AnyInput | None = None
        try:
            an_input = wish.choose(self._day)
            decided = [] if an_input is None else decide(self._day, an_input, batch.at)
        except Exception as error:  # whatever it is, it is this one input's: the others are decided as ever
            log.exception("poison", site=self.id, input=wish.name)
            self._quarantine.put(self.id, "", "poison", repr(error), msgspec.json.encode(an_input))
            answer = POISON
        else:
            is_call = isinstance(an_input, CallNext | PickTicket)
            answer = Answer.of(decided) if isinstance(decided, Refusal) else self._take(decided, wish, batch, is_call)
            if wish.who and answer.outcome is Outcome.DONE:
                batch.acts.append(act_of(wish.who, an_input, self.id, batch.at, self._day.seq))
        if wish.mark:
            self._marks[wish.mark] = (answer, batch.at)
            batch.marks.append(Mark(wish.mark, answer, batch.at))
        return answer

    def _take(self, decided: Sequence[AnyEvent], wish: Wish, batch: Batch, is_call: bool) -> Answer:
        """What was decided happens. The answer names the ticket of the newest event; that of a call names nobody but
        who was called, so that nobody takes the one who was just served for the next."""
        for event in decided:
            self._apply(event, batch)
        if wish.beside:
            batch.beside.append(wish.beside)
        for event in reversed(decided):
            if isinstance(event, TicketCalled if is_call else OfTicket):
                number = self._day.tickets[event.ticket].number
                return Answer(outcome=Outcome.DONE, ticket=event.ticket, facts={"number": number})
        return Answer(outcome=Outcome.DONE)

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

    # --- what happens by itself --------------------------------------------------------------------------------

    async def _own_wishes(self, now: datetime, due_at: datetime | None) -> list[Wish]:
        """What the passing of time asks at `now`. Nothing while the clock is not believable."""
        loop_s = asyncio.get_running_loop().time()
        if not self._clock.is_steady or loop_s < self._rests_until_s:
            return []
        try:
            if self.fault:  # is it over? Nobody should have to ask in vain to find out
                await self._thread.call(self._journal.prove, self.id, self.term, now)
                self.fault = ""
            wishes = await self._day_turn(now)
        except Unwritten as error:
            if self.fault != str(error):
                log.warning("the database does not take anything", site=self.id, error=str(error))
            self.fault, self._rests_until_s = str(error), loop_s + RETRY_S
            return []
        if not wishes and due_at is not None and due_at <= now:
            wishes = [own(Elapse())]
        if wishes:
            self._rests_until_s = loop_s + OWN_GAP_S
        return wishes

    async def _day_turn(self, now: datetime) -> list[Wish]:
        """See `hub.turn`."""
        return [own(*asked) for asked in await turn(self._day, self.lobby, now, self._thread)]

    def _sleep_s(self, now: datetime, due_at: datetime | None) -> float:
        """Until something is due, the minute turns, or the database or a clock that has leapt is to be tried again."""
        to_minute_s = MINUTE_S - now.timestamp() % MINUTE_S
        if not self._clock.is_steady or (due_at is None and not self.fault):
            return to_minute_s if self._clock.is_steady else min(to_minute_s, RETRY_S)
        rest_s = self._rests_until_s - asyncio.get_running_loop().time()
        due_s = 0.0 if due_at is None or self.fault else (due_at - now).total_seconds()
        return min(to_minute_s, max(due_s, rest_s, 0.0))

    def _now(self) -> datetime:
        """Time never goes back behind the newest event."""
        now = self._clock.now()
        return now if self._day.at is None else max(now, self._day.at)

    # --- telling -----------------------------------------------------------------------------------------------

    def _count_commit(self, batch: Batch, inputs: int, took_s: float) -> None:
        self._commits.inc()
        self._rows.inc(len(batch.entries))
        self._metrics.batch_inputs.observe(inputs)
        self._metrics.commit_s.observe(took_s)
