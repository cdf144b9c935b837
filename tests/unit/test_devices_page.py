"""The page of all devices: what they need, which settings they go by, and finding one from afar."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from httpx import AsyncClient, Response

import words
from hub.day.lobby import Device, DeviceKind
from hub.fleet import NodeView, Shown, Standing, Wished
from tests.given import MONDAY_9H, a_lobby
from tests.sites import MemorySite, a_browser, an_app
from wire.messages import DoneOutcome
from words import LANGUAGES

PAGE = "/hall/devices"
NAMES = {
    DeviceKind.BOARD: "Call board",
    DeviceKind.SIGN: "Door sign",
    DeviceKind.LIGHT: "Traffic light",
    DeviceKind.SPEAKER: "Loudspeaker",
    DeviceKind.PANEL: "Call panel",
    DeviceKind.KIOSK: "Kiosk",
    DeviceKind.PRINTER: "Printer",
    DeviceKind.COUNTER: "People counter",
}
BOARD = "board-1/board"


class FakeFleet:
    """Nodes that say what the test tells them."""

    def __init__(self) -> None:
        self.nodes: tuple[NodeView, ...] = (
            NodeView(
                name="board-1",
                status="online",
                version="0.1.0",
                since_at=MONDAY_9H,
                temperature_c=84.2,
                disk_free_mb=20_480,
                machine={"machine-hot": "84 °C"},
                faults={"board": "LED matrix took no pixels; check its power"},
            ),
            NodeView(name="door-1", status="lost", since_at=MONDAY_9H),
        )
        self.wished: dict[str, Wished] = {}
        self.answer: Shown | None = None
        self.asked: list[tuple[str, str]] = []

    async def identify(self, device: str) -> Shown | None:
        self.asked.append(("identify", device))
        return self.answer

    async def take_picture(self, device: str) -> Shown | None:
        self.asked.append(("picture", device))
        return self.answer


@pytest.fixture
def fleet() -> FakeFleet:
    return FakeFleet()


@pytest.fixture
async def browser(fleet: FakeFleet) -> AsyncIterator[AsyncClient]:
    async with a_browser(an_app(MemorySite(), fleet=fleet)) as browser:
        yield browser


async def ask(browser: AsyncClient, what: str, device: str = BOARD) -> Response:
    return await browser.post(PAGE, data={"device": device, "do": what})


async def test_every_node_is_told_with_what_it_needs(browser: AsyncClient) -> None:
    page = (await browser.get(PAGE)).text
    assert "Version 0.1.0 · 84 °C · 20480 MB free" in page
    assert "Too hot: it works slowly; let air get to it: 84 °C" in page
    assert "LED matrix took no pixels; check its power" in page
    assert "No connection" in page
    assert page.count('value="identify"') == 1, "of the lost node nothing can be asked"
    assert page.count('value="picture"') == 1


@pytest.mark.parametrize(
    ("standing", "reported", "why", "said"),
    [
        (Standing.IN_FORCE, 7, "", "contrast = 40, volume = 3 – in force"),
        (Standing.WAITING, None, "", "not answered yet"),
        (Standing.REFUSED, 0, "volume: cannot be set from afar", "refused: volume: cannot be set from afar"),
    ],
)
async def test_desired_settings_are_told_beside_what_the_device_reports(
    browser: AsyncClient, fleet: FakeFleet, standing: Standing, reported: int | None, why: str, said: str
) -> None:
    fleet.wished[BOARD] = Wished(
        device=BOARD,
        settings={"volume": 3, "contrast": 40},
        revision=7,
        standing=standing,
        reported=reported,
        why=why,
    )
    page = (await browser.get(PAGE)).text
    assert said in page
    told = "–" if reported is None else f"{reported:08x}"
    assert f"(revision 00000007, reported {told})" in page
    assert ("Does not take the desired settings" in (await browser.get("/hall/facilities")).text) == (
        standing is Standing.REFUSED
    )


async def test_a_picture_is_shown_as_letters_and_never_as_markup(browser: AsyncClient, fleet: FakeFleet) -> None:
    fleet.answer = Shown(outcome=DoneOutcome.DONE, picture=("A042 3", "<script>alert(1)</script>"))
    page = (await ask(browser, "picture")).text
    assert "What board-1/board shows now" in page
    assert "A042 3\n&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert fleet.asked == [("picture", BOARD)]


async def test_a_device_that_is_looked_for_makes_itself_seen_or_says_why_not(
    browser: AsyncClient, fleet: FakeFleet
) -> None:
    assert "board-1/board has not answered." in (await ask(browser, "identify")).text
    fleet.answer = Shown(outcome=DoneOutcome.DONE)
    assert "board-1/board makes itself seen now." in (await ask(browser, "identify")).text
    fleet.answer = Shown(outcome=DoneOutcome.REFUSED, why="no lamp")
    assert "board-1/board cannot do that: no lamp" in (await ask(browser, "identify")).text
    fleet.answer = Shown(outcome=DoneOutcome.DONE)
    assert "It shows nothing." in (await ask(browser, "picture")).text


async def test_what_no_page_of_ours_sends_is_refused(browser: AsyncClient, fleet: FakeFleet) -> None:
    assert (await ask(browser, "explode")).status_code == 400
    assert (await ask(browser, "identify", "board-1/nobody")).status_code == 404
    assert fleet.asked == []


@pytest.mark.parametrize("kind", DeviceKind)
async def test_every_kind_of_device_has_a_word(fleet: FakeFleet, kind: DeviceKind) -> None:
    lobby = a_lobby()
    site = MemorySite()
    site.lobby = replace(lobby, devices=(Device(node="board-1", id="thing", kind=kind),))
    async with a_browser(an_app(site, fleet=fleet)) as browser:
        page = await browser.get(PAGE)
    assert page.status_code == 200
    assert "board-1/thing" in page.text


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "Devices"), ("fr", "Appareils"), ("de", "Geräte"), ("it", "Dispositivi")]
)
async def test_the_page_speaks_the_languages_of_the_lobby(fleet: FakeFleet, language: str, heading: str) -> None:
    app = an_app(MemorySite(a_lobby(languages=("en", "fr", "de", "it"))), fleet=fleet)
    async with a_browser(app, language=language) as browser:
        assert f"<h1>{heading}</h1>" in (await browser.get(PAGE)).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_device_of_any_kind_is_called_by_its_name_in_every_language(fleet: FakeFleet, language: str) -> None:
    lobby = a_lobby(languages=LANGUAGES)
    others = [Device(node="node-1", id="light", kind=DeviceKind.LIGHT, room="main")]
    others.append(Device(node="node-1", id="speaker", kind=DeviceKind.SPEAKER, room="main"))
    lobby = replace(lobby, devices=(*lobby.devices, *others))
    fleet.nodes = tuple(NodeView(name=it.node, status="online", since_at=MONDAY_9H) for it in lobby.devices)
    async with a_browser(an_app(MemorySite(lobby), fleet=fleet), language=language) as browser:
        page = (await browser.get(PAGE)).text
    assert {device.kind for device in lobby.devices} == set(DeviceKind)
    for device in lobby.devices:
        called = words.of(language).gettext(NAMES[device.kind])
        assert f'<span>{called} <span class="is">{device.address}</span>' in page
