"""People without tickets: as many as the file says, on the weekday of the file, and gone in the evening."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from simulator.door_counts import CountsError, read
from simulator.passers_by import PasserBy, day_of_week, passers_by
from simulator.scenario import PassersBy

COUNTS = read(Path(__file__).parents[2] / "simulator" / "scenarios" / "calit2-week.data")
WHO = PassersBy(file="calit2-week.data", week=date(2005, 9, 22), door="main-door")
WEDNESDAY = date(2026, 3, 4)
HALF_HOUR_S = 1_800


def everybody(seed: int = 1, on: date = WEDNESDAY, share: float = 1.0) -> list[PasserBy]:
    return passers_by(COUNTS, PassersBy(file=WHO.file, week=WHO.week, door=WHO.door, share=share), on, seed)


def test_a_weekday_stays_a_weekday() -> None:
    for days in range(7):
        on = WEDNESDAY + timedelta(days=days)
        assert day_of_week(WHO.week, on).weekday() == on.weekday()
        assert day_of_week(WHO.week, on).isocalendar().week == WHO.week.isocalendar().week


def test_as_many_enter_in_each_half_hour_as_the_file_says() -> None:
    people = everybody()
    for i, half_hour in enumerate(COUNTS.days[date(2005, 9, 21)]):
        begins_s = i * HALF_HOUR_S
        assert sum(begins_s <= it.enters_at_s < begins_s + HALF_HOUR_S for it in people) == half_hour.entered


def test_as_many_are_seen_leaving_as_the_file_says_but_for_those_who_came_before_it() -> None:
    people = everybody()
    left = sum(it.left for it in COUNTS.days[date(2005, 9, 21)])
    assert left - 10 <= sum(it.is_seen_leaving for it in people) <= left


def test_everybody_leaves_after_coming_and_some_unseen() -> None:
    people = everybody()
    assert all(it.enters_at_s < it.leaves_at_s for it in people)
    assert 0 < sum(not it.is_seen_leaving for it in people) < len(people) / 5
    assert people == sorted(people, key=lambda it: it.enters_at_s)


def test_a_share_of_them_is_a_part_of_the_same_people() -> None:
    all_of_them, some = everybody(), everybody(share=0.4)
    assert set(some) < set(all_of_them)
    assert len(some) / len(all_of_them) == pytest.approx(0.4, abs=0.08)


def test_the_seed_decides_everything() -> None:
    assert everybody(seed=1) == everybody(seed=1) != everybody(seed=2)


def test_a_week_that_the_file_does_not_have_is_told() -> None:
    with pytest.raises(CountsError) as error:
        passers_by(COUNTS, PassersBy(file="calit2-week.data", week=date(2005, 8, 1), door="d"), WEDNESDAY, 1)
    assert str(error.value) == (
        "passers_by.week: 2026-03-04 (Wednesday) would be 2005-08-03, and calit2-week.data has 2005-09-19 to "
        "2005-09-25; choose another week"
    )
