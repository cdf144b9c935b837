"""How sure a mean of days is."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.what_if.intervals import Interval, difference, interval, quantile, share_within

TABLE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 10: 2.228, 29: 2.045, 49: 2.010, 120: 1.980}
"""Of the t distribution, 95 % two-sided, as every textbook prints it."""


@pytest.mark.parametrize("freedom", TABLE)
def test_the_quantile_is_that_of_the_tables(freedom: int) -> None:
    assert round(quantile(freedom), 3) == TABLE[freedom]


def test_with_many_days_it_is_that_of_the_normal_distribution() -> None:
    assert quantile(9_999) == pytest.approx(1.960, abs=5e-4)
    assert share_within(1.959964, 9_999) == pytest.approx(0.95, abs=1e-4)


def test_an_interval_is_the_mean_and_t_times_the_standard_error_on_both_sides() -> None:
    it = interval([1.0, 2.0, 3.0])
    assert it is not None
    assert (it.low, it.mean, it.high) == pytest.approx((2 - 4.3027 / 3**0.5, 2.0, 2 + 4.3027 / 3**0.5), abs=1e-4)


def test_days_without_a_figure_do_not_count_and_one_day_says_nothing() -> None:
    assert interval([1.0, None, 2.0, 3.0]) == interval([1.0, 2.0, 3.0])
    assert interval([1.0, None]) is None
    assert difference([1.0, None, 3.0], [0.5, 1.0, None]) is None


def test_days_are_compared_with_the_same_days() -> None:
    calm_and_busy = [1.0, 20.0, 3.0, 40.0, 5.0]
    it = difference([day + 1 for day in calm_and_busy], calm_and_busy)
    assert it == Interval(mean=1.0, low=1.0, high=1.0)
    assert it.is_distinguishable


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60))
def test_days_differ_from_themselves_by_exactly_nothing(days: list[float]) -> None:
    nothing = difference(days, days)
    assert nothing == Interval(mean=0.0, low=0.0, high=0.0)
    assert not nothing.is_distinguishable


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60))
def test_the_mean_lies_within_its_interval(days: list[float]) -> None:
    it = interval(days)
    assert it is not None
    assert it.low <= it.mean <= it.high
    assert it.mean == fmean(days)
