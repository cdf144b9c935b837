"""Opening hours and service days: local time, worked out in the lobby's own zone.

Clocks are put forward and back: a time of day that is skipped is reckoned by the clock as it was before, and one that
comes twice is the first of the two. Instants are compared, never local times, so nothing happens twice or not at all.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hub.day.durations import seconds
from hub.day.lobby import Lobby, Service

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


class Opening(NamedTuple):
    """One opening of a lobby, in instants."""

    begins_at: datetime
    ends_at: datetime
    closes_at: datetime
    """Its end, or that of the last of those that follow it without a break."""


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _clock(text: str) -> time:
    return time.fromisoformat(text)


def local(lobby: Lobby, at: datetime) -> datetime:
    """`at` in the lobby's time zone."""
    return at.astimezone(_zone(lobby.site.time_zone))


@lru_cache(maxsize=1024)
def _instant(zone: str, on: date, clock: str) -> datetime:
    """When the clocks of `zone` show `clock` on that date; `24:00` is the midnight at its end."""
    if clock == "24:00":
        on, clock = on + DAY, "00:00"
    return datetime.combine(on, _clock(clock), _zone(zone)).astimezone(UTC)


def service_day(lobby: Lobby, at: datetime) -> date:
    """The service day that `at` belongs to: a local date that turns at `day_turns_at`."""
    today = local(lobby, at).date()
    return today if at >= turns_at(lobby, today - DAY) else today - DAY


def turns_at(lobby: Lobby, day: date) -> datetime:
    """The instant at which service day `day` ends."""
    return _instant(lobby.site.time_zone, day + DAY, lobby.site.day_turns_at)


def _openings(lobby: Lobby, on: date) -> tuple[Span, ...]:
    """Those that begin on a local date, earliest first."""
    return _spans(lobby.site.time_zone, on, lobby.hours.get(WEEKDAYS[on.weekday()], ()))


def spans_on(lobby: Lobby, on: date, periods: tuple[str, ...]) -> tuple[Span, ...]:
    """Periods of local time on a date, as instants."""
    return _spans(lobby.site.time_zone, on, periods)


@lru_cache(maxsize=1024)
def _spans(zone: str, on: date, periods: tuple[str, ...]) -> tuple[Span, ...]:
    begins_and_ends = (period.split("-") for period in periods)
    return tuple(sorted((_instant(zone, on, begin), _instant(zone, on, end)) for begin, end in begins_and_ends))


def clock_at(lobby: Lobby, day: date, clock: str) -> datetime:
    """When the clocks show `clock`, an hour and minute, in the service day `day`, which may go on over midnight."""
    on = day if clock >= lobby.site.day_turns_at else day + DAY
    return _instant(lobby.site.time_zone, on, clock)


def opens_at(lobby: Lobby, at: datetime) -> datetime | None:
    """The beginning of the opening that holds `at`, or of the next one within a week; None if none comes."""
    today = local(lobby, at).date()
    for ahead in range(8):
        for begin, end in _openings(lobby, today + ahead * DAY):
            if at < end:
                return begin
    return None


def is_open(lobby: Lobby, at: datetime) -> bool:
    """Whether the lobby is open at `at`."""
    begin = opens_at(lobby, at)
    return begin is not None and begin <= at


def closes_at(lobby: Lobby, at: datetime) -> datetime | None:
    """The end of the opening that holds `at`, which may go on over midnight; None outside of all."""
    today = local(lobby, at).date()
    openings = _openings(lobby, today)
    closing = next((end for begin, end in openings if begin <= at < end), None)
    if closing is not None:
        goes_on = dict(openings + _openings(lobby, today + DAY))
        while closing in goes_on:
            closing = goes_on.pop(closing)
    return closing


def openings_about(lobby: Lobby, day: date) -> tuple[Opening, ...]:
    """Those of the local dates from the one before `day` to the second one after, earliest first."""
    spans = [span for ahead in range(-1, 3) for span in _openings(lobby, day + ahead * DAY)]
    return tuple(Opening(begin, end, closes_at(lobby, begin) or end) for begin, end in spans)


def last_ticket_at(lobby: Lobby, service: Service, closing: datetime) -> datetime:
    """From when on no ticket for `service` is issued in an opening that ends at `closing`."""
    before_s = service.last_ticket_before_close_s
    return closing - seconds(lobby.site.last_ticket_before_close_s if before_s is None else before_s)


def takes_tickets(lobby: Lobby, service: Service, at: datetime) -> bool:
    """Whether a ticket for `service` is issued at `at`."""
    closing = closes_at(lobby, at)
    return closing is not None and at < last_ticket_at(lobby, service, closing)


def opening_span(lobby: Lobby, day: date) -> Span | None:
    """From the first opening to the last closing of the service day `day`, whose last hours may be after midnight;
    None for one that is closed."""
    begin_at, end_at = turns_at(lobby, day - DAY), turns_at(lobby, day)
    both = _openings(lobby, day) + _openings(lobby, day + DAY)
    openings = [span for span in both if begin_at <= span[0] < end_at]
    if not openings:
        return None
    begins, ends = zip(*openings, strict=True)
    return min(begins), max(ends)
