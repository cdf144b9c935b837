"""In some seeds everybody is to leave the building for some minutes, and comes back. Drawn apart from all else, so that
the rest of a seed is as it would be without.
"""

import asyncio
import random

from hub.day.inputs import EndEvacuation, Evacuate
from simulator.lobby_run import LobbyRun
from wire.messages import Outcome

EVACUATIONS = 0.25
"""The share of seeds."""
FIRST_S = 900.0
LASTS_S = (60.0, 420.0)
AGAIN_S = 5.0
"""An order that no hub has taken is given again."""


async def evacuate(run: LobbyRun, seed: int, until_s: float) -> None:
    """At some instant before `until_s`, by the loop's clock."""
    chance = random.Random(f"{seed}/evacuation")
    if chance.random() >= EVACUATIONS:
        return
    begins_s, lasts_s = chance.uniform(FIRST_S, until_s), chance.uniform(*LASTS_S)
    await asyncio.sleep(begins_s - asyncio.get_running_loop().time())
    await _order(run, Evacuate(by="facilities"))
    await asyncio.sleep(lasts_s)
    people = {room.id: max(0, run.hall.census.people(room.id)) for room in run.lobby.rooms}
    await _order(run, EndEvacuation(by="manager", people=people))


async def _order(run: LobbyRun, order: Evacuate | EndEvacuation) -> None:
    """Until a hub has taken it."""
    for _ in range(1_000):
        if run.is_hub_up and await _is_taken(run, order):
            return
        await asyncio.sleep(AGAIN_S)


async def _is_taken(run: LobbyRun, order: Evacuate | EndEvacuation) -> bool:
    try:
        async with asyncio.timeout(30.0):
            return (await run.site.submit(order)).outcome is Outcome.DONE
    except TimeoutError:
        return False
