"""A repeated call that boards are not shown as a new one is found."""

from datetime import datetime

import pytest

from hub.day import events
from simulator.recall_checker import recall_violations
from tests.simulation.evidence_stage import SITE, Scene, at
from wire import topics
from wire.messages import BoardCall, BoardView, Show

BOARDS = ("board-1", "board-2")


def shows(scene: Scene, at_s: float, *calls: tuple[str, datetime, int]) -> None:
    """All boards are shown these calls: numbers, instants and times."""
    listed = [
        BoardCall(number=number, desk=number, called_at=called_at, times=times) for number, called_at, times in calls
    ]
    view = BoardView(title={}, languages=["fr"], calls=listed, lines=[])
    for board in BOARDS:
        scene.said(at_s, topics.show(SITE, board, "board"), Show(term=0, seq=0, view=view))


@pytest.fixture
async def scene() -> Scene:
    """Two are called, the first of them once more."""
    scene = Scene()
    for ticket, number, desk in (("t1", 1, "desk-1"), ("t2", 2, "desk-2")):
        scene.row(1, events.DeskOpened(desk=desk))
        scene.issued(50, ticket, number)
    scene.called(100)
    scene.called(110, "t2", "desk-2")
    scene.row(120, events.TicketRecalled(ticket="t1", desk="desk-1"))
    shows(scene, 110.1, ("C002", at(110), 1), ("C001", at(100), 1))
    return scene


def found(scene: Scene) -> list[str]:
    return list(recall_violations(scene.evidence))


async def test_a_repeated_call_that_stands_before_all_others_as_a_new_one_is_no_breach(scene: Scene) -> None:
    shows(scene, 120.1, ("C001", at(120), 2), ("C002", at(110), 1))
    assert found(scene) == []


async def test_a_repeated_call_that_is_shown_as_it_was_is_found(scene: Scene) -> None:
    shows(scene, 120.1, ("C001", at(100), 2), ("C002", at(110), 1))
    assert found(scene) == [
        f"the call of C001 was repeated at 09:02:00, and {board}/board was shown it as of 09:01:40, for the time 2"
        for board in BOARDS
    ]


async def test_a_repeated_call_that_stays_behind_an_earlier_one_is_found(scene: Scene) -> None:
    shows(scene, 120.1, ("C002", at(110), 1), ("C001", at(120), 2))
    assert "was shown it after C002, which was called earlier" in found(scene)[0]


async def test_a_repeated_call_that_ends_at_once_and_one_in_trouble_are_no_breach(scene: Scene) -> None:
    scene.row(121, events.ServiceStarted(ticket="t1", desk="desk-1"))
    assert found(scene) == []
    scene.entries.pop()
    trouble = scene.record.begin("cut")
    trouble.began_s, trouble.ended_s = 115.0, 118.0
    assert found(scene) == []


async def test_a_call_that_is_shown_late_is_found(scene: Scene) -> None:
    shows(scene, 122.1, ("C001", at(120), 2), ("C002", at(110), 1))
    assert len(found(scene)) == len(BOARDS)
