"""A visitor's phone and a clerk's desk in a real browser, with a script and without."""

import re

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from hub.day.inputs import IssueTicket, OpenDesk
from hub.keyring import Keyring, token_hash
from tests.browser.conftest import OF_STAFF, Serve
from tests.given import a_lobby
from tests.sites import MemorySite, an_app
from words import LANGUAGES

KEYRING = Keyring(b"0123456789abcdef")
PHONE = {"width": 390, "height": 844}
DESK = "/hall/desk/1"


@pytest.fixture
async def site() -> MemorySite:
    site = MemorySite(a_lobby(languages=LANGUAGES))
    await site.submit(OpenDesk(desk="1", by="page"))
    return site


@pytest.fixture
async def address(site: MemorySite, serve: Serve) -> str:
    return await serve(an_app(site))


async def a_phone(browser: Browser, *, script: bool = True, locale: str = "en", of_staff: bool = False) -> Page:
    context = await browser.new_context(viewport=PHONE, java_script_enabled=script, locale=locale)  # type: ignore[arg-type]
    if of_staff:
        await context.set_extra_http_headers(OF_STAFF)
    return await context.new_page()


async def somebody_waits(site: MemorySite, people: int = 1) -> None:
    for n in range(people):
        await site.submit(
            IssueTicket(ticket=f"t{n}", token_hash=f"h{n}", service="passports", language="en", channel="phone")
        )


def tickets_called(site: MemorySite) -> int:
    return site.day.services["passports"].tickets_called


async def test_from_the_code_at_the_door_to_the_call_without_a_reload(browser: Browser, address: str) -> None:
    phone, desk = await a_phone(browser), await browser.new_page(extra_http_headers=OF_STAFF)
    await phone.goto(f"{address}/hall/join")
    await phone.get_by_text("Passports").click()
    await phone.get_by_role("button", name="Take a ticket").click()
    await expect(phone).to_have_url(re.compile(r"/t/[\w-]{22}$"))
    await expect(phone.locator(".number")).to_have_text("Your number: A001")
    await phone.evaluate("window.notReloaded = true")

    await desk.goto(f"{address}{DESK}")
    await desk.get_by_role("button", name="Next").click()
    await expect(desk.locator(".current .number")).to_have_text("A001")

    await expect(phone.get_by_role("heading", name="It is your turn")).to_be_visible()
    await expect(phone.locator(".desk")).to_have_text("1")
    await expect(phone).to_have_title("Desk 1 · A001")
    await expect(phone.locator("#said")).to_have_text("It is your turn. Please go to desk 1.")
    assert await phone.evaluate("window.notReloaded")


async def test_the_same_without_a_script(browser: Browser, address: str) -> None:
    phone = await a_phone(browser, script=False)
    desk = await a_phone(browser, script=False, of_staff=True)
    await phone.goto(f"{address}/hall/join")
    await phone.get_by_label("Permits").check()
    await phone.get_by_role("button", name="Take a ticket").click()
    await expect(phone.locator(".number")).to_have_text("Your number: B001")

    await desk.goto(f"{address}{DESK}")
    await desk.get_by_role("button", name="Next").click()
    await expect(desk.locator(".current .number")).to_have_text("B001")

    await phone.reload()
    await expect(phone.get_by_role("heading", name="It is your turn")).to_be_visible()


async def test_whoever_is_not_fast_enough_is_told_that_the_desk_moved_on(
    browser: Browser, address: str, site: MemorySite
) -> None:
    await somebody_waits(site, 2)
    first, second = [await a_phone(browser, script=False, of_staff=True) for _ in range(2)]
    for clerk in (first, second):
        await clerk.goto(f"{address}{DESK}")
    for clerk in (first, second):
        await clerk.get_by_role("button", name="Next").click()
    await expect(second.get_by_role("alert").filter(has_text="The desk has changed meanwhile.")).to_be_visible()
    assert tickets_called(site) == 1


async def test_a_double_click_takes_one_ticket(browser: Browser, address: str, site: MemorySite) -> None:
    phone = await a_phone(browser)
    await phone.goto(f"{address}/hall/join")
    await phone.get_by_text("Passports").click()
    await phone.get_by_role("button", name="Take a ticket").dblclick()
    await expect(phone).to_have_url(re.compile("/t/"))
    assert len(site.day.tickets) == 1


async def test_a_key_presses_its_button_once_however_long_it_is_held(
    browser: Browser, address: str, site: MemorySite
) -> None:
    await somebody_waits(site, 3)
    desk = await browser.new_page(extra_http_headers=OF_STAFF)
    await desk.goto(f"{address}{DESK}")
    for _ in range(5):
        await desk.keyboard.down("n")
    await desk.keyboard.up("n")
    await expect(desk.locator(".current .number")).to_have_text("A001")
    await desk.keyboard.press("s")
    await expect(desk.get_by_role("heading", name="Being served")).to_be_visible()
    assert tickets_called(site) == 1


async def test_keys_that_are_switched_off_do_nothing_and_stay_off(
    browser: Browser, address: str, site: MemorySite
) -> None:
    await somebody_waits(site)
    desk = await browser.new_page(extra_http_headers=OF_STAFF)
    await desk.goto(f"{address}{DESK}")
    await desk.get_by_label("Keyboard shortcuts").uncheck()
    await desk.reload()
    await expect(desk.get_by_label("Keyboard shortcuts")).not_to_be_checked()
    await desk.keyboard.press("n")
    await desk.get_by_role("button", name="Close the desk").click()
    await expect(desk.get_by_role("heading", name="Closed")).to_be_visible()
    assert tickets_called(site) == 0


async def test_the_focus_stays_on_the_button_that_was_pressed(browser: Browser, address: str, site: MemorySite) -> None:
    await somebody_waits(site, 2)
    desk = await browser.new_page(extra_http_headers=OF_STAFF)
    await desk.goto(f"{address}{DESK}")
    for number in ("A001", "A002"):
        await desk.get_by_role("button", name="Next").press("Enter")
        await expect(desk.locator(".current .number")).to_have_text(number)
        await expect(desk.get_by_role("button", name="Next")).to_be_focused()


async def test_a_refusal_is_said_and_goes_away(browser: Browser, address: str, site: MemorySite) -> None:
    desk = await browser.new_page(extra_http_headers=OF_STAFF)
    await desk.goto(f"{address}{DESK}")
    await desk.keyboard.press("n")
    await expect(desk.locator("#refused")).to_have_text("Nobody is waiting.")
    await somebody_waits(site)
    await expect(desk.locator(".lines")).to_contain_text("A001")
    await desk.keyboard.press("n")
    await expect(desk.locator(".current .number")).to_have_text("A001")
    await expect(desk.locator("#refused")).to_be_empty()


async def test_a_french_phone_is_spoken_to_in_french_and_can_be_switched(browser: Browser, address: str) -> None:
    phone = await a_phone(browser, locale="fr-FR")
    await phone.goto(f"{address}/hall/join")
    await phone.get_by_text("Passeports").click()
    await phone.get_by_role("button", name="Prendre un ticket").click()
    await expect(phone.get_by_role("heading", name="C’est bientôt votre tour")).to_be_visible()
    await phone.get_by_role("link", name="English").click()
    await expect(phone.get_by_role("heading", name="Your turn is next")).to_be_visible()


async def test_a_page_that_hears_nothing_says_so_though_its_connection_stands(
    browser: Browser, address: str, site: MemorySite
) -> None:
    page = await browser.new_page(extra_http_headers=OF_STAFF)
    await page.clock.install()
    await page.goto(f"{address}{DESK}")
    await somebody_waits(site)
    await expect(page.locator("[data-live]")).to_contain_text("A001")
    lost = page.locator("[data-lost]")
    await expect(lost).to_be_hidden()

    async def say_nothing(_: Route) -> None:
        """The request stays open."""

    await page.route("**/live", say_nothing)
    await page.clock.fast_forward(16_000)
    await expect(lost).to_be_visible()

    await page.unroute("**/live")
    await page.clock.fast_forward(16_000)
    await expect(lost).to_be_hidden()


async def test_a_ticket_is_given_back_and_can_be_taken_anew(browser: Browser, address: str, site: MemorySite) -> None:
    phone = await a_phone(browser)
    await phone.goto(f"{address}/hall/join")
    await phone.get_by_text("Passports").click()
    await phone.get_by_role("button", name="Take a ticket").click()
    await phone.goto(f"{address}/hall/join")
    await phone.get_by_role("link", name="You have a ticket already").click()
    await phone.get_by_role("link", name="I can no longer come").click()
    await phone.get_by_role("button", name="Yes, give it back").click()
    await expect(phone.get_by_role("heading", name="You have given this ticket back")).to_be_visible()
    await expect(phone.get_by_role("link", name="Take a new ticket")).to_be_visible()
    assert not site.day.services["passports"].line


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_no_page_is_wider_than_its_screen_in_any_language(
    browser: Browser, address: str, site: MemorySite, width: int
) -> None:
    await somebody_waits(site)
    token = KEYRING.token("mine")
    await site.submit(
        IssueTicket(ticket="mine", token_hash=token_hash(token), service="permits", language="de", channel="phone")
    )
    for language in LANGUAGES:
        context: BrowserContext = await browser.new_context(
            viewport={"width": width, "height": 800}, locale=language, extra_http_headers=OF_STAFF
        )
        page = await context.new_page()
        for path in ("/hall/join", f"/t/{token}", f"/t/{token}/give-back", DESK, "/hall/desks", "/t/nobodys"):
            await page.goto(f"{address}{path}")
            await expect(page.locator("html")).to_have_attribute("lang", language)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, (path, language)


async def test_staff_send_on_undo_pick_and_give_tickets_without_a_reload(
    browser: Browser, address: str, site: MemorySite
) -> None:
    await somebody_waits(site, 2)
    desk = await browser.new_page(extra_http_headers=OF_STAFF)
    number = desk.locator(".current .number")
    await desk.goto(f"{address}{DESK}")
    await desk.evaluate("window.notReloaded = true")
    await desk.keyboard.press("n")
    await expect(number).to_have_text("A001")
    await desk.get_by_text("Send the visitor on").click()
    await desk.locator("#to-service").select_option("permits")
    await desk.get_by_role("button", name="Send on").click()
    await expect(number).to_have_text("–")
    await desk.get_by_text("A ticket by its number").click()
    await desk.get_by_label("Number of the ticket").fill("a2")
    await desk.get_by_role("button", name="Call this ticket").click()
    await expect(number).to_have_text("A002")
    await desk.get_by_text("Why this visitor?").click()
    await expect(desk.locator("#why")).to_contain_text("Picked by hand.")
    await desk.locator("h1").click()
    await desk.keyboard.press("u")
    await expect(number).to_have_text("–")
    await desk.get_by_text("Give a visitor a ticket").click()
    for given in ("A003", "A004"):
        await desk.get_by_role("button", name="Give the ticket").click()
        await expect(desk.locator("#said")).to_have_text(f"The number is {given}")
    assert await desk.evaluate("window.notReloaded")


async def test_the_same_forms_work_without_a_script(browser: Browser, address: str, site: MemorySite) -> None:
    await somebody_waits(site, 2)
    desk = await a_phone(browser, script=False, of_staff=True)
    await desk.goto(f"{address}{DESK}")
    await desk.get_by_text("A ticket by its number").click()
    await desk.get_by_label("Number of the ticket").fill("A002")
    await desk.get_by_role("button", name="Call this ticket").click()
    await expect(desk.locator(".current .number")).to_have_text("A002")
    await desk.get_by_role("button", name="To come back").click()
    await expect(desk.locator(".parked")).to_contain_text("A002")
    await desk.locator(".parked").get_by_role("button", name="Is back").click()
    await expect(desk.locator(".parked")).to_have_count(0)
