"""Occupancy as people see it in a real browser: the facilities page, the invitation on the phone and on the sign."""

import pytest
from playwright.async_api import Browser, expect

from edge.roles.sign import sign_picture
from hub.day.inputs import CountPeople, Elapse, IssueTicket, NoteSilence
from hub.keyring import Keyring, token_hash
from tests.browser.conftest import OF_STAFF, Serve
from tests.browser.opened import open_page
from tests.browser.test_screens import HEARD, SILENT, Lobby, cut_off
from tests.displays import a_sign
from tests.given import COUNTER, a_lobby
from tests.sites import MemorySite, an_app
from wire.messages import Gate
from words import LANGUAGES

PAGE = "/hall/facilities"


@pytest.fixture
async def site() -> MemorySite:
    site = MemorySite(a_lobby(limit_people=10, admitted=True, margin_per_crossing=0.1, languages=LANGUAGES))
    await counted(site, 0)
    await site.after(3_600).submit(NoteSilence(device=COUNTER, is_silent=True))
    await site.after(1_800).submit(NoteSilence(device=COUNTER, is_silent=False))
    await counted(site.after(1_800), 6)
    return site


@pytest.fixture
async def address(site: MemorySite, serve: Serve) -> str:
    return await serve(an_app(site))


async def counted(site: MemorySite, entered: int) -> None:
    await site.submit(CountPeople(device=COUNTER, epoch="e", entered=entered, left=0))


async def test_the_page_follows_the_counters_and_leaves_alone_what_somebody_is_doing(
    browser: Browser, address: str, site: MemorySite
) -> None:
    page = await open_page(browser, address + PAGE)
    await expect(page.locator(".people strong")).to_have_text("6")
    await page.get_by_label("People counted").fill("12")
    await page.get_by_text("The same in figures").click()
    await counted(site, 8)
    await expect(page.locator(".people strong")).to_have_text("8")
    await expect(page).to_have_title("8/10 Main hall · Occupancy")
    await expect(page.get_by_label("People counted")).to_have_value("12")
    await expect(page.get_by_role("columnheader", name="Time")).to_be_visible()


async def test_too_many_people_are_shown_and_said_once(browser: Browser, address: str, site: MemorySite) -> None:
    page = await open_page(browser, address + PAGE)
    await expect(page.locator(".overfull")).to_have_count(0)
    await counted(site, 13)
    await expect(page.locator(".overfull")).to_contain_text("Main hall: 13 people, where 10 are allowed.")
    await expect(page.locator(".overfull svg")).to_be_visible()
    said = page.locator("#said")
    await expect(said).to_have_text("Main hall: more people than the 10 that are allowed.")
    await counted(site, 14)
    await expect(page.locator(".overfull")).to_contain_text("Main hall: 14 people, where 10 are allowed.")
    await expect(said).to_have_text("Main hall: more people than the 10 that are allowed.")


async def test_a_count_is_noted_and_seen_at_once_without_a_script(
    browser: Browser, address: str, site: MemorySite
) -> None:
    page = await open_page(browser, address + PAGE, script=False, width=390)
    chart = page.get_by_role("img", name="People in the course of the day: Main hall")
    await expect(chart).to_be_visible()
    line = await chart.locator(".line").get_attribute("d")
    assert line is not None
    assert line.count("M") == 2, "interrupted while nothing was known"
    await page.get_by_label("People counted").fill("7")
    await page.get_by_role("button", name="Note it").click()
    await expect(page.locator(".people strong")).to_have_text("7")
    assert site.day.rooms["main"].people == 7


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_the_page_is_no_wider_than_its_screen_in_any_language(browser: Browser, address: str, width: int) -> None:
    said: list[str] = []
    for language in LANGUAGES:
        context = await browser.new_context(
            viewport={"width": width, "height": 800}, locale=language, extra_http_headers=OF_STAFF
        )
        page = await context.new_page()
        page.on("console", lambda message: said.append(message.text))
        await page.goto(address + PAGE)
        await page.locator("figure summary").click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, language
    assert said == [], "nothing that the content security policy had to stop"


async def test_a_phone_outside_is_invited_in_when_somebody_leaves(
    browser: Browser, address: str, site: MemorySite
) -> None:
    await counted(site, 9)
    token = Keyring(b"0123456789abcdef").token("mine")
    await site.submit(
        IssueTicket(ticket="mine", token_hash=token_hash(token), service="passports", language="en", channel="phone")
    )
    phone = await open_page(browser, f"{address}/t/{token}", width=390)
    await expect(phone.get_by_role("heading", name="Please wait outside")).to_be_visible()
    await phone.evaluate("() => { navigator.vibrate = (pattern) => { window.felt = pattern.length; }; }")
    await site.submit(CountPeople(device=COUNTER, epoch="e", entered=9, left=4))
    await site.submit(Elapse())
    await expect(phone.get_by_role("heading", name="Please come in now")).to_be_visible()
    await expect(phone).to_have_title("Please come in · A001")
    await expect(phone.locator("#said")).to_have_text("Please come in now.")
    assert await phone.evaluate("window.felt") == 5


async def test_a_sign_calls_numbers_in_and_takes_them_back_in_silence(browser: Browser, serve: Serve) -> None:
    lobby = Lobby()
    view = a_sign(Gate.COME_IN, invited=["A042", "A043"], outside=2)
    lobby.sign.draw(sign_picture(view, HEARD))
    page = await open_page(browser, await serve(lobby.app) + "/sign-1")
    await expect(page.locator(".invited li")).to_have_text(["A042", "A043"])
    await expect(page.locator(".others")).to_contain_text("Everybody else: please wait")
    height_px = await page.evaluate("parseFloat(getComputedStyle(document.querySelector('.invited li')).fontSize)")
    assert height_px > 100, "read from across the street"
    lobby.sign.draw(sign_picture(view, SILENT))
    await expect(page.locator(".invited")).to_have_count(0)
    assert "come in" not in await page.inner_text("body")
    lobby.sign.draw(sign_picture(a_sign(Gate.WAIT, outside=5), HEARD))
    await expect(page.locator(".since")).to_have_text("5 en attente dehors 5 waiting outside")


async def test_every_invited_number_is_on_the_screen_at_any_size(browser: Browser, serve: Serve) -> None:
    lobby = Lobby()
    address = await serve(lobby.app) + "/sign-1"
    page = await open_page(browser, address)
    for gate, invited in ((Gate.COME_IN, 2), (Gate.COME_IN, 6), (Gate.CLOSED, 6), (Gate.COME_IN, 12)):
        numbers = [f"A{1042 + n}" for n in range(invited)]
        lobby.sign.draw(sign_picture(a_sign(gate, invited=numbers, outside=2), HEARD))
        assert await cut_off(page, address) == []
