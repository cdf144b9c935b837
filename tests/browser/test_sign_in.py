"""Signing in and looking after accounts in a real browser: by keyboard alone, without a script, and by way of a
provider."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from playwright.async_api import Browser, Page, expect

from hub.accounts.office import Office
from hub.accounts.rights import Role
from hub.keyring import Keyring
from hub.web.sign_on import Provider as Known
from hub.web.sign_on import SignOn
from tests.accounts import PASSWORD, an_office
from tests.browser.conftest import Serve
from tests.given import a_lobby
from tests.oidc import CLIENT, SECRET, Provider
from tests.sites import MemorySite, an_app
from words import LANGUAGES

PHONE = {"width": 390, "height": 844}
NEW = "another good sentence"


async def a_page(browser: Browser, *, script: bool = True, phone: bool = False) -> Page:
    size = PHONE if phone else {"width": 1280, "height": 900}
    context = await browser.new_context(viewport=size, java_script_enabled=script, locale="en")  # type: ignore[arg-type]
    return await context.new_page()


async def fits(page: Page) -> None:
    """Nothing reaches over the edge."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


async def test_a_hub_is_set_up_and_a_colleague_let_in_by_keyboard_alone_without_a_script(
    browser: Browser, serve: Serve
) -> None:
    office: Office = an_office()
    address = await serve(an_app(MemorySite(a_lobby(languages=LANGUAGES)), office=office))
    ada = await a_page(browser, script=False)
    await ada.goto(f"{address}/welcome/{await office.offer_set_up()}")
    await ada.get_by_label("Your name here").focus()
    for words in ("Ada", PASSWORD, PASSWORD):
        await ada.keyboard.type(words)
        await ada.keyboard.press("Tab")
    await ada.keyboard.press("Enter")
    await expect(ada.get_by_role("heading", level=1)).to_have_text("Good to see you, ada")
    await ada.get_by_role("link", name="Accounts").press("Enter")
    await ada.get_by_label("Name", exact=True).focus()
    await ada.keyboard.type("mia@town.example")
    await ada.keyboard.press("Tab")
    await ada.keyboard.press("Space")
    await ada.keyboard.press("Enter")
    link = await ada.locator(".secret").input_value()

    mia = await a_page(browser, script=False, phone=True)
    await mia.goto(f"{address}/welcome/{link.rpartition('/')[2]}")
    await mia.get_by_label("New password").focus()
    for words in (NEW, NEW):
        await mia.keyboard.type(words)
        await mia.keyboard.press("Tab")
    await mia.keyboard.press("Enter")
    await mia.get_by_role("link", name="Desks").press("Enter")
    await expect(mia.get_by_role("heading", level=1)).to_have_text("Which desk is yours?")
    await mia.get_by_role("button", name="Sign out").press("Enter")
    await expect(mia).to_have_url(f"{address}/sign-in")
    await expect(mia.get_by_label("Name")).to_be_focused()
    for words in ("mia@town.example", "wrong"):
        await mia.keyboard.type(words)
        await mia.keyboard.press("Tab")
    await mia.keyboard.press("Enter")
    await expect(mia.get_by_role("alert")).to_have_text("This name and this password do not belong together.")
    await expect(mia.get_by_label("Password")).to_be_focused()
    await mia.keyboard.type(NEW)
    await mia.keyboard.press("Enter")
    await expect(mia.get_by_role("heading", level=1)).to_have_text("Good to see you, mia@town.example")

    await ada.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in ("/account", "/accounts", "/accounts/mia@town.example", "/tokens", "/acts", "/sign-in?again"):
        await ada.goto(f"{address}{path}")
        await fits(ada)


@asynccontextmanager
async def serving(listening: socket.socket, app: Any) -> AsyncIterator[None]:
    """`app` answers where `listening` is, so that its address is known before."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def test_a_clerk_comes_by_way_of_the_provider_and_a_page_notices_that_she_may_no_longer(
    browser: Browser,
) -> None:
    site = MemorySite()
    office: Office = an_office(now=lambda: site.now)
    hub, house = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    address, issuer = (f"http://127.0.0.1:{it.getsockname()[1]}" for it in (hub, house))
    provider = Provider(lambda: site.now, {"17": {"preferred_username": "mia", "groups": ["lobby"]}}, issuer)
    known = Known(issuer=issuer, client_id=CLIENT, client_secret=SECRET, roles={"lobby": Role.STAFF})
    tokens = map("of-the-trip-{:08d}".format, range(99))
    sign_on = SignOn(
        known, seal=Keyring(b"0123456789abcdef").seal, now=lambda: site.now, new_token=lambda: next(tokens)
    )
    app = an_app(site, office=office, sign_on=sign_on, public_url=address)
    async with serving(hub, app), serving(house, provider.app):
        mia = await a_page(browser)
        await mia.goto(f"{address}/hall/desk/1")
        await mia.get_by_role("link", name="Sign in with your work account").click()
        await mia.get_by_role("link", name="17").click()
        await expect(mia).to_have_url(f"{address}/hall/desk/1")
        await mia.get_by_role("button", name="Open the desk").click()
        await expect(mia.locator(".state")).to_have_text("Free")
        assert site.done_for == ["mia"]

        await office.change_account("mia", "ada", is_disabled=True)
        await mia.get_by_role("button", name="Next").click()
        await expect(mia.get_by_role("heading", level=1)).to_have_text("Sign in")
        assert site.done_for == ["mia"]
        await mia.context.close()
