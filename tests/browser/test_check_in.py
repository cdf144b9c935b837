"""Visitors with an appointment, in a real browser: the code is typed on the phone or at a desk."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from hub.day.inputs import KnowAppointment, OpenDesk
from hub.keyring import Keyring
from tests.browser.conftest import OF_STAFF, Serve
from tests.given import MONDAY_9H
from tests.sites import MemorySite, an_app

KEYRING = Keyring(b"0123456789abcdef")
CODE = KEYRING.code("x")


@pytest.fixture
async def site() -> MemorySite:
    """With one appointment, at ten past nine."""
    site = MemorySite()
    await site.submit(OpenDesk(desk="1", by="page"))
    await site.submit(
        KnowAppointment(
            appointment="x",
            service="passports",
            slot_at=MONDAY_9H + timedelta(minutes=10),
            code_hash=KEYRING.code_hash(CODE),
            party_people=1,
        )
    )
    return site


@pytest.fixture
async def address(site: MemorySite, serve: Serve) -> str:
    return await serve(an_app(site))


@pytest.mark.parametrize("script", [True, False])
async def test_a_code_is_typed_by_keyboard_and_opens_the_ticket(browser: Browser, address: str, script: bool) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=script)
    phone = await context.new_page()
    await phone.goto(f"{address}/hall/join")
    await phone.get_by_text("I have an appointment").focus()
    await phone.keyboard.press("Enter")
    await phone.keyboard.press("Tab")
    await phone.keyboard.type("no such code")
    await phone.keyboard.press("Enter")
    await expect(phone.get_by_role("alert")).to_contain_text("No appointment of today has this code.")

    # What was typed is still there, to be corrected.
    field = phone.get_by_label("The code of your invitation")
    await expect(field).to_have_value("no such code")
    await field.fill(f"{CODE[:4].lower()}-{CODE[4:]}")
    await phone.keyboard.press("Enter")

    await expect(phone).to_have_url(re.compile(r"/t/[\w-]{22}$"))
    await expect(phone.locator(".number")).to_have_text("Your number: A001")


async def test_a_clerk_types_the_code_and_is_told_the_number(browser: Browser, address: str) -> None:
    desk = await browser.new_page(extra_http_headers=OF_STAFF)
    await desk.goto(f"{address}/hall/desk/1")
    field = desk.get_by_label("Appointment: code of the visitor")
    await field.fill(CODE)
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_text("A001").first).to_be_visible()

    # The code stays no longer than its use, and the desk's own keys work again.
    await expect(field).to_have_value("")
    await desk.get_by_role("button", name="Next").click()
    await expect(desk.locator(".current .number")).to_have_text("A001")
