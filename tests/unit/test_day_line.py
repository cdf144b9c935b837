"""A line keeps its order and its length, whoever joins and leaves, and wherever."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.day.line import GONE_MAX, DueKey, Line
from tests.given import MONDAY_9H


def key(number: int) -> DueKey:
    return (MONDAY_9H + timedelta(seconds=number // 2), number, f"t{number}")


def line_of(*numbers: int) -> Line:
    line = Line()
    for number in numbers:
        line.add(key(number))
    return line


@given(st.lists(st.integers(0, 40)))
def test_a_line_is_what_a_sorted_list_would_be(numbers: list[int]) -> None:
    """Each number joins, or leaves if it is there."""
    line, expected = Line(), list[DueKey]()
    for number in numbers:
        its = key(number)
        (line.remove if its in expected else line.add)(its)
        expected = sorted({*expected} ^ {its})
        assert (list(line), len(line)) == (expected, len(expected))
        assert line.first == (expected[0] if expected else None)
        assert line.before(its) == sum(it < its for it in expected)
        assert line.after(its) == next((it for it in expected if it > its), None)


def test_a_long_line_forgets_those_who_have_left_its_head() -> None:
    line = line_of(*range(4 * GONE_MAX))
    for number in range(3 * GONE_MAX):
        line.remove(key(number))
        assert line.first == key(number + 1)
    line.add(key(0))
    assert list(line) == [key(0), *(key(number) for number in range(3 * GONE_MAX, 4 * GONE_MAX))]
    assert line == line_of(0, *range(3 * GONE_MAX, 4 * GONE_MAX))


@pytest.mark.parametrize("leaves", [1, 2, 20, 60, 98])
def test_whoever_leaves_behind_the_head_leaves_the_others_in_order(leaves: int) -> None:
    line = line_of(*range(100))
    line.remove(key(leaves))
    assert list(line) == [key(number) for number in range(100) if number != leaves]
    assert (line.first, len(line), line.before(key(99))) == (key(0), 99, 98)


@pytest.mark.parametrize("numbers", [(), (1,), (1, 3)])
def test_nobody_leaves_a_line_who_is_not_in_it(numbers: tuple[int, ...]) -> None:
    line = line_of(*numbers)
    with pytest.raises(KeyError):
        line.remove(key(2))
    assert len(line) == len(numbers)
