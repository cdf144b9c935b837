"""Somebody looks for a device: boards and signs show their names, then what they showed before."""

import pytest

from edge.roles.board import BoardPicture
from edge.roles.sign import SignPicture
from tests.displays import a_board, a_call, a_sign
from tests.edge_stage import NODE, START_AT, Stage, on_stage
from wire.messages import Done, DoneOutcome, Identify, View

BOARD = {"id": "board", "kind": "board"}
SIGN = {"id": "sign", "kind": "sign"}
VIEWS: dict[str, View] = {"board": a_board([a_call("A42", "3", START_AT)]), "sign": a_sign()}


def picture(stage: Stage, device: str) -> BoardPicture | SignPicture:
    found = stage.devices.screens[device].picture
    assert found is not None
    return found


@pytest.mark.parametrize(("device", "view"), VIEWS.items(), ids=VIEWS)
def test_a_display_shows_its_name_for_as_long_as_it_is_asked_to_and_says_done(device: str, view: View) -> None:
    async def scene(stage: Stage) -> None:
        stage.show(device, view)
        await stage.wait(30)
        before = picture(stage, device)
        stage.job(device, Identify(seconds=7), job="find-me")
        await stage.wait(0.5)
        assert picture(stage, device).name == f"{NODE}/{device}"
        await stage.wait(6)
        assert picture(stage, device).name == f"{NODE}/{device}"
        await stage.wait(1)
        assert picture(stage, device) == before

    (done,) = on_stage(scene, [BOARD, SIGN]).heard(Done)
    assert (done.id, done.outcome) == ("find-me", DoneOutcome.DONE)


def test_a_view_that_comes_while_the_name_is_shown_is_shown_after_it() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("board", Identify(seconds=5))
        await stage.wait(1)
        stage.show("board", VIEWS["board"])
        await stage.wait(1)
        assert picture(stage, "board").name
        await stage.wait(4)
        shown = picture(stage, "board")
        assert isinstance(shown, BoardPicture)
        assert (shown.name, shown.calls[0].number) == ("", "A42")

    on_stage(scene, [BOARD])


def test_a_call_that_the_name_covers_does_not_count_as_drawn() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("board", Identify(seconds=5))
        stage.show("board", VIEWS["board"])
        await stage.wait(4)
        assert stage.drawn == []
        await stage.wait(3)
        assert ("board", ("A42",)) in stage.drawn

    on_stage(scene, [BOARD])


def test_a_display_whose_agent_falls_silent_does_not_keep_its_name() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("sign", Identify(seconds=5))
        await stage.wait(1)
        assert picture(stage, "sign").name
        assert not picture(stage, "sign").gone_stale().name

    on_stage(scene, [SIGN])
