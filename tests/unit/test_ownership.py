"""Who owns the sites of a database that hubs share, second by second."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast

import pytest

from hub.errors import Conflict, Unwritten
from hub.journal import Journal
from hub.journal_thread import JournalThread
from hub.owners import NEVER, Owner
from hub.ownership import LOOK_S, SILENCE_S, WATCH_S, Ownership, OwnersLink
from simulator.clock import run_virtual
from tests.given import MONDAY_9H
from wire.errors import LinkDown
from wire.link import HeardTime, Listener
from wire.messages import Message

SLACK_S = 2 * LOOK_S


class Rows:
    """Those of owners, without a database."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.leap = timedelta()
        self.row = Owner("hall", 0, "", "", NEVER, 0)
        self._now = now

    def look(self, _: None, sites: Sequence[str]) -> list[Owner]:
        return [self.row._replace(silent_s=(self._now() + self.leap - self.row.renewed_at).total_seconds())]

    def take(self, _: None, seen: Sequence[Owner], holder: str, address: str) -> None:
        if (seen[0].term, seen[0].renewed_at) != (self.row.term, self.row.renewed_at):
            raise Conflict("somebody was faster")
        self.row = Owner("hall", self.row.term + 1, holder, address, self._now() + self.leap, 0)

    def renew(self, _: None, holder: str) -> int:
        if self.row.holder == holder:
            self.row = self.row._replace(renewed_at=self._now() + self.leap)
        return int(self.row.holder == holder)

    def give_back(self, _: None, holder: str) -> None:
        self.row = self.row._replace(renewed_at=NEVER)


class Way:
    """A hub's way to the database, which can be cut."""

    is_shared = True
    is_ready = True

    def __init__(self, rows: Rows) -> None:
        self.owners = rows
        self.is_cut = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.is_cut:
            raise Unwritten("the database is away")
        yield


class Hubs:
    """That share a database; each owns the site when it can."""

    def __init__(self, rows: Rows, group: asyncio.TaskGroup) -> None:
        self.rows = rows
        self.ways: dict[str, Way] = {}
        self.ends: dict[str, BaseException] = {}
        self._group = group
        self._running: dict[str, asyncio.Task[None]] = {}

    async def start(self, name: str) -> Ownership:
        """And see what it does in its first minute."""
        way = self.ways[name] = Way(self.rows)
        thread = JournalThread(cast(Journal, way))
        ownership = Ownership(thread, ["hall"], holder=name, address=f"http://{name}")
        self._running[name] = self._group.create_task(self._run(name, ownership))
        await asyncio.sleep(60)
        return ownership

    async def _run(self, name: str, ownership: Ownership) -> None:
        try:
            await ownership.take()
            await ownership.keep()
        except Conflict as error:
            self.ends[name] = error

    async def stop(self, name: str) -> None:
        """Without a word, as a power cut would."""
        self._running[name].cancel()
        await asyncio.wait({self._running[name]})

    def cut(self, *, is_cut: bool) -> None:
        """Everybody's way."""
        for way in self.ways.values():
            way.is_cut = is_cut

    async def stop_all(self) -> None:
        for name in self._running:
            await self.stop(name)


def run(story: Callable[[Hubs], Awaitable[None]]) -> None:
    async def main(now: Callable[[], datetime]) -> None:
        async with asyncio.TaskGroup() as group:
            hubs = Hubs(Rows(now), group)
            await story(hubs)
            await hubs.stop_all()

    run_virtual(main, seed=1, start_at=MONDAY_9H)


def test_the_first_hub_owns_the_sites_and_the_second_knows_where_it_is() -> None:
    async def story(hubs: Hubs) -> None:
        one, two = await hubs.start("one"), await hubs.start("two")
        assert (one.is_held, two.is_held) == (True, False)
        assert (one.owner_address, two.owner_address) == ("", "http://one")
        assert (one.stands_by.is_set(), two.stands_by.is_set()) == (False, True)
        assert hubs.rows.row.term == 1

    run(story)


def test_a_silent_owner_is_followed_after_three_seconds() -> None:
    async def story(hubs: Hubs) -> None:
        await hubs.start("one")
        two = await hubs.start("two")
        await hubs.stop("one")
        await asyncio.sleep(SILENCE_S - 1 - SLACK_S)
        assert not two.is_held
        await asyncio.sleep(1 + 2 * SLACK_S)
        assert two.is_held
        assert (hubs.rows.row.term, hubs.rows.row.holder) == (2, "two")

    run(story)


def test_sites_that_were_given_back_are_taken_at_once() -> None:
    async def story(hubs: Hubs) -> None:
        one, two = await hubs.start("one"), await hubs.start("two")
        await hubs.stop("one")
        await one.give_back()
        assert not one.is_held
        await asyncio.sleep(SLACK_S)
        assert two.is_held

    run(story)


def test_an_owner_that_is_not_heard_falls_silent_before_anybody_takes_its_sites() -> None:
    async def story(hubs: Hubs) -> None:
        one, two = await hubs.start("one"), await hubs.start("two")
        hubs.ways["one"].is_cut = True
        while one.is_held:
            assert not two.is_held
            await asyncio.sleep(0.01)
        await asyncio.sleep(1 + SLACK_S)
        assert two.is_held
        assert hubs.ends == {}, "it cannot know yet"
        hubs.ways["one"].is_cut = False
        await asyncio.sleep(1)
        assert "one" in hubs.ends

    run(story)


def test_after_an_outage_of_the_database_its_owner_goes_on() -> None:
    async def story(hubs: Hubs) -> None:
        one, two = await hubs.start("one"), await hubs.start("two")
        hubs.cut(is_cut=True)
        await asyncio.sleep(100)
        assert not one.is_held
        assert one.fault
        assert two.owner_address == "", "nobody is there to ask"
        hubs.cut(is_cut=False)
        await asyncio.sleep(WATCH_S)
        assert one.is_held
        assert not one.fault
        await asyncio.sleep(10)
        assert (hubs.rows.row.term, hubs.ends) == (1, {})

    run(story)


def test_a_leap_of_the_databases_clock_takes_nothing_from_an_owner_that_lives() -> None:
    async def story(hubs: Hubs) -> None:
        await hubs.start("one")
        await hubs.start("two")
        for hours in (5, -5):
            hubs.rows.leap = timedelta(hours=hours)
            await asyncio.sleep(60)
        assert (hubs.rows.row.term, hubs.rows.row.holder) == (1, "one")

    run(story)


def test_an_owner_that_lost_its_sites_ends() -> None:
    async def story(hubs: Hubs) -> None:
        await hubs.start("one")
        hubs.rows.row = hubs.rows.row._replace(term=2, holder="two")
        await asyncio.sleep(1)
        assert str(hubs.ends["one"]) == "another hub has taken over; this one must stop"

    run(story)


class Line:
    """A link that stands while it runs."""

    def __init__(self) -> None:
        self.is_connected = False
        self.connections = 0
        self.said: list[str] = []

    def hub_time(self, site: str) -> HeardTime | None:
        return None

    def when_silent(self, site: str, after_s: float, tell: Callable[[], None]) -> Callable[[], None]:
        raise NotImplementedError

    async def announce(self, topic: str, payload: bytes) -> None:
        raise NotImplementedError

    async def publish(self, topic: str, message: Message) -> None:
        self.said.append(topic)

    async def run(self, listener: Listener) -> None:
        self.connections += 1
        self.is_connected = True
        try:
            await asyncio.Event().wait()
        finally:
            self.is_connected = False


def test_the_link_of_a_hub_that_is_not_heard_is_left_and_comes_back() -> None:
    async def story(hubs: Hubs) -> None:
        ownership, line = await hubs.start("one"), Line()
        link = OwnersLink(line, ownership)
        running = asyncio.create_task(link.run(cast(Listener, None)))
        await asyncio.sleep(1)
        assert link.is_connected
        await link.publish("topic", Message())
        hubs.cut(is_cut=True)
        await asyncio.sleep(SILENCE_S + 1)
        assert (link.is_connected, line.is_connected) == (False, False)
        with pytest.raises(LinkDown, match="this hub does not own the site at the moment"):
            await link.publish("topic", Message())
        hubs.cut(is_cut=False)
        await asyncio.sleep(1)
        assert (link.is_connected, line.connections, line.said) == (True, 2, ["topic"])
        running.cancel()
        await asyncio.wait({running})

    run(story)
