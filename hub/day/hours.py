"""Opening hours and service days: local time, worked out in the lobby's own zone."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hub.day.lobby import Lobby

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _clock(text: str) -> time:
    """`08:30` as a time; `24:00` as the last moment of the day."""
    return time.max if text == "24:00" else time.fromisoformat(text)


def local(lobby: Lobby, at: datetime) -> datetime:
    """`at` in the lobby's time zone."""
    return at.astimezone(_zone(lobby.site.time_zone))


def service_day(lobby: Lobby, at: datetime) -> date:
    """The service day that `at` belongs to: a local date that turns at `day_turns_at`."""
    here = local(lobby, at)
    return here.date() if here.time() >= _clock(lobby.site.day_turns_at) else here.date() - timedelta(days=1)


def turns_at(lobby: Lobby, day: date) -> datetime:
    """The instant at which service day `day` ends."""
    end = datetime.combine(day + timedelta(days=1), _clock(lobby.site.day_turns_at), _zone(lobby.site.time_zone))
    return end.astimezone(UTC)


def opens_at(lobby: Lobby, at: datetime) -> datetime | None:
    """The beginning of the opening period that holds `at`, or of the next one within a week; None if none comes."""
    here = local(lobby, at)
    zone = _zone(lobby.site.time_zone)
    for ahead in range(8):
        on = here.date() + timedelta(days=ahead)
        for period in lobby.hours.get(WEEKDAYS[on.weekday()], ()):
            begin_text, _, end_text = period.partition("-")
            end = datetime.combine(on, _clock(end_text), zone).astimezone(UTC)
            if at < end:
                return datetime.combine(on, _clock(begin_text), zone).astimezone(UTC)
    return None


def is_open(lobby: Lobby, at: datetime) -> bool:
    """Whether tickets are issued at `at`."""
    begin = opens_at(lobby, at)
    return begin is not None and begin <= at


def opening_span(lobby: Lobby, day: date) -> tuple[datetime, datetime] | None:
    """From the first opening to the last closing of the service day `day`; None for one that is closed."""
    periods = lobby.hours.get(WEEKDAYS[day.weekday()], ())
    if not periods:
        return None
    zone = _zone(lobby.site.time_zone)
    begins, ends = zip(*(period.split("-") for period in periods), strict=True)
    begin = min(datetime.combine(day, _clock(text), zone) for text in begins)
    end = max(datetime.combine(day, _clock(text), zone) for text in ends)
    return begin.astimezone(UTC), end.astimezone(UTC)
