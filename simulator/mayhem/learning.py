"""In which rooms of a seed's lobby people are estimated by the filter that learns, and what those do while unknown.

Drawn apart, so that the rest of a seed is as it would be without.
"""

import random
from dataclasses import replace
from typing import Literal

from hub.day.lobby import Lobby, Room

LEARNING = 0.2
"""The share of seeds in which some rooms do."""
ROOMS = 0.7
"""Of their rooms."""
CONFIDENCES = (0.9, 0.98, 0.995)
EMPTY_AT_TURN = 0.5
UNKNOWN: tuple[Literal["hold", "tickets"], ...] = ("hold", "tickets")


def learns(seed: int) -> bool:
    """Whether any room of that seed does."""
    return _chance(seed).random() < LEARNING


def with_learning_rooms(lobby: Lobby, seed: int) -> Lobby:
    """The lobby, with what the seed says of its rooms."""
    chance = _chance(seed)
    if chance.random() >= LEARNING:
        return lobby
    first, *others = (_drawn(room, chance) for room in lobby.rooms)
    if all(it.gate_confidence is None for it in (first, *others)):
        first = replace(first, gate_confidence=CONFIDENCES[0])
    return replace(lobby, rooms=(first, *others))


def _drawn(room: Room, chance: random.Random) -> Room:
    does, confidence, unknown = chance.random() < ROOMS, chance.choice(CONFIDENCES), chance.choice(UNKNOWN)
    is_empty = chance.random() < EMPTY_AT_TURN
    return replace(room, gate_confidence=confidence, unknown=unknown, empty_at_turn=is_empty) if does else room


def _chance(seed: int) -> random.Random:
    return random.Random(f"{seed}/learning")
