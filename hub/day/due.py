"""When the day next changes by itself. This one instant replaces every timer."""

from datetime import datetime

from hub.day import admission, changes, closing, corrections, idle, schedule
from hub.day.model import Day


def due(day: Day, now: datetime | None = None) -> datetime | None:
    """The next instant at which something changes without an input: a grace ends, a parked ticket or a reservation
    lapses, an alarm begins or ends, or somebody can be invited in (both at once), a pause or a notice ends, a room gets
    the limit of another hour, or is corrected by what the lobby file says, the lobby closes, or the service day turns.

    None when no day is open. It may be an instant after `now` (without one: after the newest event) at which to ask
    again: how an estimate moves by itself is not looked up before it is needed. What is due by `now` is told as it is.
    """
    if day.ends_at is None:
        return None
    if day.alarms_due or admission.can_invite(day):
        return day.at
    instants = [day.ends_at]
    for at in (changes.next_end_at(day), schedule.next_change_at(day)):
        instants += [at] if at else []
    if day.evacuation is not None:
        return min(instants)
    if day.ruled_rooms and (at := corrections.next_at(day)) is not None:
        instants.append(at)
    if day.learning_rooms and (at := idle.next_at(day, now or day.at or day.ends_at)) is not None:
        instants.append(at)
    return min(*instants, *_of_tickets(day), day.ends_at)


def _of_tickets(day: Day) -> list[datetime]:
    """When a ticket changes by itself, which it does not while the building is being evacuated."""
    lapse_at, closing_at = admission.next_lapse_at(day), closing.ends_at(day)
    instants = [day.missed[0][0]] if day.missed else []
    instants += [day.parked[0][0]] if day.parked else []
    instants += [closing_at] if closing_at else []
    return instants + ([lapse_at] if lapse_at else [])
