"""A traffic light and a relay at a door: lit by what the sign says, never by what it said."""

import pytest

from tests.displays import a_board, a_sign
from tests.edge_stage import Stage, on_stage
from wire.messages import Done, DoneOutcome, Gate, Health, Identify

LIGHT = {"id": "light", "kind": "light", "green": 17, "red": 27}
GREEN_ALONE = {"id": "light", "kind": "light", "green": 17}
RELAY = {"id": "box", "kind": "light", "driver": "relay", "pin": 5, "on": ["closed", "stale"]}


def lit(stage: Stage) -> set[str]:
    return {lamp for lamp in ("green", "red") if stage.hands.is_lit("light", lamp)}


@pytest.mark.parametrize(
    ("gate", "invited", "colour"),
    [
        (Gate.COME_IN, [], "green"),
        (Gate.WAIT, [], "red"),
        (Gate.CLOSED, [], "red"),
        (Gate.CLOSED, ["A042"], "green"),
    ],
)
def test_a_light_says_what_the_sign_says(gate: Gate, invited: list[str], colour: str) -> None:
    async def scene(stage: Stage) -> None:
        stage.show("light", a_sign(gate, invited=invited))
        await stage.wait(0.1)
        assert lit(stage) == {colour}

    on_stage(scene, [LIGHT])


def test_green_and_red_are_never_lit_together() -> None:
    seen: list[set[str]] = []

    async def scene(stage: Stage) -> None:
        for lamp in ("green", "red"):
            stage.hands.watch_lamp("light", lambda: seen.append(lit(stage)), lamp)
        for gate in (Gate.COME_IN, Gate.WAIT, Gate.COME_IN, Gate.CLOSED):
            stage.show("light", a_sign(gate))
            await stage.wait(1)

    on_stage(scene, [LIGHT])
    assert {"green"} in seen
    assert {"green", "red"} not in seen


@pytest.mark.parametrize(("silent", "shown"), [("red", {"red"}), ("dark", set())])
def test_a_light_that_hears_no_hub_takes_its_green_back(silent: str, shown: set[str]) -> None:
    async def scene(stage: Stage) -> None:
        assert lit(stage) == shown, "before the first view"
        stage.show("light", a_sign(Gate.COME_IN))
        await stage.wait(60)
        assert lit(stage) == {"green"}
        stage.is_telling_time = False
        await stage.wait(3.1)
        assert lit(stage) == shown
        stage.show("light", a_sign(Gate.COME_IN))
        await stage.wait(60)
        assert lit(stage) == shown, "a view that comes without the hub's time may be old"
        stage.is_telling_time = True
        await stage.wait(2)
        assert lit(stage) == {"green"}

    on_stage(scene, [{**LIGHT, "silent": silent}])


def test_a_light_without_red_is_dark_whenever_it_is_not_green() -> None:
    async def scene(stage: Stage) -> None:
        for gate, shown in ((Gate.COME_IN, True), (Gate.WAIT, False), (Gate.COME_IN, True)):
            stage.show("light", a_sign(gate))
            await stage.wait(1)
            assert stage.hands.is_lit("light", "green") is shown
        stage.cut()
        await stage.wait(5)
        assert not stage.hands.is_lit("light", "green")

    on_stage(scene, [GREEN_ALONE])


def test_a_relay_is_closed_in_the_states_that_it_is_told() -> None:
    async def scene(stage: Stage) -> None:
        assert stage.hands.is_lit("box"), "nothing has been heard: stale"
        for gate, is_on in ((Gate.COME_IN, False), (Gate.CLOSED, True), (Gate.WAIT, False)):
            stage.show("box", a_sign(gate))
            await stage.wait(1)
            assert stage.hands.is_lit("box") is is_on

    on_stage(scene, [RELAY])


def test_relays_that_close_when_their_pin_is_low_are_open_at_first_and_then_follow() -> None:
    async def scene(stage: Stage) -> None:
        assert not stage.hands.is_lit("light", "green")
        assert stage.hands.pins.is_lit(17), "a high pin leaves the relay open"
        stage.show("light", a_sign(Gate.COME_IN))
        await stage.wait(1)
        assert lit(stage) == {"green"}
        assert not stage.hands.pins.is_lit(17)

    on_stage(scene, [{**LIGHT, "active_low": True}])


def test_a_lamp_that_cannot_be_switched_is_told_in_health_and_switched_when_it_can() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("light", a_sign(Gate.COME_IN))
        await stage.wait(1)
        stage.hands.break_lamp("light", "green")
        stage.show("light", a_sign(Gate.WAIT))
        await stage.wait(61)
        assert lit(stage) == {"green"}
        needs = stage.heard(Health)[-1].faults["light"]
        assert needs.startswith("lamp 'green' at GPIO 17 does not switch")
        assert needs.endswith("check its wiring")
        stage.hands.break_lamp("light", "green", is_broken=False)
        await stage.wait(61)
        assert lit(stage) == {"red"}
        assert stage.heard(Health)[-1].faults == {}

    on_stage(scene, [LIGHT])


def test_a_light_that_is_looked_for_blinks_red_whatever_it_says_and_then_says_it_again() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("light", a_sign(Gate.COME_IN))
        await stage.wait(1)
        flashes: list[set[str]] = []
        stage.hands.watch_lamp("light", lambda: flashes.append(lit(stage)), "red")
        stage.job("light", Identify(seconds=5))
        await stage.wait(4.9)
        assert flashes == [{"red"}, set()] * 5
        assert lit(stage) == set()
        await stage.wait(0.2)
        assert lit(stage) == {"green"}

    (done,) = on_stage(scene, [LIGHT]).heard(Done)
    assert done.outcome is DoneOutcome.DONE


@pytest.mark.parametrize("device", [GREEN_ALONE, RELAY], ids=["green alone", "a relay"])
def test_what_would_invite_people_or_open_a_door_does_not_blink(device: dict[str, object]) -> None:
    async def scene(stage: Stage) -> None:
        stage.show(str(device["id"]), a_sign(Gate.WAIT))
        await stage.wait(1)
        stage.job(str(device["id"]), Identify(seconds=5))
        for _ in range(50):
            assert not stage.hands.is_lit(str(device["id"]), "green")
            await stage.wait(0.1)

    (done,) = on_stage(scene, [device]).heard(Done)
    assert (done.outcome, done.why) == (DoneOutcome.REFUSED, "a light cannot do Identify")


def test_a_view_that_is_not_a_signs_leaves_no_green() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("light", a_sign(Gate.COME_IN))
        await stage.wait(1)
        stage.show("light", a_board([]))
        await stage.wait(1)
        assert lit(stage) == {"red"}

    on_stage(scene, [LIGHT])
