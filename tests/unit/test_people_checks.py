"""Faults of counters that their own counts give away."""

from random import Random

from hub.day.people.checks import WHAT_TO_DO, Fault, Hour, found

DAYS = 6


def a_day(chance: Random, missed_out: float = 0.05) -> list[Hour]:
    """Some 300 visitors, most of them in the morning, who leave an hour later."""
    coming = [0, 40, 80, 60, 40, 30, 30, 20, 0, 0]
    leaving = [0, *coming[:-1]]
    return [
        Hour(sum(chance.random() > 0.02 for _ in range(i)), sum(chance.random() > missed_out for _ in range(o)))
        for i, o in zip(coming, leaving, strict=True)
    ]


def sound(seed: int) -> list[list[Hour]]:
    chance = Random(seed)
    return [a_day(chance) for _ in range(DAYS)]


def test_sound_counters_are_not_accused() -> None:
    assert [found({"a": sound(seed), "b": sound(seed + 100)}) for seed in range(20)] == [{}] * 20


def test_a_counter_that_is_mounted_the_wrong_way_round_is_found() -> None:
    turned = [[Hour(it.left, it.entered) for it in day] for day in sound(1)]
    assert found({"a": sound(2), "b": turned}) == {"b": [Fault.SWAPPED]}


def test_a_counter_that_stands_still_while_the_others_count_is_found() -> None:
    still = [*sound(3)[:-1], [Hour(0, 0)] * 10]
    assert found({"a": sound(4), "b": still})["b"][0] is Fault.STUCK


def test_a_room_that_nobody_enters_accuses_nobody_of_standing_still() -> None:
    closed = [[*sound(seed)[:-1], [Hour(0, 0)] * 10] for seed in (5, 6)]
    assert found({"a": closed[0], "b": closed[1]}) == {}


def test_a_counter_that_misses_more_exits_than_it_used_to_is_found() -> None:
    chance = Random(7)
    drifting = [a_day(chance, 0.05 if day < DAYS // 2 else 0.25) for day in range(DAYS)]
    assert found({"a": sound(8), "b": drifting}) == {"b": [Fault.DRIFTING]}


def test_for_every_fault_there_is_something_to_do() -> None:
    assert set(WHAT_TO_DO) == set(Fault)
