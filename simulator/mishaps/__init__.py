"""Mishaps: everything that can go wrong around a lobby, each by its name, with how it begins and how it is mended.

One table for all: scenario files name some, mayhem draws from all of them. This room does not know when they happen,
nor what should come of it.
"""

import asyncio

from simulator.lobby_run import LobbyRun
from simulator.mishaps import counters, hardware, hubs, network, nodes
from simulator.mishaps.mishap import Kind, Mishap

__all__ = ["COUNTERS", "COUNTER_FAULTS", "DAY_CLOSED", "HARDWARE", "KINDS", "Kind", "Mishap", "happen", "tell"]

DAY_CLOSED = "day-closed"
HARDWARE: dict[str, Kind] = hardware.KINDS
COUNTERS: dict[str, Kind] = counters.KINDS
KINDS: dict[str, Kind] = network.KINDS | nodes.KINDS | hubs.KINDS | {DAY_CLOSED: hubs.DAY_CLOSED} | HARDWARE | COUNTERS
COUNTER_FAULTS = (*counters.OTHERS, *COUNTERS)
"""All that goes wrong with counters by themselves."""


async def happen(run: LobbyRun, it: Mishap) -> None:
    """Wait until it is time; then it begins, lasts, and is mended."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(it.at_s - loop.time())
    with run.record.trouble(it.kind, it.where):
        async with KINDS[it.kind].happens(run, it):
            await asyncio.sleep(it.lasts_s)


def tell(it: Mishap) -> str:
    """It in a sentence."""
    said = KINDS[it.kind].tells.format(where=it.where, amount=it.amount)
    return f"after {it.at_s:.0f} s, for {it.lasts_s:.0f} s: {said}"
