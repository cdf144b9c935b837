"""A board in virtual time: what it draws, and when, and how seldom it wakes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta
from itertools import groupby, pairwise
from operator import itemgetter

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.by_hour import ByHour
from edge.errors import DeviceFault
from edge.roles.board import TURN_S, Board, BoardPicture
from simulator.clock import Now, run_virtual
from tests.displays import START_AT, HubOnAir, a_board, a_call, a_device, a_node, a_sign, at_work, shown
from wire.link import HeardTime
from wire.messages import BoardCall, Gate


class Paper:
    """A driver that keeps every picture with its time."""

    is_instant = False

    def __init__(self, calls_shown: int | None = None) -> None:
        self.calls_shown = calls_shown
        self.pictures: list[tuple[float, BoardPicture]] = []
        self.current: set[str] = set()
        """Numbers that were drawn as current."""
        self.faults_left = 0
        self.is_closed = False

    def draw(self, picture: BoardPicture) -> None:
        if self.faults_left:
            self.faults_left -= 1
            raise DeviceFault("the board is unplugged; plug it in")
        self.pictures.append((asyncio.get_running_loop().time(), picture))

    def close(self) -> None:
        self.is_closed = True

    @property
    def newest(self) -> BoardPicture:
        return self.pictures[-1][1]


Story = Callable[[Board, HubOnAir], Awaitable[None]]


def play(story: Story, paper: Paper) -> Board:
    async def main(_: Now) -> Board:
        hub = HubOnAir()
        board = Board(a_node(hub), a_device("board"), paper, UTC, paper.current.update)
        running = asyncio.create_task(at_work(board))
        await story(board, hub)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        board.close()
        return board

    return run_virtual(main, seed=1, start_at=START_AT)


def test_a_view_is_drawn_and_a_call_stops_being_new_without_another_view() -> None:
    paper = Paper()

    async def story(board: Board, hub: HubOnAir) -> None:
        speaking = asyncio.create_task(hub.speak(20))
        await asyncio.sleep(2)
        board.show(shown(a_board([a_call("A42", "3", START_AT + timedelta(seconds=2))])))
        await speaking

    play(story, paper)
    changes = [(at_s, p.calls[0].is_new) for at_s, p in paper.pictures if p.calls]
    assert [is_new for _, is_new in changes] == [True, False]
    assert 2 <= changes[0][0] < 2.1
    assert 12 <= changes[1][0] < 12.1
    assert paper.current == {"A42"}
    assert paper.is_closed


def test_silence_is_shown_after_three_seconds_and_ends_with_the_next_hub_time() -> None:
    paper = Paper()

    async def story(board: Board, hub: HubOnAir) -> None:
        board.show(shown(a_board([a_call("A42", "3", START_AT - timedelta(minutes=5))])))
        await asyncio.sleep(1)
        await hub.speak(10)  # last heard at 10 s
        await asyncio.sleep(20)
        await hub.speak(5)

    play(story, paper)
    changes: list[tuple[float, bool]] = []
    for at_s, picture in paper.pictures:
        if not changes or changes[-1][1] != picture.is_stale:
            changes.append((at_s, picture.is_stale))
    assert [is_stale for _, is_stale in changes] == [True, False, True, False]
    assert changes[1][0] < 2.2
    assert 13 <= changes[2][0] < 13.1
    assert 31 <= changes[3][0] < 32.2


def test_a_retained_view_is_never_current_while_no_hub_is_heard() -> None:
    paper = Paper()

    async def story(board: Board, hub: HubOnAir) -> None:
        board.show(shown(a_board([a_call("A42", "3")])))
        await asyncio.sleep(60)

    play(story, paper)
    assert all(picture.is_stale for _, picture in paper.pictures)
    assert not paper.current


def test_a_board_of_one_row_draws_every_one_of_five_calls_within_the_time_they_are_new() -> None:
    paper = Paper(calls_shown=1)

    async def story(board: Board, hub: HubOnAir) -> None:
        speaking = asyncio.create_task(hub.speak(15))
        await asyncio.sleep(1)
        calls = [a_call(f"A{n}", str(n), START_AT + timedelta(seconds=1)) for n in range(5, 0, -1)]
        board.show(shown(a_board(calls)))
        await speaking

    play(story, paper)
    assert paper.current == {"A1", "A2", "A3", "A4", "A5"}
    assert all(len(picture.calls) <= 1 for _, picture in paper.pictures)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.0, 20.0), min_size=1, max_size=20))
def test_however_calls_crowd_in_a_board_of_one_row_shows_each_for_a_whole_turn(called_after_s: list[float]) -> None:
    paper = Paper(calls_shown=1)
    numbers = [f"A{n}" for n in range(len(called_after_s))]

    async def story(board: Board, hub: HubOnAir) -> None:
        speaking = asyncio.create_task(hub.speak(80))
        await asyncio.sleep(1)
        calls: list[BoardCall] = []
        for number, after_s in zip(numbers, sorted(called_after_s), strict=True):
            await asyncio.sleep(max(0.0, 1 + after_s - asyncio.get_running_loop().time()))
            called_at = START_AT + timedelta(seconds=asyncio.get_running_loop().time())
            calls.insert(0, a_call(number, number, called_at))
            board.show(shown(a_board(calls)))
        await speaking

    play(story, paper)
    longest_s = dict.fromkeys(numbers, 0.0)
    runs = groupby([(p.calls[0].number if p.calls else "", at_s) for at_s, p in paper.pictures], key=itemgetter(0))
    began = [(number, next(run)[1]) for number, run in runs]
    for (number, began_s), (_, ended_s) in pairwise([*began, ("", 80.0)]):
        if number:
            longest_s[number] = max(longest_s[number], ended_s - began_s)
    assert {number: lasted_s for number, lasted_s in longest_s.items() if lasted_s < TURN_S - 0.1} == {}


def test_leds_are_as_bright_as_the_hour_wants_them() -> None:
    paper = Paper(calls_shown=1)

    async def main(_: Now) -> None:
        hub = HubOnAir()
        contrast = ByHour(112, {"07:00": 200, "09:30": 40})
        board = Board(a_node(hub), a_device("board"), paper, UTC, contrast=contrast)
        running = asyncio.create_task(at_work(board))
        board.show(shown(a_board([a_call("A1", "1")])))
        await asyncio.sleep(1)
        await hub.speak(3600)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run_virtual(main, seed=1, start_at=START_AT)
    changes = [next(group) for _, group in groupby(paper.pictures, key=lambda it: it[1].contrast)]
    assert [picture.contrast for _, picture in changes] == [112, 200, 40]
    assert changes[0][1].clock == "", "the time is not known yet"
    assert changes[2][1].clock == "09:30"


def test_a_broken_driver_gets_the_newest_picture_when_it_is_back() -> None:
    paper = Paper()
    paper.faults_left = 3

    async def story(board: Board, hub: HubOnAir) -> None:
        speaking = asyncio.create_task(hub.speak(30))
        for number in range(1, 6):
            board.show(shown(a_board([a_call(f"A{number}", "1", START_AT - timedelta(hours=1))])))
            await asyncio.sleep(1)
        await speaking
        assert not board.node.faults

    play(story, paper)
    assert paper.newest.calls[0].number == "A5"


def test_a_view_of_another_kind_changes_nothing() -> None:
    paper = Paper()

    async def story(board: Board, hub: HubOnAir) -> None:
        board.show(shown(a_sign(Gate.WAIT)))
        await hub.speak(2)

    board = play(story, paper)
    assert board.view is None
    assert not paper.newest.calls


def test_a_quiet_hour_costs_a_minute_hand_and_a_look_at_the_hub_every_three_seconds() -> None:
    paper = Paper()
    looks = 0

    class CountingHub(HubOnAir):
        def hub_time(self, site: str) -> HeardTime | None:
            nonlocal looks
            looks += 1
            return super().hub_time(site)

    async def main(_: Now) -> None:
        hub = CountingHub()
        board = Board(a_node(hub), a_device("board"), paper, UTC)
        running = asyncio.create_task(at_work(board))
        board.show(shown(a_board([])))
        await hub.speak(3600)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run_virtual(main, seed=1, start_at=START_AT)
    assert len(paper.pictures) <= 62
    assert looks <= 3600 / 3 + 60 * 2 + 5
