"""How counters err for a while: they miss some, stand still, are the wrong way round, begin anew, say old things again.

Those that concern a door are its frame's: the counter says its totals as ever, and nobody can hear that they are wrong.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from edge.beams import Crossing
from hub.day.lobby import DeviceKind
from simulator.lobby_run import LobbyRun
from simulator.mishaps.mishap import Happens, Kind, Mishap, count_topic, counting_nodes, devices, doors
from simulator.mishaps.nodes import power_cut

SETTLED_S = 5.0
"""So soon after it has power again a counter has said its first totals."""


def _missed(*ways: Crossing) -> Happens:
    @asynccontextmanager
    async def happens(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
        run.hall.frame(it.where).misses |= {*ways}
        yield
        run.hall.frame(it.where).misses -= {*ways}

    return happens


@asynccontextmanager
async def drifts(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.hall.frame(it.where).misses_every = int(it.amount)
    yield
    run.hall.frame(it.where).misses_every = 0


@asynccontextmanager
async def swapped(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.hall.frame(it.where).is_swapped = True
    yield
    run.hall.frame(it.where).is_swapped = False


@asynccontextmanager
async def totals_late(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """What it said at the beginning is heard once more at the end, in the midst of what it says then."""
    topic = count_topic(run, it.where)
    before = run.broker.retained(topic)
    yield
    if before is not None:
        run.broker.inject(topic, before)


@asynccontextmanager
async def restarts(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """It begins a new epoch, and what it said last in the one before is heard once more when it has."""
    its = [at for at in _COUNTERS(run.lobby) if at.startswith(f"{it.where}/")]
    said = {topic: run.broker.retained(topic) for topic in (count_topic(run, at) for at in its)}
    async with power_cut(run, it):
        yield
    await asyncio.sleep(SETTLED_S)
    for topic, before in said.items():
        if before is not None:
            run.broker.inject(topic, before)


_COUNTERS = devices(DeviceKind.COUNTER)

KINDS = {
    "entries-missed": Kind(
        _missed(Crossing.ENTERED), "the door {where} sees nobody enter", (60, 600), doors, alone="frame"
    ),
    "counter-stuck": Kind(_missed(*Crossing), "the door {where} sees nobody", (60, 600), doors, alone="frame"),
    "counter-drifts": Kind(
        drifts, "the door {where} misses one in {amount:.0f}", (300, 1_800), doors, (2, 9), alone="frame"
    ),
    "counter-swapped": Kind(swapped, "the door {where} is the wrong way round", (60, 600), doors, alone="frame"),
    "counter-restarts": Kind(restarts, "{where} begins to count anew", (1, 30), counting_nodes, alone="node"),
    "totals-late": Kind(totals_late, "old totals of {where} come again", (5, 300), _COUNTERS, alone="totals"),
}
"""Drawn by a chance of their own, in lobbies with rooms that learn."""

OTHERS = ("beam-blocked", "counter-silent", "exits-missed", "double-counts", "totals-fall-back", "totals-absurd")
"""What counters do in every lobby."""
