"""In which rooms of a seed's lobby the number corrects itself, and which of them has a door that nobody counts.

Drawn apart, so that the rest of a seed is as it would be without.
"""

import random
from dataclasses import replace

from hub.day.lobby import Door, Lobby, Room

CORRECTING = 0.35
"""The share of seeds in which some rooms do."""
ROOMS = 0.6
"""Of their rooms, for each of the three rules."""
LONGEST_STAYS_S = (600, 1_200, 2_400)
QUIETS_S = (300, 480)
"""Only the day that closes at half past twelve has a quiet time, of half an hour."""
EMPTY_AT = ("10:50", "11:40", "12:20", "12:45", "23:30", "00:20", "01:20", "03:30", "04:40")
"""Each kind of day meets one of them at least."""
SIDE_DOOR, SIDE_DOOR_SHARE = "garden", 0.1
"""Nobody uses it: what is held is that all who reckon with it reckon the same."""


def with_corrections(lobby: Lobby, seed: int) -> Lobby:
    """The lobby, with what the seed says of its rooms."""
    chance = random.Random(f"{seed}/correcting")
    if chance.random() >= CORRECTING:
        return lobby
    rooms = tuple(_drawn(room, chance) for room in lobby.rooms)
    behind = chance.choice([*rooms, None])
    doors = lobby.doors
    if behind is not None:
        doors += (Door(id=SIDE_DOOR, to_room=behind.id, uncounted_share=SIDE_DOOR_SHARE),)
    return replace(lobby, rooms=rooms, doors=doors)


def _drawn(room: Room, chance: random.Random) -> Room:
    stays, quiets, times = chance.choice(LONGEST_STAYS_S), chance.choice(QUIETS_S), chance.sample(EMPTY_AT, 4)
    has_stay, has_quiet, has_times = (chance.random() < ROOMS for _ in range(3))
    return replace(
        room,
        longest_stay_s=stays if has_stay else None,
        empty_after_quiet_s=quiets if has_quiet else None,
        empty_at=tuple(sorted(times)) if has_times else (),
    )
