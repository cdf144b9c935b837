"""This hub's hold on its sites: taken before it writes, renewed while it runs, given back when it stops.

Hubs that share a database own sites by a row that is renewed each second. A hub whose sites are another's stands by,
and takes all of them when that one has been silent for 3 s or has given them back. An owner that has not renewed for
that long no longer speaks for its sites, even before it hears who does. An SQLite file has one hub, which owns
everything in it. This room knows when to take and when to be silent; it does not know what a site is.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar, TypeVarTuple

import structlog

from hub.errors import Conflict, Unwritten
from hub.journal import Journal
from hub.journal_thread import JournalThread
from hub.owners import Owner
from wire.errors import LinkDown
from wire.link import HeardTime, Link, Listener
from wire.messages import Message

RENEW_S = 1.0
SILENCE_S = 3.0
"""Whoever has not renewed for so long owns nothing any more."""

LOOK_S = 0.25
WATCH_S = 1.5
"""A silent row is watched for so long before it is taken: after an outage of the database its owner, who asks every
second, comes first, and a leap of the database's clock is no silence."""

GOODBYE_S = 2.0
"""How long a hub that stops tries to give its sites back."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
log = structlog.get_logger()


class Ownership:
    """One hub's, of all its sites: it takes them together."""

    def __init__(self, thread: JournalThread, sites: Sequence[str], *, holder: str, address: str = "") -> None:
        """`holder` names this run of the hub. `address` is where other hubs reach its pages."""
        self.owner_address = ""
        """Where the hub is that owns the sites; empty while none is heard, or while it is this one."""
        self.fault = ""
        """Why the owner's rows could not be read or renewed the last time."""
        self.stands_by = asyncio.Event()
        """Set once the sites were found to be another's, or the database not to be had."""
        self._thread = thread
        self._sites = list(sites)
        self._holder = holder
        self._address = address
        self._is_shared = thread.journal.is_shared
        self._held_until_s = float("-inf") if self._is_shared else float("inf")
        """By the event loop's clock, which goes on while a process is stopped."""
        self._renewed = asyncio.Event()

    @property
    def is_held(self) -> bool:
        """Whether this hub may speak for its sites at this moment."""
        return asyncio.get_running_loop().time() < self._held_until_s

    async def until_lost(self) -> None:
        """Return when this hub may not speak for its sites any more."""
        while self.is_held:
            left_s = self._held_until_s - asyncio.get_running_loop().time()
            await asyncio.sleep(left_s)

    async def until_held(self) -> None:
        """Return when this hub may speak for its sites."""
        while not self.is_held:
            self._renewed.clear()
            await self._renewed.wait()

    async def take(self) -> None:
        """Return as the owner of all sites; waits for as long as any of them is another's, or the database silent."""
        await self._open()
        watched: list[Owner] = []
        watched_since_s = 0.0
        while self._is_shared:
            now_s = asyncio.get_running_loop().time()
            owners = await self._try(self._look)
            if owners is None:
                # The owner cannot renew either, so what was seen before says nothing of its silence.
                watched = []
            elif [(it.term, it.renewed_at) for it in owners] != [(it.term, it.renewed_at) for it in watched]:
                watched, watched_since_s = owners, now_s
            if owners and _may_be_taken(owners, now_s - watched_since_s) and await self._try(self._take, owners):
                self._hold_from(now_s)
                self.owner_address = ""
                log.info("sites taken", sites=self._sites, terms=[it.term + 1 for it in owners])
                return
            self._note(owners)
            await asyncio.sleep(LOOK_S)

    async def _open(self) -> None:
        """Return when the database can be used."""
        journal = self._thread.journal
        while not journal.is_ready:
            try:
                await self._thread.call(journal.prepare)
            except Unwritten as error:
                if self.fault != str(error):
                    log.warning("database not opened", error=str(error))
                self.fault = str(error)
                self.stands_by.set()
                await asyncio.sleep(RENEW_S)
            else:
                self.fault = ""

    async def keep(self) -> None:
        """Renew until cancelled.

        Raises:
            Conflict: a site is another's.
        """
        while self._is_shared:
            now_s = asyncio.get_running_loop().time()
            renewed = await self._try(self._renew)
            if renewed is not None:
                if renewed != len(self._sites):
                    raise Conflict("another hub has taken over; this one must stop")
                self._hold_from(now_s)
            await asyncio.sleep(max(0.0, now_s + RENEW_S - asyncio.get_running_loop().time()))

    async def give_back(self) -> None:
        """Own nothing any more, and say so, if the database hears it in time."""
        if self.is_held and self._is_shared:
            self._held_until_s = float("-inf")
            with suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE_S):
                    await self._try(self._give_back)

    def _hold_from(self, now_s: float) -> None:
        """The database heard this hub at `now_s` or later."""
        self._held_until_s = now_s + SILENCE_S
        self._renewed.set()

    def _note(self, owners: list[Owner] | None) -> None:
        """Remember whom to ask meanwhile."""
        heard = [it for it in owners or [] if not it.is_gone and it.silent_s < SILENCE_S]
        self.owner_address = next((it.address for it in heard), "")
        if heard and not self.stands_by.is_set():
            log.info("standing by", sites=self._sites, owner=self.owner_address)
            self.stands_by.set()

    async def _try(self, ask: Callable[[*Ts], T], *args: *Ts) -> T | None:
        """`ask(*args)` on the journal's thread; None if the database does not answer, or somebody was faster."""
        try:
            answer = await self._thread.call(ask, *args)
        except (Unwritten, Conflict) as error:
            if not self.fault:
                log.warning("ownership unknown", error=str(error))
            self.fault = str(error)
            return None
        self.fault = ""
        return answer

    # --- on the journal's thread -------------------------------------------------------------------------------

    def _look(self) -> list[Owner]:
        with self._thread.journal.transaction() as connection:
            return self._thread.journal.owners.look(connection, self._sites)

    def _take(self, seen: Sequence[Owner]) -> bool:
        with self._thread.journal.transaction() as connection:
            self._thread.journal.owners.take(connection, seen, self._holder, self._address)
        return True

    def _renew(self) -> int:
        with self._thread.journal.transaction() as connection:
            return self._thread.journal.owners.renew(connection, self._holder)

    def _give_back(self) -> None:
        with self._thread.journal.transaction() as connection:
            self._thread.journal.owners.give_back(connection, self._holder)


class OwnersLink:
    """A `wire.link.Link` that stands only while its hub is the owner.

    Hubs of one database have one name on the broker, so a new owner's connection ends the old one's; and an old owner
    who cannot know of the new one does not come back to end that.
    """

    def __init__(self, link: Link, ownership: Ownership) -> None:
        self._link = link
        self._ownership = ownership

    @property
    def is_connected(self) -> bool:
        return self._link.is_connected and self._ownership.is_held

    def hub_time(self, site: str) -> HeardTime | None:
        return self._link.hub_time(site)

    def when_silent(self, site: str, after_s: float, tell: Callable[[], None]) -> Callable[[], None]:
        return self._link.when_silent(site, after_s, tell)

    async def publish(self, topic: str, message: Message) -> None:
        """See `wire.link.Link.publish`."""
        if not self._ownership.is_held:
            raise LinkDown(f"{topic} not sent: this hub does not own the site at the moment")
        await self._link.publish(topic, message)

    async def announce(self, topic: str, payload: bytes) -> None:
        """See `wire.link.Link.announce`."""
        if not self._ownership.is_held:
            raise LinkDown(f"{topic} not sent: this hub does not own the site at the moment")
        await self._link.announce(topic, payload)

    async def run(self, listener: Listener) -> None:
        """See `wire.link.Link.run`."""
        while True:
            await self._ownership.until_held()
            running = asyncio.create_task(self._link.run(listener))
            lost = asyncio.create_task(self._ownership.until_lost())
            try:
                await asyncio.wait({running, lost}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                lost.cancel()
                running.cancel()
                await asyncio.wait({running})
            if not running.cancelled():
                running.result()
            log.warning("link left: the database does not hear this hub")


def nobody_owns(journal: Journal) -> bool:
    """Whether no hub works on this database; a file of SQLite that could be opened has none."""
    if not journal.is_shared:
        return True
    with journal.transaction() as connection:
        owners = journal.owners.all(connection)
    return all(it.is_gone or it.silent_s > SILENCE_S for it in owners)


def _may_be_taken(owners: Sequence[Owner], watched_s: float) -> bool:
    """Every owner has given back, or has been silent for long enough, unchanged while it was watched."""
    return all(it.is_gone or (it.silent_s > SILENCE_S and watched_s > WATCH_S) for it in owners)
