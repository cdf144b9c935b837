"""Somebody who cannot scan takes a ticket with what the sign says in digits: by keyboard, and without a script."""

import re

from playwright.async_api import Browser, expect

from hub.keyring import Keyring
from tests.browser.conftest import Serve
from tests.given import a_lobby
from tests.sites import MemorySite, an_app
from wire import door_code

KEYRING = Keyring(b"0123456789abcdef")
PHONE = {"width": 390, "height": 844}


async def test_who_cannot_scan_types_the_code_of_the_sign(browser: Browser, serve: Serve) -> None:
    site = MemorySite(a_lobby(door_code="rotating"))
    assert site.day.day is not None
    secret = KEYRING.door_secret("hall", "door-1/sign", site.day.day)
    code = door_code.code_of(secret, 30, door_code.step_at(site.now, 30))
    context = await browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    phone = await context.new_page()
    await phone.goto(f"{await serve(an_app(site))}/hall/join")

    digits = phone.get_by_label("Or type the number that stands below the code:")
    await digits.fill("1234 5678")
    await digits.press("Enter")
    await expect(phone.get_by_role("alert")).to_contain_text("Please look at the sign again")
    await digits.fill(door_code.shown(code))
    await digits.press("Enter")
    await phone.get_by_text("Passports").click()
    await phone.get_by_role("button", name="Take a ticket").click()

    await expect(phone).to_have_url(re.compile(r"/t/[\w-]{22}$"))
    await expect(phone.locator(".number")).to_have_text("Your number: A001")
