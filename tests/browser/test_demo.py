"""The lobby at a glance in a real browser: boards call, a visitor at the keyboard joins, and a key is a real key."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

GUICHET_SIM = Path(sys.executable).with_name("guichet-sim")
PATIENCE_S = 60.0
SPEED = "20"


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    """The address of the page of one demo, which all look at."""
    command: list[str | Path] = [GUICHET_SIM, "demo", "--port", "0", "--speed", SPEED]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            found = re.search(r"http://\S+", line)
            assert found, line
            yield found[0]
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_S)


@pytest.fixture
async def page(demo: str, browser: Browser) -> AsyncIterator[Page]:
    """The page in English; whatever its script says on the console is a failure."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_S * 1_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto(demo)
    yield page
    await context.close()
    assert said == []


async def test_calls_arrive_on_every_device_while_one_looks(page: Page) -> None:
    patience_ms = PATIENCE_S * 1_000
    board = page.frame_locator(".board iframe")
    await expect(board.locator(".call .number").first).to_have_text(re.compile(r"[ABCD]\d{3}"), timeout=patience_ms)
    await expect(page.locator(".desk[data-state=serving]").first).to_be_visible(timeout=patience_ms)
    await expect(page.locator(".slip:not(.torn) .size-6")).to_have_text(re.compile(r"[ABCD]\d{3}"), timeout=patience_ms)
    await expect(page.locator(".people .in").first).to_be_visible(timeout=patience_ms)
    number = page.frame_locator("#phone").locator(".ticket .number")
    await expect(number).to_contain_text(re.compile(r"[ABCD]\d{3}"), timeout=patience_ms)
    await expect(page.frame_locator(".sign iframe").locator("svg.qr")).to_be_visible()


async def test_a_visitor_at_the_keyboard_joins_from_the_sign(page: Page) -> None:
    await page.get_by_role("link", name="Take a ticket").press("Enter")
    phone = page.frame_locator("#phone")
    await phone.get_by_role("radio").first.check()
    await phone.get_by_role("button", name="Take a ticket").click()

    await expect(phone.locator(".ticket .number")).to_contain_text(re.compile(r"A\d{3}"))
    await expect(page.get_by_role("heading", name="Your phone")).to_be_visible()
    await page.get_by_role("button", name="follow a visitor").click()
    await expect(page.get_by_role("heading", name="A visitor’s phone")).to_be_visible()


async def test_the_button_of_a_desk_presses_the_key_of_its_panel(page: Page) -> None:
    desk = page.locator(".desk[data-state=serving]").first
    await expect(desk).to_be_visible(timeout=PATIENCE_S * 1_000)
    name = await desk.get_attribute("id")
    desk = page.locator(f"#{name}")
    before = await desk.locator(".number").inner_text()

    await desk.get_by_role("button", name="Next").press("Enter")

    await expect(desk.locator(".number")).not_to_have_text(before)


async def test_the_page_speaks_french(page: Page, demo: str) -> None:
    await page.goto(f"{demo}?lang=fr")

    await expect(page.locator("html")).to_have_attribute("lang", "fr")
    await expect(page.get_by_role("button", name="Suivant").first).to_be_visible()
    await expect(page.get_by_text("Écran d’appel").first).to_be_visible()


async def test_the_facilities_screen_shows_how_full_the_hall_is_and_its_curve(page: Page) -> None:
    patience_ms = PATIENCE_S * 1_000
    hall = page.frame_locator("#facilities iframe").locator("#room-hall")
    people = hall.locator(".people strong")
    await expect(people).to_have_text(re.compile(r"^[1-9]\d*$"), timeout=patience_ms)
    await expect(hall.locator("svg.chart path.line")).to_have_count(1)
    before = await people.inner_text()
    await expect(people).not_to_have_text(before, timeout=patience_ms)
    frames = page.frames
    assert all("/facilities" not in frame.url for frame in frames), "one stream for the whole page is enough"


async def test_the_sign_holds_people_outside_when_the_hall_is_full(page: Page) -> None:
    patience_ms = PATIENCE_S * 1_000
    sign = page.frame_locator(".sign iframe")
    await expect(sign.get_by_text(re.compile(r"\d+ waiting outside"))).to_be_visible(timeout=patience_ms)
    outside = page.frame_locator("#facilities iframe").locator("#room-hall .facts dd").nth(1)
    await expect(outside).to_have_text(re.compile(r"^[1-9]\d*$"), timeout=patience_ms)
