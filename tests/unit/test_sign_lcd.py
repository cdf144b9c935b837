"""A small panel as a sign, on a stage: which language, and how old."""

from itertools import groupby

from edge.drivers.lcd_picture import FONT
from edge.roles.sign import SignPicture, SignState
from edge.roles.turning_sign import TURN_S, TurningSign
from tests.displays import a_sign
from tests.edge_stage import Stage, on_stage
from wire.messages import Gate

SIGN = {"id": "sign", "kind": "sign", "driver": "lcd", "dc": 24, "reset": 25, "backlight": 18}


def watched(stage: Stage) -> list[SignPicture]:
    (role,) = stage.devices.roles
    assert isinstance(role, TurningSign)
    seen: list[SignPicture] = []
    role.watch = seen.append
    return seen


def test_the_languages_of_the_lobby_take_turns() -> None:
    async def scene(stage: Stage) -> None:
        seen = watched(stage)
        stage.show("sign", a_sign(languages=("fr", "en", "de")))
        await stage.wait(6 * TURN_S)
        turns = [language for language, _ in groupby(picture.languages for picture in seen)]
        assert len(turns) >= 6
        assert all(len(spoken) == 1 for spoken in turns)
        assert {turns[n : n + 3] == turns[n + 3 : n + 6] for n in range(len(turns) - 5)} == {True}

    on_stage(scene, [SIGN])


def test_a_lobby_of_one_language_costs_no_pictures() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("sign", a_sign(languages=("de",)))
        await stage.wait(1)
        seen = watched(stage)
        await stage.wait(10 * TURN_S)
        assert seen == []

    on_stage(scene, [SIGN])


def test_a_panel_that_hears_no_hub_says_how_old_its_picture_is_and_nothing_that_it_knew() -> None:
    async def scene(stage: Stage) -> None:
        seen = watched(stage)
        stage.show("sign", a_sign(Gate.COME_IN, invited=["A042"]))
        await stage.wait(2)
        assert seen[-1].state is SignState.COME_IN
        stage.is_telling_time = False
        await stage.wait(5)
        assert (seen[-1].state, seen[-1].news_at, seen[-1].invited) == (SignState.STALE, "08:00", ())

    on_stage(scene, [SIGN])


def test_the_font_that_is_used_is_the_one_that_screens_install() -> None:
    assert FONT.name == "DejaVuSans-Bold.ttf"
