"""Whose call was ended by another that is undone is called again, and boards have to show her."""

import pytest

from hub.day import events
from simulator.board_checker import board_violations
from tests.simulation.evidence_stage import Scene


def undone(*, has_come: bool) -> Scene:
    """Somebody was called to a desk and sent away by the next call, which is taken back."""
    scene = Scene()
    scene.row(1, events.DeskOpened(desk="desk-1"))
    scene.issued(50)
    scene.issued(51, "t2", 2)
    scene.called(100)
    if has_come:
        scene.row(104, events.ServiceStarted(ticket="t1", desk="desk-1"))
    scene.row(110, events.TicketServed(ticket="t1", desk="desk-1"))
    scene.called(110, "t2")
    scene.row(115, events.CallUndone(ticket="t2", desk="desk-1", restored="t1"))
    scene.drawn(5)
    scene.drawn(100.2, "C001")
    scene.drawn(110.2, "C002")
    return scene


@pytest.mark.parametrize("has_come", [False, True])
async def test_who_is_called_again_and_stands_on_the_boards_is_no_breach(has_come: bool) -> None:
    scene = undone(has_come=has_come)
    scene.drawn(115.2, "C001")
    assert list(board_violations(scene.evidence)) == []


async def test_a_call_that_an_undone_one_brought_back_and_no_board_shows_is_found() -> None:
    scene = undone(has_come=False)
    scene.drawn(115.2)
    found = list(board_violations(scene.evidence))
    assert found == [
        f"C001, called at 115.0 s, was not on {board} at 117.0 s, in calm" for board in scene.record.drawings
    ]


async def test_who_had_come_to_the_desk_already_need_not_stand_there_again() -> None:
    scene = undone(has_come=True)
    scene.drawn(115.2)
    assert list(board_violations(scene.evidence)) == []
