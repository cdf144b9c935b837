"""Outbox: jobs that were committed with their events, sent again and again until answered or expired.

A job's text is made when it is sent, from the day as it then is; the outbox itself holds references only. The receiver
remembers ids, so a job that is sent twice is done once. It does not know what printing is.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from msgspec import Struct
from msgspec.structs import replace

from hub.day.jobs import print_slip
from hub.day.model import Day
from hub.errors import Unwritten
from hub.journal import OutboxJob, Settled
from hub.journal_thread import JournalThread
from hub.keyring import Keyring
from hub.metrics import Metrics
from hub.writer import Writer
from wire import topics
from wire.errors import LinkDown
from wire.link import Link
from wire.messages import Done, DoneOutcome, Job

RESEND_MIN_S = 2.0
RESEND_MAX_S = 30.0
"""Pauses between two sendings double from the first figure to the second."""

ANSWERED = "answered"
EXPIRED = "expired"

log = structlog.get_logger()


class _Pending(Struct, kw_only=True):
    """A job without an answer."""

    job: OutboxJob
    next_at_s: float
    """When it is sent the next time, by the event loop's clock."""
    pause_s: float = RESEND_MIN_S
    was_sent: bool
    """At least once, as far as can be known."""
    is_doubted: bool = False
    """It was sent to an earlier life of its node, which may have done it and been lost before it could say so."""


class Outbox:
    """One site's."""

    def __init__(
        self,
        site: Writer,
        thread: JournalThread,
        link: Link,
        now: Callable[[], datetime],
        *,
        keyring: Keyring,
        public_url: str,
        metrics: Metrics,
    ) -> None:
        self._site = site
        self._thread = thread
        self._link = link
        self._now = now
        self._keyring = keyring
        self._url = site.lobby.site.public_url or public_url
        self._metrics = metrics
        self._pending: dict[str, _Pending] = {}
        """By id. Bounded by the jobs' own expiry."""
        self._settled: list[Settled] = []
        """Not yet written down."""
        self._began_at = now()
        self._wake = asyncio.Event()
        site.take_jobs = self.take

    def take(self, jobs: Sequence[OutboxJob]) -> None:
        """Durable jobs; those that are known already stay as they are."""
        now_s = asyncio.get_running_loop().time()
        for job in jobs:
            was_sent = job.created_at < self._began_at  # by the hub before this one, perhaps
            self._pending.setdefault(job.id, _Pending(job=job, next_at_s=now_s, was_sent=was_sent))
        self._wake.set()

    def ticket_url(self, ticket: str) -> str:
        """The page on which its visitor follows that ticket."""
        return f"{self._url}/t/{self._keyring.token(ticket)}"

    def connected(self) -> None:
        """The link stands again: send everything."""
        self._send_soon(lambda job: True)

    def announced(self, node: str) -> None:
        """A new session of `node` is online: send what it has not answered."""
        for pending in self._pending.values():
            if pending.job.device.startswith(f"{node}/"):
                pending.is_doubted = pending.is_doubted or pending.was_sent
        self._send_soon(lambda job: job.device.startswith(f"{node}/"))

    def answered(self, address: str, done: Done) -> None:
        """The device at `address` answers a job."""
        pending = self._pending.get(done.id)
        if pending is None or pending.job.device != address:
            return
        # A printer without paper has failed now, not for good: it may have paper before the slip expires.
        if done.outcome in (DoneOutcome.ACCEPTED, DoneOutcome.FAILED):
            pending.pause_s = RESEND_MAX_S
            pending.next_at_s = asyncio.get_running_loop().time() + RESEND_MAX_S
        else:
            self._settle(pending.job, ANSWERED, done.outcome.value)
        self._wake.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            for pending in [p for p in self._pending.values() if p.next_at_s <= loop.time()]:
                await self._send(pending)
            next_at_s = min((p.next_at_s for p in self._pending.values()), default=None)
            if self._settled and not await self._write_settled():
                next_at_s = loop.time() + RESEND_MIN_S
            try:
                async with asyncio.timeout_at(next_at_s):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()

    def _send_soon(self, is_meant: Callable[[OutboxJob], bool]) -> None:
        now_s = asyncio.get_running_loop().time()
        for pending in self._pending.values():
            if is_meant(pending.job):
                pending.next_at_s, pending.pause_s = now_s, RESEND_MIN_S
        self._wake.set()

    async def _send(self, pending: _Pending) -> None:
        """Send a job once, or let it expire."""
        job = pending.job
        left_s = (job.expires_at - self._now()).total_seconds()
        message = await self._site.read(lambda day, now: self._message(pending, day, now)) if left_s > 0 else None
        if message is None:
            self._settle(job, EXPIRED, "")
            return
        pending.next_at_s = asyncio.get_running_loop().time() + min(pending.pause_s, left_s)
        pending.pause_s = min(2 * pending.pause_s, RESEND_MAX_S)
        node, _, device = job.device.partition("/")
        pending.was_sent = True
        try:
            await self._link.publish(topics.job(self._site.id, node, device), message)
        except LinkDown:
            self._metrics.failed_publications.labels(topics.Leaf.JOB.value).inc()

    def _message(self, pending: _Pending, day: Day, now: datetime) -> Job | None:
        """The job as it is sent; None if its ticket is of a day that is over, or if a kiosk has printed it itself."""
        job = pending.job
        if job.ticket not in day.tickets or day.tickets[job.ticket].offline:
            return None
        body = print_slip(day, job.ticket, self.ticket_url(job.ticket), now)
        body = replace(body, copy_of_slip=pending.is_doubted)
        return Job(term=day.term, seq=day.seq, id=job.id, expires_at=job.expires_at, body=body)

    def _settle(self, job: OutboxJob, state: str, outcome: str) -> None:
        # An answer may come while the same job is being sent: the first word counts.
        if self._pending.pop(job.id, None) is not None:
            self._settled.append(Settled(job.id, state, outcome, self._now()))
            self._metrics.jobs.labels(self._site.id, outcome or state).inc()

    async def _write_settled(self) -> bool:
        """Write down what became of jobs; False if the database did not take it. Nothing is lost if it never does:
        after a restart such a job is sent again, and its receiver answers from memory."""
        settled, self._settled = self._settled, []
        try:
            await self._thread.call(self._thread.journal.settle, self._site.id, self._site.term, settled)
        except Unwritten as error:
            log.warning("answers to jobs not kept", site=self._site.id, jobs=len(settled), error=str(error))
            self._settled = settled + self._settled
            return False
        return True
