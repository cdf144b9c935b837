"""Who comes today: as many as asked, when the curve says, each with chance of their own."""

from dataclasses import replace
from datetime import time

import pytest

from simulator.crowd import Curve, crowd, seconds
from simulator.scenario import Visitors

VISITORS = Visitors(
    count=2_000,
    curve={time(9): 0.0, time(10): 4.0, time(12): 4.0, time(13): 0.0},
    services={"passports": 3, "residents": 1},
    languages={"fr": 9, "en": 1},
    phone=0.5,
    no_show=0.1,
)
HOUR_S = 3_600


def test_all_come_within_the_curve_and_in_order() -> None:
    come_at_s = [it.comes_at_s for it in crowd(VISITORS, seed=1)]
    assert len(come_at_s) == 2_000
    assert come_at_s == sorted(come_at_s)
    assert come_at_s[0] >= 9 * HOUR_S
    assert come_at_s[-1] <= 13 * HOUR_S


def test_the_curve_decides_when_they_come() -> None:
    come_at_s = [it.comes_at_s for it in crowd(VISITORS, seed=1)]
    # Areas of the four hours: 2, 4, 4, 2 of 12.
    shares = [sum(1 for it in come_at_s if hour * HOUR_S <= it < (hour + 1) * HOUR_S) / 2_000 for hour in range(9, 13)]
    assert shares == pytest.approx([2 / 12, 4 / 12, 4 / 12, 2 / 12], abs=0.03)


def test_weights_and_shares_are_kept() -> None:
    people = crowd(VISITORS, seed=1)
    assert sum(it.service == "passports" for it in people) / 2_000 == pytest.approx(0.75, abs=0.03)
    assert sum(it.has_phone for it in people) / 2_000 == pytest.approx(0.5, abs=0.03)
    assert sum(it.is_no_show for it in people) / 2_000 == pytest.approx(0.1, abs=0.02)


def test_one_more_visitor_changes_nobody_elses_day() -> None:
    before = {it.name: it for it in crowd(VISITORS, seed=1)}
    after = {it.name: it for it in crowd(replace(VISITORS, count=2_001), seed=1)}
    assert after.keys() - before.keys() == {"visitor-2000"}
    assert all(after[name] == it for name, it in before.items())


def test_a_seed_decides_the_crowd() -> None:
    assert crowd(VISITORS, seed=1) == crowd(VISITORS, seed=1)
    assert crowd(VISITORS, seed=1) != crowd(VISITORS, seed=2)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_shares_of_a_curve_are_where_its_area_says(share: float) -> None:
    rising = Curve({time(0, 0, 0): 0.0, time(0, 3, 20): 2.0})
    assert rising.at_share(share) == pytest.approx(200 * share**0.5)
    flat = Curve({time(0, 0, 0): 1.0, time(0, 3, 20): 1.0})
    assert flat.at_share(share) == pytest.approx(200 * share)


def test_seconds_after_midnight() -> None:
    assert seconds(time(8, 30, 15, 500_000)) == 30_615.5
