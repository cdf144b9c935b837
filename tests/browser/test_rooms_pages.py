"""Floor plan, a room on a wall, and looking back, in a real browser: true while they are open, and for everybody."""

from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files

import pytest
from playwright.async_api import Browser, Route, expect

from hub.day.inputs import CountPeople
from hub.history.sql_store import SqlStore
from tests.browser.conftest import OF_STAFF, Serve
from tests.browser.opened import open_page
from tests.given import COUNTER, MONDAY_9H, a_lobby
from tests.histories import a_history, weeks_until
from tests.sites import MemorySite, an_app
from words import LANGUAGES

AXE = files("axe_playwright_python").joinpath("axe.min.js")
LOBBY = a_lobby(limit_people=30, languages=LANGUAGES)
NOW = MONDAY_9H + timedelta(hours=5)
FLOOR, WALL, HISTORY = "/hall/floor", "/hall/wall/main", "/hall/history"

SHIFTS = """() => { window.shifted = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true}); }"""


@pytest.fixture(scope="module")
def store() -> Iterator[SqlStore]:
    with a_history("hall", weeks_until(NOW, LOBBY)) as store:
        yield store


@pytest.fixture
async def site() -> MemorySite:
    site = MemorySite(LOBBY, NOW)
    await counted(site, 0)
    await counted(site, 12)
    return site


@pytest.fixture
async def address(site: MemorySite, store: SqlStore, serve: Serve) -> str:
    return await serve(an_app(site, history=store))


async def counted(site: MemorySite, entered: int) -> None:
    await site.submit(CountPeople(device=COUNTER, epoch="e", entered=entered, left=0))


@pytest.mark.parametrize("path", [FLOOR, WALL])
async def test_the_number_follows_the_counters_and_nothing_moves(
    browser: Browser, address: str, site: MemorySite, path: str
) -> None:
    page = await open_page(browser, address + path)
    number = page.locator(".room-people strong" if path == FLOOR else ".wall .people strong")
    await expect(number).to_have_text("12")
    await page.evaluate(SHIFTS)
    await counted(site, 14)
    await expect(number).to_have_text("14")
    assert await page.evaluate("window.shifted") == 0


async def test_too_many_people_are_said_once_on_the_plan_and_on_the_wall(
    browser: Browser, address: str, site: MemorySite
) -> None:
    pages = [await open_page(browser, address + path) for path in (FLOOR, WALL)]
    await counted(site, 33)
    for page in pages:
        await expect(page.locator("#said")).to_have_text("Main hall: 33 people, where 30 are allowed.")


async def test_a_wall_that_hears_nothing_shows_no_number(browser: Browser, address: str) -> None:
    async def refuse(route: Route) -> None:
        await route.abort()

    context = await browser.new_context(extra_http_headers=OF_STAFF)
    page = await context.new_page()
    await page.clock.install()
    await page.route("**/live", refuse)
    await page.goto(address + WALL)
    await expect(page.locator(".wall .people strong")).to_be_visible()
    await page.clock.fast_forward(6_000)
    await expect(page.locator(".wall")).to_be_hidden()
    await expect(page.locator(".lost strong")).to_have_text("?")
    await expect(page.locator(".lost")).to_contain_text("nobody knows how many are inside now")


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_wall_fits_its_screen_and_is_read_from_afar(browser: Browser, address: str, width: int) -> None:
    page = await open_page(browser, address + WALL, width=width)
    assert await page.evaluate("document.documentElement.scrollHeight") <= 800
    height_px = await page.evaluate("parseFloat(getComputedStyle(document.querySelector('.people strong')).fontSize)")
    assert height_px > 0.16 * min(width, 800)


async def test_everything_is_there_without_a_script(browser: Browser, address: str) -> None:
    page = await open_page(browser, address + FLOOR, script=False, width=390)
    await expect(page.locator(".room-list").first).to_contain_text("12 of 30 people")
    await page.get_by_role("link", name="Looking back").click()
    await expect(page.locator(".week td").first).to_be_visible()
    await page.get_by_text("The same in figures").click()
    await expect(page.get_by_role("columnheader", name="Usually").first).to_be_visible()
    await page.get_by_label("First day").fill("2026-03-02")
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Download (CSV)").click()
    download = await downloading.value
    assert download.suggested_filename == "hall-rooms-2026-03-02-2026-03-02.csv"


async def test_the_keyboard_reaches_every_room_and_keeps_its_place(
    browser: Browser, address: str, site: MemorySite
) -> None:
    page = await open_page(browser, address + FLOOR)
    await page.locator("#wall-main").focus()
    await counted(site, 15)
    await expect(page.locator(".room-people strong")).to_have_text("15")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Main hall")).to_be_visible()
    assert page.url.endswith(WALL)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_page_has_a_barrier_that_axe_finds_or_is_wider_than_its_screen(
    browser: Browser, address: str, site: MemorySite, language: str
) -> None:
    await counted(site, 31)
    said: list[str] = []
    for path in (FLOOR, WALL, HISTORY):
        for width, dark in ((1280, True), (320, False)):
            page = await open_page(browser, address + path, width=width, locale=language, dark=dark)
            page.on("console", lambda message: said.append(message.text))
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            await page.evaluate(AXE.read_text())
            answer = await page.evaluate("axe.run()")
            assert [it["id"] for it in answer["violations"]] == [], (path, width)
            await page.context.close()
    assert said == []
