"""Faults of counters that their own counts give away, and how long they stand."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from hub.day.people.checks import WHAT_TO_DO, Counted, Fault, Hour
from hub.day.people.verdicts import Verdict, judged

DAYS = 6
MONDAY = date(2026, 3, 2)
NOBODY = [Hour(0, 0)] * 10

Days = list[list[Hour]]


def a_day(chance: Random, missed_out: float = 0.05) -> list[Hour]:
    """Some 300 visitors, most of them in the morning, who leave an hour later."""
    coming = [0, 40, 80, 60, 40, 30, 30, 20, 0, 0]
    leaving = [0, *coming[:-1]]
    return [
        Hour(sum(chance.random() > 0.02 for _ in range(i)), sum(chance.random() > missed_out for _ in range(o)))
        for i, o in zip(coming, leaving, strict=True)
    ]


def sound(seed: int, days: int = DAYS) -> Days:
    chance = Random(seed)
    return [a_day(chance) for _ in range(days)]


def turned(days: Days) -> Days:
    return [[Hour(it.left, it.entered) for it in day] for day in days]


def together(first: date = MONDAY, **counters: Days) -> list[Counted]:
    """Days on end, from `first` on."""
    of_days = zip(*counters.values(), strict=True)
    return [
        Counted(first + timedelta(days=n), dict(zip(counters, hours, strict=True))) for n, hours in enumerate(of_days)
    ]


def found(days: Sequence[Counted], kept: Sequence[Verdict] = ()) -> dict[str, list[Fault]]:
    """Of days that are over."""
    faults: dict[str, list[Fault]] = {}
    for verdict in judged(days, today=None, kept=kept):
        faults.setdefault(verdict.counter, []).append(verdict.fault)
    return faults


# --- what gives a counter away -----------------------------------------------------------------------------------


def test_sound_counters_are_not_accused() -> None:
    assert [found(together(a=sound(seed), b=sound(seed + 100))) for seed in range(20)] == [{}] * 20


def test_two_weeks_of_sound_counters_with_a_short_saturday_accuse_nobody() -> None:
    for seed in range(10):
        days = together(a=sound(seed, 14), b=sound(seed + 100, 14))
        for it in days:
            if it.day.weekday() == 5:
                assert isinstance(it.hours, dict)
                it.hours["b"] = NOBODY  # the side door is shut
        assert found(days) == {}


def test_a_counter_that_is_mounted_the_wrong_way_round_is_found() -> None:
    assert found(together(a=sound(2), b=turned(sound(1)))) == {"b": [Fault.SWAPPED]}


def test_a_counter_that_stands_still_while_the_others_count_is_found() -> None:
    assert found(together(a=sound(4), b=[*sound(3)[:-1], NOBODY])) == {"b": [Fault.STUCK]}


def test_a_counter_that_stops_at_ten_is_found_before_the_day_is_over() -> None:
    days = together(a=sound(4), b=[*sound(3)[:-1], [*sound(3)[-1][:3], *NOBODY[3:]]])
    until_eleven = days[-1]._replace(hours={name: [*of[:5], *NOBODY[5:]] for name, of in days[-1].hours.items()})
    assert [it.fault for it in judged(days[:-1], today=until_eleven)] == [Fault.STUCK]
    until_ten = days[-1]._replace(hours={name: [*of[:3], *NOBODY[3:]] for name, of in days[-1].hours.items()})
    assert judged(days[:-1], today=until_ten) == ()


def test_a_room_that_nobody_enters_accuses_nobody_of_standing_still() -> None:
    assert found(together(a=[*sound(5)[:-1], NOBODY], b=[*sound(6)[:-1], NOBODY])) == {}


def test_a_door_that_is_shut_as_often_as_not_accuses_nobody() -> None:
    shut = [day if n % 2 else NOBODY for n, day in enumerate(sound(3, 7))]
    assert found(together(a=sound(4, 7), b=shut)) == {}


def test_a_counter_that_misses_more_exits_than_it_used_to_is_found() -> None:
    chance = Random(7)
    drifting = [a_day(chance, 0.05 if day < DAYS // 2 else 0.25) for day in range(DAYS)]
    assert found(together(a=sound(8), b=drifting)) == {"b": [Fault.DRIFTING]}


# --- and for how long --------------------------------------------------------------------------------------------


def test_a_counter_that_was_turned_round_stands_accused_until_a_day_on_which_the_room_fills_first() -> None:
    repaired = together(a=[*turned(sound(1)), a_day(Random(9))])
    assert found(repaired[:-1]) == {"a": [Fault.SWAPPED]}
    today = repaired[-1]
    assert [it.fault for it in judged(repaired[:-1], today=today)] == [Fault.SWAPPED], "that day is not over yet"
    assert found(repaired) == {}


def test_a_day_on_which_hardly_anybody_came_acquits_nobody() -> None:
    few = [Hour(3, 0), Hour(0, 3), *NOBODY[2:]]
    assert found(together(a=[*turned(sound(1)), few])) == {"a": [Fault.SWAPPED]}


def test_a_counter_that_stood_still_for_a_morning_stands_accused_until_a_whole_day_has_been_counted() -> None:
    covered = [*NOBODY[:5], *sound(3)[-1][5:]]
    days = together(a=sound(4, 7), b=[*sound(3)[:-1], covered, sound(3)[0]])
    assert found(days[:-1]) == {"b": [Fault.STUCK]}
    assert found(days) == {}


def test_a_counter_that_has_stood_still_for_longer_than_anybody_looks_back_still_does() -> None:
    still = together(a=sound(4, 20), b=[*sound(3), *[NOBODY] * 14])
    kept: tuple[Verdict, ...] = ()
    for last in range(DAYS + 1, len(still) + 1):
        kept = judged(still[max(0, last - 14) : last], today=None, kept=kept)
    assert [(it.counter, it.fault, it.since) for it in kept] == [("b", Fault.STUCK, still[DAYS].day)]
    one_crossed = still[-1]._replace(day=still[-1].day + timedelta(days=1))
    one_crossed = one_crossed._replace(hours={"a": sound(4)[0], "b": [Hour(1, 0), *NOBODY[1:]]})
    assert len(judged([*still[-13:], one_crossed], today=None, kept=kept)) == 1, "one is nobody"


def test_a_counter_that_drifts_stands_accused_until_it_counts_as_it_did_however_long_that_is() -> None:
    chance = Random(7)
    missed = [0.05] * 7 + [0.25] * 21 + [0.05] * 3
    days = together(a=[a_day(chance, share) for share in missed])
    stood: list[list[Fault]] = []
    kept: tuple[Verdict, ...] = ()
    for last in range(14, len(days) + 1):
        kept = judged(days[last - 14 : last], today=None, kept=kept)
        stood.append([it.fault for it in kept])
    assert stood[:15] == [[Fault.DRIFTING]] * 15
    assert stood[-1] == []


def test_without_a_day_on_which_anybody_came_everything_stands_as_it_stood() -> None:
    kept = judged(together(a=turned(sound(1))), today=None)
    assert judged([], today=None, kept=kept) == kept != ()


def test_for_every_fault_there_is_something_to_do() -> None:
    assert set(WHAT_TO_DO) == set(Fault)
