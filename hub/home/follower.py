"""Tells Home Assistant of a site: descriptions when it or the broker has started, states when they change.

Everything is retained and said again each minute, so that a figure which is not, expires there. It knows the link and
what changes; what is said, `descriptions` and `states` know.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Any

import msgspec

from hub.day.model import Day
from hub.home import states
from hub.home.descriptions import descriptions
from hub.metrics import Metrics
from hub.nodes import Node
from hub.self_tests import SelfTests
from hub.site import Site
from wire import home
from wire.errors import LinkDown
from wire.link import Link, Listener

DELAY_MAX_S = 10.0
"""After Home Assistant has started, everything that speaks to it speaks at once: each waits for a while of its own."""
LOOK_EVERY_S = 1.0
"""In a rush nobody needs every number."""

Said = dict[str, Any]


class Home:
    """One site's."""

    def __init__(
        self,
        site: Site,
        link: Link,
        nodes: Mapping[str, Node],
        metrics: Metrics,
        self_tests: SelfTests,
        *,
        rng: Random,
        version: str,
    ) -> None:
        self._site = site
        self._link = link
        self._nodes = nodes
        self._metrics = metrics
        self._self_tests = self_tests
        self._rng = rng
        self._version = version
        self._kept: dict[str, bytes] = {}
        """Topic to what the broker has of it."""
        self._minute = -1
        self._greet_at_s: float | None = 0.0
        """When descriptions are said, by the event loop's clock; None for no more."""
        self._wake = asyncio.Event()

    def greet(self) -> None:
        """Somebody is there who has not heard anything: say all of it, after a while."""
        if self._greet_at_s is None:
            self._greet_at_s = asyncio.get_running_loop().time() + self._rng.uniform(0.0, DELAY_MAX_S)
        self._wake.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            group.create_task(self._describe())

    async def _describe(self) -> None:
        while True:
            while self._greet_at_s is None:
                self._wake.clear()
                await self._wake.wait()
            await asyncio.sleep(max(0.0, self._greet_at_s - asyncio.get_running_loop().time()))
            self._greet_at_s = None
            self._kept.clear()
            try:
                await self._link.announce(home.AVAILABILITY, home.ONLINE)
                for topic, description in descriptions(self._site.lobby, self._version):
                    await self._link.announce(topic, msgspec.json.encode(description))
                await self._tell()
            except LinkDown:
                self._note_failure()  # said again with the next connection

    async def _follow(self) -> None:
        seq = -1
        while True:
            seq = await self._site.changed(seq)
            try:
                await self._tell()
            except LinkDown:
                self._note_failure()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _tell(self) -> None:
        """What is different from what the broker has, or everything with each minute."""
        now, said = await self._site.read(self._look)
        minute = int(now.timestamp() // 60)
        is_new_minute = minute != self._minute
        self._minute = minute
        for topic, state in said.items():
            payload = msgspec.json.encode(state)
            if is_new_minute or self._kept.get(topic) != payload:
                await self._link.announce(topic, payload)
                self._kept[topic] = payload

    def _look(self, day: Day, now: datetime) -> tuple[datetime, Said]:
        site = self._site.id
        said = dict(states.of_day(site, day, now))
        return now, said | dict(states.of_nodes(site, day, self._nodes, self._self_tests.against(day, now)))

    def _note_failure(self) -> None:
        self._kept.clear()
        self._metrics.failed_publications.labels("home").inc()


OpenHome = Callable[[Site, Link, Mapping[str, Node], Metrics, SelfTests], Home]


class HomeListener:
    """A `wire.link.Listener` in front of the hub's own: what Home Assistant says is for the homes alone."""

    def __init__(self, listener: Listener, homes: list[Home]) -> None:
        self._listener = listener
        self._homes = homes

    def connected(self) -> None:
        self._listener.connected()
        self._greet()

    def disconnected(self) -> None:
        self._listener.disconnected()

    def received(self, topic: str, payload: bytes) -> None:
        if topic != home.STATUS:
            self._listener.received(topic, payload)
        elif payload == home.ONLINE:
            self._greet()

    def _greet(self) -> None:
        for it in self._homes:
            it.greet()
