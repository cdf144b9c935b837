"""One state of each gate, and everybody who shows it: signs, boards, kiosks, panels, tickets, desks, pages."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.day import events
from hub.day.gate_state import state_of
from hub.day.inputs import ChangeLimit, ChangeLobby, NoteSilence
from hub.day.lobby import Lobby
from hub.day.model import TicketState
from hub.day.page_views import desk_view, lobby_view, ticket_view
from hub.day.views import device_views
from tests.given import COUNTER, Story, a_lobby
from wire.messages import BoardView, Gate, GateState, KioskView, PanelView, SignView


def a_room(*, limit_people: int = 10, admitted: bool = True, **of_gate: Any) -> Lobby:
    lobby = a_lobby(limit_people=limit_people, admitted=admitted)
    return replace(lobby, rooms=(replace(lobby.rooms[0], **of_gate),))


def state(story: Story) -> GateState:
    return state_of(story.day, story.day.rooms["main"])


def test_a_room_warns_before_it_is_full() -> None:
    story = Story(a_room(warn_at_people=8)).counted(0, 0)
    assert state(story) is GateState.OPEN
    assert state(story.counted(7, 0)) is GateState.OPEN
    assert state(story.counted(8, 0)) is GateState.NEARLY_FULL
    assert state(story.counted(10, 0)) is GateState.FULL


def test_a_share_warns_by_the_limit_of_the_moment() -> None:
    story = Story(a_room(warn_at_share=0.8)).counted(0, 0).counted(7, 0)
    assert state(story) is GateState.OPEN
    story.when(ChangeLimit(room="main", limit_people=8, why="safety"))
    assert state(story) is GateState.NEARLY_FULL, "80 % of 8 is 6.4, and 7 is more"


def test_places_that_are_kept_for_the_invited_are_taken() -> None:
    story = Story(a_room(limit_people=2)).with_open_desk().counted(0, 0).counted(1, 0)
    story.with_ticket()
    story.elapsed()
    assert state(story) is GateState.FULL


def test_without_a_warning_level_no_room_is_nearly_full() -> None:
    assert state(Story(a_room()).counted(0, 0).counted(9, 0)) is GateState.OPEN


def test_a_full_room_opens_again_only_when_enough_have_left() -> None:
    story = Story(a_room(reopens_below_people=3)).with_open_desk().counted(0, 0).counted(10, 0)
    waiting = story.with_ticket()
    for left in (1, 2):
        story.counted(10, left)
        assert state(story) is GateState.FULL
        assert story.elapsed() == []
        assert waiting.is_outside
    story.counted(10, 3)
    story.elapsed()
    assert waiting.state is TicketState.ADMITTED


def test_a_room_that_never_was_full_lets_in_up_to_its_limit() -> None:
    story = Story(a_room(reopens_below_people=3)).with_open_desk().counted(0, 0).counted(9, 0)
    waiting = story.with_ticket()
    story.elapsed()
    assert waiting.state is TicketState.ADMITTED


def test_an_open_room_waits_for_enough_to_leave_as_well() -> None:
    story = Story(a_room(admitted=False, reopens_below_people=2)).counted(0, 0).counted(10, 0).counted(10, 1)
    assert (state(story), story.gate()) == (GateState.FULL, Gate.WAIT)
    assert story.counted(10, 2).gate() is Gate.COME_IN


def test_while_nobody_counts_a_full_room_is_unknown_and_full_again_afterwards() -> None:
    story = Story(a_room(reopens_below_people=3)).counted(0, 0).counted(10, 0).counted(10, 1)
    story.when(NoteSilence(device=COUNTER, is_silent=True))
    assert state(story) is GateState.UNKNOWN
    story.when(NoteSilence(device=COUNTER, is_silent=False))
    assert state(story) is GateState.FULL


def test_a_higher_limit_opens_a_room_that_has_emptied_far_enough_below_it() -> None:
    story = Story(a_room(reopens_below_people=3)).counted(0, 0).counted(10, 0)
    story.when(ChangeLimit(room="main", limit_people=12, why="event"))
    assert state(story) is GateState.FULL, "9 would be three below 12"
    story.when(ChangeLimit(room="main", limit_people=13, why="event"))
    assert state(story) is GateState.OPEN


def test_a_room_that_is_described_without_it_opens_at_once() -> None:
    story = Story(a_room(reopens_below_people=3)).counted(0, 0).counted(10, 0).counted(10, 1)
    story.when(ChangeLobby(lobby=a_room()))
    assert state(story) is GateState.OPEN


def test_whoever_is_inside_is_called_also_while_the_room_is_kept_shut() -> None:
    story = Story(a_room(reopens_below_people=3)).with_open_desk().counted(0, 0)
    called = story.with_ticket()
    story.elapsed()
    story.after(181)
    story.counted(9, 0).counted(10, 0)
    story.elapsed()
    assert isinstance(story.call_next(), list), "who is inside needs no place"
    assert called.state is TicketState.CALLED


@pytest.mark.parametrize(("people", "shown"), [(0, "open"), (8, "nearly-full"), (10, "full")])
def test_everybody_shows_the_same_state(people: int, shown: str) -> None:
    story = Story(a_room(warn_at_people=8)).with_open_desk().counted(0, 0).counted(people, 0)
    story.when(ChangeLimit(room="main", limit_people=10, why="other"))
    views = device_views(story.day, story.now, "http://hub")
    board, sign, kiosk, panel = (views[it] for it in ("board-1/board", "door-1/sign", "kiosk-1/kiosk", "desk-1/panel"))
    assert isinstance(board, BoardView)
    assert isinstance(sign, SignView)
    assert isinstance(kiosk, KioskView)
    assert isinstance(panel, PanelView)
    page, desk = lobby_view(story.day, story.now), desk_view(story.day, "1", story.now)
    assert desk is not None
    on_displays = {board.room_state, sign.room_state, kiosk.services[0].room_state, panel.room_state}
    on_pages = {page.rooms[0].state, page.services[0].room_state, desk.room_state}
    assert on_displays | on_pages == {GateState(shown)}
    ticket = story.with_ticket()
    view = ticket_view(story.day, ticket.token_hash, story.now)
    assert view is not None
    assert view.room_state == GateState(shown)


def test_a_count_that_changes_the_state_is_news_for_boards_and_kiosks() -> None:
    story = Story(a_room(warn_at_people=8)).counted(0, 0)
    news = story.day.news_seq
    assert story.counted(7, 0).day.news_seq == news
    assert story.counted(8, 0).day.news_seq > news


@given(
    limit=st.integers(1, 12),
    below=st.integers(0, 12),
    crossings=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=30),
)
def test_between_full_and_open_lie_as_many_people_as_the_room_says(
    limit: int, below: int, crossings: list[tuple[int, int]]
) -> None:
    below = min(below, limit)
    story = Story(a_room(limit_people=limit, admitted=False, reopens_below_people=below)).counted(0, 0)
    entered = left = 0
    was_full = False
    for more_entered, more_left in crossings:
        entered, left = entered + more_entered, left + more_left
        story.counted(entered, left)
        people = story.day.rooms["main"].people or 0
        people += story.day.rooms["main"].deficit_people
        expected = people >= limit or (was_full and people > limit - below)
        was_full = state(story) is GateState.FULL
        assert was_full == expected
        assert (story.gate() is Gate.WAIT) == was_full
    assert story.replayed() == story.day


@given(st.lists(st.sampled_from(["ticket", "enter", "leave", "wait"]), max_size=40), st.integers(0, 4))
def test_nobody_is_invited_while_the_gate_says_full(steps: list[str], below: int) -> None:
    story = Story(a_room(limit_people=4, reopens_below_people=below)).with_open_desk().counted(0, 0)
    entered = left = 0
    for step in steps:
        if step == "ticket":
            story.with_ticket()
        elif step == "enter":
            entered += 1
        elif step == "leave":
            left = min(entered, left + 1)
        story.after(60).counted(entered, left)
        was_full = state(story) is GateState.FULL
        happened = story.elapsed()
        if was_full and not any(isinstance(it, events.ReservationLapsed | events.TicketClosed) for it in happened):
            assert not any(isinstance(it, events.TicketAdmitted) for it in happened)
