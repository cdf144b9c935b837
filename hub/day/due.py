"""When the day next changes by itself. This one instant replaces every timer."""

from datetime import datetime

from hub.day.hours import turns_at
from hub.day.model import Day


def due(day: Day) -> datetime | None:
    """The next instant at which something changes without an input: a grace ends, or the service day turns.

    None when no day is open.
    """
    if day.day is None or day.lobby is None:
        return None
    turn = turns_at(day.lobby, day.day)
    return min(turn, day.missed[0][0]) if day.missed else turn
