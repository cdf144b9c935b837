"""A board on a screen: rows that can be read from where people sit, and pictures beside the calls."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge import config
from edge.cli import app
from edge.devices.board_page import BoardPage
from edge.legible import Place, rows_read, screen_needed_mm
from edge.roles.board import BoardPicture
from edge.screens.app import screens_app
from edge.screens.media import BYTES_MAX, LOOK_EVERY_S, Media
from simulator.asgi_client import AsgiClient
from tests.displays import a_board, a_call
from tests.edge_stage import START_AT, Stage, on_stage
from wire.messages import Health

BOARD = {"id": "board", "kind": "board"}


def picture(stage: Stage) -> BoardPicture:
    found = stage.devices.screens["board"].picture
    assert isinstance(found, BoardPicture)
    return found


async def say_seen(stage: Stage, query: str) -> int:
    screens = screens_app(stage.devices.screens, matrices={}, heard=stage.node.heard_screen)
    return (await AsgiClient(screens).post(f"/board/seen{query}")).status


# --- legible -------------------------------------------------------------------------------------------------


def test_a_letter_needs_seven_tenths_of_a_degree_which_are_twelve_millimetres_a_metre() -> None:
    assert Place(1000, 1000).needed_mm == pytest.approx(12.2, abs=0.05)
    assert Place(1000, 8000).needed_mm == pytest.approx(97.7, abs=0.1)


@pytest.mark.parametrize(
    ("diagonal_mm", "distance_mm", "rows"),
    [(1650, 2500, 6), (1650, 5000, 4), (1650, 7000, 3), (1650, 9000, 2), (1092, 8000, 0)],
)
def test_a_board_has_as_many_rows_as_can_be_read(diagonal_mm: int, distance_mm: int, rows: int) -> None:
    assert rows_read(Place(diagonal_mm, distance_mm), beside=False) == rows


def test_the_screen_that_is_asked_for_would_do() -> None:
    for beside in (True, False):
        place = Place(500, 8000)
        asked_mm = screen_needed_mm(place, beside=beside)
        assert rows_read(Place(asked_mm, 8000), beside=beside) >= 1
        assert rows_read(Place(asked_mm - 2, 8000), beside=beside) == 0


def test_a_board_whose_place_is_known_has_rows_of_one_height() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("board", a_board([a_call("A42", "3", START_AT)]))
        await stage.wait(1)
        assert (picture(stage).rows, picture(stage).is_even) == (3, True)

    on_stage(scene, [{**BOARD, "diagonal_mm": 1650, "distance_mm": 7000}])


@pytest.mark.parametrize("place", [{}, {"diagonal_mm": 700, "distance_mm": 20_000}], ids=["not told", "hopeless"])
def test_a_board_that_cannot_do_better_looks_as_usual(place: dict[str, int]) -> None:
    async def scene(stage: Stage) -> None:
        stage.show("board", a_board([a_call("A42", "3", START_AT)]))
        await stage.wait(1)
        assert (picture(stage).rows, picture(stage).is_even) == (6, False)

    on_stage(scene, [{**BOARD, **place}])


def test_letters_that_a_browser_finds_too_small_are_told_in_health_and_on_the_page() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("board", a_board([a_call("A42", "3", START_AT)]))
        assert await say_seen(stage, "?cap_px=100&width_px=1920&height_px=1080") == 204
        await stage.wait(61)
        assert picture(stage).too_small == (75, 98)
        assert stage.heard(Health)[-1].faults["board"] == (
            "letters are 75 mm high and must be 98 to be read from 8000 mm; "
            "show fewer calls, or hang up a larger screen; no browser shows the page; start one"
        )
        await say_seen(stage, "?cap_px=131&width_px=1920&height_px=1080")
        await stage.wait(61)
        assert picture(stage).too_small is None
        assert stage.heard(Health)[-1].faults == {"board": "no browser shows the page; start one"}

    on_stage(scene, [{**BOARD, "diagonal_mm": 1650, "distance_mm": 8000}])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?cap_px=5",
        "?cap_px=x&width_px=1&height_px=1",
        "?cap_px=nan&width_px=9&height_px=9",
        "?cap_px=5&width_px=0&height_px=9",
    ],
)
def test_what_a_browser_says_without_sense_is_not_believed(query: str) -> None:
    async def scene(stage: Stage) -> None:
        assert await say_seen(stage, query) == 204
        await stage.wait(1)
        assert picture(stage).too_small is None

    on_stage(scene, [{**BOARD, "diagonal_mm": 1650, "distance_mm": 8000}])


def warnings(**table: object) -> list[str]:
    devices = [{**BOARD, **table}]
    (device,) = config.parse({"site": "s", "node": "n", "broker": "mqtt://b", "devices": devices}).devices
    assert isinstance(device, BoardPage)
    return list(device.warnings())


def test_a_screen_that_is_too_small_for_its_room_is_told_before_it_hangs() -> None:
    assert warnings() == warnings(diagonal_mm=1650, distance_mm=7000) == []
    (small,) = warnings(diagonal_mm=1092, distance_mm=8000)
    assert small.startswith("calls cannot be read from 8000 mm: that takes letters of 98 mm, and a screen of 12")
    (half,) = warnings(diagonal_mm=1092)
    assert half.endswith("give both")


def test_check_tells_what_will_not_do_and_is_content_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "agent.toml"
    head = 'site = "s"\nnode = "n"\nbroker = "mqtt://b"\n[[devices]]\n'
    file.write_text(head + 'id = "board"\nkind = "board"\ndiagonal_mm = 1092\ndistance_mm = 8000\n')
    said = CliRunner().invoke(app, ["run", str(file), "--check"])
    assert said.exit_code == 0
    assert said.stderr.startswith(f"{file}: warning: board: calls cannot be read from 8000 mm")
    assert said.stdout.endswith("1 devices, no faults\n")


# --- pictures ------------------------------------------------------------------------------------------------


def test_pictures_take_turns_and_those_that_come_and_go_are_noticed(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "notes.txt", ".hidden.png", "script.svg"):
        (tmp_path / name).write_bytes(b"picture")

    async def scene(stage: Stage) -> None:
        await stage.wait(1)
        seen = set()
        for _ in range(30):
            seen.add(picture(stage).media)
            await stage.wait(1)
        assert seen == {"a.JPG", "b.png"}
        (tmp_path / "a.JPG").unlink()
        await stage.wait(LOOK_EVERY_S)
        assert picture(stage).media == "b.png"
        (tmp_path / "b.png").unlink()
        await stage.wait(LOOK_EVERY_S)
        assert picture(stage).media == ""

    on_stage(scene, [{**BOARD, "media_dir": str(tmp_path), "media_s": 5}])


def test_a_folder_that_is_not_there_is_told_in_health_until_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "later"

    async def scene(stage: Stage) -> None:
        await stage.wait(61)
        assert (
            stage.heard(Health)[-1].faults["board"].startswith(f"{folder} cannot be read (No such file or directory)")
        )
        folder.mkdir()
        await stage.wait(91)
        assert "cannot be read" not in stage.heard(Health)[-1].faults["board"]

    on_stage(scene, [{**BOARD, "media_dir": str(folder)}])


def test_only_pictures_of_the_folder_are_served(tmp_path: Path) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"a picture")
    (folder / "b.txt").write_bytes(b"no picture")
    (tmp_path / "secret.png").write_bytes(b"elsewhere")

    async def scene(stage: Stage) -> None:
        await stage.wait(1)
        client = AsgiClient(screens_app(stage.devices.screens, matrices={}, heard=stage.node.heard_screen))
        found = await client.get("/board/media/a.png")
        assert (found.status, found.headers["content-type"], found.text) == (200, "image/png", "a picture")
        for name in ("b.txt", "c.png", "..%2Fsecret.png", "%2Fetc%2Fhostname"):
            assert (await client.get(f"/board/media/{name}")).status == 404
        (folder / "a.png").unlink()
        assert (await client.get("/board/media/a.png")).status == 404

    on_stage(scene, [{**BOARD, "media_dir": str(folder)}])


def test_a_board_without_a_folder_serves_no_pictures() -> None:
    async def scene(stage: Stage) -> None:
        await stage.wait(1)
        client = AsgiClient(screens_app(stage.devices.screens, matrices={}, heard=stage.node.heard_screen))
        assert (await client.get("/board/media/a.png")).status == 404
        assert picture(stage).media == ""

    on_stage(scene, [BOARD])


def test_a_picture_that_would_choke_a_browser_is_left_out(tmp_path: Path) -> None:
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(BYTES_MAX + 1)
    (tmp_path / "fair.png").write_bytes(b"picture")
    assert Media(tmp_path, 15).look() == ("fair.png",)


def test_one_picture_needs_no_turns() -> None:
    media = Media(Path("unused"), 15)
    assert media.shown(7.0) == ("", float("inf"))
    media.names = ("a.png",)
    assert media.shown(7.0) == ("a.png", float("inf"))
    media.names = ("a.png", "b.png")
    assert [media.shown(at_s) for at_s in (7.0, 15.0, 30.0)] == [("a.png", 15.0), ("b.png", 30.0), ("a.png", 45.0)]
