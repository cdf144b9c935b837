"""Settings from afar: judged by the device itself, kept, answered."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_type_hints

import pytest

from edge import devices
from edge.config import parse
from edge.errors import ConfigError
from edge.tuning import wished
from tests.edge_stage import NODE, PANEL, SITE, Stage, on_stage
from wire.messages import Done, DoneOutcome, Fact, Health

BOARD = {"id": "board", "kind": "board", "driver": "matrix", "contrast": 100, "modules": 4}
SETTINGS_PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def answers(stage: Stage) -> list[tuple[str, DoneOutcome, str]]:
    return [(done.id, done.outcome, done.why) for done in stage.heard(Done)]


def in_force(stage: Stage) -> dict[str, int] | None:
    return stage.heard(Health)[-1].revisions


def test_a_good_wish_is_answered_and_told_with_every_health() -> None:
    async def scene(stage: Stage) -> None:
        stage.wish("board", 7, {"contrast": 20})
        await stage.wait(60)

    stage = on_stage(scene, [BOARD])
    assert answers(stage) == [("config-7", DoneOutcome.DONE, "")]
    assert in_force(stage) == {"board": 7}


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"contrast": 300}, "contrast: 300 is above 255; use a brightness from 0 to 255"),
        ({"contrast": "bright"}, "contrast: 'bright' is no whole number; write it without quotes or fraction"),
        ({"modules": 8}, "modules: cannot be set from afar; use contrast"),
        ({"contrast": 20, "volume": 3}, "volume: cannot be set from afar; use contrast"),
    ],
)
def test_a_wish_that_the_device_does_not_take_is_refused_and_the_last_good_one_stays(
    settings: dict[str, Fact], why: str
) -> None:
    async def scene(stage: Stage) -> None:
        stage.wish("board", 7, {"contrast": 20})
        await stage.wait(1)
        stage.wish("board", 8, settings)
        await stage.wait(60)

    stage = on_stage(scene, [BOARD])
    assert answers(stage)[1:] == [("config-8", DoneOutcome.REFUSED, why)]
    assert in_force(stage) == {"board": 7}


def test_a_device_that_can_be_tuned_in_nothing_says_so() -> None:
    async def scene(stage: Stage) -> None:
        stage.wish("panel", 7, {"lamp": 3})
        await stage.wait(1)

    ((_, outcome, why),) = answers(on_stage(scene, [{**PANEL, "id": "panel"}]))
    assert outcome is DoneOutcome.REFUSED
    assert "agent file" in why or "cannot be set from afar" in why


def test_the_last_good_wish_outlives_a_power_cut_and_a_broker_that_forgets(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        stage.wish("board", 7, {"contrast": 20})
        await stage.wait(1)
        stage.broker.restart(keep_retained=False)
        await stage.restart()
        await stage.wait(60)

    stage = on_stage(scene, [BOARD], tmp_path)
    assert in_force(stage) == {"board": 7}
    assert len(answers(stage)) == 1


def test_a_wish_for_nothing_leaves_it_to_the_agent_file(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        stage.wish("board", 7, {"contrast": 20})
        await stage.wait(1)
        stage.wish("board", 0, {})
        await stage.wait(60)

    stage = on_stage(scene, [BOARD], tmp_path)
    assert answers(stage) == [("config-7", DoneOutcome.DONE, ""), ("config-0", DoneOutcome.DONE, "")]
    assert in_force(stage) == {}


@pytest.mark.parametrize("kept", ['{"revision":7', '{"revision":7,"settings":{"modules":1}}', "\x00"])
def test_kept_settings_that_are_damaged_or_no_longer_good_are_not_used(tmp_path: Path, kept: str) -> None:
    (tmp_path / f"{NODE}-board-settings.json").write_text(kept)

    async def scene(stage: Stage) -> None:
        await stage.wait(60)

    assert in_force(on_stage(scene, [BOARD], tmp_path)) == {}


def test_settings_that_cannot_be_kept_are_in_force_all_the_same_and_the_answer_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.write_text("a file where a folder should be")

    async def scene(stage: Stage) -> None:
        stage.wish("board", 7, {"contrast": 20})
        await stage.wait(60)

    stage = on_stage(scene, [BOARD], folder)
    ((_, outcome, why),) = answers(stage)
    assert outcome is DoneOutcome.DONE
    assert why.startswith("in force until the node restarts")
    assert in_force(stage) == {"board": 7}


def tables() -> Mapping[str, str]:
    """Kind and driver to what the settings page says of them."""
    page = SETTINGS_PAGE.read_text("utf-8")
    return {
        f"{kind}/{driver}": table
        for kind, driver, table in re.findall(
            r'^### `\[\[devices\]\]`: `kind = "([\w-]+)"`, `driver = "([\w-]+)"`\n(.*?)(?=^##|\Z)', page, re.M | re.S
        )
    }


@pytest.mark.parametrize("variant", devices.known())
def test_the_settings_page_marks_what_can_be_set_from_afar_and_nothing_of_the_wiring_can(variant: str) -> None:
    described = devices.known()[variant]
    marked = re.findall(r"^\| `(\w+)` \|.*\*from afar\*", tables()[variant], re.MULTILINE)
    assert sorted(marked) == sorted(described.tunable)
    assert set(described.tunable) <= set(get_type_hints(described))
    wired = {"id", "kind", "driver", "spi_port", "spi_device", *described.pin_settings, *described.port_settings}
    assert not wired & set(described.tunable)


def test_an_agent_file_and_a_wish_are_judged_alike() -> None:
    (board,) = parse({"site": SITE, "node": NODE, "broker": "mqtt://unused", "devices": [BOARD]}).devices
    assert wished(board, {"contrast": 3}) != board
    assert wished(board, {}) == board
    with pytest.raises(ConfigError, match="contrast: 256 is above 255"):
        wished(board, {"contrast": 256})
