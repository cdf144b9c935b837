"""From a press on a pin of one process to the board of another, through mosquitto and a hub that commits durably.

Beside it, in turns, the barest two hops: as many processes, the same broker, the same sizes, nothing in between. Both
are pressed and looked at in the same way, by a line on a pipe. Fifty other messages a second are under way meanwhile.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from time import perf_counter

import aiomqtt

from tests.bench.figures import Figure, percentile
from tests.brokers import HOST, Mosquitto
from tests.processes import SITE, Lobby, Process
from wire import codec, topics
from wire.messages import Count, Health

PRESSES = 250
WARM_UP = 20
REST_S = 0.035
"""Between any two: the panel needs its new view, and its keys need to come to rest."""
OTHERS_PER_S = 50
LOST_S = 2.0
"""A press that has had no effect by now is pressed again, and counted among the lost."""

EVENT = topics.event(SITE, "desk-1", "panel")
SHOW = topics.show(SITE, "board-1", "board")
COUNT = topics.count(SITE, "door-1", "counter")
HEALTH = topics.health(SITE, "door-1")


async def measure(lobby: Lobby, broker: Mosquitto) -> list[Figure]:
    """`lobby` has an open desk and nobody in line."""
    for _ in range(PRESSES + 2 * WARM_UP):
        await lobby.take_ticket()
    nodelay = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    async with aiomqtt.Client(HOST, broker.port, socket_options=nodelay) as client, asyncio.TaskGroup() as group:
        others = group.create_task(_others(client))
        press_bytes, show_bytes = await _sizes(lobby, client)
        async with _echo(broker.port, press_bytes, show_bytes) as echo:
            ours_ms, raw_ms = await _in_turns(lobby, echo)
        others.cancel()
    raw_name = f"two hops of {press_bytes} and {show_bytes} bytes"
    return [
        Figure(
            name=f"press to board, p{share:.0%}".rstrip("%"),
            unit="ms",
            ours=percentile(ours_ms, share),
            raw=percentile(raw_ms, share),
            raw_name=raw_name,
        )
        for share in (0.5, 0.99)
    ]


async def _in_turns(lobby: Lobby, echo: Process) -> tuple[list[float], list[float]]:
    ours_ms, raw_ms = [], []
    for _ in range(WARM_UP + PRESSES):
        ours_ms.append(await _took_ms(lobby.panel, "press panel next", lobby.board, "board board"))
        await asyncio.sleep(REST_S)
        raw_ms.append(await _took_ms(echo, "press", echo, "echo"))
        await asyncio.sleep(REST_S)
    return ours_ms[WARM_UP:], raw_ms[WARM_UP:]


async def _took_ms(pressed: Process, line: str, shows: Process, words: str) -> float:
    """From the line to the words. Whatever was said before is none of it."""
    shows.forget()
    began_s = perf_counter()
    pressed.write(line)
    await shows.until(words, within_s=LOST_S)
    return 1_000 * (perf_counter() - began_s)


async def _sizes(lobby: Lobby, client: aiomqtt.Client) -> tuple[int, int]:
    """Bytes of a press and of the view that it causes, after some calls."""
    await client.subscribe([(EVENT, 1), (SHOW, 1)])
    sizes: dict[str, int] = {}
    for _ in range(3):
        await _took_ms(lobby.panel, "press panel next", lobby.board, "board board")
        await asyncio.sleep(2 * REST_S)
    async with asyncio.timeout(LOST_S):
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            sizes[message.topic.value] = len(message.payload)
            if len(sizes) == 2:
                break
    await client.unsubscribe([EVENT, SHOW])
    return sizes[EVENT], sizes[SHOW]


async def _others(client: aiomqtt.Client) -> None:
    """People who come and go, and a node that tells how it is."""
    for number in count(1):
        passed = Count(epoch="bench", entered=number, left=number)
        health = Health(session="bench", uptime_s=number)
        topic, message = (COUNT, passed) if number % 2 else (HEALTH, health)
        await client.publish(topic, codec.encode(message), qos=topics.delivery(topic).qos)
        await asyncio.sleep(1 / OTHERS_PER_S)


@asynccontextmanager
async def _echo(port: int, press_bytes: int, show_bytes: int) -> AsyncIterator[Process]:
    module = (sys.executable, "-m", "tests.bench.raw_echo")
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
