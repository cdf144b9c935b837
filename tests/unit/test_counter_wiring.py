"""Which of a counter's numbers are this door's, and which way: only who hung it up knows, and is asked until it is
said."""

from datetime import timedelta

from edge.counters.readings import Kind, Reading
from tests.unit.test_counter_totals import NOW, Door, period, total


def tagged(register: str, entered: int | None, left: int | None, minute: int) -> Reading:
    """Of a line whose installer has said, in the counter's own settings, which way it counts."""
    return total(entered, left, minute, register=register)


def test_a_line_tagged_in_and_a_line_tagged_out_make_one_door_once_they_are_named() -> None:
    door = Door(entered="Line 1", left="Line 2")
    for minute, (came, went) in enumerate(((4, 7), (5, 7), (9, 10))):
        door.hears(tagged("Line 1", came, None, minute), tagged("Line 2", None, went, minute))
    assert door.says == ("e1", 5, 3)


def test_lines_of_one_way_each_are_asked_for_by_their_ways() -> None:
    door = Door()
    heard = door.hears(tagged("Line 1", 4, None, 0), tagged("Line 2", None, 7, 0))
    assert heard.flags == ("way-not-said",)
    assert door.says == ("e1", 0, 0)


def test_a_line_that_nobody_has_named_beside_the_named_ones_counts_nobody() -> None:
    door = Door(entered="Line 1", left="Line 2")
    for minute, people in enumerate((0, 5)):
        door.hears(
            tagged("Line 1", people, None, minute),
            tagged("Line 2", None, people, minute),
            tagged("Back door", people * 10, None, minute),
        )
    assert door.says == ("e1", 5, 5)


def test_a_zone_that_is_named_for_who_enters_does_not_count_who_leaves_it() -> None:
    door = Door(entered="hall")
    came = Reading(kind=Kind.CROSSING, register="hall", entered=1, at=NOW, unsaid=("direction",))
    went = Reading(kind=Kind.CROSSING, register="hall", left=1, at=NOW + timedelta(seconds=9), unsaid=("direction",))
    door.hears(came)
    door.hears(went)
    assert door.says == ("e1", 1, 0)


def test_names_that_no_number_has_are_said() -> None:
    for door in (Door(entered="Lnie 1", left="Line 2"), Door(line="Lnie 1")):
        assert "not-this-line" in door.hears(tagged("Line 1", 4, 0, 0)).flags
    counted = Reading(kind=Kind.TOTAL, register="Hall", direction="fw", count=3)
    assert "not-this-line" in Door(entered="Hall/bw").hears(counted).flags
    assert "not-this-line" in Door(line="x", net=True).hears(Reading(kind=Kind.OCCUPANCY, people=3)).flags
    assert Door(line="Line 1").hears(tagged("Line 1", 4, 0, 0)).flags == ()


def test_two_who_pass_in_one_moment_are_two_when_their_messages_say_so() -> None:
    door = Door(entered="hall")
    crossing = Reading(kind=Kind.CROSSING, register="hall", entered=1, at=NOW, unsaid=("direction",))
    for message in ("a/1", "b/1", "b/1"):
        door.hears(crossing, message=message)
    assert door.says == ("e1", 2, 0)


def test_without_a_name_for_its_message_one_moment_counts_once() -> None:
    door = Door(entered="hall")
    crossing = Reading(kind=Kind.CROSSING, register="hall", entered=1, at=NOW, unsaid=("direction",))
    assert [door.hears(crossing).flags for _ in range(2)] == [(), ("duplicate",)]


def test_what_a_device_says_again_when_it_comes_back_is_no_new_crossing() -> None:
    door = Door()
    entry = Reading(kind=Kind.CROSSING, entered=1, unsaid=("instant",))
    door.hears(entry)
    door.hears(flags=["online"])
    assert door.hears(entry).flags == ("said-again",)
    door.now = NOW + timedelta(seconds=11)
    assert door.hears(entry).flags == ()
    assert door.says == ("e1", 2, 0)


def test_totals_go_on_when_a_counter_changes_from_local_time_to_utc() -> None:
    door = Door()
    door.hears(Reading(kind=Kind.TOTAL, entered=10, left=0, local_at="2026-03-02T10:14:00"))
    assert door.hears(total(12, 0, 0)).flags == ()
    assert door.hears(total(11, 0, 1)).flags == ("set-back",)
    assert door.says == ("e2", 11, 0)


def test_totals_that_name_another_beginning_begin_at_zero_even_if_they_did_not_fall() -> None:
    for first, second in (("a", "b"), (NOW - timedelta(days=1), NOW + timedelta(minutes=1))):
        name = "epoch" if isinstance(first, str) else "since"
        door = Door()
        door.hears(total(3, 2, 0, **{name: first}))
        door.hears(total(4, 2, 0, **{name: first}))
        assert door.hears(total(9, 4, 2, **{name: second})).flags == ("set-back",)
        assert door.hears(total(10, 4, 3, **{name: second})).flags == ()
        assert door.says == ("e2", 10, 4)


def test_a_beginning_that_moves_before_what_was_counted_is_no_new_one() -> None:
    door = Door()
    door.hears(total(3, 2, 0, since=NOW - timedelta(days=1)))
    assert door.hears(total(4, 2, 1, since=NOW - timedelta(hours=1))).flags == ()
    assert door.says == ("e1", 1, 0)


def test_a_counter_whose_clock_was_set_back_counts_on_after_a_quarter_of_an_hour() -> None:
    door = Door()
    door.hears(total(100, 90, 0))
    said = []
    for minute in range(0, 25, 5):
        door.now = NOW + timedelta(minutes=minute)
        said.append(door.hears(total(101 + minute, 90, minute - 600)).flags)
    assert said == [("out-of-order",)] * 3 + [("clock-behind",), ()]
    assert door.says == ("e1", 21, 0)


def test_a_counter_that_was_started_again_without_its_clock_begins_anew() -> None:
    door = Door()
    door.hears(total(100, 90, 0))
    for minute in range(0, 25, 5):
        door.now = NOW + timedelta(minutes=minute)
        door.hears(total(minute, 0, minute - 600))
    assert door.says == ("e2", 20, 0)


def test_a_single_old_total_between_new_ones_starts_no_clock() -> None:
    door = Door()
    for minute in range(0, 60, 5):
        door.now = NOW + timedelta(minutes=minute)
        door.hears(total(100 + minute, 0, minute))
        assert door.hears(total(90, 0, -60)).flags == ("out-of-order",)
    assert door.says == ("e1", 55, 0)


def test_a_clock_that_stands_still_is_said() -> None:
    door = Door()
    one = period(3, 1, 0)
    assert door.hears(one).flags == ()
    for minute, flags in ((70, ("duplicate",)), (80, ("duplicate",)), (86, ("duplicate", "clock-behind"))):
        door.now = NOW + timedelta(minutes=minute)
        assert door.hears(one).flags == flags
    assert door.says == ("e1", 3, 1)
