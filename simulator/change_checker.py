"""Whether what is changed for the day was to be changed so, and ends at its time: pauses and notices. See "What changes
during the day" in `docs/rules-in-detail.md`; limits are for `gate_checker`.
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from hub.day import change_events, events
from simulator.followed import FollowedDay
from simulator.lobby_facts import WEEKDAYS

CHANGES = (
    change_events.LimitScheduled,
    change_events.ServicePaused,
    change_events.ServiceResumed,
    change_events.NoticePosted,
    change_events.NoticeWithdrawn,
)


def take(day: FollowedDay, event: events.AnyEvent, at: datetime) -> Iterator[str]:
    """What `event` changes; a sentence for each rule that it breaks."""
    match event:
        case change_events.LimitScheduled():
            yield from _limited(day, event, at)
        case change_events.ServicePaused(service=service, until_at=until_at):
            if service not in day.facts.services:
                yield f"{service} was paused, which the lobby does not have"
            if service in day.paused and day.paused[service] == until_at:
                yield f"{service} was paused as it was"
            yield from _in_the_past(service, until_at, at)
            day.paused[service] = until_at
        case change_events.ServiceResumed(service=service):
            if service not in day.paused:
                yield f"{service} was resumed, and was not paused"
            day.paused.pop(service, None)
        case change_events.NoticePosted(room=room, until_at=until_at):
            yield from _in_the_past(f"the notice of {room or 'everywhere'}", until_at, at)
            day.notices[room] = until_at
        case change_events.NoticeWithdrawn(room=room):
            if room not in day.notices:
                yield f"the notice of {room or 'everywhere'} was withdrawn, and there was none"
            day.notices.pop(room, None)
        case _:
            pass


def _in_the_past(what: str, until_at: datetime | None, at: datetime) -> Iterator[str]:
    if until_at is not None and until_at <= at:
        yield f"{what} ends at {until_at:%H:%M:%S}, before it begins"


def _limited(day: FollowedDay, event: change_events.LimitScheduled, at: datetime) -> Iterator[str]:
    wanted = wanted_limit(day, event.room, at)
    if event.limit_people != wanted:
        yield f"{event.room} got {_limit(event.limit_people)} for this hour, and {_limit(wanted)} is wanted"
    day.limits[event.room] = event.limit_people


def limit_not_told(day: FollowedDay, room: str, wanted: int | None) -> str:
    """A sentence if the rows do not say so of the room; empty if they do."""
    told = day.limits.get(room)
    return "" if told == wanted else f"{room} has {_limit(told)} for this hour, and {_limit(wanted)} is wanted"


def _limit(people: int | None) -> str:
    return "its usual limit" if people is None else f"a limit of {people}"


def wanted_limit(day: FollowedDay, room: str, at: datetime) -> int | None:
    """What the lobby file wants of the room at that hour of its clocks; None for the usual limit."""
    here = at.astimezone(ZoneInfo(day.facts.site.time_zone))
    weekday, clock = WEEKDAYS[here.weekday()], f"{here:%H:%M}"
    for it in day.facts.lobby.rooms:
        for span in it.limits if it.id == room else ():
            begin, end = span.hours.split("-")
            if begin <= clock < end and (not span.days or weekday in span.days):
                return span.limit_people
    return None


def ends(day: FollowedDay) -> Iterator[tuple[str, datetime]]:
    """What ends by itself, and when."""
    for service, until_at in day.paused.items():
        if until_at is not None:
            yield f"the pause of {service}", until_at
    for room, until_at in day.notices.items():
        if until_at is not None:
            yield f"the notice of {room or 'everywhere'}", until_at
