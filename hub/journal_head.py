"""The head of one site's journal: told to the broker after commits, and held against what was told before.

A chain of hashes shows what is missing or altered in a journal, but not that its end was cut off, as by an old copy of
a disk. The broker remembers the end: a journal that ends before it, or has another row there, is named. This room
knows where the journal ends and what was told; it does not know what is in a row.
"""

import asyncio
from datetime import date

import structlog

from hub.errors import Unwritten
from hub.journal_thread import JournalThread
from hub.metrics import Metrics
from hub.writer import Writer
from wire import topics
from wire.errors import LinkDown
from wire.link import Link
from wire.messages import Head

TELL_GAP_S = 1.0
"""At least this long between two heads: an end that is cut off shows unless it is younger than this."""

LISTEN_S = 2.0
"""After the first connection: what an earlier hub told comes at once, and is not to be written over unheard."""

log = structlog.get_logger()


class JournalHead:
    """One site's. `run` it once the site has begun."""

    def __init__(self, site: Writer, thread: JournalThread, link: Link, *, boot: str, metrics: Metrics) -> None:
        """`boot` names this run of the hub."""
        self.fault = ""
        """What the journal has lost, in a sentence. It stands until the service day turns, and so does what was told:
        a restart finds it again."""
        self._site = site
        self._thread = thread
        self._link = link
        self._boot = boot
        self._metrics = metrics
        self._topic = topics.head(site.id)
        self._heard: Head | None = None
        """Of an earlier hub; the newest that was not looked at yet."""
        self._told: Head | None = None
        """What the broker has, if it lost nothing."""
        self._fault_day: date | None = None
        self._connected = asyncio.Event()
        self._wake = asyncio.Event()

    def connected(self) -> None:
        """The link stands, perhaps again: the broker may have lost what it was told."""
        self._told = None
        self._connected.set()
        self._wake.set()

    def heard(self, head: Head) -> None:
        """Somebody told this head, perhaps this hub itself."""
        if head.boot != self._boot:
            self._heard = head
            self._wake.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._tell_changes())

    async def _follow(self) -> None:
        seq = -1
        while True:
            seq = await self._site.changed(seq)
            self._wake.set()

    async def _tell_changes(self) -> None:
        await self._connected.wait()
        await asyncio.sleep(LISTEN_S)
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if self._heard is not None:
                    await self._compare(self._heard)
                await self._tell()
            except Unwritten as error:
                # The writer says so on its own; what was heard is looked at again.
                log.warning("head not told", site=self._site.id, error=str(error))
                self._wake.set()
            await asyncio.sleep(TELL_GAP_S)

    async def _compare(self, told: Head) -> None:
        """Whether the journal still has what an earlier hub told.

        Raises:
            Unwritten: the database does not answer.
        """
        end_seq, hash_there = await self._thread.call(self._look, told.seq)
        self._heard = None
        if hash_there == told.hash:
            return
        what = f"site {self._site.id!r}: the broker was told of row {told.seq} of {told.day or 'no day'}"
        if told.seq > end_seq:
            self.fault = f"{what}, and the journal ended at row {end_seq}: its end is lost; go back to a newer copy"
        else:
            self.fault = f"{what}, and the journal has another there: its end was lost or altered; see its copies"
        self._fault_day = await self._site.read(lambda day, now: day.day)
        log.error("journal lost its end", site=self._site.id, told=told.seq, end=end_seq)

    def _look(self, seq: int) -> tuple[int, str]:
        """Where the journal ends, and the hash of row `seq`; on the journal's thread."""
        journal = self._thread.journal
        return journal.head(self._site.id).seq, journal.hash_of(self._site.id, seq)

    async def _tell(self) -> None:
        """Tell the head if it is news to the broker.

        Raises:
            Unwritten: the database does not answer.
        """
        if self.fault:
            if await self._site.read(lambda day, now: day.day) == self._fault_day:
                return
            self.fault = ""
        end = await self._thread.call(self._thread.journal.head, self._site.id)
        head = Head(term=self._site.term, seq=end.seq, boot=self._boot, day=end.day, hash=end.hash)
        if head == self._told:
            return
        try:
            await self._link.publish(self._topic, head)
        except LinkDown:
            self._metrics.failed_publications.labels(topics.Leaf.HEAD.value).inc()
        else:
            self._told = head
