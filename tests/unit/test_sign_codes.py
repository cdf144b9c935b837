"""The sign makes its codes by itself: from its view's secret and the hub's time, for a while also without the hub."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from edge.display import Moment
from edge.roles.sign import SignPicture, SignState, sign_picture
from edge.screens.pages import Pages
from tests.displays import START_AT as MOMENT_AT
from tests.displays import a_sign
from tests.edge_stage import START_AT, Stage, on_stage
from wire import door_code
from wire.messages import DoorCode, Gate, Show, SignView

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SIGN: dict[str, Any] = {"id": "sign", "kind": "sign"}
JOIN = "https://guichet.example.org/join/front"
ALONE_S = 600


def a_view(gate: Gate = Gate.COME_IN, *, until_at: datetime = START_AT + timedelta(hours=12)) -> SignView:
    return replace(a_sign(gate), door=DoorCode(secret=SECRET, step_s=30, alone_s=ALONE_S, until_at=until_at))


def code_at(at: datetime) -> str:
    return door_code.code_of(SECRET, 30, door_code.step_at(at, 30))


def picture(stage: Stage) -> SignPicture:
    shown = stage.devices.screens["sign"].picture
    assert isinstance(shown, SignPicture)
    return shown


def assert_shows_the_code_of_the_moment(stage: Stage) -> None:
    code = code_at(stage.now())
    assert picture(stage).join_url == f"{JOIN}?code={code}"
    assert (picture(stage).join_at, picture(stage).code) == ("guichet.example.org/join/front", door_code.shown(code))


def test_the_code_changes_by_itself_while_the_view_stays() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("sign", a_view())
        await stage.wait(1)
        seen = set()
        for _ in range(10):
            assert_shows_the_code_of_the_moment(stage)
            seen.add(picture(stage).code)
            await stage.wait(30)
        assert len(seen) == 10
        assert len(stage.heard(Show)) == 0

    on_stage(scene, [SIGN])


def test_a_sign_that_hears_no_hub_shows_codes_for_the_stated_time_and_then_none() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("sign", a_view())
        await stage.wait(60.5)
        stage.is_telling_time = False
        await stage.wait(5)
        while stage.now() < START_AT + timedelta(seconds=60 + ALONE_S - 2):
            assert picture(stage).state is SignState.STALE
            assert_shows_the_code_of_the_moment(stage)
            await stage.wait(7)
        await stage.wait(10)
        assert (picture(stage).state, picture(stage).join_url, picture(stage).code) == (SignState.STALE, "", "")
        stage.is_telling_time = True
        await stage.wait(2)
        assert_shows_the_code_of_the_moment(stage)

    on_stage(scene, [SIGN])


def test_a_sign_that_starts_without_the_hub_shows_no_code_of_a_view_that_the_broker_kept() -> None:
    async def scene(stage: Stage) -> None:
        stage.is_telling_time = False
        stage.show("sign", a_view())
        await stage.restart()
        await stage.wait(40)
        assert (picture(stage).state, picture(stage).join_url) == (SignState.STALE, "")

    on_stage(scene, [SIGN])


def test_no_code_outlives_its_day() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("sign", a_view(until_at=START_AT + timedelta(seconds=100)))
        await stage.wait(99)
        assert_shows_the_code_of_the_moment(stage)
        await stage.wait(2)
        assert (picture(stage).join_url, picture(stage).code) == ("", "")

    on_stage(scene, [SIGN])


@pytest.mark.parametrize("is_silent", [False, True])
def test_a_closed_sign_shows_no_code(is_silent: bool) -> None:
    moment = Moment(now_s=0.0, now_at=MOMENT_AT, news_at=MOMENT_AT, is_silent=is_silent)
    picture = sign_picture(a_view(Gate.CLOSED), moment)
    assert (picture.join_url, picture.code) == ("", "")


def test_how_a_page_looks_whose_agent_is_silent_holds_no_code() -> None:
    moment = Moment(now_s=0.0, now_at=MOMENT_AT, news_at=None, is_silent=False)
    fresh = sign_picture(a_view(), moment)
    assert fresh.code
    assert (fresh.gone_stale().join_url, fresh.gone_stale().code) == ("", "")


def test_the_pages_of_a_sign_hold_no_secret() -> None:
    moment = Moment(now_s=0.0, now_at=MOMENT_AT, news_at=None, is_silent=False)
    page = Pages().screen("sign-1", sign_picture(a_view(), moment), 0)
    assert SECRET not in page
    assert f'<p class="digits">{door_code.shown(code_at(MOMENT_AT))}</p>' in page
    assert '<p class="address">guichet.example.org/join/front</p>' in page
