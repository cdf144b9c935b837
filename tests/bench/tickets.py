"""Tickets over HTTP: 32 connections, each asking for one after another, beside a bare route of the same server.

The load is a process of its own. Both servers stand all the time, and are asked in turns.
"""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from typing import Any

from tests.bench.bare_app import PATH
from tests.bench.figures import Figure, Setting
from tests.bench.machine import processor_s
from tests.brokers import free_port, mosquitto
from tests.processes import API, Process, lobby_processes

CONNECTIONS = 32
TURNS = 5
TURN_S = 1.5
WARM_UP_S = 0.5


async def measure(setting: Setting) -> list[Figure]:
    turns, turn_s = (2, TURN_S / 5) if setting.quick else (TURNS, TURN_S)
    with mosquitto() as broker:
        async with lobby_processes(setting.folder, broker.url) as lobby, AsyncExitStack() as stack:
            answer = await lobby.web.post(f"{API}/tickets", json={"service": "permits"})
            bare_port = free_port()
            bare = await stack.enter_async_context(bare_app(bare_port, len(answer.content)))
            sides = [
                (process, await stack.enter_async_context(load(port, path, lobby.token)))
                for process, port, path in ((lobby.hub, lobby.port, f"{API}/tickets"), (bare, bare_port, PATH))
            ]
            for server, asking in sides:
                await _turn(server, asking, WARM_UP_S)
            told = []
            for turn in range(turns):
                setting.tell(turn / turns)
                told.append([await _turn(server, asking, turn_s) for server, asking in sides])
    ours, raw = ({key: median(turn[side][key] for turn in told) for key in told[0][0]} for side in (0, 1))
    return [
        Figure("tickets over HTTP", ours["per_s"], raw["per_s"]),
        Figure("processor time of a ticket over HTTP", ours["processor_ms"], raw["processor_ms"]),
        Figure("ticket over HTTP, p50", ours["p50_ms"], raw["p50_ms"]),
        Figure("ticket over HTTP, p99", ours["p99_ms"], raw["p99_ms"]),
    ]


async def _turn(server: Process, asking: Process, lasts_s: float) -> dict[str, float]:
    before_s = processor_s(server.pid)
    asking.write(str(lasts_s))
    told: dict[str, Any] = json.loads(await asking.line())
    used_ms = 1_000 * (processor_s(server.pid) - before_s)
    return {
        "per_s": told["answers"] / lasts_s,
        "processor_ms": used_ms / told["answers"],
        "p50_ms": told["p50_ms"],
        "p99_ms": told["p99_ms"],
    }


@asynccontextmanager
async def bare_app(port: int, answer_bytes: int) -> AsyncIterator[Process]:
    """The reference, as long as the context lasts."""
    process = Process(sys.executable, "-m", "tests.bench.bare_app", str(port), str(answer_bytes))
    try:
        await process.start()
        await process.until("ready")
        yield process
    finally:
        await process.kill()


@asynccontextmanager
async def load(port: int, path: str, token: str) -> AsyncIterator[Process]:
    """What asks for tickets: a number of seconds on its input begins a turn."""
    process = Process(sys.executable, "-m", "tests.bench.load", str(port), path, str(CONNECTIONS), token)
    try:
        await process.start()
        yield process
    finally:
        await process.kill()
