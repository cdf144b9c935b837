"""In which lobby there is a door that nobody counts.

People take the counted one beside it: what is held is that all who reckon with it reckon the same. Drawn apart, so that
the rest of a seed is as it would be without.
"""

import random
from dataclasses import replace

from hub.day.lobby import OUTSIDE, Door, Lobby

WITH_DOOR = 0.2
"""The share of seeds in which there is one."""
SHARES = (0.05, 0.1, 0.3)


def with_side_door(lobby: Lobby, seed: int) -> Lobby:
    """The lobby, with what the seed says of its doors."""
    chance = random.Random(f"{seed}/side-door")
    if chance.random() >= WITH_DOOR:
        return lobby
    beside = chance.choice([door for door in lobby.doors if door.from_room == OUTSIDE])
    door = Door(id="garden", to_room=beside.to_room, uncounted_share=chance.choice(SHARES))
    return replace(lobby, doors=(*lobby.doors, door))
