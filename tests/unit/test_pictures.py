"""What a display shows, told from afar: in letters, few enough for one message, and no codes."""

from typing import Any

import pytest

from edge import devices
from edge.kiosk_face import Asked
from edge.picture import PICTURE_BYTES_MAX, bounded
from edge.roles.sign import Sign
from edge.screens.reading import lines_of
from tests.displays import TITLE
from tests.edge_stage import PANEL, Stage, on_stage
from wire import codec
from wire.messages import (
    BoardCall,
    BoardView,
    Done,
    DoneOutcome,
    DoorCode,
    Gate,
    KioskService,
    KioskView,
    RoomQuality,
    SignView,
    TakePicture,
)

MATRIX = {"id": "board", "kind": "board", "driver": "matrix", "modules": 4}
PAGE = {"id": "board", "kind": "board", "driver": "page"}
KIOSK = {"id": "kiosk", "kind": "kiosk", "driver": "page"}
SIGN = {"id": "sign", "kind": "sign", "driver": "page"}
LCD = {**SIGN, "driver": "lcd", "dc": 24, "reset": 25}


def a_board(stage: Stage) -> BoardView:
    call = BoardCall(number="A042", desk="3", called_at=stage.now())
    return BoardView(title=TITLE, languages=["en", "de"], calls=[call], lines=[])


def asked(stage: Stage) -> Done:
    (done,) = stage.heard(Done)
    return done


def test_a_board_of_leds_is_seen_led_by_led() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("board", a_board(stage))
        await stage.wait(30)
        stage.job("board", TakePicture())
        await stage.wait(1)

    picture = asked(on_stage(scene, [MATRIX])).picture
    assert [len(line) for line in picture] == [32] * 4
    assert set("".join(picture)) == set("█▀▄·")


def test_a_page_is_read_line_by_line() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("board", a_board(stage))
        await stage.wait(1)
        stage.job("board", TakePicture())
        await stage.wait(1)

    picture = asked(on_stage(scene, [PAGE])).picture
    assert "Town hall Gemeindeverwaltung" in picture
    assert "A042 3 New Neu" in picture


def test_a_page_of_a_silent_hub_is_seen_as_old_as_it_is() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("board", a_board(stage))
        stage.is_telling_time = False
        await stage.wait(30)
        stage.job("board", TakePicture())
        await stage.wait(1)

    assert any(line.startswith("No news since") for line in asked(on_stage(scene, [PAGE])).picture)


@pytest.mark.parametrize("sign", [SIGN, LCD], ids=["page", "lcd"])
def test_the_code_of_a_door_is_not_seen_from_afar(sign: dict[str, Any]) -> None:
    view = SignView(
        title=TITLE,
        languages=["en"],
        join_url="https://guichet.example.org/hall/join",
        gate=Gate.COME_IN,
        quality=RoomQuality.LIVE,
        people=3,
        limit=9,
        free=6,
        waiting=0,
    )

    async def scene(stage: Stage) -> None:
        until_at = stage.now().replace(hour=20)
        door = DoorCode(secret="A" * 32, step_s=30, alone_s=600, until_at=until_at)
        stage.show("sign", SignView(**{name: getattr(view, name) for name in view.__struct_fields__} | {"door": door}))
        await stage.wait(1)
        (role,) = stage.devices.roles
        assert isinstance(role, Sign)
        assert role.picture is not None
        assert role.picture.code
        stage.job("sign", TakePicture())
        await stage.wait(1)
        picture = "\n".join(asked(stage).picture)
        assert "Please come in" in picture
        assert role.picture.code not in picture
        assert "guichet.example.org" not in picture

    on_stage(scene, [sign])


DISPLAYS: dict[str, dict[str, Any]] = {
    "board/matrix": MATRIX,
    "board/page": PAGE,
    "sign/page": SIGN,
    "sign/lcd": LCD,
    "kiosk/page": KIOSK,
}


def test_every_display_can_be_seen_from_afar() -> None:
    kinds = ("board/", "sign/", "kiosk/")
    assert {variant for variant in devices.known() if variant.startswith(kinds)} == {*DISPLAYS, "kiosk/gpio"}

    async def scene(stage: Stage) -> None:
        (role,) = stage.devices.roles
        assert role.look is not None

    for table in DISPLAYS.values():
        on_stage(scene, [table])


def test_a_device_that_shows_nothing_says_so() -> None:
    async def scene(stage: Stage) -> None:
        stage.job("panel", TakePicture())
        await stage.wait(1)

    done = asked(on_stage(scene, [PANEL]))
    assert (done.outcome, done.why) == (DoneOutcome.REFUSED, "a panel shows nothing that can be read")


def test_of_a_kiosk_the_next_visitors_offer_is_seen_and_nothing_of_the_last_ones_ticket() -> None:
    services = [
        KioskService(id=name, letter=name[0].upper(), name={"en": name.title()}, open=True, waiting=0)
        for name in ("passport", "permit")
    ]

    async def scene(stage: Stage) -> None:
        stage.show("kiosk", KioskView(title=TITLE, languages=["en"], services=services))
        await stage.wait(1)
        stage.devices.kiosks["kiosk"].ask(Asked(key="wish", service="passport", language="en"))
        await stage.wait(1)
        stage.job("kiosk", TakePicture())
        await stage.wait(1)

    picture = "\n".join(asked(on_stage(scene, [KIOSK])).picture)
    assert "Passport" in picture
    assert "Permit" in picture
    assert "Your number" not in picture


def test_a_display_that_has_just_started_has_a_picture_of_nothing() -> None:
    assert lines_of("") == []


def test_shapes_styles_and_what_is_kept_for_later_are_not_read() -> None:
    html = "<p hidden>no</p><dialog><p>are you there?</p></dialog>"
    html += '<p>A<svg><title>bell</title><path d="M0 0"></path></svg><b>B</b></p><template><p>old</p></template><br>C'
    assert lines_of(html) == ["A B", "C"]


def test_a_picture_fits_into_one_message_whatever_is_on_it() -> None:
    for letter in ("x", "é", "漢", '"', "\\", "\N{WHITE SMILING FACE}"):
        lines = bounded([letter * 5_000] * 500)
        done = Done(id="job", outcome=DoneOutcome.DONE, picture=lines)
        assert len(codec.encode(done)) < 16_384
        assert lines
    assert sum(len(line) for line in bounded(["x" * 256] * 40)) <= PICTURE_BYTES_MAX
