"""The day's curve of a room: what was known, minute by minute, and how it is drawn."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hub.day import inputs
from hub.day.hours import opening_span
from hub.day.rooms import CurvePoint
from hub.web.chart import SIDE, TIME_TICKS_MAX, Chart, bar, chart
from tests.given import COUNTER, MONDAY_9H, Story, a_lobby

NINE = MONDAY_9H
OPENING = (NINE - timedelta(hours=1), NINE + timedelta(hours=9))


def known(story: Story) -> list[tuple[int, int | None]]:
    """(minute since nine, people) of the hall's curve."""
    return [(round((point.at - NINE).total_seconds() / 60), point.people) for point in story.day.rooms["main"].curve]


def point(minute: int, people: int | None, spread: int = 0, *, lowest: int | None = None) -> CurvePoint:
    low = None if people is None else people - spread
    high = None if people is None else people + spread
    at = NINE + timedelta(minutes=minute)
    return CurvePoint(
        at=at, people=people, lower=low, upper=high, lowest=people if lowest is None else lowest, highest=people
    )


def drawn(
    points: Sequence[CurvePoint],
    *,
    limit: int = 10,
    now_min: float = 60,
    opening: tuple[datetime, datetime] | None = None,
) -> Chart:
    """On an axis of one hour unless there are opening hours."""
    now = NINE + timedelta(minutes=now_min - 1)
    return chart(points, limit, opening=opening, now=now, local=lambda at: at)


# --- what is kept ------------------------------------------------------------------------------------------------


def test_each_change_is_a_point_and_what_changes_nothing_is_none() -> None:
    story = Story().counted(0, 0)
    story.after(60).counted(3, 0)
    story.after(60).counted(4, 1)
    story.after(600).counted(4, 2)
    assert known(story) == [(0, 0), (1, 3), (12, 2)]


def test_a_minute_is_one_point_that_remembers_its_extremes() -> None:
    story = Story().counted(0, 0)
    story.after(60).counted(5, 0)
    story.after(20).counted(9, 0)
    story.after(20).counted(9, 6)
    last = story.day.rooms["main"].curve[-1]
    assert known(story) == [(0, 0), (1, 3)]
    assert (last.lowest, last.highest) == (3, 9)


def test_silence_is_unknown_and_a_correction_is_a_change() -> None:
    story = Story().counted(4, 0).counted(8, 0)
    story.after(60).when(inputs.NoteSilence(device=COUNTER, is_silent=True))
    story.after(60).when(inputs.NoteSilence(device=COUNTER, is_silent=False))
    story.after(60).when(inputs.CorrectPeople(room="main", people=9, why="counted"))
    assert known(story) == [(0, 4), (1, None), (2, 4), (3, 9)]


def test_a_replayed_day_has_the_same_curve() -> None:
    story = Story(a_lobby(margin_per_crossing=0.1)).with_open_desk().counted(0, 0)
    for n in range(1, 40):
        story.after(25).counted(n, n // 3)
        story.with_ticket()
    assert story.replayed().rooms["main"].curve == story.day.rooms["main"].curve
    assert len(known(story)) <= 18, "one a minute at most"


# --- how it is drawn ---------------------------------------------------------------------------------------------


def test_the_line_goes_in_steps_and_stops_where_nothing_is_known() -> None:
    picture = drawn([point(0, 0), point(15, 10), point(30, None), point(45, 5)], limit=10)
    top = SIDE - round(SIDE / 1.12)
    half = round(SIDE * (1 - 5 / 11.2))
    assert picture.line == f"M0 {SIDE}H250V{top}H500M750 {half}H1000"
    assert picture.unknown == ((500, 250),)
    assert picture.limit_at == top


def test_what_happened_within_a_minute_is_a_stroke() -> None:
    assert "V" in drawn([point(0, 8, lowest=2)]).line
    assert "V" not in drawn([point(0, 8)]).line


def test_the_band_runs_along_the_upper_bounds_and_back_along_the_lower_ones() -> None:
    assert drawn([point(0, 4), point(30, 6)]).band == ""
    band = drawn([point(0, 4), point(30, 6, spread=2)], limit=10).band
    at = {people: round(SIDE * (1 - people / 11.2)) for people in (4, 8)}
    assert band == f"M0 {at[4]}V{at[4]}H500V{at[8]}H1000V{at[4]}H500V{at[4]}H0Z"


def test_the_axis_of_time_spans_the_opening_hours_and_everybody() -> None:
    hours = [tick.local_at.hour for tick in drawn([point(0, 1)], opening=OPENING).time_ticks]
    assert (hours[0], hours[-1]) == (8, 18)
    early = [tick.local_at.hour for tick in drawn([point(-125, 1)], opening=OPENING).time_ticks]
    assert early[0] == 6
    night = [tick.local_at.hour for tick in drawn([point(-300, 0)], opening=OPENING).time_ticks]
    assert night[0] == 8, "an empty room at four in the morning is not worth four hours of paper"


@pytest.mark.parametrize("hours", [1, 3, 7, 10, 14, 24])
def test_times_stand_side_by_side_on_a_phone(hours: int) -> None:
    ticks = drawn([point(0, 1)], opening=(NINE, NINE + timedelta(hours=hours))).time_ticks
    assert 2 <= len(ticks) <= TIME_TICKS_MAX + 1


def test_hours_are_those_of_the_lobby_even_when_the_clocks_change() -> None:
    zone = ZoneInfo("Europe/Paris")
    begin = datetime(2026, 3, 29, 0, 0, tzinfo=zone)
    opening = (begin.astimezone(UTC), datetime(2026, 3, 29, 6, 0, tzinfo=zone).astimezone(UTC))
    picture = chart([], 10, opening=opening, now=opening[0], local=lambda at: at.astimezone(zone))
    assert [tick.local_at.hour for tick in picture.time_ticks] == [0, 1, 3, 4, 5, 6]
    assert picture.time_ticks[2].at == 40, "five hours long, and three o’clock after two of them"


def test_a_room_without_any_news_has_axes_and_no_line() -> None:
    picture = drawn([], limit=30)
    assert (picture.line, picture.band, picture.unknown) == ("", "", ())
    assert picture.people_ticks[0].value == 0
    assert all(row.people is None for row in picture.rows)


@pytest.mark.parametrize("limit", [1, 2, 9, 30, 99, 450, 100_000])
def test_the_scale_of_people_has_a_few_round_steps_and_room_above_the_limit(limit: int) -> None:
    ticks = drawn([point(0, 0)], limit=limit).people_ticks
    assert 2 <= len(ticks) <= 7
    assert drawn([point(0, 0)], limit=limit).limit_at > 0


def test_more_people_than_allowed_stay_on_the_paper() -> None:
    assert min(tick.at for tick in drawn([point(0, 50)], limit=10).people_ticks) >= 0
    assert bar(50, 45, 55, 3, 10).upper < 100


def test_the_same_stands_in_figures() -> None:
    points = [point(0, 3, spread=1), point(20, 9, spread=1), point(70, None)]
    rows = drawn(points, now_min=91).rows
    assert [(row.local_at.hour, row.local_at.minute, row.people, row.highest) for row in rows] == [
        (9, 0, 3, 3),
        (10, 0, 9, 9),
        (10, 30, None, 9),
    ]
    assert (rows[1].lower, rows[1].upper) == (8, 10)


def test_a_day_is_open_from_its_first_period_to_its_last() -> None:
    lobby = a_lobby()
    lobby.hours["mon"] = ("08:00-12:00", "13:30-17:30")
    monday = NINE.date()
    assert opening_span(lobby, monday) == (NINE.replace(hour=8), NINE.replace(hour=17, minute=30))
    assert opening_span(lobby, monday + timedelta(days=5)) is None
