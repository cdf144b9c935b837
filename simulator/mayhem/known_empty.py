"""What the rooms of a seed's lobby are known to be by rules: empty at certain hours, or after a quiet, and left by
everybody after so long.

None of it is true of the people of mayhem, who come and go as they like; the rules must be kept all the same. Drawn
apart, so that the rest of a seed is as it would be without.
"""

import random
from dataclasses import replace

from hub.day.lobby import Lobby, Room

RULED = 0.2
"""The share of seeds in which rooms are."""
HOURS = ("00:20", "01:20", "03:40", "04:20", "10:50", "11:40", "12:45", "23:40")
"""Each kind of day meets some; none is in the hour that clocks skip or show twice."""
HOURS_MOST = 4
QUIETS_S = (None, 300, 600)
STAYS_S = (None, 300, 900, 1_800)


def with_ruled_rooms(lobby: Lobby, seed: int) -> Lobby:
    """The lobby, with what the seed says of its rooms."""
    chance = random.Random(f"{seed}/known-empty")
    if chance.random() >= RULED:
        return lobby
    return replace(lobby, rooms=tuple(_drawn(room, chance) for room in lobby.rooms))


def _drawn(room: Room, chance: random.Random) -> Room:
    return replace(
        room,
        empty_at=tuple(sorted(chance.sample(HOURS, chance.randint(0, HOURS_MOST)))),
        empty_after_quiet_s=chance.choice(QUIETS_S),
        longest_stay_s=chance.choice(STAYS_S),
    )
