"""Links under test: a listener that remembers, and networks on which the same things can be broken."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

import aiomqtt

from tests.brokers import HOST, Forwarder, RunningBroker
from wire.in_process import InProcessBroker, InProcessLink
from wire.link import Link
from wire.messages import Message
from wire.mqtt import Broker, MqttLink

PATIENCE_S = 10.0


class Recorder:
    """A listener that remembers what it was told, and lets a test wait for it."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.messages: list[tuple[str, bytes]] = []
        self._something_said = asyncio.Event()

    def connected(self) -> None:
        self._note("connected")

    def disconnected(self) -> None:
        self._note("disconnected")

    def received(self, topic: str, payload: bytes) -> None:
        self.messages.append((topic, payload))
        self._note("received")

    def _note(self, what: str) -> None:
        self.told.append(what)
        self._something_said.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._something_said.clear()
                await self._something_said.wait()

    async def until_told(self, what: str, times: int = 1) -> None:
        await self.until(lambda: self.told.count(what) >= times)

    async def until_received(self, messages: int) -> list[tuple[str, bytes]]:
        await self.until(lambda: len(self.messages) >= messages)
        return self.messages


@asynccontextmanager
async def running(link: Link) -> AsyncIterator[Recorder]:
    """`link` connected, with what it tells; stopped cleanly in the end."""
    recorder = Recorder()
    task = asyncio.create_task(link.run(recorder))
    try:
        await recorder.until_told("connected")
        yield recorder
    finally:
        await stopped(task)


async def stopped(task: asyncio.Task[None]) -> None:
    """`task` cancelled and ended, within the second that a stopping process has."""
    task.cancel()
    async with asyncio.timeout(1):
        await asyncio.wait([task])


class InProcessNetwork:
    """Links of a simulation."""

    def __init__(self) -> None:
        self._broker = InProcessBroker(Random(1), reconnect_s=(0.0, 0.05))
        self._client_ids: list[str] = []

    async def link(
        self, client_id: str, filters: list[tuple[str, int]], will: tuple[str, Message] | None = None
    ) -> Link:
        self._client_ids.append(client_id)
        return InProcessLink(self._broker, client_id, filters, will=will)

    async def inject(self, topic: str, payload: bytes) -> None:
        self._broker.inject(topic, payload)

    async def cut(self, client_id: str) -> None:
        self._broker.cut(client_id)

    async def heal(self, client_id: str) -> None:
        self._broker.heal(client_id)

    async def kill_broker(self) -> None:
        self._broker.restart(keep_retained=False)
        for client_id in self._client_ids:
            self._broker.cut(client_id)

    async def start_broker(self) -> None:
        for client_id in self._client_ids:
            self._broker.heal(client_id)


class MqttNetwork:
    """Links to a real broker, each over its own cable."""

    def __init__(self, broker: RunningBroker) -> None:
        self._broker = broker
        self._cables: dict[str, Forwarder] = {}

    async def link(
        self, client_id: str, filters: list[tuple[str, int]], will: tuple[str, Message] | None = None
    ) -> Link:
        cable = self._cables[client_id] = Forwarder(self._broker.port)
        await cable.heal()
        return MqttLink(Broker.parse(f"mqtt://{HOST}:{cable.port}"), client_id, filters, rng=Random(1), will=will)

    async def inject(self, topic: str, payload: bytes) -> None:
        async with aiomqtt.Client(HOST, self._broker.port) as stranger:
            await stranger.publish(topic, payload, qos=1)

    async def cut(self, client_id: str) -> None:
        await self._cables[client_id].cut()

    async def heal(self, client_id: str) -> None:
        await self._cables[client_id].heal()

    async def kill_broker(self) -> None:
        self._broker.kill()

    async def start_broker(self) -> None:
        self._broker.start()

    async def close(self) -> None:
        for cable in self._cables.values():
            await cable.cut()


Network = InProcessNetwork | MqttNetwork
