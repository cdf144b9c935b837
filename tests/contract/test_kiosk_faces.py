"""The faces of a kiosk under one suite: keys on mock pins, and the page over HTTP. Behind both the same role."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from edge.kiosk_face import Asked, How, Offer, Told
from edge.roles.kiosk import Kiosk
from edge.screens.app import screens_app
from simulator.asgi_client import AsgiClient
from tests.edge_stage import KIOSK, PRINTER, Stage, on_stage
from tests.unit.test_kiosk_cut_off import events, lease, numbers
from wire.messages import Identify, NumbersWanted, TicketGiven, TicketRequest

Scene = Callable[[Stage], Awaitable[None]]
FACES: dict[str, dict[str, Any]] = {
    "keys": KIOSK | {"lamps": {"passport": 7, "permit": 8}},
    "page": {"id": "kiosk", "kind": "kiosk", "driver": "page"},
}


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> dict[str, Any]:
    return FACES[request.param]


def at_kiosk(scene: Scene, face: dict[str, Any], data_dir: Path | None = None) -> Stage:
    async def leased(stage: Stage) -> None:
        await lease(stage)
        await scene(stage)

    return on_stage(leased, [face, PRINTER], data_dir)


async def touch(stage: Stage, service: str = "passport", key: str = "") -> None:
    """A finger on that key, or on the page's button for a slip. `key` is the page's own for that visitor."""
    if not stage.devices.kiosks:
        stage.hands.press("kiosk", service)
        return
    app = screens_app({}, matrices={}, kiosks=stage.devices.kiosks, heard=stage.node.heard_screen)
    form = {"do": "ticket", "service": service, "key": key or stage.node.new_token(), "l": "en", "on": "paper"}
    answer = await AsgiClient(app).post("/kiosk", form=form)
    assert answer.status == 303


async def cut(stage: Stage) -> None:
    stage.cut()
    stage.is_telling_time = False
    await stage.wait(5)


async def heal(stage: Stage) -> None:
    stage.heal()
    stage.is_telling_time = True
    await stage.wait(10)


def test_a_touch_is_a_wish_for_its_service(face: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        await touch(stage, "permit")
        await stage.wait(1)

    (asked,) = {(it.service, it.language, it.on_paper) for it in events(at_kiosk(scene, face), TicketRequest)}
    assert asked == ("permit", "en", True)


def test_an_impatient_second_touch_is_the_same_wish(face: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: None
        for _ in range(3):
            await touch(stage, key="visit")
            await stage.wait(0.5)

    assert len({it.request for it in events(at_kiosk(scene, face), TicketRequest)}) == 1


def test_numbers_of_its_own_are_printed_in_order_and_handed_in_in_order(face: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        await cut(stage)
        for service in ("passport", "permit", "passport"):
            await touch(stage, service)
            await stage.wait(3)
        await heal(stage)

    stage = at_kiosk(scene, face)
    assert numbers(stage) == ["K001", "K002", "K003"]
    assert [(it.number, it.service) for it in events(stage, TicketGiven)] == [
        (1, "passport"), (2, "permit"), (3, "passport"),
    ]  # fmt: skip


def test_a_wish_that_the_hub_does_not_answer_is_helped_once(face: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        stage.answer = lambda event: None
        await touch(stage)
        await stage.wait(13)

    stage = at_kiosk(scene, face)
    assert numbers(stage) == ["K001"]
    (request,) = {it.request for it in events(stage, TicketRequest)}
    assert {it.request for it in events(stage, TicketGiven)} == {request}


def test_numbers_that_were_given_survive_a_restart(face: dict[str, Any], tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await cut(stage)
        await touch(stage)
        await stage.wait(3)
        await stage.restart()
        stage.is_telling_time = True
        await stage.wait(10)
        await cut(stage)
        await touch(stage)
        await stage.wait(3)

    stage = at_kiosk(scene, face, tmp_path)
    assert [it.number for it in events(stage, TicketGiven)] == [1]
    assert numbers(stage) == ["K002"]
    assert len({it.holder for it in events(stage, NumbersWanted)}) == 1


def test_whatever_it_is_told_and_offered_it_goes_on(face: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        role = next(it for it in stage.devices.roles if isinstance(it, Kiosk))
        shown = role.face
        for how in How:
            shown.tell(Asked(key="passport", language="en", service="passport"), Told(how=how))
        for is_silent in (True, False):
            shown.offer(Offer(view=None, is_silent=is_silent))
        stage.job("kiosk", Identify(seconds=1))
        await stage.wait(15)
        await lease(stage)
        await touch(stage)
        await stage.wait(1)

    assert events(at_kiosk(scene, face), TicketRequest)
