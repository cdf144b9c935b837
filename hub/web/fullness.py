"""How full a room is, in one word, as every page says it."""

from enum import StrEnum

from hub.day.room_views import RoomView
from wire.messages import GateState, RoomQuality


class Fullness(StrEnum):
    """A room against its limit, in one word."""

    FREE = "free"
    NEARLY_FULL = "nearly-full"
    FULL = "full"
    """Nobody more may be invited in."""
    OVER = "over"
    EVACUATE = "evacuate"
    """Everybody is to leave, whatever the number."""
    UNKNOWN = "unknown"


_OF_GATE = {GateState.FULL: Fullness.FULL, GateState.NEARLY_FULL: Fullness.NEARLY_FULL}


def fullness(view: RoomView) -> Fullness:
    if view.state is GateState.EVACUATE:
        return Fullness.EVACUATE
    if view.people is None or view.upper is None or view.quality is RoomQuality.UNKNOWN:
        return Fullness.UNKNOWN
    if view.people > view.limit_people or view.over is not None:
        return Fullness.OVER
    return _OF_GATE.get(view.state, Fullness.FREE)


def free_people(view: RoomView) -> int:
    """Places that are neither taken nor reserved, on the safe side."""
    return 0 if view.upper is None else max(0, view.limit_people - view.upper - view.reserved_people)
