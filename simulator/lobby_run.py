"""A whole lobby on one event loop: journal, hub, web and nodes as they are in life, links and hardware as fakes.

What happens in it is up to the people, or to a test. It keeps what checkers and summaries need: the trace of every
message, what was drawn and printed, and what the hub counted of itself.
"""

import asyncio
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from random import Random

import msgspec

from edge.config import AgentConfig
from edge.hands import Hands
from edge.keep import Keeps
from hub.book.book import Book
from hub.day.lobby import Lobby
from hub.day.views import DoorSecret
from hub.health import Status
from hub.hub import Hub, subscriptions
from hub.journal import Journal
from hub.keyring import Keyring
from hub.site import Site
from hub.web.app import create_app
from simulator.asgi_client import AsgiClient
from simulator.calm_watch import CalmWatch
from simulator.clock import Now
from simulator.fleet import Post, post
from simulator.hall import Hall
from simulator.record import Record, Trouble
from simulator.scenario import Network
from simulator.staff_account import TOKEN, staff_office
from simulator.trace import Counted, Trace
from wire.faults import Faults
from wire.in_process import InProcessBroker, InProcessLink
from wire.messages import Message

PUBLIC_URL = "https://h.example"
HUB = "guichet-hub"
"""The hub's name at the broker."""

BOOT_S = 2.0
"""Nodes start within this time of each other, as after a power cut."""


def node_client(node: str) -> str:
    """A node's name at the broker."""
    return f"guichet-{node}"


def tokens(seed: int | str, whose: str) -> Callable[[], str]:
    """What makes names for one participant: 128 bits that depend on the seed alone."""
    chance = Random(f"{seed}/token/{whose}")
    return lambda: urlsafe_b64encode(chance.randbytes(16)).rstrip(b"=").decode()


class LobbyRun:
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
        keeps: Keeps | None = None,
    ) -> None:
        """`journal` is up to date and may hold earlier days. `keeps` is where nodes keep what outlives them; without
        it they forget everything with their power."""
        self.lobby = lobby
        self.journal = journal
        self.network = network
        self.record = Record()
        self._trace = Trace()
        journal.committed = self.record.committed
        self.broker = InProcessBroker(Random(f"{seed}/network"), network.faults, observe=self.record.message)
        self.seed = seed
        self.now = now
        self.keyring = Keyring(Random(f"{seed}/key").randbytes(32))
        self.door_secret: DoorSecret = partial(self.keyring.door_secret, lobby.site.id)
        self._counted = Counted()
        self._hub: Hub | None = None
        self._hub_task: asyncio.Task[None] | None = None
        self._starts = 0
        self._group = asyncio.TaskGroup()
        self.keeps = keeps
        """Where nodes keep what outlives them; None for nowhere."""
        self._agents: dict[str, asyncio.Task[None]] = {}
        """The nodes that have power, or are about to start."""
        self._sessions: Counter[str] = Counter()
        self.skew: dict[str, timedelta] = {}
        """Of each name at the broker, by how much its wall clock is wrong."""
        self.stuck_token = ""
        """What the hub draws each time, in place of what chance would give; empty to leave it to chance."""
        self.posts = {config.node: self._post(config) for config in configs}
        self.hall = Hall(lobby, self.posts, Random(f"{seed}/hall"))
        self.web = AsgiClient(_nobody)
        self._rough = None if network.faults == self._calm else self.record.begin("rough network")
        self._down: Trouble | None = None

    @property
    def public_url(self) -> str:
        """Where phones reach the hub."""
        return PUBLIC_URL

    @property
    def trace(self) -> Trace:
        """Of all that was said so far."""
        self._trace.catch_up(self.record.said)
        return self._trace

    @property
    def hub(self) -> Hub:
        """The hub that runs now."""
        assert self._hub is not None, "the hub has not been started"
        return self._hub

    @property
    def is_hub_up(self) -> bool:
        """Whether a hub runs, and answers."""
        return self._hub is not None and self._hub.started.is_set()

    @property
    def is_up(self) -> bool:
        """Whether a hub runs."""
        return self._hub is not None

    @property
    def site(self) -> Site:
        return self.hub.sites[self.lobby.site.id]

    @property
    def book(self) -> Book:
        return self.hub.books[self.lobby.site.id]

    @property
    def counted(self) -> Counted:
        """What hubs counted so far."""
        total = Counted(
            commits=self._counted.commits,
            failed_commits=self._counted.failed_commits,
            refusals=self._counted.refusals.copy(),
            quarantined=self._counted.quarantined.copy(),
        )
        if self._hub is not None:
            total.add(self._hub)
        return total

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hub and nodes run while the block does. What they say when they are stopped is not observed."""
        async with self._group as group:
            await self.start_hub()
            watch = group.create_task(CalmWatch(self).run())
            chance = Random(f"{self.seed}/boot")
            for name, it in self.posts.items():
                self._agents[name] = group.create_task(_run_later(it, chance.uniform(0, BOOT_S)))
            await asyncio.sleep(BOOT_S)
            yield
            self.broker.observe = None
            watch.cancel()
            for task in self._agents.values():
                task.cancel()
            await self.kill_hub()

    # --- mishaps ---------------------------------------------------------------------------------------------

    async def start_hub(self, lobby: Lobby | None = None) -> None:
        """Start a hub on the journal as it is, with another lobby file if that has changed; returns when it answers."""
        assert self._hub_task is None, "a hub runs already"
        self.lobby = lobby or self.lobby
        self._starts += 1
        self.record.starts_s.append(asyncio.get_running_loop().time())
        fresh = tokens(self.seed, f"hub-{self._starts}")

        def new_token() -> str:
            return self.stuck_token or fresh()

        link = self._link(HUB, subscriptions([self.lobby]), None)
        self._hub = hub = Hub(
            [self.lobby],
            self.journal,
            link,
            now=partial(self._clock, HUB),
            new_token=new_token,
            keyring=self.keyring,
            public_url=PUBLIC_URL,
        )
        app = create_app(
            sites=hub.sites,
            books=hub.books,
            reports=hub.reports,
            keyring=self.keyring,
            office=await staff_office(hub.now, fresh),
            new_token=new_token,
            now=hub.now,
            health=partial(_health, hub),
            metrics=hub.figures,
            public_url=PUBLIC_URL,
        )
        self.web = AsgiClient(app, base_url=PUBLIC_URL, token=TOKEN, told=self.record.asked_for)
        self.broker.heal(HUB)
        self._hub_task = self._group.create_task(hub.run())
        await hub.started.wait()
        if self._down is not None:
            self.record.end(self._down)
            self._down = None

    async def kill_hub(self) -> None:
        """End the hub at once, as `kill -9` does: nothing is said and nothing is finished."""
        assert self._hub is not None, "no hub runs"
        assert self._hub_task is not None, "no hub runs"
        self._down = self.record.begin("hub killed")
        self.broker.cut(HUB)
        self._hub_task.cancel()
        await asyncio.wait([self._hub_task])
        self._counted.add(self._hub)
        self._hub = self._hub_task = None
        self.web = AsgiClient(_nobody)

    async def cut_power(self, node: str) -> None:
        """The node is off at once: it finishes nothing and says nothing, but for its last will."""
        self.broker.cut(node_client(node))
        task = self._agents.pop(node)
        task.cancel()
        await asyncio.wait([task])

    def give_power(self, node: str) -> None:
        """The node starts again, in a session of its own; its hardware is as it was left."""
        before = self.posts[node]
        self._sessions[node] += 1
        self.posts[node] = self._post(before.config, before.devices.hands)
        self.hall.look_around()
        self.broker.heal(node_client(node))
        self._agents[node] = self._group.create_task(self.posts[node].run())

    def has_power(self, node: str) -> bool:
        """Whether it runs, or is about to."""
        return node in self._agents

    def calm_down(self) -> None:
        """Let the network heal: nothing is lost any more, and links that were cut or had losses begin anew."""
        self.broker.faults = self._calm
        for node in self.posts:
            self.broker.heal(node_client(node))
        if self.network.faults != self.broker.faults:
            self.broker.restart(keep_retained=True)
        if self._rough is not None:
            self.record.end(self._rough)
            self._rough = None

    # --- putting together ------------------------------------------------------------------------------------

    @property
    def _calm(self) -> Faults:
        """The network at its best: slow at most."""
        return Faults(delay_ms=self.network.delay_ms)

    def _post(self, config: AgentConfig, hands: Hands | None = None) -> Post:
        session = self._sessions[config.node]
        made = post(
            config,
            lambda config, wanted, will: self._link(node_client(config.node), wanted, will),
            now=partial(self._clock, node_client(config.node)),
            new_token=tokens(self.seed, f"{config.node}-{session}" if session else config.node),
            drawn=self._drawn,
            hands=hands,
            keeps=self.keeps,
        )
        self.record.attach(made)
        return made

    def _clock(self, client: str) -> datetime:
        """The wall clock of whoever has this name at the broker."""
        now = self.now()
        return now + self.skew[client] if client in self.skew else now

    def _link(self, client: str, wanted: Sequence[tuple[str, int]], will: tuple[str, Message] | None) -> InProcessLink:
        return InProcessLink(self.broker, client, wanted, will=will)

    def _drawn(self, node: str, board: str, _: tuple[str, ...]) -> None:
        self.hall.drawn(node, board)


async def _run_later(it: Post, delay_s: float) -> None:
    await asyncio.sleep(delay_s)
    await it.run()


def _health(hub: Hub) -> tuple[bool, dict[str, object]]:
    report = hub.health()
    return report.status is not Status.FAILING, msgspec.to_builtins(report)


async def _nobody(*_: object) -> None:
    """Nothing answers before the hub has started."""
    await asyncio.get_running_loop().create_future()
