"""Pages that name counters which count wrongly, and a door that nothing counts, in a real browser: for everybody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

import pytest
from playwright.async_api import Browser, expect

from hub.day.inputs import CountPeople
from hub.day.lobby import Device, DeviceKind, Door
from hub.day.people.checks import Fault
from hub.fleet import NodeView
from hub.history.points import Crossing, Point
from hub.history.sql_store import SqlStore
from hub.self_tests import SelfTests
from tests.browser.conftest import Serve
from tests.browser.opened import open_page
from tests.given import MONDAY_9H, a_lobby
from tests.histories import a_history
from tests.sites import MemorySite, an_app
from tests.unit.test_devices_page import FakeFleet
from words import LANGUAGES

AXE = files("axe_playwright_python").joinpath("axe.min.js")
NOW = MONDAY_9H + timedelta(hours=7, minutes=50)
DAYS = 13
HALL = a_lobby(limit_people=60, languages=LANGUAGES)
NAMES = {
    "garden": {"en": "Garden door", "fr": "Porte du jardin", "de": "Gartentür", "it": "Porta del giardino"},
    "court": {"en": "Court", "fr": "Cour", "de": "Hof", "it": "Cortile"},
    "staff": {"en": "Staff entrance", "fr": "Entrée du personnel", "de": "Personaleingang", "it": "Ingresso personale"},
}
LOBBY = replace(
    HALL,
    doors=(
        replace(HALL.doors[0], name={"en": "Front", "fr": "Entrée", "de": "Haupteingang", "it": "Ingresso"}),
        Door(id="garden", to_room="main", name=NAMES["garden"]),
        Door(id="court", to_room="main", name=NAMES["court"]),
        Door(id="staff", to_room="main", name=NAMES["staff"], uncounted_share=0.05),
    ),
    devices=(
        *HALL.devices,
        Device(node="door-2", id="counter", kind=DeviceKind.COUNTER, door="garden"),
        Device(node="door-3", id="counter", kind=DeviceKind.COUNTER, door="court"),
    ),
)
COUNTERS = ("door-1/counter", "door-2/counter", "door-3/counter")
HOURS = ((8, 80, 20), (9, 60, 40), (11, 40, 40), (14, 40, 60), (15, 20, 80))


def a_fortnight() -> Iterator[Point]:
    """At the front entries are taken for exits, in the garden nobody has been counted since yesterday, and in the
    court more and more exits are missed."""
    for back in range(DAYS, -1, -1):
        for hour, came, went in HOURS:
            at = NOW.replace(hour=hour, minute=0) - timedelta(days=back)
            counted = {"front": (went, came), "court": (came, went if back > DAYS // 2 else round(0.7 * went))}
            if back:
                counted["garden"] = (came, went)
            for door, (entered, left) in counted.items():
                yield Crossing(at=at, site="hall", door=door, entered=entered, left=left)


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    with a_history("hall", list(a_fortnight())) as store:
        yield store


@pytest.fixture
async def address(store: SqlStore, serve: Serve) -> str:
    site = MemorySite(LOBBY, NOW)
    for device in COUNTERS:
        for entered in (0, 7):
            await site.submit(CountPeople(device=device, epoch="e", entered=entered, left=0))
    tests = SelfTests(site, store, lambda: NOW)
    assert await tests.look()
    assert tests.doors() == {"front": (Fault.SWAPPED,), "garden": (Fault.STUCK,), "court": (Fault.DRIFTING,)}
    fleet = FakeFleet()
    nodes = dict.fromkeys(device.node for device in LOBBY.devices)
    fleet.nodes = tuple(NodeView(name=node, status="online", version="1.0") for node in nodes)
    return await serve(an_app(site, history=store, self_tests=tests, fleet=fleet))


async def test_the_plan_marks_each_door_in_its_own_way(browser: Browser, address: str) -> None:
    page = await open_page(browser, f"{address}/hall/floor")
    words = page.locator(".door-word")
    await expect(words.nth(0)).to_have_text("seems to count entries as exits")
    await expect(words.nth(1)).to_have_text("counts nobody")
    await expect(words.nth(2)).to_have_text("counts less well than it used to")
    await expect(words.nth(3)).to_have_text("nobody counts here; the bounds allow for it")
    assert await page.locator("svg.door.is-serious").count() == 2
    assert await page.locator("svg.door.is-mild").count() == 2


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everybody_can_read_them(browser: Browser, address: str, language: str) -> None:
    for n, path in enumerate(("facilities", "floor", "devices", "history")):
        is_small = (n + LANGUAGES.index(language)) % 2 == 0
        width = 390 if is_small else 1280
        page = await open_page(browser, f"{address}/hall/{path}", width=width, locale=language, dark=is_small)
        await page.evaluate(AXE.read_text())
        answer = await page.evaluate("axe.run()")
        assert [it["id"] for it in answer["violations"]] == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        await page.context.close()
