"""A city's fleet: 10,000 connected nodes on 50 sites that say 2,000 things a second for two minutes.

How busy that keeps the hub, beside a subscriber that hears the same and does nothing; how long a press at one of these
sites takes meanwhile; whether the hub grows; and whether its time reaches every node, each site at its own moment.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import mean

from tests.bench.city import NODES, SITES, lobby_files, more_of
from tests.bench.figures import Figure, Setting
from tests.bench.machine import memory_mb, processor_s
from tests.bench.press import REST_S, WARM_UP, a_crowd_waits, in_turns, sizes_of
from tests.brokers import mosquitto
from tests.processes import PATIENCE_S, SITE, Lobby, Process, lobby_processes

MESSAGES_PER_S = 2_000
LASTS_S = 120.0
SETTLES_S = 20.0
"""After ten thousand have said that they are there, and every counter its first totals."""
LOOK_EVERY_S = 1.0


async def measure(setting: Setting) -> list[Figure]:
    nodes = setting.scaled(NODES)
    lasts_s = LASTS_S / 10 if setting.quick else LASTS_S
    presses = int(lasts_s / (2 * REST_S)) // 3
    sites = lobby_files(setting.folder, nodes)
    with mosquitto() as broker:
        async with lobby_processes(setting.folder, broker.url, devices=more_of(SITE, nodes), sites=sites) as lobby:
            lobby.web.timeout = PATIENCE_S  # after its start it says what 8,000 displays should show
            await a_crowd_waits(lobby, presses + 2 * WARM_UP)
            sizes = await sizes_of(lobby, broker.port)
            async with (
                _process("tests.bench.bare_subscriber", broker.port) as subscriber,
                _process("tests.bench.fleet", broker.port, nodes, setting.scaled(MESSAGES_PER_S)) as fleet,
            ):
                await asyncio.sleep(SETTLES_S)
                await _heard(fleet)
                began_s = asyncio.get_running_loop().time()
                pressing = asyncio.create_task(in_turns(lobby, sizes, presses, lambda share: None, within_s=lasts_s))
                used, grown_mb = await _watched(lobby, subscriber, lasts_s, setting)
                heard = await _heard(fleet)
                said_per_s = heard["said"] / (asyncio.get_running_loop().time() - began_s)
                took = await pressing
    assert heard["lost"] == 0, f"{heard['lost']} nodes lost their connection"
    return [
        Figure("hub among 10,000 devices", *used),
        took.figure("press to board among 10,000 devices, p99", 0.99),
        Figure("messages of 10,000 devices", said_per_s, setting.scaled(MESSAGES_PER_S)),
        Figure("memory that 10,000 devices add in a minute", grown_mb),
        Figure("nodes without the hub's time", heard["deaf"]),
        Figure("longest silence of the hub's time at a node", heard["longest_silence_s"], 1.0),
        Figure("sites told the time in the same 50 ms", heard["sites_at_once"], SITES / 20),
    ]


async def _watched(
    lobby: Lobby, subscriber: Process, lasts_s: float, setting: Setting
) -> tuple[tuple[float, float], float]:
    """How much of a core the hub and the subscriber use, in percent, and by how many MB the hub grows in a minute."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    before_s = [processor_s(it.pid) for it in (lobby.hub, subscriber)]
    memories_mb = []
    while (passed_s := loop.time() - began_s) < lasts_s:
        setting.tell(passed_s / lasts_s)
        await asyncio.sleep(LOOK_EVERY_S)
        memories_mb.append(memory_mb(lobby.hub.pid))
    after_s = [processor_s(it.pid) for it in (lobby.hub, subscriber)]
    hub, bare = (100 * (after - before) / passed_s for before, after in zip(before_s, after_s, strict=True))
    # Between the middles of the second and the fourth quarter of the time lies half of it.
    quarter = len(memories_mb) // 4
    grown_mb = mean(memories_mb[-quarter:]) - mean(memories_mb[quarter : 2 * quarter])
    return (hub, bare), max(0.0, grown_mb * 60 / (lasts_s / 2))


async def _heard(fleet: Process) -> dict[str, float]:
    """What its nodes heard since they were asked before."""
    fleet.forget()
    fleet.write("heard")
    told: dict[str, float] = json.loads(await fleet.line())
    return told


@asynccontextmanager
async def _process(module: str, *arguments: float) -> AsyncIterator[Process]:
    process = Process(sys.executable, "-m", module, *(str(it) for it in arguments))
    try:
        await process.start()
        await process.until("ready", within_s=600)
        yield process
    finally:
        await process.kill()
