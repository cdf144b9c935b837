"""What a board shows, as a function of the view and the moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.display import Moment
from edge.roles.board import NEW, BoardPicture, Turns, board_picture, calls_change_at_s
from tests.displays import START_AT, a_board, a_call


def moment(after_s: float = 0.0, *, is_silent: bool = False) -> Moment:
    now_at = START_AT + timedelta(seconds=after_s)
    news_at = now_at - timedelta(minutes=3) if is_silent else None
    return Moment(now_s=1000 + after_s, now_at=now_at, news_at=news_at, is_silent=is_silent)


def test_a_call_is_new_for_ten_seconds() -> None:
    view = a_board([a_call("A42", "3")])
    assert board_picture(view, moment(NEW.total_seconds() - 0.1)).calls[0].is_new
    assert not board_picture(view, moment(NEW.total_seconds())).calls[0].is_new


def test_a_call_from_the_near_future_is_new_because_clocks_are_never_quite_equal() -> None:
    view = a_board([a_call("A42", "3", START_AT + timedelta(seconds=0.2))])
    assert board_picture(view, moment()).calls[0].is_new


def test_the_picture_changes_by_itself_when_the_next_call_stops_being_new() -> None:
    view = a_board([a_call("A42", "3", START_AT), a_call("A41", "2", START_AT - timedelta(seconds=4))])
    assert calls_change_at_s(view, moment()) == pytest.approx(1000 + 6, abs=0.1)
    assert calls_change_at_s(view, moment(7)) == pytest.approx(1000 + 10, abs=0.1)
    assert calls_change_at_s(view, moment(11)) == float("inf")


def test_when_clocks_have_just_been_put_back_a_call_of_an_hour_ago_is_not_new_again() -> None:
    put_back_at = datetime(2026, 10, 25, 1, tzinfo=UTC)
    now_at = (put_back_at + timedelta(seconds=2)).astimezone(ZoneInfo("Europe/Paris"))
    just_after = Moment(now_s=1000.0, now_at=now_at, news_at=None, is_silent=False)
    view = a_board([a_call("A42", "3", put_back_at - timedelta(minutes=20))])
    assert not board_picture(view, just_after).calls[0].is_new
    assert calls_change_at_s(view, just_after) == float("inf")


def test_a_silent_hub_makes_the_calls_old_and_says_since_when() -> None:
    picture = board_picture(a_board([a_call("A42", "3")]), moment(is_silent=True))
    assert picture.is_stale
    assert picture.news_at == "08:57"
    assert [call.number for call in picture.calls] == ["A42"]
    assert not picture.calls[0].is_new


def test_before_the_first_view_a_board_is_stale_and_empty() -> None:
    picture = board_picture(None, Moment(now_s=0.0, now_at=None, news_at=None, is_silent=True))
    assert picture == BoardPicture({}, (), (), (), clock="", is_stale=True, news_at="")


def test_a_fresh_picture_knows_how_it_looks_when_nothing_more_is_heard() -> None:
    picture = board_picture(a_board([a_call("A42", "3")]), moment())
    later = picture.gone_stale()
    assert (later.is_stale, later.news_at) == (True, "09:00")
    assert not later.calls[0].is_new
    assert later.gone_stale() == later


# --- turns: a board that shows one call at a time --------------------------------------------------------------


class OneAtATime:
    """Asks `Turns` as the role does, and says which number is lit and when to ask again."""

    def __init__(self, numbers: list[str], *, called_after_s: float = 0.0) -> None:
        self.turns = Turns()
        self.called_at = START_AT + timedelta(seconds=called_after_s)
        self.numbers = numbers

    def at(self, after_s: float) -> tuple[str, bool, float]:
        view = a_board([a_call(number, "1", self.called_at) for number in self.numbers])
        now = moment(after_s)
        index, is_lit, changes_at_s = self.turns.choose(view, board_picture(view, now).calls, now.now_s)
        return view.calls[index].number, is_lit, changes_at_s - 1000


def test_new_calls_take_turns_of_two_seconds_and_the_oldest_of_them_begins() -> None:
    board = OneAtATime(["A3", "A2", "A1"])
    assert [board.at(after_s)[0] for after_s in (0, 1.9, 2, 4, 6, 8)] == ["A1", "A1", "A2", "A3", "A1", "A2"]


def test_a_lone_call_flashes_twice_and_then_stays_lit() -> None:
    board = OneAtATime(["A1"])
    at_s, seen = 0.0, []
    while at_s < float("inf"):
        _, is_lit, next_s = board.at(at_s)
        seen.append((at_s, is_lit))
        at_s = next_s
    assert seen == [(0.0, True), (0.5, False), (0.75, True), (1.0, False), (1.25, True)]


def test_a_call_keeps_its_turn_when_another_comes() -> None:
    board = OneAtATime(["A1"])
    assert board.at(0)[0] == "A1"
    board.numbers.insert(0, "A2")
    assert board.at(1.5)[0] == "A1"
    assert board.at(2)[0] == "A2"


def test_a_call_that_leaves_the_view_loses_its_turn_at_once() -> None:
    board = OneAtATime(["A1"])
    assert board.at(0)[0] == "A1"
    board.numbers[:] = ["A2"]
    assert board.at(0.5)[0] == "A2"


def test_calls_that_grew_old_before_their_turn_still_get_it_and_then_the_newest_stays() -> None:
    board = OneAtATime(["A7", "A6", "A5", "A4", "A3", "A2", "A1"])
    assert [board.at(2 * turn)[0] for turn in range(7)] == ["A1", "A2", "A3", "A4", "A5", "A6", "A7"]
    assert board.at(14) == ("A7", True, float("inf"))


def test_an_old_call_yields_to_a_new_one_at_once_and_has_its_turn_afterwards() -> None:
    turns = Turns()

    def lit(after_s: float, *calls: tuple[str, float]) -> str:
        view = a_board([a_call(number, "1", START_AT + timedelta(seconds=at_s)) for number, at_s in calls])
        now = moment(after_s)
        return view.calls[turns.choose(view, board_picture(view, now).calls, now.now_s)[0]].number

    old, new = ("A1", -60.0), ("A2", 0.5)
    assert lit(0, old) == "A1"
    assert lit(0.5, new, old) == "A2"
    assert [lit(after_s, new, old) for after_s in (2.4, 2.5, 4.5)] == ["A2", "A1", "A2"]


def test_old_calls_do_not_flash() -> None:
    board = OneAtATime(["A1"], called_after_s=-60)
    assert board.at(0) == ("A1", True, float("inf"))
