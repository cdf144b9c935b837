"""A whole lobby over a real broker: hub, web and nodes as they are in life, with fakes for hardware only.

The counterpart of `lobby_run`, whose network is simulated. What happens in it is up to the people.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random

import msgspec
from fastapi import FastAPI

from edge.config import AgentConfig
from hub.accounts.office import No, Office
from hub.accounts.passwords import Passwords
from hub.accounts.register import Register
from hub.accounts.sql_store import SqlAccounts
from hub.book.book import Book
from hub.day.lobby import Lobby
from hub.health import Status
from hub.history.sql_store import SqlStore
from hub.hub import Hub, subscriptions
from hub.journal import Journal
from hub.journal_thread import CALL_S
from hub.keyring import Keyring
from hub.site import Site
from hub.web.app import create_app
from simulator.asgi_client import AsgiClient
from simulator.clock import Now
from simulator.fleet import post
from simulator.hall import Hall
from simulator.lobby_run import node_client, tokens
from simulator.scenario import Network
from simulator.staff_account import NO_TICKETS
from simulator.trace import Counted, Trace
from wire import codec
from wire.link import HeardTime, Listener
from wire.messages import Message, NodeStatus
from wire.mqtt import Broker, MqttLink

LINK_PATIENCE_S = 5.0
"""Real seconds for the broker to answer, however fast the lobby's clock runs."""
LOOK_S = 0.05
LOOKS = 100
"""How often, in real seconds, and how many times it is looked whether all nodes are there; then it begins anyway."""
AGENTS_GOODBYE_S = 1.5
"""Real seconds for the nodes to say that they go."""


class LiveLobby:
    """One lobby. Use `running` once."""

    def __init__(
        self,
        lobby: Lobby,
        configs: Sequence[AgentConfig],
        journal: Journal,
        *,
        seed: int | str,
        now: Now,
        network: Network,
        broker: Broker,
        public_url: str,
        speed: float,
        new_secret: Callable[[], str],
    ) -> None:
        """`journal` is up to date. `speed` is that of the running loop's clock. `new_secret` is real chance, for keys
        that open something to whoever has them."""
        self.lobby = lobby
        self.journal = journal
        self.network = network
        self.public_url = public_url
        self.speed = speed
        self.trace = Trace()
        self.keyring = Keyring(Random(f"{seed}/key").randbytes(32))
        self._seed = seed
        self._broker = broker
        self._loop = asyncio.get_running_loop()
        new_token = tokens(seed, "hub")
        self.hub = Hub(
            [lobby],
            journal,
            self._link(f"guichet-hub-{lobby.site.id}", subscriptions([lobby]), None),
            now=now,
            new_token=new_token,
            keyring=self.keyring,
            public_url=public_url,
            # A machine that is busy is slow by its own clock, not by the lobby's.
            database_patience_s=CALL_S * speed,
            open_history=SqlStore,
        )
        self.office = self._office(now, new_secret)
        self.app = self._app(new_token)
        self.web = AsgiClient(self.app, base_url=public_url)
        self.posts = {
            config.node: post(
                config,
                lambda config, wanted, will: self._link(node_client(config.node), wanted, will),
                now=now,
                new_token=tokens(seed, config.node),
                drawn=self._drawn,
            )
            for config in configs
        }
        self.hall = Hall(lobby, self.posts, Random(f"{seed}/hall"))

    def _office(self, now: Now, new_secret: Callable[[], str]) -> Office:
        """In which a browser's session lasts as long as in life, however fast the lobby's clock runs."""
        began_s, began_at = self._loop.time(), now()
        register = Register(
            SqlAccounts(self.hub.thread),
            now=lambda: began_at + timedelta(seconds=(self._loop.time() - began_s) / self.speed),
            new_token=new_secret,
        )
        return Office(register, Passwords())

    def _app(self, new_token: Callable[[], str]) -> FastAPI:
        """All pages and the API, as the hub of a city serves them."""
        return create_app(
            sites=self.hub.sites,
            books=self.hub.books,
            reports=self.hub.reports,
            keyring=self.keyring,
            office=self.office,
            new_token=new_token,
            now=self.hub.now,
            health=self._health,
            metrics=self.hub.figures,
            public_url=self.public_url,
            history=self.hub.history,
            self_tests=self.hub.self_tests,
        )

    @property
    def site(self) -> Site:
        return self.hub.sites[self.lobby.site.id]

    @property
    def book(self) -> Book:
        return self.hub.books[self.lobby.site.id]

    @property
    def counted(self) -> Counted:
        """What the hub has counted so far."""
        counted = Counted()
        counted.add(self.hub)
        return counted

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hub and nodes run while the block does; the nodes say goodbye before the hub goes."""
        async with asyncio.TaskGroup() as group:
            hub = group.create_task(self.hub.run())
            await self.hub.started.wait()
            await self._know_staff()
            agents = [group.create_task(it.run()) for it in self.posts.values()]
            yield
            for it in self.posts.values():
                it.agent.stop()
            await asyncio.wait(agents, timeout=AGENTS_GOODBYE_S * self.speed)
            for task in [*agents, hub]:
                task.cancel()

    async def _know_staff(self) -> None:
        """Whoever works in this lobby shows a token, as any program does."""
        token = await self.office.add_token("staff", NO_TICKETS, (), None, "simulator")
        assert not isinstance(token, No)
        self.web = AsgiClient(self.app, base_url=self.public_url, token=token)

    async def all_hear_each_other(self) -> bool:
        """Wait until the hub knows all nodes as online and they hear its time; False if they never do."""
        for _ in range(LOOKS):
            nodes = (node for site in self.hub.health().sites for node in site.nodes)
            is_heard = all(node.status == NodeStatus.ONLINE for node in nodes)
            if is_heard and not any(it.node.hub_clock.is_silent for it in self.posts.values()):
                return True
            await asyncio.sleep(LOOK_S * self.speed)
        return False

    async def undrawn(self) -> set[str]:
        """Numbers that were called and that no board has shown yet."""
        called = await self.site.read(lambda day, now: {it.number for it in day.tickets.values() if it.called_at})
        return called - self.hall.boards.first_drawn_s.keys()

    def calm_down(self) -> None:
        """The network is as it is."""

    def _link(self, client: str, wanted: Sequence[tuple[str, int]], will: tuple[str, Message] | None) -> "CountedLink":
        link = MqttLink(
            self._broker,
            client,
            wanted,
            rng=Random(f"{self._seed}/link/{client}"),
            will=will,
            connect_s=LINK_PATIENCE_S * self.speed,
            acknowledge_s=LINK_PATIENCE_S * self.speed,
        )
        return CountedLink(link, self._said)

    def _health(self) -> tuple[bool, dict[str, object]]:
        report = self.hub.health()
        return report.status is not Status.FAILING, msgspec.to_builtins(report)

    def _said(self, topic: str, message: Message) -> None:
        self.trace.message(topic, codec.encode(message), self._loop.time())

    def _drawn(self, node: str, board: str, _: tuple[str, ...]) -> None:
        """In the thread of the board's driver."""
        self._loop.call_soon_threadsafe(self.hall.drawn, node, board)


class CountedLink:
    """A link that tells what it has sent."""

    def __init__(self, link: MqttLink, said: Callable[[str, Message], None]) -> None:
        self._link = link
        self._said = said

    @property
    def is_connected(self) -> bool:
        return self._link.is_connected

    def hub_time(self, site: str) -> HeardTime | None:
        return self._link.hub_time(site)

    def when_silent(self, site: str, after_s: float, tell: Callable[[], None]) -> Callable[[], None]:
        return self._link.when_silent(site, after_s, tell)

    async def publish(self, topic: str, message: Message) -> None:
        await self._link.publish(topic, message)
        self._said(topic, message)

    async def announce(self, topic: str, payload: bytes) -> None:
        await self._link.announce(topic, payload)

    async def run(self, listener: Listener) -> None:
        await self._link.run(listener)
