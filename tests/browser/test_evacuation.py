"""An evacuation and the report of a day in a real browser: by keyboard, without a script, on paper, for everybody."""

from importlib.resources import files

import pytest
from playwright.async_api import Browser, expect

from hub.day.inputs import CountPeople, Elapse, Evacuate, IssueTicket
from hub.keyring import Keyring, token_hash
from tests.browser.conftest import Serve
from tests.browser.opened import open_page
from tests.given import COUNTER, a_lobby
from tests.sites import MemorySite, an_app
from words import LANGUAGES

AXE = files("axe_playwright_python").joinpath("axe.min.js")
REPORT = "/hall/rooms/report/2026-03-02"
TABS_MAX = 40


@pytest.fixture
async def site() -> MemorySite:
    site = MemorySite(a_lobby(limit_people=10, admitted=True, languages=LANGUAGES))
    for entered in (0, 12):
        await site.submit(CountPeople(device=COUNTER, epoch="e", entered=entered, left=0))
        await site.submit(Elapse())
    return site


@pytest.fixture
async def address(site: MemorySite, serve: Serve) -> str:
    return await serve(an_app(site))


async def test_the_building_is_emptied_with_the_keyboard_alone_and_without_a_script(
    browser: Browser, address: str, site: MemorySite
) -> None:
    page = await open_page(browser, address + "/hall/facilities", script=False)
    for _ in range(TABS_MAX):
        await page.keyboard.press("Tab")
        if await page.locator(".evacuate summary:focus").count():
            break
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Evacuation")).to_be_visible()
    assert site.day.evacuation is not None
    await page.get_by_label("People in Main hall").fill("2")
    await page.get_by_role("button", name="End the evacuation").click()
    await expect(page.get_by_text("Nobody has to leave the building.")).to_be_visible()
    assert site.day.evacuation is None
    assert site.day.rooms["main"].people == 2


async def test_a_phone_that_waits_is_told_to_leave_and_then_that_its_place_is_kept(
    browser: Browser, address: str, site: MemorySite
) -> None:
    ticket = "t" * 22
    token = Keyring(b"0123456789abcdef").token(ticket)
    issue = IssueTicket(
        ticket=ticket, token_hash=token_hash(token), service="passports", language="en", channel="phone"
    )
    await site.submit(issue)
    page = await open_page(browser, f"{address}/t/{token}", width=390)
    await expect(page.get_by_role("heading", name="Please wait outside")).to_be_visible()
    await site.submit(Evacuate(by="facilities"))
    await expect(page.get_by_role("heading", name="Please leave the building calmly")).to_be_visible()
    await expect(page.get_by_text("Your ticket keeps its place.")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_neither_page_has_a_barrier_that_axe_finds(
    browser: Browser, address: str, site: MemorySite, language: str
) -> None:
    await site.submit(Evacuate(by="facilities"))
    for path in (REPORT, "/hall/evacuation", "/hall/desk/1"):
        for width in (390, 1280):
            page = await open_page(browser, f"{address}{path}?lang={language}", width=width)
            await page.evaluate(AXE.read_text("utf-8"))
            found = await page.evaluate("axe.run()")
            assert [it["id"] for it in found["violations"]] == [], f"{path} at {width}"
            await page.context.close()


async def test_the_report_prints_on_paper_without_what_only_a_screen_needs(browser: Browser, address: str) -> None:
    page = await open_page(browser, address + REPORT)
    await expect(page.get_by_role("button", name="Print, or save as PDF")).to_be_visible()
    await page.emulate_media(media="print")
    await expect(page.locator(".report-nav")).to_be_hidden()
    await expect(page.locator(".top")).to_be_hidden()
    await page.set_viewport_size({"width": 688, "height": 980})  # A4 less its margins, at 96 dots per inch
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    printed = await page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF-")
