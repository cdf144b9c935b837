"""From a press on a pin of one process to the board of another, through mosquitto and a hub that commits durably.

Beside it, in turns, the barest two hops: as many processes, the same broker, the same sizes, nothing in between. Both
are pressed and looked at in the same way, by a line on a pipe. Fifty other messages a second are under way meanwhile.
"""

import asyncio
import math
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from time import perf_counter
from typing import NamedTuple

import aiomqtt

from tests.bench.figures import Figure, Setting, percentile
from tests.bench.tickets import load
from tests.brokers import HOST, mosquitto
from tests.processes import API, SITE, Lobby, Process, lobby_processes
from wire import codec, topics
from wire.messages import Count, Health

PRESSES = 250
WARM_UP = 20
REST_S = 0.035
"""Between any two: the panel needs its new view, and its keys need to come to rest."""
OTHERS_PER_S = 50
LOST_S = 5.0
"""A press that has had no effect by now will have none: it took at least as long as this."""

SATURATED_S = 600.0
"""The load ends with the measurement, and not by itself."""

EVENT = topics.event(SITE, "desk-1", "panel")
SHOW = topics.show(SITE, "board-1", "board")
COUNT = topics.count(SITE, "door-1", "counter")
HEALTH = topics.health(SITE, "door-1")


class Took(NamedTuple):
    """How long each press took, and each bare echo."""

    ours_ms: list[float]
    raw_ms: list[float]

    def figure(self, name: str, share: float) -> Figure:
        return Figure(name, percentile(self.ours_ms, share), percentile(self.raw_ms, share))


class Sizes(NamedTuple):
    """Of a press and of the view that it causes, at the broker on this port."""

    port: int
    press_bytes: int
    show_bytes: int


async def measure(setting: Setting) -> list[Figure]:
    presses = setting.scaled(PRESSES)
    with mosquitto() as broker:
        async with lobby_processes(setting.folder, broker.url) as lobby:
            await a_crowd_waits(lobby, 2 * (presses + 2 * WARM_UP))
            sizes = await sizes_of(lobby, broker.port)
            async with others(broker.port):
                calm = await in_turns(lobby, sizes, presses, lambda share: setting.tell(share / 2))
                async with load(lobby.port, f"{API}/tickets", lobby.token) as asking:
                    asking.write(str(SATURATED_S))
                    busy = await in_turns(lobby, sizes, presses, lambda share: setting.tell((1 + share) / 2))
    return [
        calm.figure("press to board, p50", 0.5),
        calm.figure("press to board, p99", 0.99),
        busy.figure("press to board while the web is saturated, p99", 0.99),
    ]


async def a_crowd_waits(lobby: Lobby, people: int) -> None:
    """Somebody for each press."""
    for _ in range(people):
        await lobby.take_ticket()


async def in_turns(
    lobby: Lobby, sizes: Sizes, presses: int, tell: Callable[[float], None], *, within_s: float = math.inf
) -> Took:
    """Press, echo, press, echo, for at most so long. `lobby` has an open desk, and enough people in line."""
    took = Took([], [])
    began_s = perf_counter()
    async with _echo(sizes) as echo:
        for number in range(WARM_UP + presses):
            if perf_counter() - began_s > within_s:
                break
            tell(number / (WARM_UP + presses))
            took.ours_ms.append(await _took_ms(lobby.panel, "press panel next", lobby.board, "board board"))
            await asyncio.sleep(REST_S)
            took.raw_ms.append(await _took_ms(echo, "press", echo, "echo"))
            await asyncio.sleep(REST_S)
    # Where there was no time for more, these were all.
    return Took(took.ours_ms[WARM_UP:] or took.ours_ms, took.raw_ms[WARM_UP:] or took.raw_ms)


async def _took_ms(pressed: Process, line: str, shows: Process, words: str) -> float:
    """From the line to the words. Whatever was said before is none of it."""
    shows.forget()
    began_s = perf_counter()
    pressed.write(line)
    try:
        async with asyncio.timeout(LOST_S):
            while words not in await shows.line():
                pass
    except TimeoutError:
        return 1_000 * LOST_S
    return 1_000 * (perf_counter() - began_s)


async def sizes_of(lobby: Lobby, port: int) -> Sizes:
    """As they are after some calls."""
    sizes: dict[str, int] = {}
    async with aiomqtt.Client(HOST, port) as client:
        await client.subscribe([(EVENT, 1), (SHOW, 1)])
        for _ in range(3):
            await _took_ms(lobby.panel, "press panel next", lobby.board, "board board")
            await asyncio.sleep(2 * REST_S)
        async with asyncio.timeout(LOST_S):
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                sizes[message.topic.value] = len(message.payload)
                if len(sizes) == 2:
                    break
    return Sizes(port, sizes[EVENT], sizes[SHOW])


@asynccontextmanager
async def others(port: int) -> AsyncIterator[None]:
    """People who come and go, and a node that tells how it is."""
    nodelay = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    async with aiomqtt.Client(HOST, port, socket_options=nodelay) as client, asyncio.TaskGroup() as group:
        speaking = group.create_task(_speak(client))
        yield
        speaking.cancel()


async def _speak(client: aiomqtt.Client) -> None:
    for number in count(1):
        passed = Count(epoch="bench", entered=number, left=number)
        health = Health(session="bench", uptime_s=number)
        topic, message = (COUNT, passed) if number % 2 else (HEALTH, health)
        await client.publish(topic, codec.encode(message), qos=topics.delivery(topic).qos)
        await asyncio.sleep(1 / OTHERS_PER_S)


@asynccontextmanager
async def _echo(sizes: Sizes) -> AsyncIterator[Process]:
    port, press_bytes, show_bytes = sizes
    module = (sys.executable, "-m", "tests.bench.bare_echo")
    far = Process(*module, "far", str(port), str(show_bytes))
    near = Process(*module, "near", str(port), str(press_bytes))
    try:
        for process in (far, near):
            await process.start()
            await process.until("ready")
        yield near
    finally:
        await near.kill()
        await far.kill()
