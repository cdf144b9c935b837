"""The call panel on a stage: keys with two meanings, keys that stick, a pause, and a lamp that answers at once."""

from typing import Any

import pytest

from edge.debounce import STUCK_S
from tests.edge_stage import Stage, on_stage
from wire.messages import Event, Health, Key, Outcome, PanelState, PanelView, Press

PINS = {
    "id": "panel",
    "kind": "panel",
    "pins": {"next": 17, "recall": 27, "pause": 5},
    "lamp": 22,
    "long": {"next": "finish"},
}
KEYPAD = {
    "id": "panel",
    "kind": "panel",
    "driver": "keypad",
    "keys": {"next": "enter", "recall": "plus", "pause": "numlock"},
    "long": {"next": "finish"},
}
with_either = pytest.mark.parametrize("panel", [PINS, KEYPAD], ids=["pins", "keypad"])


def a_view(state: PanelState = PanelState.FREE, waiting: int = 0) -> PanelView:
    return PanelView(desk="1", desk_seq=7, state=state, waiting=waiting)


def keys(stage: Stage) -> list[Key]:
    bodies = {event.seq: event.body for event in stage.heard(Event, "panel")}
    return [body.key for body in bodies.values() if isinstance(body, Press)]


@with_either
def test_a_key_with_two_meanings_means_one_when_tapped_and_the_other_when_held(panel: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_view())
        await stage.wait(0.1)
        stage.hands.press("panel", "next")
        await stage.wait(2)
        assert keys(stage) == [Key.NEXT]
        stage.hands.press_down("panel", "next")
        await stage.wait(0.7)
        assert keys(stage) == [Key.NEXT]
        await stage.wait(0.2)
        assert keys(stage) == [Key.NEXT, Key.FINISH], "while it is still held"
        stage.hands.let_go("panel", "next")
        await stage.wait(2)

    assert keys(on_stage(scene, [panel])) == [Key.NEXT, Key.FINISH]


@with_either
def test_a_key_with_one_meaning_does_not_wait_for_its_release(panel: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_view())
        await stage.wait(0.1)
        stage.hands.press_down("panel", "recall")
        await stage.wait(0.01)
        assert keys(stage) == [Key.RECALL]

    on_stage(scene, [panel])


@pytest.mark.parametrize(
    ("state", "key"),
    [(PanelState.CLOSED, Key.OPEN), (PanelState.FREE, Key.CLOSE), (PanelState.SERVING, Key.CLOSE)],
)
@with_either
def test_the_pause_closes_an_open_desk_and_opens_a_closed_one(
    panel: dict[str, Any], state: PanelState, key: Key
) -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_view(state))
        await stage.wait(0.1)
        stage.hands.press("panel", "pause")
        await stage.wait(1)

    assert keys(on_stage(scene, [panel])) == [key]


@with_either
def test_a_key_that_sticks_calls_once_and_is_named_until_it_comes_up(panel: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_view())
        await stage.wait(0.1)
        stage.hands.press_down("panel", "recall")
        await stage.wait(STUCK_S + 60)
        assert stage.heard(Health)[-1].faults == {"panel": "key 'recall' is held down; free it"}
        stage.hands.press("panel", "pause")
        await stage.wait(1)
        stage.hands.let_go("panel", "recall")
        await stage.wait(60)
        assert stage.heard(Health)[-1].faults == {}

    assert keys(on_stage(scene, [panel])) == [Key.RECALL, Key.CLOSE]


@with_either
def test_a_key_that_is_down_when_the_agent_starts_is_no_press(panel: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_view())
        stage.hands.press_down("panel", "recall")
        await stage.wait(1)
        before = len(keys(stage))
        stage.hands.let_go("panel", "recall")
        await stage.wait(60)
        assert len(keys(stage)) == before == 1

    on_stage(scene, [panel])


@pytest.mark.parametrize("waiting", [0, 3], ids=["dark at rest", "lit at rest"])
@pytest.mark.parametrize("key", ["recall", "next"])
@with_either
def test_the_lamp_changes_in_the_moment_of_the_press(panel: dict[str, Any], waiting: int, key: str) -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_view(waiting=waiting))
        stage.answer = lambda event: None
        await stage.wait(1)
        at_rest = stage.hands.is_lit("panel")
        assert at_rest is (waiting > 0)
        stage.hands.press_down("panel", key)
        await stage.wait(0.001)
        assert stage.hands.is_lit("panel") is not at_rest

    on_stage(scene, [panel])


@pytest.mark.parametrize(
    ("outcome", "lit_s"),
    [(Outcome.DONE, 0.6), (Outcome.REFUSED, 0.45), (Outcome.EXPIRED, 1.6)],
)
@with_either
def test_every_answer_has_a_light_of_its_own(panel: dict[str, Any], outcome: Outcome, lit_s: float) -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: None
        stage.show("panel", a_view())
        await stage.wait(1)
        stage.hands.press("panel", "recall")
        stage.answer = lambda event: (outcome, "")
        lit = 0.0
        for _ in range(400):
            await stage.wait(0.01)
            lit += 0.01 * stage.hands.is_lit("panel")
        assert lit == pytest.approx(lit_s, abs=0.03)

    on_stage(scene, [panel])


def test_how_long_is_long_can_be_wished_from_afar() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_view())
        stage.wish("panel", 3, {"long_press_ms": 2000})
        await stage.wait(1)
        stage.hands.press_down("panel", "next")
        await stage.wait(1.9)
        assert keys(stage) == []
        await stage.wait(0.2)
        assert keys(stage) == [Key.FINISH]

    on_stage(scene, [KEYPAD])


def test_a_keypad_that_is_pulled_out_is_named_and_works_again_when_it_is_back() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_view())
        keypad = stage.hands.keypad("panel")
        keypad.unplug()
        await stage.wait(60)
        assert "plug it in" in stage.heard(Health)[-1].faults["panel"]
        keypad.plug_in()
        await stage.wait(60)
        assert stage.heard(Health)[-1].faults == {}
        stage.hands.press("panel", "recall")
        await stage.wait(1)

    assert keys(on_stage(scene, [KEYPAD])) == [Key.RECALL]


def test_a_lamp_that_was_mended_tells_the_truth_again_though_nobody_presses() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_view())
        await stage.wait(1)
        stage.hands.break_lamp("panel")
        stage.show("panel", a_view(waiting=3))
        await stage.wait(62)
        assert not stage.hands.is_lit("panel")
        assert "lamp" in stage.heard(Health)[-1].faults["panel"]
        stage.hands.break_lamp("panel", is_broken=False)
        await stage.wait(62)
        assert stage.hands.is_lit("panel")
        assert stage.heard(Health)[-1].faults == {}

    on_stage(scene, [PINS])


def test_a_key_that_something_holds_down_is_told_and_a_finger_does_not_free_it() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("panel", a_view())
        await stage.wait(1)
        stage.hands.jam("panel", "recall")
        await stage.wait(STUCK_S)
        stage.hands.press("panel", "recall")
        await stage.wait(60)
        assert "'recall' is held down" in stage.heard(Health)[-1].faults["panel"]
        stage.hands.press("panel", "next")
        await stage.wait(1)
        stage.hands.jam("panel", "recall", is_jammed=False)
        await stage.wait(STUCK_S + 61)
        assert stage.heard(Health)[-1].faults == {}

    assert keys(on_stage(scene, [PINS])) == [Key.RECALL, Key.NEXT]
