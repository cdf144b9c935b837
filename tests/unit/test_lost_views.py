"""Views that a node cannot understand: what was shown before is not current any more, and the node lives on."""

import zlib
from datetime import timedelta

import pytest

from edge.roles.board import BoardPicture
from edge.roles.sign import SignPicture, SignState
from tests.displays import a_board, a_call, a_sign
from tests.edge_stage import KIOSK, NODE, PANEL, SITE, START_AT, Stage, on_stage
from wire import codec, topics
from wire.messages import Event, Health, KioskService, KioskView, PanelState, PanelView, Show, View

BOARD = {"id": "board", "kind": "board"}
SIGN = {"id": "sign", "kind": "sign"}
A_BOARD = a_board([a_call("A42", "3", START_AT)])
A_PANEL = PanelView(desk="1", desk_seq=7, state=PanelState.FREE, waiting=3)
A_KIOSK = KioskView(
    title={}, languages=["en"], services=[KioskService(id="passport", letter="P", name={}, open=True, waiting=0)]
)
NO_VIEW = {
    "cut short": codec.encode(Show(term=1, seq=90, view=A_BOARD))[:-5],
    "of another contract": b'{"term": 1, "seq": 90, "view": {"type": "hologram"}}',
    "of another device": codec.encode(Show(term=1, seq=90, view=A_PANEL)),
    "too long": b"[" * (codec.PAYLOAD_BYTES_MAX + 1),
}


def show_badly(stage: Stage, device: str, payload: bytes) -> None:
    stage.broker.inject(topics.show(SITE, NODE, device), payload, retain=True)


def board(stage: Stage) -> BoardPicture:
    picture = stage.devices.screens["board"].picture
    assert isinstance(picture, BoardPicture)
    return picture


def sign(stage: Stage) -> SignPicture:
    picture = stage.devices.screens["sign"].picture
    assert isinstance(picture, SignPicture)
    return picture


@pytest.mark.parametrize("payload", NO_VIEW.values(), ids=NO_VIEW)
def test_a_board_shows_no_older_view_as_current_until_it_understands_one(payload: bytes) -> None:
    async def scene(stage: Stage) -> None:
        stage.show("board", A_BOARD)
        await stage.wait(60)
        assert not board(stage).is_stale
        show_badly(stage, "board", payload)
        await stage.wait(1)
        assert board(stage).is_stale
        assert board(stage).news_at == "08:01"
        await stage.wait(300)
        show_badly(stage, "board", payload)
        await stage.wait(1)
        assert board(stage).news_at == "08:01", "since when, not when last"
        stage.show("board", a_board([a_call("A43", "3", START_AT + timedelta(minutes=6))]), seq=91)
        await stage.wait(1)
        assert not board(stage).is_stale
        assert board(stage).calls[0].number == "A43"

    on_stage(scene, [BOARD])


@pytest.mark.parametrize("payload", NO_VIEW.values(), ids=NO_VIEW)
def test_a_sign_takes_its_invitation_back_with_a_view_that_it_does_not_understand(payload: bytes) -> None:
    async def scene(stage: Stage) -> None:
        stage.show("sign", a_sign())
        await stage.wait(1)
        assert sign(stage).state is SignState.COME_IN
        show_badly(stage, "sign", payload)
        await stage.wait(0.5)
        assert (sign(stage).state, sign(stage).join_url) == (SignState.STALE, "")
        stage.is_telling_time = False
        await stage.wait(10)
        stage.is_telling_time = True
        await stage.wait(10)
        assert sign(stage).state is SignState.STALE, "a hub that is heard again has not yet said anything new"
        stage.show("sign", a_sign(), seq=91)
        await stage.wait(0.5)
        assert sign(stage).state is SignState.COME_IN

    on_stage(scene, [SIGN])


def test_a_view_that_is_not_understood_is_counted_and_concerns_its_device_alone() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("board", A_BOARD)
        stage.show("sign", a_sign())
        await stage.wait(1)
        show_badly(stage, "sign", b"{}")
        show_badly(stage, "sign", codec.encode(Show(term=1, seq=90, view=A_BOARD)))
        await stage.wait(60)
        assert stage.heard(Health)[-1].dropped == 2
        assert not board(stage).is_stale
        assert sign(stage).state is SignState.STALE

    on_stage(scene, [BOARD, SIGN])


def test_health_tells_which_view_each_display_has_and_none_that_it_does_not_understand() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("board", A_BOARD, seq=5)
        stage.show("sign", a_sign(), seq=5)
        await stage.wait(60)
        show_badly(stage, "sign", b"{}")
        await stage.wait(60)

    healths = on_stage(scene, [BOARD, SIGN]).heard(Health)
    shown = {
        "board": zlib.crc32(codec.encode(Show(term=1, seq=5, view=A_BOARD))),
        "sign": zlib.crc32(codec.encode(Show(term=1, seq=5, view=a_sign()))),
    }
    assert [health.views for health in healths] == [{}, shown, {"board": shown["board"]}]


def test_an_older_owners_view_changes_nothing_even_if_it_is_for_another_device() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("board", A_BOARD, term=2, seq=5)
        stage.show("board", a_sign(), term=1, seq=90)
        await stage.wait(1)
        assert not board(stage).is_stale

    on_stage(scene, [BOARD])


@pytest.mark.parametrize(("device", "view", "key"), [("panel", A_PANEL, ""), ("kiosk", A_KIOSK, "passport")])
def test_no_lamp_promises_anything_on_the_strength_of_an_older_view(device: str, view: View, key: str) -> None:
    async def scene(stage: Stage) -> None:
        stage.show(device, view)
        await stage.wait(1)
        assert stage.hands.is_lit(device, key)
        show_badly(stage, device, b"{}")
        await stage.wait(1)
        assert not stage.hands.is_lit(device, key)
        stage.show(device, view, seq=91)
        await stage.wait(1)
        assert stage.hands.is_lit(device, key)

    on_stage(scene, [PANEL, KIOSK])


def test_a_panel_presses_nothing_that_it_no_longer_understands() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", A_PANEL)
        show_badly(stage, "panel", b"{}")
        await stage.wait(1)
        stage.hands.press("panel", "next")
        await stage.wait(2)

    assert on_stage(scene, [PANEL]).heard(Event) == []
