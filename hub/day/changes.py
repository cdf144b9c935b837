"""What somebody has changed for the day: pauses and notices, and when they end. Limits end with the day alone."""

from datetime import datetime

from hub.day.change_events import NoticeWithdrawn, ServiceResumed
from hub.day.events import AnyEvent
from hub.day.lobby import Label
from hub.day.model import Day


def ends(day: Day, now: datetime) -> list[AnyEvent]:
    """The pauses and notices whose time is over by now."""
    over: list[AnyEvent] = [ServiceResumed(service=it) for it, at in day.paused.items() if at and at <= now]
    posted = day.notices.items()
    over += [NoticeWithdrawn(room=room) for room, it in posted if it.until_at and it.until_at <= now]
    return over


def next_end_at(day: Day) -> datetime | None:
    """When the first of them ends by itself."""
    if not day.paused and not day.notices:
        return None
    instants = [at for at in day.paused.values() if at]
    instants += [it.until_at for it in day.notices.values() if it.until_at]
    return min(instants, default=None)


def notices(day: Day, *rooms: str) -> list[Label]:
    """What people in `rooms` should know: what is posted everywhere first."""
    if not day.notices:
        return []
    return [day.notices[room].text for room in dict.fromkeys(("", *rooms)) if room in day.notices]
