"""Pages of those who work in the lobby, opened in a real browser."""

from playwright.async_api import Browser, Page

from tests.browser.conftest import OF_STAFF


async def open_page(
    browser: Browser, url: str, *, script: bool = True, width: int = 1280, locale: str = "en", dark: bool = False
) -> Page:
    """A page as somebody of the staff opens it, in a context of its own."""
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=script,
        locale=locale,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        extra_http_headers=OF_STAFF,
    )
    page = await context.new_page()
    await page.goto(url)
    return page
