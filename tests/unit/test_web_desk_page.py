"""The desk's page without a script, and what its script asks for."""

import re

import pytest
from httpx import AsyncClient, Response

from hub.day.inputs import IssueTicket, OpenDesk
from hub.web.pages.desk import BUTTONS
from tests.sites import MemorySite, a_browser, an_app
from wire.messages import Key

DESK = "/hall/desk/1"


async def a_morning(*, waiting: int = 2, open_desk: bool = True) -> MemorySite:
    site = MemorySite()
    for n in range(waiting):
        await site.submit(
            IssueTicket(ticket=f"t{n}", token_hash=f"h{n}", service="passports", language="fr", channel="phone")
        )
    if open_desk:
        await site.submit(OpenDesk(desk="1", by="page"))
    return site


def fields(html: str) -> dict[str, str]:
    """The hidden fields of the form, as a browser would send them."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


async def press(browser: AsyncClient, action: str) -> Response:
    return await browser.post(f"{DESK}/{action}", data=fields((await browser.get(DESK)).text))


async def test_next_calls_and_shows_the_ticket() -> None:
    async with a_browser(an_app(await a_morning())) as browser:
        pressed = await press(browser, "next")
        page = (await browser.get(DESK)).text
    assert (pressed.status_code, pressed.headers["location"]) == (303, DESK)
    assert re.search(r'<p class="number">A001</p>', page)
    assert "French" in page


async def test_a_form_that_was_sent_twice_calls_one_visitor() -> None:
    site = await a_morning()
    async with a_browser(an_app(site)) as browser:
        form = fields((await browser.get(DESK)).text)
        answers = [await browser.post(f"{DESK}/next", data=form) for _ in "12"]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert site.day.services["passports"].tickets_called == 1


async def test_a_page_that_is_no_longer_true_is_refused_with_a_sentence_and_shown_anew() -> None:
    site = await a_morning()
    async with a_browser(an_app(site)) as browser:
        old = fields((await browser.get(DESK)).text)
        await press(browser, "next")
        late = await browser.post(f"{DESK}/next", data=old | {"request_id": "another-clerk-presses"})
    assert late.status_code == 409
    assert "The desk has changed meanwhile. Please look again." in late.text
    assert "A001" in late.text
    assert fields(late.text)["seen"] != old["seen"]
    assert f'content="15; url={DESK}"' in late.text


async def test_the_script_gets_the_fragment_and_the_sentence() -> None:
    async with a_browser(an_app(await a_morning(waiting=0))) as browser:
        form = fields((await browser.get(DESK)).text)
        answer = await browser.post(f"{DESK}/next", data=form, headers={"accept": "application/json"})
    body = answer.json()
    assert body["refused"] == "Nobody is waiting."
    assert body["fragment"].lstrip().startswith("<section")
    assert fields(body["fragment"])["request_id"] != form["request_id"], "the next press is another wish"


@pytest.mark.parametrize(
    ("seen", "request_id"), [("", ""), ("x", "a-wish-of-somebody"), ("9" * 5_000, "a-wish-of-somebody"), ("1", "1")]
)
async def test_a_form_that_is_not_ours_does_nothing(seen: str, request_id: str) -> None:
    site = await a_morning()
    async with a_browser(an_app(site)) as browser:
        answer = await browser.post(f"{DESK}/next", data={"seen": seen, "request_id": request_id})
    assert answer.status_code == 400
    assert site.day.services["passports"].tickets_called == 0


async def test_buttons_that_would_do_nothing_cannot_be_pressed() -> None:
    async with a_browser(an_app(await a_morning(open_desk=False))) as browser:
        seen = {}
        for action in ("open", "next", "start", "finish", "close"):
            await press(browser, action)
            page = (await browser.get(DESK)).text
            seen[action] = [key for key, tail in re.findall(r'data-key="(\w)"([^>]*)>', page) if "disabled" not in tail]
    assert seen == {
        "open": ["n", "c"],
        "next": ["n", "s", "r", "x", "f", "c"],
        "start": ["n", "f", "c"],
        "finish": ["n", "c"],
        "close": ["o"],
    }


def test_every_key_of_a_panel_is_a_button_with_its_own_letter() -> None:
    assert {button.action for button in BUTTONS} == set(Key)
    assert len({button.key for button in BUTTONS}) == len(BUTTONS)


async def test_the_line_that_is_called_next_is_marked() -> None:
    site = await a_morning()
    await site.after(60).submit(
        IssueTicket(ticket="p", token_hash="p", service="permits", language="en", channel="phone")
    )
    async with a_browser(an_app(site)) as browser:
        page = (await browser.get(DESK)).text
    (marked,) = re.findall(r'<tr class="is-next">(.*?)</tr>', page, re.DOTALL)
    assert "B001" in marked, "permits are due after 5 minutes, passports after 15"


async def test_all_desks_are_found_on_one_page() -> None:
    async with a_browser(an_app(await a_morning())) as browser:
        page = (await browser.get("/hall/desks")).text
    assert re.findall(r'href="(/hall/desk/\d)"', page) == ["/hall/desk/1", "/hall/desk/2"]


async def test_before_the_day_there_are_no_desks() -> None:
    async with a_browser(an_app(MemorySite(day_open=False))) as browser:
        assert "The day has not begun yet." in (await browser.get("/hall/desks")).text
        assert (await browser.get(DESK)).status_code == 404
