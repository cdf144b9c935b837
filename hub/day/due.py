"""When the day next changes by itself. This one instant replaces every timer."""

from datetime import datetime

from hub.day import admission
from hub.day.model import Day


def due(day: Day) -> datetime | None:
    """The next instant at which something changes without an input: a grace ends, a reservation lapses, somebody can
    be invited in (at once), or the service day turns.

    None when no day is open.
    """
    if day.ends_at is None:
        return None
    if admission.can_invite(day):
        return day.at
    lapse_at = admission.next_lapse_at(day)
    instants = [day.ends_at]
    instants += [day.missed[0][0]] if day.missed else []
    instants += [lapse_at] if lapse_at else []
    return min(instants)
