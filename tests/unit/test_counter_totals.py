"""From what counters of other makers say to totals like ours: each person once, whatever happens to the messages."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.counters.readings import Decoded, Kind, Reading
from edge.counters.totals import Kept, Taken, Totals
from edge.counters.wiring import Wiring

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")


class Door:
    """A counter at a door, and what we make of it."""

    def __init__(self, **wiring: str | bool) -> None:
        self._tokens = count(2)
        self.wiring = Wiring(**wiring)  # type: ignore[arg-type]
        self.totals = Totals(self.wiring, Kept(epoch="e1"), self._token)
        self.now: datetime | None = NOW

    def _token(self) -> str:
        return f"e{next(self._tokens)}"

    def hears(
        self,
        *readings: Reading,
        flags: Iterable[str] = (),
        message: str = "",
        at: datetime | None = None,
        kept: bool = False,
    ) -> Taken:
        decoded = Decoded(family="x", readings=readings, flags=tuple(flags), message=message, at=at)
        return self.totals.take(decoded, now=self.now, zone=ZONE, is_kept=kept)

    def restarts(self) -> None:
        kept = msgspec.json.decode(msgspec.json.encode(self.totals.kept), type=Kept)
        self.totals = Totals(self.wiring, kept, self._token)

    @property
    def says(self) -> tuple[str, int, int]:
        kept = self.totals.kept
        return kept.epoch, kept.entered, kept.left


def total(entered: int | None, left: int | None = None, minute: int | None = None, **more: object) -> Reading:
    at = None if minute is None else NOW + timedelta(minutes=minute)
    return Reading(kind=Kind.TOTAL, entered=entered, left=left, at=at, **more)  # type: ignore[arg-type]


def period(entered: int, left: int, minute: int, length: int = 1, **more: object) -> Reading:
    since = NOW + timedelta(minutes=minute)
    until = since + timedelta(minutes=length)
    return Reading(kind=Kind.PERIOD, entered=entered, left=left, since=since, until=until, **more)  # type: ignore[arg-type]


def test_the_first_total_is_where_we_begin_and_the_next_counts() -> None:
    door = Door()
    assert door.hears(total(100, 90)) == Taken()
    assert door.hears(total(103, 91)) == Taken(counted=4)
    assert door.says == ("e1", 3, 1)


def test_a_lost_total_costs_nothing_and_a_repeated_one_adds_nothing() -> None:
    door = Door()
    for entered in (100, 105, 105, 120):
        door.hears(total(entered, 0))
    assert door.says == ("e1", 20, 0)


def test_a_message_that_is_delivered_twice_counts_once() -> None:
    door = Door()
    door.hears(Reading(kind=Kind.PERIOD, entered=2, left=1), message="uplink-1")
    assert door.hears(Reading(kind=Kind.PERIOD, entered=2, left=1), message="uplink-1").flags == ("duplicate",)
    assert door.says == ("e1", 2, 1)


@pytest.mark.parametrize("wraps_at", [2**16, 2**32])
def test_a_total_that_wraps_goes_on(wraps_at: int) -> None:
    door = Door()
    door.hears(total(wraps_at - 2, 5, wraps_at=wraps_at))
    assert door.hears(total(3, 5, wraps_at=wraps_at)).flags == ("wrapped",)
    assert door.says == ("e1", 5, 0)


def test_a_total_that_was_set_back_begins_a_new_epoch_with_who_has_passed_since() -> None:
    door = Door()
    door.hears(total(100, 90, 0))
    door.hears(total(110, 95, 1))
    assert door.hears(total(2, 1, 2)).flags == ("set-back",)
    assert door.says == ("e2", 2, 1)


def test_where_nobody_says_when_a_total_that_fell_is_believed_with_the_next() -> None:
    door = Door()
    door.hears(total(100, 90))
    assert door.hears(total(2, 1)).flags == ("fell",)
    assert door.says == ("e1", 0, 0)
    assert door.hears(total(3, 1)).flags == ("set-back",)
    assert door.says == ("e2", 3, 1)


def test_an_old_total_in_between_counts_nobody_twice() -> None:
    door = Door()
    door.hears(total(100, 0))
    door.hears(total(105, 0))
    door.hears(total(103, 0))
    door.hears(total(106, 0))
    assert door.says == ("e1", 6, 0)


def test_an_old_total_with_its_instant_is_out_of_order() -> None:
    door = Door()
    door.hears(total(100, 0, 5))
    assert door.hears(total(98, 0, 4)).flags == ("out-of-order",)
    assert door.hears(total(90, 0, 3, is_late=True)).flags == ("late",)
    assert door.says == ("e1", 0, 0)


def test_a_counter_that_says_that_it_was_cleared_is_believed_at_once() -> None:
    door = Door()
    door.hears(total(100, 90))
    door.hears(flags=["totals-cleared"])
    assert door.hears(total(1, 0)).flags == ("set-back",)
    assert door.says == ("e2", 1, 0)


def test_where_one_way_was_set_back_both_were() -> None:
    door = Door()
    door.hears(total(100, 0, 0))
    door.hears(total(2, 1, 1))
    assert door.says == ("e2", 2, 1)


def test_more_than_can_be_is_not_counted_and_a_counter_that_goes_on_from_there_begins_anew() -> None:
    door = Door()
    door.hears(total(0, 0))
    assert door.hears(total(50_000, 0)).flags == ("implausible",)
    assert door.hears(total(50_003, 0)).flags == ("set-anew",)
    door.hears(total(50_005, 0))
    assert door.says == ("e2", 2, 0)


def test_a_period_counts_once_in_whatever_order_it_comes() -> None:
    door = Door()
    flags = [door.hears(period(1, 0, minute)).flags for minute in (0, 3, 1, 3, 2, 0)]
    assert flags == [(), (), (), ("duplicate",), (), ("duplicate",)]
    assert door.says == ("e1", 4, 0)


def test_an_hour_over_minutes_that_were_counted_is_not_counted_again() -> None:
    door = Door()
    door.hears(period(3, 1, 10))
    assert door.hears(period(40, 30, 0, length=60)).flags == ("overlapping",)
    assert door.says == ("e1", 3, 1)


def test_a_period_from_before_we_listened_is_nobodys() -> None:
    door = Door()
    assert door.hears(period(40, 30, -120, length=60)).flags == ("before-start",)
    assert door.says == ("e1", 0, 0)


def test_a_late_period_of_the_time_in_which_we_listened_still_counts() -> None:
    door = Door()
    door.hears(period(1, 0, 0))
    door.now = NOW + timedelta(hours=5)
    assert door.hears(period(2, 1, 1, is_late=True)).flags == ()
    assert door.says == ("e1", 3, 1)


def test_a_clock_that_is_ahead_is_named() -> None:
    door = Door()
    assert door.hears(period(1, 0, 60)).flags == ("clock-ahead",)


def test_local_periods_are_kept_apart_by_the_clock_of_the_site() -> None:
    door = Door()
    hours = [
        Reading(
            kind=Kind.PERIOD,
            entered=5,
            left=0,
            local_since=f"2026-03-02T{hour}:00:00",
            local_until=f"2026-03-02T{hour + 1:02}:00:00",
        )
        for hour in (10, 11, 11)
    ]
    early = Reading(
        kind=Kind.PERIOD, entered=5, left=0, local_since="2026-03-02T08:00:00", local_until="2026-03-02T09:00:00"
    )
    assert [door.hears(hour).flags for hour in (early, *hours)] == [("before-start",), (), (), ("duplicate",)]
    assert door.says == ("e1", 10, 0)


def test_a_counter_that_says_totals_and_periods_counts_by_its_totals() -> None:
    door = Door()
    door.hears(Reading(kind=Kind.PERIOD, entered=9, left=9), total(100, 90))
    assert door.hears(Reading(kind=Kind.PERIOD, entered=3, left=1)).flags == ("said-better-before",)
    door.hears(Reading(kind=Kind.PERIOD, entered=3, left=1), total(103, 91))
    assert door.says == ("e1", 3, 1)


def test_of_totals_that_come_together_the_newest_counts() -> None:
    door = Door()
    door.hears(total(100, 0, 0))
    door.hears(total(103, 0, 3), total(102, 0, 2), total(101, 0, 1, is_late=True))
    assert door.says == ("e1", 3, 0)


def test_numbers_of_one_way_count_the_way_that_their_installer_says() -> None:
    door = Door(entered="Line 1/bw", left="Line 1/fw")
    forward = Reading(
        kind=Kind.PERIOD, register="Line 1", direction="fw", count=3, since=NOW, until=NOW + timedelta(minutes=1)
    )
    backward = msgspec.structs.replace(forward, direction="bw", count=1)
    other = msgspec.structs.replace(forward, register="Line 2", count=7)
    assert door.hears(forward, backward, other).counted == 4
    assert door.says == ("e1", 1, 3)


def test_numbers_of_one_way_count_nobody_while_no_installer_says_which() -> None:
    door = Door()
    assert door.hears(Reading(kind=Kind.TOTAL, register="Hall", count=3)).flags == ("way-not-said",)
    assert door.says == ("e1", 0, 0)


def test_two_scenarios_of_one_camera_are_the_two_ways_of_its_door() -> None:
    door = Door(entered="Device1Scenario1", left="Device1Scenario2")
    for scenario, people in (
        ("Device1Scenario1", 10),
        ("Device1Scenario2", 8),
        ("Device1Scenario1", 13),
        ("Device1Scenario2", 9),
    ):
        door.hears(Reading(kind=Kind.TOTAL, register=scenario, count=people))
    assert door.says == ("e1", 3, 1)


def test_a_counter_of_several_lines_counts_by_the_one_that_is_this_door() -> None:
    readings = [total(10, 0, register="line-1"), total(20, 0, register="line-2")]
    more = [total(11, 0, register="line-1"), total(25, 0, register="line-2")]
    named, unnamed = Door(line="line-2"), Door()
    named.hears(*readings)
    named.hears(*more)
    assert unnamed.hears(*readings).flags == ("line-not-said",)
    assert (named.says, unnamed.says) == (("e1", 5, 0), ("e1", 0, 0))


def test_children_are_counted_among_everybody_and_not_again() -> None:
    door = Door()
    door.hears(total(10, 0), total(2, 0, of="children"))
    door.hears(total(13, 0), total(4, 0, of="children"))
    assert door.says == ("e1", 3, 0)


def test_a_counter_that_hangs_the_wrong_way_round_is_turned() -> None:
    door = Door(swapped=True)
    door.hears(total(10, 20))
    door.hears(total(13, 21))
    assert door.says == ("e1", 1, 3)


def test_what_a_broker_had_kept_may_be_of_any_age_and_is_no_crossing() -> None:
    door = Door()
    crossing = Reading(kind=Kind.CROSSING, entered=1)
    assert door.hears(crossing, kept=True).flags == ("kept-by-broker",)
    door.hears(crossing)
    assert door.says == ("e1", 1, 0)


def test_a_number_whose_kind_is_not_known_counts_nobody() -> None:
    door = Door()
    assert door.hears(Reading(kind=Kind.DELTA, entered=5, left=0, unsaid=("kind",))).flags == ("not-counted",)
    assert door.says == ("e1", 0, 0)


def test_who_only_knows_how_many_are_there_counts_nobody_unless_told_to() -> None:
    people = [Reading(kind=Kind.OCCUPANCY, people=number) for number in (4, 6, 1)]
    door, net = Door(), Door(net=True)
    assert [door.hears(it).flags for it in people] == [("only-how-many",)] * 3
    for it in people:
        net.hears(it)
    assert (door.says, net.says) == (("e1", 0, 0), ("e1", 2, 5))


def test_the_whole_view_is_counted_rather_than_its_zones() -> None:
    door = Door(net=True)
    for all_of_them, zone in ((4, 1), (5, 2)):
        door.hears(
            Reading(kind=Kind.OCCUPANCY, people=all_of_them),
            Reading(kind=Kind.OCCUPANCY, register="zone-1", people=zone),
        )
    assert door.says == ("e1", 1, 0)


def test_who_only_knows_whether_somebody_is_there_never_counts() -> None:
    door = Door(net=True)
    assert door.hears(Reading(kind=Kind.PRESENCE, present=True)).flags == ("only-presence",)


@pytest.mark.parametrize("flag", ["not-trusted", "blocked", "partly-blind"])
def test_a_counter_that_doubts_itself_is_counted_and_not_trusted(flag: str) -> None:
    door = Door()
    assert not door.hears(total(1, 1), flags=[flag]).is_trusted
    assert door.hears(total(1, 1)).is_trusted


def test_a_restart_forgets_nothing() -> None:
    door = Door()
    door.hears(total(100, 90), message="a")
    door.hears(total(103, 91), message="b")
    door.restarts()
    assert door.hears(total(103, 91), message="b").flags == ("duplicate",)
    door.hears(total(104, 91), message="c")
    assert door.says == ("e1", 4, 1)


Passed = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30)


@given(Passed, st.randoms(use_true_random=False))
def test_however_totals_are_lost_repeated_and_reordered_the_last_word_is_right(
    passed: list[tuple[int, int]], chance: Random
) -> None:
    door, said, at = Door(), [], [500, 400]
    for minute, (entered, left) in enumerate(passed):
        at = [at[0] + entered, at[1] + left]
        said.append(total(at[0], at[1], minute))
    door.hears(total(500, 400, -1))
    messages = [it for it in said[:-1] if chance.random() < 0.7] + [it for it in said if chance.random() < 0.3]
    chance.shuffle(messages)
    for it in (*messages, said[-1]):
        door.hears(it)
    assert door.says == ("e1", at[0] - 500, at[1] - 400)


@given(Passed, st.randoms(use_true_random=False))
def test_however_periods_are_repeated_and_reordered_each_counts_once(
    passed: list[tuple[int, int]], chance: Random
) -> None:
    door = Door()
    messages = [period(entered, left, minute) for minute, (entered, left) in enumerate(passed)] * 2
    chance.shuffle(messages)
    for it in messages:
        door.hears(it)
    assert door.says == ("e1", sum(entered for entered, _ in passed), sum(left for _, left in passed))


def test_lines_that_come_in_messages_of_their_own_are_several_all_the_same() -> None:
    door = Door()
    assert door.hears(period(3, 2, 0, register="Door")).counted == 5
    assert door.hears(period(4, 4, 0, register="Garden")).flags == ("line-not-said",)
    assert door.hears(period(1, 0, 1, register="Door")).flags == ("line-not-said",)
    assert door.says == ("e1", 3, 2)
    door = Door(line="Door")
    for register in ("Door", "Garden"):
        door.hears(period(3, 2, 0, register=register))
    assert door.says == ("e1", 3, 2)


def test_zones_that_come_in_messages_of_their_own_are_no_whole() -> None:
    door = Door(net=True)
    for zone, people in [("a", 3), ("a", 5), ("b", 9), ("b", 0), ("a", 6)]:
        taken = door.hears(Reading(kind=Kind.OCCUPANCY, register=zone, people=people))
    assert taken.flags == ("line-not-said",)
    assert door.says == ("e1", 2, 0)


def test_no_flood_of_names_makes_the_memory_grow() -> None:
    for wiring in ({}, {"net": True}):
        door = Door(**wiring)
        for i in range(500):
            door.hears(total(i, i, register=f"line-{i}"), Reading(kind=Kind.OCCUPANCY, register=f"zone-{i}", people=i))
        assert len(msgspec.json.encode(door.totals.kept)) < 1_000
