"""Hubs and writers for tests: the real ones, on a virtual clock, with SQLite and a broker in memory.

run(story)         `story(stage)` on a virtual clock; the stage starts writers and hubs, and stops them in the end
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import TypeVar

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from hub.clock import SteadyClock
from hub.database import migrate
from hub.day.inputs import IssueTicket
from hub.day.lobby import Lobby
from hub.history.store import HistoryStore
from hub.home.follower import OpenHome
from hub.hub import Hub, subscriptions
from hub.journal import Journal
from hub.journal_thread import JournalThread
from hub.keyring import Keyring
from hub.metrics import Metrics
from hub.quarantine import Quarantine
from hub.writer import Writer
from simulator.clock import run_virtual
from tests.given import MONDAY_9H, a_lobby
from wire import codec, topics
from wire.in_process import InProcessBroker, InProcessLink
from wire.messages import HubTime, Message
from wire.topics import Leaf, Topic

T = TypeVar("T")


def an_engine() -> Engine:
    """An empty database in memory, up to date."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    migrate(engine)
    return engine


def issue(n: int, service: str = "passports", printer: str = "") -> IssueTicket:
    """Visitor number `n` wants a ticket."""
    return IssueTicket(
        ticket=f"t{n}", token_hash=f"h{n}", service=service, language="en", channel="phone", printer=printer
    )


class Stage:
    """Where writers and hubs of a test run."""

    def __init__(self, now: Callable[[], datetime], group: asyncio.TaskGroup, engine: Engine) -> None:
        self.engine = engine
        self.leap = timedelta()
        """How far the wall clock has leapt away from the loop's."""
        self.broker = InProcessBroker(Random(1))
        self._now = now
        self._group = group
        self._tasks: list[asyncio.Task[None]] = []
        self._journals: list[Journal] = []
        self._tokens = count(1)

    def wall(self) -> datetime:
        return self._now() + self.leap

    def new_token(self) -> str:
        return f"token-{next(self._tokens)}"

    async def writer(self, lobby: Lobby | None = None) -> Writer:
        """A started writer on this stage's database."""
        writer = self.writer_at_rest(lobby)
        self.start(writer.run())
        await writer.started.wait()
        return writer

    def writer_at_rest(self, lobby: Lobby | None = None) -> Writer:
        thread, clock, metrics = JournalThread(Journal(self.engine)), SteadyClock(self.wall), Metrics()
        quarantine = Quarantine(thread, clock.now, metrics)
        self.start(quarantine.run())
        return Writer(
            lobby or a_lobby(), thread, clock, holder=self.new_token(), quarantine=quarantine, metrics=metrics
        )

    async def hub(
        self,
        *lobbies: Lobby,
        open_history: Callable[[JournalThread], HistoryStore] | None = None,
        open_home: OpenHome | None = None,
    ) -> Hub:
        """A started hub on this stage's database and broker; of one lobby unless others are named."""
        lobbies = lobbies or (a_lobby(),)
        hears = subscriptions(lobbies, hears_home=bool(open_home))
        link = InProcessLink(self.broker, f"hub-{next(self._tokens)}", hears)
        journal = Journal(self.engine)
        self._journals.append(journal)
        hub = Hub(
            lobbies,
            journal,
            link,
            now=self.wall,
            new_token=self.new_token,
            keyring=Keyring(b"0123456789abcdef"),
            public_url="http://hub.test",
            open_history=open_history,
            open_home=open_home,
        )
        self.start(hub.run())
        await hub.started.wait()
        return hub

    def start(self, work: Awaitable[None]) -> None:
        async def forever() -> None:
            await work

        self._tasks.append(self._group.create_task(forever()))

    async def stop(self) -> None:
        """End everything that was started, as a power cut would."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        while self._journals:
            self._journals.pop().let_go()

    def column(self, statement: str) -> list[object]:
        """The first column of what `statement` finds in the database."""
        with self.engine.connect() as connection:
            return [row[0] for row in connection.exec_driver_sql(statement)]

    def alter(self, statement: str) -> None:
        """Change the database, or its settings, behind the hub's back."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement)


class Node:
    """A node of the lobby that only listens and says what the test tells it."""

    def __init__(self, stage: Stage, name: str, site: str = "hall") -> None:
        self.name = name
        self.site = site
        self.heard: list[tuple[Topic, Message]] = []
        self._stage = stage
        self._link = InProcessLink(stage.broker, name, topics.node_subscriptions(site, name))
        stage.start(self._link.run(self))

    async def say(self, topic: str, message: Message) -> None:
        await self._link.publish(topic, message)
        await asyncio.sleep(0.05)

    def connected(self) -> None: ...

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes) -> None:
        self.heard.append(codec.decode(topic, payload))

    def of(self, kind: type[T], leaf: Leaf) -> list[T]:
        """What it heard on that leaf, oldest first."""
        return [message for topic, message in self.heard if topic.leaf is leaf and isinstance(message, kind)]

    @property
    def hub_time(self) -> HubTime:
        """The newest one that it heard."""
        newest = self._link.hub_time(self.site)
        assert newest is not None, "no HubTime heard yet"
        return newest.time


def run(
    story: Callable[[Stage], Awaitable[None]], *, start_at: datetime = MONDAY_9H, engine: Engine | None = None
) -> None:
    """`story` from `start_at` on, at the speed of the processor; on an empty database in memory, unless `engine` leads
    to another that is up to date."""

    async def main(now: Callable[[], datetime]) -> None:
        with ExitStack() as leftovers:
            async with asyncio.TaskGroup() as group:
                stage = Stage(now, group, engine or an_engine())
                leftovers.callback(stage.engine.dispose)
                await story(stage)
                await stage.stop()

    run_virtual(main, seed=1, start_at=start_at)
