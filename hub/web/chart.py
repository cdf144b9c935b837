"""The geometry of a room's bar and of its curve, for templates that draw them as SVG on the server.

Pure: people and instants go in, places go out. It knows no words and no colours. Across, places are percents, so that
text keeps its size at any width; a curve's paths are in a square of `SIDE` units that is stretched over the plot.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, log10

from msgspec import Struct

from hub.day.rooms import CurvePoint

SIDE = 1_000
HEADROOM = 1.12
"""Of the scale above the limit and above the highest number, so that neither lies on the edge."""

PEOPLE_TICKS = 4
"""About as many lines as the eye takes in at once."""

TIME_TICKS_MAX = 6
"""As many times of day as stand side by side on a phone."""

STEPS_H = (1, 2, 3, 4, 6, 12)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Bar(Struct, frozen=True, kw_only=True):
    """People against a limit, in percent of the bar's width."""

    people: float
    reserved: float
    """The width of those on their way, after `people`."""
    lower: float
    upper: float
    limit: float


class PeopleTick(Struct, frozen=True, kw_only=True):
    """A round number on the axis of people."""

    value: int
    at: int
    """Units from the top."""


class TimeTick(Struct, frozen=True, kw_only=True):
    """A full hour on the axis of time."""

    local_at: datetime
    at: float
    """Percent from the left."""


class Row(Struct, frozen=True, kw_only=True):
    """The curve in figures, for whoever does not see it: how it stood at one time, and what went before."""

    local_at: datetime
    people: int | None
    lower: int | None
    upper: int | None
    highest: int | None
    """In the hour before."""


class Chart(Struct, frozen=True, kw_only=True):
    """A day's curve."""

    people_ticks: tuple[PeopleTick, ...]
    time_ticks: tuple[TimeTick, ...]
    limit_at: int
    """Units from the top."""
    line: str
    """Path of the number, in steps; it is interrupted while the number is not known."""
    band: str
    """Path of what lies between the bounds."""
    unknown: tuple[tuple[int, int], ...]
    """(begin, width) of the times in which the number was not known, in units."""
    now_at: float
    """Percent from the left."""
    limit_line: str
    """Path of the limits in the course of the day; empty where one is said for all of it."""
    rows: tuple[Row, ...]


class _Span(Struct, frozen=True, kw_only=True):
    """A point of the curve and the time in which it holds."""

    begin_at: datetime
    end_at: datetime
    point: CurvePoint


def bar(people: int, lower: int, upper: int, reserved: int, limit: int) -> Bar:
    """A room's bar. The scale ends a little above the limit, or above everything when that is more."""
    top = max(limit, upper, people + reserved) * HEADROOM

    def percent(value: float) -> float:
        return round(100 * value / top, 1)

    return Bar(
        people=percent(people),
        reserved=percent(reserved),
        lower=percent(lower),
        upper=percent(upper),
        limit=percent(limit),
    )


def chart(
    points: Sequence[CurvePoint],
    limit: int,
    *,
    opening: tuple[datetime, datetime] | None,
    now: datetime,
    local: Callable[[datetime], datetime],
    limits: Sequence[tuple[datetime, int]] = (),
) -> Chart:
    """The curve of `points`, oldest first, until `now`. The axis of time spans the opening hours and all people.

    `limits` are those of the day, each from its instant on; `limit` is then the highest. `local` gives the lobby's time
    of an instant; full hours are its.
    """
    until_at = now.replace(second=0, microsecond=0) + MINUTE
    begin_at, end_at = _axis(points, opening, until_at, local)
    width = end_at - begin_at
    spans = list(_spans(points, begin_at, until_at))
    step, top = _people_axis(spans, limit)

    def x(at: datetime) -> int:
        return round(SIDE * ((at - begin_at) / width))

    def y(people: int) -> int:
        return round(SIDE * (1 - people / top))

    runs = _runs(spans)
    return Chart(
        people_ticks=tuple(PeopleTick(value=value, at=y(value)) for value in range(0, int(top) + 1, step)),
        time_ticks=tuple(_time_ticks(begin_at, end_at, local)),
        limit_at=y(limit),
        line="".join(_line(run, x, y) for run in runs),
        band="".join(_band(run, x, y) for run in runs),
        unknown=tuple(
            (x(span.begin_at), x(span.end_at) - x(span.begin_at)) for span in spans if span.point.people is None
        ),
        now_at=round(100 * ((until_at - begin_at) / width), 2),
        limit_line=_steps(limits, begin_at, until_at, x, y),
        rows=tuple(_rows(spans, begin_at, until_at, local)),
    )


# --- axes --------------------------------------------------------------------------------------------------------


def _axis(
    points: Sequence[CurvePoint],
    opening: tuple[datetime, datetime] | None,
    until_at: datetime,
    local: Callable[[datetime], datetime],
) -> tuple[datetime, datetime]:
    """Full hours around the opening hours, the first people of the day, and now."""
    first_at = next((point.at for point in points if point.people), until_at - MINUTE)
    begin_at = min(first_at, opening[0]) if opening else first_at
    end_at = max(until_at, opening[1]) if opening else until_at
    begin_at -= _past_hour(local(begin_at))
    over = _past_hour(local(end_at))
    return begin_at, max(end_at + (HOUR - over if over else timedelta()), begin_at + HOUR)


def _past_hour(local_at: datetime) -> timedelta:
    return timedelta(minutes=local_at.minute, seconds=local_at.second, microseconds=local_at.microsecond)


def _people_axis(spans: Sequence[_Span], limit: int) -> tuple[int, float]:
    """(people between two ticks, people at the top)."""
    seen = [value for span in spans for value in (span.point.upper, span.point.highest) if value is not None]
    top = max([limit, *seen]) * HEADROOM
    magnitude = 10 ** int(log10(max(1.0, top / PEOPLE_TICKS)))
    step = next(size * magnitude for size in (1, 2, 5, 10) if size * magnitude * (PEOPLE_TICKS + 1) >= top)
    return step, top


def _time_ticks(begin_at: datetime, end_at: datetime, local: Callable[[datetime], datetime]) -> Iterator[TimeTick]:
    hours = ceil((end_at - begin_at) / HOUR)
    step_h = next((step for step in STEPS_H if hours / step <= TIME_TICKS_MAX), STEPS_H[-1])
    for hour in range(hours + 1):
        at = begin_at + hour * HOUR
        local_at = local(at)
        if local_at.hour % step_h == 0 and at <= end_at:
            yield TimeTick(local_at=local_at, at=round(100 * ((at - begin_at) / (end_at - begin_at)), 2))


# --- paths -------------------------------------------------------------------------------------------------------


def _spans(points: Sequence[CurvePoint], begin_at: datetime, until_at: datetime) -> Iterator[_Span]:
    """When each point holds, within the plot. Before the first point nothing is known, and nothing is said."""
    ends = [*(point.at for point in points[1:]), until_at]
    for point, end_at in zip(points, ends, strict=False):
        if end_at > begin_at and point.at < until_at:
            yield _Span(begin_at=max(point.at, begin_at), end_at=end_at, point=point)


def _runs(spans: Sequence[_Span]) -> list[list[_Span]]:
    """Spans that follow each other and are known."""
    runs: list[list[_Span]] = [[]]
    for span in spans:
        if span.point.people is None:
            runs.append([])
        else:
            runs[-1].append(span)
    return [run for run in runs if run]


def _line(run: Sequence[_Span], x: Callable[[datetime], int], y: Callable[[int], int]) -> str:
    path = ""
    for span in run:
        point = span.point
        assert point.people is not None
        assert point.lowest is not None
        assert point.highest is not None
        path += f"{'V' if path else f'M{x(span.begin_at)} '}{y(point.people)}"
        if point.lowest < point.highest:
            # What happened within the minute: a stroke up and down, and on.
            path += f"V{y(point.highest)}V{y(point.lowest)}V{y(point.people)}"
        path += f"H{x(span.end_at)}"
    return path


def _steps(
    limits: Sequence[tuple[datetime, int]],
    begin_at: datetime,
    until_at: datetime,
    x: Callable[[datetime], int],
    y: Callable[[int], int],
) -> str:
    ends = [*(at for at, _ in limits[1:]), until_at]
    path = ""
    for (at, people), end_at in zip(limits, ends, strict=True) if limits else ():
        if end_at > begin_at:
            path += f"{'V' if path else f'M{x(max(at, begin_at))} '}{y(people)}H{x(end_at)}"
    return path


def _band(run: Sequence[_Span], x: Callable[[datetime], int], y: Callable[[int], int]) -> str:
    """Along the upper bounds and back along the lower ones; empty where they are one."""
    if all(span.point.lower == span.point.upper for span in run):
        return ""
    upper = f"M{x(run[0].begin_at)} {y(run[0].point.upper or 0)}"
    upper += "".join(f"V{y(span.point.upper or 0)}H{x(span.end_at)}" for span in run)
    lower = "".join(f"V{y(span.point.lower or 0)}H{x(span.begin_at)}" for span in reversed(run))
    return f"{upper}{lower}Z"


# --- figures -----------------------------------------------------------------------------------------------------


def _rows(
    spans: Sequence[_Span], begin_at: datetime, until_at: datetime, local: Callable[[datetime], datetime]
) -> Iterator[Row]:
    hours = int((until_at - begin_at) / HOUR)
    instants = [begin_at + hour * HOUR for hour in range(hours + 1)]
    if instants[-1] < until_at - MINUTE:
        instants.append(until_at - MINUTE)
    for before_at, at in pairwise([begin_at - HOUR, *instants]):
        held = [span.point for span in spans if span.begin_at <= at and span.end_at > before_at]
        now = next((span.point for span in spans if span.begin_at <= at < span.end_at), None)
        yield Row(
            local_at=local(at),
            people=now.people if now else None,
            lower=now.lower if now else None,
            upper=now.upper if now else None,
            highest=max((point.highest for point in held if point.highest is not None), default=None),
        )
