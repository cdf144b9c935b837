"""Instants as counters write them: aware UTC where they say in which zone, and a plain local time where they do not."""

import re
from datetime import UTC, datetime, timedelta, timezone

from edge.counters.readings import CLOCK_MAX, CLOCK_MIN, Refuse

_FRACTION = re.compile(r"(\.\d{6})\d+")
"""Network servers write nanoseconds; Python knows microseconds."""
_SHORT_OFFSET = re.compile(r"(:\d{2}[\d.]*[+-])(\d:\d{2})\Z")
"""Some write `-5:00` for `-05:00`."""
_OFFSET = re.compile(r"UTC\s*([+-])(\d{1,2})(?::?(\d{2}))?\Z")


def aware(text: object, what: str) -> datetime:
    """`2020-02-12T15:15:46.014773143Z`, or with an offset.

    Raises:
        Refuse: it is no instant, has no zone, or is of no year in which anybody counted.
    """
    if not isinstance(text, str):
        raise Refuse("bad-instant", f"{what} is no text but {_short(text)}")
    try:
        at = datetime.fromisoformat(_SHORT_OFFSET.sub(r"\g<1>0\2", _FRACTION.sub(r"\1", text)))
    except ValueError:
        raise Refuse("bad-instant", f"{what} {_short(text)} is no instant") from None
    if at.tzinfo is None:
        raise Refuse("bad-instant", f"{what} {_short(text)} does not say in which time zone it is")
    return _plausible(at, what, text)


def aware_or_local(text: object, what: str) -> tuple[datetime | None, str]:
    """An instant, or a local time if the text names no zone; one of the two.

    Raises:
        Refuse: it is neither.
    """
    try:
        return aware(text, what), ""
    except Refuse as refuse:
        if not isinstance(text, str) or "time zone" not in str(refuse):
            raise
    return None, local(text, what)


def local(text: object, what: str, form: str = "") -> str:
    """A local time as `2020-06-23T00:00:00`, from `form` or ISO.

    Raises:
        Refuse: it is none.
    """
    if not isinstance(text, str):
        raise Refuse("bad-instant", f"{what} is no text but {_short(text)}")
    try:
        at = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 - it names no zone
    except ValueError:
        raise Refuse("bad-instant", f"{what} {_short(text)} is no time") from None
    _plausible(at.replace(tzinfo=UTC), what, text)
    return at.isoformat(timespec="seconds")


def in_offset(local_time: str, zone: object) -> datetime | None:
    """That local time in a zone such as `UTC+8:00 China Standard Time`; None if it names no offset."""
    found = _OFFSET.match(zone.split(" ")[0].strip()) if isinstance(zone, str) else None
    if found is None or int(found[2]) > 14 or int(found[3] or 0) > 59:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    here = timezone(offset if found[1] == "+" else -offset)
    return datetime.fromisoformat(local_time).replace(tzinfo=here).astimezone(UTC)


def unix(number: object, what: str, *, per_s: int = 1) -> datetime:
    """Seconds since 1970, or with `per_s` 1000 milliseconds.

    Raises:
        Refuse: it is no number, or of no year in which anybody counted.
    """
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < 1e15:
        raise Refuse("bad-instant", f"{what} {_short(number)} is no instant")
    try:
        at = datetime.fromtimestamp(0, UTC) + timedelta(seconds=number / per_s)
    except OverflowError:
        raise Refuse("bad-instant", f"{what} {_short(number)} is no instant") from None
    return _plausible(at, what, number)


def clock(seconds: int) -> datetime | None:
    """A counter's own clock; None while nobody has set it."""
    at = datetime.fromtimestamp(seconds, UTC)
    return at if CLOCK_MIN <= at < CLOCK_MAX else None


def _plausible(at: datetime, what: str, given: object) -> datetime:
    try:
        at = at.astimezone(UTC)
    except (OverflowError, ValueError):
        raise Refuse("bad-instant", f"{what} {_short(given)} is no instant") from None
    if not CLOCK_MIN <= at < CLOCK_MAX:
        raise Refuse("bad-instant", f"{what} {_short(given)} is not between {CLOCK_MIN:%Y} and {CLOCK_MAX:%Y}")
    return at


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, str | int | float | bool | None) else type(value).__name__
    return text if len(text) <= 60 else f"{text[:60]}…"
