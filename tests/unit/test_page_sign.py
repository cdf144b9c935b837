"""A sign on a screen, and whether it can be heard."""

from edge.screens.app import screens_app
from edge.screens.pages import Pages
from simulator.asgi_client import AsgiClient
from tests.displays import a_sign
from tests.edge_stage import Stage, on_stage
from wire.messages import Health

SIGN = {"id": "sign", "kind": "sign"}
PAGES = Pages()


def page(stage: Stage) -> str:
    picture = stage.devices.screens["sign"].picture
    assert picture is not None
    return PAGES.fragment("sign", picture, 0)


def test_a_sign_that_rings_names_whom_it_rings_for_and_nobody_when_the_picture_may_be_old() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("sign", a_sign(invited=["A042", "B007"]))
        await stage.wait(1)
        now, later = page(stage).split("<template>")
        assert 'data-rings="A042 B007"' in now
        assert "data-rings" not in later
        stage.is_telling_time = False
        await stage.wait(5)
        assert "data-rings" not in page(stage)

    on_stage(scene, [{**SIGN, "chime": True}])


def test_a_sign_is_quiet_unless_it_is_told_to_ring() -> None:
    async def scene(stage: Stage) -> None:
        stage.show("sign", a_sign(invited=["A042"]))
        await stage.wait(1)
        assert "data-rings" not in page(stage)

    on_stage(scene, [SIGN])


def test_a_browser_that_may_make_no_sound_is_told_in_health_until_it_may() -> None:
    async def scene(stage: Stage) -> None:
        client = AsgiClient(screens_app(stage.devices.screens, matrices={}, heard=stage.node.heard_screen))
        for sound in ("blocked", "blocked", "what?"):
            assert (await client.post(f"/sign/seen?sound={sound}")).status == 204
        await stage.wait(61)
        assert "--autoplay-policy=no-user-gesture-required" in stage.heard(Health)[-1].faults["sign"]
        await client.post("/sign/seen?sound=on")
        await stage.wait(61)
        assert "autoplay" not in stage.heard(Health)[-1].faults["sign"]

    on_stage(scene, [{**SIGN, "chime": True}])
