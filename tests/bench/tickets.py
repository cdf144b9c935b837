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
from tests.bench.figures import Figure
from tests.brokers import free_port
from tests.processes import API, Lobby, Process

CONNECTIONS = 32
TURNS = 5
TURN_S = 1.5
WARM_UP_S = 0.5


async def measure(lobby: Lobby) -> list[Figure]:
    answer = await lobby.web.post(f"{API}/tickets", json={"service": "permits"})
    bare_port = free_port()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_bare_app(bare_port, len(answer.content)))
        loads = [
            await stack.enter_async_context(_load(port, path, lobby.token))
            for port, path in ((lobby.port, f"{API}/tickets"), (bare_port, PATH))
        ]
        for load in loads:
            await _turn(load, WARM_UP_S)
        turns = [[await _turn(load, TURN_S) for load in loads] for _ in range(TURNS)]
    ours, raw = ({key: median(turn[side][key] for turn in turns) for key in turns[0][0]} for side in (0, 1))
    raw_name = f"a bare FastAPI route, {len(answer.content)} bytes"
    return [
        Figure(name="tickets over HTTP", unit="1/s", ours=ours["per_s"], raw=raw["per_s"], raw_name=raw_name),
        Figure(name="ticket over HTTP, p50", unit="ms", ours=ours["p50_ms"], raw=raw["p50_ms"], raw_name=raw_name),
        Figure(name="ticket over HTTP, p99", unit="ms", ours=ours["p99_ms"], raw=raw["p99_ms"], raw_name=raw_name),
    ]


async def _turn(load: Process, lasts_s: float) -> dict[str, float]:
    load.write(str(lasts_s))
    told: dict[str, Any] = json.loads(await load.line())
    return {"per_s": told["answers"] / lasts_s, "p50_ms": told["p50_ms"], "p99_ms": told["p99_ms"]}


@asynccontextmanager
async def _bare_app(port: int, answer_bytes: int) -> AsyncIterator[None]:
    process = Process(sys.executable, "-m", "tests.bench.bare_app", str(port), str(answer_bytes))
    try:
        await process.start()
        await process.until("ready")
        yield
    finally:
        await process.kill()


@asynccontextmanager
async def _load(port: int, path: str, token: str) -> AsyncIterator[Process]:
    process = Process(sys.executable, "-m", "tests.bench.load", str(port), path, str(CONNECTIONS), token)
    try:
        await process.start()
        yield process
    finally:
        await process.kill()
