"""A stage for agents: a hub that does as the test says, an agent with fake devices, and time that runs by itself.

async def scene(stage: Stage) -> None:
    stage.show("panel", a_panel())
    stage.hands.press("panel", "next")
    await stage.wait(1)
    assert stage.heard(Event) == [...]

on_stage(scene, [PANEL])
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from edge import config
from edge.agent import Agent, last_will
from edge.hands import Hands
from edge.node import Node
from edge.probe import NoProbe, Probe
from edge.toolbox import build
from simulator.clock import Now, run_virtual
from wire import codec, topics
from wire.faults import Faults
from wire.in_process import InProcessBroker, InProcessLink
from wire.messages import Config, Event, Fact, FromHub, HubTime, Job, Message, Outcome, Receipt, Show, View

SITE, NODE = "hall", "desk-1"
START_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PANEL = {"id": "panel", "kind": "panel", "pins": {"next": 17, "recall": 27}, "lamp": 22}
KIOSK = {"id": "kiosk", "kind": "kiosk", "pins": {"passport": 5, "permit": 6}, "lamps": {"passport": 7}}
DOOR = {"id": "door", "kind": "counter", "outer": 13, "inner": 19}
PRINTER = {"id": "printer", "kind": "printer", "port": "/dev/ttyUSB0"}

MessageT = TypeVar("MessageT", bound=Message)


class Stage:
    """One agent, and the hub's side of the wire in the test's hands."""

    def __init__(
        self, now: Now, devices: list[dict[str, Any]], data_dir: Path | None = None, probe: Probe | None = None
    ) -> None:
        self.now = now
        self.probe = probe or NoProbe()
        self.broker = InProcessBroker(Random(1))
        self.messages: list[tuple[str, Message, float]] = []
        """All that the hub has heard: device (or node), message, loop time."""
        self.drawn: list[tuple[str, tuple[str, ...]]] = []
        """Board, and the numbers drawn on it as current."""
        self.is_telling_time = True
        self.answer: Callable[[Event], tuple[Outcome, str] | None] = lambda event: (Outcome.DONE, "")
        """What the hub says to an event; None for nothing."""
        self.boot = "boot-1"
        self.machine = ""
        """Names the life of the machine; empty for one that ends with each agent."""
        self._tokens = count(1)
        self._seq = count(1)
        table: dict[str, Any] = {"site": SITE, "node": NODE, "broker": "mqtt://unused", "devices": devices}
        if data_dir is not None:
            table["data_dir"] = str(data_dir)
        self.config = config.parse(table)
        self.hub = InProcessLink(self.broker, "hub", topics.hub_subscriptions(SITE))
        self.start_agent()

    def start_agent(self) -> None:
        """A new process on the same machine, with the same devices before it."""
        session = self._token()
        self.link = InProcessLink(
            self.broker, NODE, topics.node_subscriptions(SITE, NODE), will=last_will(SITE, NODE, session)
        )
        self.node = Node(self.link, site=SITE, name=NODE, session=session, new_token=self._token, machine=self.machine)
        built = build(self.config, self.node, fake=True, drawn=lambda *it: self.drawn.append(it))
        assert built.hands is not None
        self.devices = built
        self.hands: Hands = built.hands
        self.agent = Agent(
            self.link, self.node, built.roles, tuning=built.tuning, probe=self.probe, now=self.now, version="1"
        )

    async def run_agent(self) -> None:
        """Run it, and after `restart` the next one."""
        while True:
            self._is_restarting = False
            self._running = asyncio.create_task(self.agent.run())
            try:
                await self._running
            except asyncio.CancelledError:
                if not self._is_restarting:
                    raise
            if not self._is_restarting:
                return
            self.heal()
            self.start_agent()

    async def restart(self) -> None:
        """The power of the node goes and comes back."""
        self._is_restarting = True
        self.cut()
        self._running.cancel()
        await self.wait(1)

    # --- the hub ---------------------------------------------------------------------------------------------

    def connected(self) -> None: ...

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes) -> None:
        parsed, message = codec.decode(topic, payload)
        self.messages.append((parsed.device or parsed.node, message, asyncio.get_running_loop().time()))
        answer = self.answer(message) if isinstance(message, Event) else None
        if isinstance(message, Event) and answer is not None:
            outcome, code = answer
            self.say(topics.receipt(SITE, NODE, parsed.device), receipt(message, outcome, code))

    def say(self, topic: str, message: FromHub) -> None:
        self.broker.inject(topic, codec.encode(message), retain=topics.delivery(topic).retain)

    def show(self, device: str, view: View, *, term: int = 1, seq: int | None = None) -> None:
        show = Show(term=term, seq=next(self._seq) if seq is None else seq, view=view)
        self.say(topics.show(SITE, NODE, device), show)

    def job(self, device: str, body: Any, job: str = "job-1", expires_in_s: float = 60.0) -> None:
        expires_at = self.now() + timedelta(seconds=expires_in_s)
        self.say(topics.job(SITE, NODE, device), Job(term=1, seq=1, id=job, expires_at=expires_at, body=body))

    def wish(self, device: str, revision: int, settings: dict[str, Fact], *, seq: int = 1) -> None:
        """Desired settings, retained."""
        self.say(topics.config(SITE, NODE, device), Config(term=1, seq=seq, revision=revision, settings=settings))

    async def tell_time(self) -> None:
        while True:
            if self.is_telling_time:
                ms = round(asyncio.get_running_loop().time() * 1000)
                self.say(topics.hub_time(SITE), HubTime(term=1, seq=0, boot=self.boot, ms=ms, wall_at=self.now()))
            await asyncio.sleep(1)

    # --- the test --------------------------------------------------------------------------------------------

    def heard(self, kind: type[MessageT], device: str = "") -> list[MessageT]:
        """What the hub has heard of this kind so far, from `device` if one is named."""
        return [m for who, m, _ in self.messages if isinstance(m, kind) and device in ("", who)]

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def cut(self) -> None:
        self.broker.cut(NODE)

    def heal(self) -> None:
        self.broker.heal(NODE)

    def lose(self, share: float) -> None:
        self.broker.faults = Faults(loss=share)

    def _token(self) -> str:
        return f"token-{next(self._tokens)}"


def receipt(event: Event, outcome: Outcome, code: str = "") -> Receipt:
    return Receipt(term=1, seq=1, session=event.session, event_seq=event.seq, outcome=outcome, code=code)


def on_stage(
    scene: Callable[[Stage], Awaitable[None]],
    devices: list[dict[str, Any]],
    data_dir: Path | None = None,
    *,
    probe: Probe | None = None,
) -> Stage:
    """Play `scene` with a running agent that has heard the hub for a second; the stage as it was left."""

    async def play(now: Now) -> Stage:
        stage = Stage(now, devices, data_dir, probe)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(stage.hub.run(stage)), group.create_task(stage.tell_time())]
            agent = group.create_task(stage.run_agent())
            await asyncio.sleep(1)
            await scene(stage)
            for task in (*tasks, agent):
                task.cancel()
        return stage

    return run_virtual(play, seed=1, start_at=START_AT)
