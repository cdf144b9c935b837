"""The pages of boards and signs in a real browser, fed as their roles feed them."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
import segno
from msgspec.structs import replace
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, expect

from edge.display import Moment
from edge.legible import BESIDE_CAP, ROW_CAPS
from edge.roles.board import board_picture
from edge.roles.sign import sign_picture
from edge.screens.app import screens_app
from edge.screens.media import Media
from edge.screens.screen import FOLLOWERS_MAX, Screen
from tests.browser.conftest import Serve
from tests.displays import FR_EN, START_AT, a_board, a_call, a_sign
from wire.messages import BoardCall, BoardLine, Gate, Notice

HEARD = Moment(now_s=0.0, now_at=START_AT, news_at=START_AT, is_silent=False)
SILENT = Moment(now_s=0.0, now_at=START_AT, news_at=START_AT - timedelta(minutes=2), is_silent=True)
LINES = [
    BoardLine(
        letter="A",
        name={
            "fr": "Carte d’identité",
            "en": "Identity card",
            "de": "Identitätskarte",
            "it": "Carta d’identità",
        },
        waiting=12,
    ),
    BoardLine(
        letter="B",
        name={
            "fr": "Permis de séjour",
            "en": "Permits",
            "de": "Aufenthaltsbewilligungen",
            "it": "Permessi di soggiorno",
        },
        waiting=123,
    ),
]
# In one step, since the element may be replaced by a fresh one at any time.
PLACE_OF_NUMBER = "JSON.stringify(document.querySelector('.call .number').getBoundingClientRect())"
SIZES = [(1920, 1080), (1280, 720), (1280, 800), (800, 480), (1080, 1920)]


class Lobby:
    """A board and a sign, their pages, and which of them a browser was heard to show."""

    def __init__(self) -> None:
        self.board, self.sign = Screen(), Screen()
        self.heard: list[str] = []
        self.calling([])
        self.sign.draw(sign_picture(a_sign(), HEARD))
        screens = {"board-1": self.board, "sign-1": self.sign}
        self.app = screens_app(screens, matrices={"led-1": lambda: "<svg/>"}, heard=self.heard.append)

    def calling(self, calls: list[BoardCall], languages: tuple[str, ...] = FR_EN) -> None:
        self.board.draw(board_picture(a_board(calls, LINES, languages), HEARD))


async def open_page(browser: Browser, address: str, *, js: bool = True) -> Page:
    context = await browser.new_context(java_script_enabled=js, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(address)
    return page


async def test_a_call_appears_on_the_board_without_loading_the_page_again(browser: Browser, serve: Serve) -> None:
    lobby = Lobby()
    page = await open_page(browser, await serve(lobby.app) + "/board-1")
    await expect(page.locator(".call")).to_have_count(0)
    await page.evaluate("window.untouched = true")
    lobby.calling([a_call("A42", "3"), a_call("A41", "5", START_AT - timedelta(minutes=1))])
    await expect(page.locator(".call .number")).to_have_text(["A42", "A41"])
    await expect(page.locator(".call .desk")).to_have_text(["3", "5"])
    await expect(page.locator(".call.new")).to_have_count(1)
    await expect(page.locator(".call.new .badge")).to_contain_text("Nouveau New")
    assert await page.evaluate("window.untouched")


async def test_a_silent_hub_puts_a_banner_with_words_and_a_shape_over_the_calls(browser: Browser, serve: Serve) -> None:
    lobby = Lobby()
    page = await open_page(browser, await serve(lobby.app) + "/board-1")
    lobby.board.draw(board_picture(a_board([a_call("A42", "3")], LINES), SILENT))
    await expect(page.locator(".banner strong")).to_have_text("Sans nouvelles depuis 08:58 No news since 08:58")
    await expect(page.locator(".banner svg")).to_be_visible()
    await expect(page.locator(".waiting")).to_have_text(["–", "–"])


@pytest.mark.parametrize("size", SIZES)
async def test_a_display_that_is_looked_for_fills_its_page_with_its_name(
    browser: Browser, serve: Serve, size: tuple[int, int]
) -> None:
    lobby = Lobby()
    page = await open_page(browser, await serve(lobby.app) + "/board-1")
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    assert lobby.board.picture is not None
    lobby.board.draw(replace(lobby.board.picture, name="first-floor-east-1/board-above-the-stairs"))
    name = page.locator(".device")
    await expect(name).to_have_text("first-floor-east-1/board-above-the-stairs")
    assert await name.bounding_box() == {"x": 0, "y": 0, "width": size[0], "height": size[1]}
    assert await name.evaluate("it => it.scrollHeight <= it.clientHeight && it.scrollWidth <= it.clientWidth")
    lobby.calling([a_call("A42", "3")])
    await expect(name).to_have_count(0)


@pytest.mark.parametrize("device", ["board-1", "sign-1"])
async def test_a_page_whose_agent_falls_silent_says_so_by_itself(browser: Browser, serve: Serve, device: str) -> None:
    lobby = Lobby()
    lobby.calling([a_call("A42", "3")])
    address = await serve(lobby.app)
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    page = await context.new_page()
    await page.clock.install()
    await page.goto(f"{address}/{device}")
    await expect(page.locator(".stale")).to_have_count(0)
    await page.route("**/live", lambda route: route.abort())
    await page.clock.fast_forward(13_000)
    await expect(page.locator(".sheet.stale")).to_contain_text("No news since 09:00")


LIFT = Notice(text={"fr": "L’ascenseur est en panne", "en": "The lift is out of order"})
OVERLAPS = """(() => {
  const within = (selector) => [...document.querySelectorAll(selector)].filter((it) => it.getClientRects().length);
  const parts = within("header, .heads, .notices, .calls, .media, footer");
  const pairs = parts.flatMap((a, i) => parts.slice(i + 1).map((b) => [a, b]));
  for (const call of within(".call")) {
    const inside = [".number", ".desk b", ".badge", ".room"].map((it) => call.querySelector(it)).filter((it) => it);
    pairs.push(...inside.flatMap((a, i) => inside.slice(i + 1).map((b) => [a, b])));
  }
  return pairs.filter(([a, b]) => {
    const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
    return p.left + 1 < q.right && q.left + 1 < p.right && p.top + 1 < q.bottom && q.top + 1 < p.bottom;
  }).map(([a, b]) => `${a.className || a.tagName} lies over ${b.className || b.tagName}`);
})()"""
"""Parts of a board that lie over each other."""


def as_size(size: tuple[int, int]) -> ViewportSize:
    return {"width": size[0], "height": size[1]}


WIDE_SIZES = [(1920, 1080), (1280, 720)]


@pytest.mark.parametrize("size", WIDE_SIZES)
async def test_the_letters_of_each_row_are_as_high_as_the_agent_reckons(
    browser: Browser, serve: Serve, size: tuple[int, int]
) -> None:
    lobby = Lobby()
    told: list[tuple[float, int, int]] = []
    lobby.board.measured = lambda *measured: told.append(measured)
    context = await browser.new_context(viewport=as_size(size), screen=as_size(size), reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(await serve(lobby.app) + "/board-1")
    for beside in ("", "fair.png"):
        for rows, cap in enumerate(ROW_CAPS, 1):
            calls = [a_call(f"A{n:03}", "12", START_AT) for n in range(rows)]
            picture = replace(board_picture(a_board(calls, LINES), HEARD), rows=rows, is_even=True, media=beside)
            lobby.board.draw(picture)
            await expect(page.locator(".call")).to_have_count(rows)
            await expect(page.locator(".media")).to_have_count(1 if beside else 0)
            told.clear()
            lobby.board.draw(picture)
            async with asyncio.timeout(5):
                while not told:
                    await page.wait_for_timeout(20)
            cap_px, width_px, height_px = told[-1]
            assert (width_px, height_px) == size
            reckoned = min(cap, BESIDE_CAP) if beside else cap
            assert reckoned <= cap_px / height_px <= reckoned * 1.1, (rows, beside)


async def test_a_window_in_which_somebody_has_a_look_is_not_taken_for_the_screen_of_the_board(
    browser: Browser, serve: Serve
) -> None:
    lobby = Lobby()
    told: list[tuple[float, int, int]] = []
    lobby.board.measured = lambda *measured: told.append(measured)
    lobby.calling([a_call("A42", "3")])
    address = await serve(lobby.app) + "/board-1"

    async def looked_at(viewport: tuple[int, int], until: Callable[[], bool]) -> None:
        context = await browser.new_context(viewport=as_size(viewport), screen=as_size((1920, 1080)))
        page = await context.new_page()
        await page.goto(address)
        async with asyncio.timeout(15):
            while not until():
                await page.wait_for_timeout(20)
        await context.close()

    for small in ((900, 1080), (1920, 700)):
        lobby.heard.clear()
        await looked_at(small, lambda: lobby.heard.count("board-1") >= 2)  # the page itself, and what it says
        assert told == []
    await looked_at((1920, 1080), lambda: bool(told))


async def test_a_picture_stands_beside_the_calls_and_leaves_them_whole(
    browser: Browser, serve: Serve, tmp_path: Path
) -> None:
    lobby = Lobby()
    Image.new("RGB", (300, 200), "#2266aa").save(tmp_path / "fair.png")
    lobby.board.media = Media(tmp_path, 15)
    lobby.board.media.names = lobby.board.media.look()
    page = await open_page(browser, await serve(lobby.app) + "/board-1")
    room = {"fr": "Salle des mariages", "en": "Registry"}
    calls = [replace(a_call(f"A{n:03}", "12", START_AT), room=room) for n in range(6)]
    for size in SIZES:
        await page.set_viewport_size(as_size(size))
        for view, is_even in product(
            (a_board(calls, LINES), replace(a_board(calls, LINES), notices=[LIFT])), (True, False)
        ):
            lobby.board.draw(replace(board_picture(view, HEARD), media="fair.png", is_even=is_even))
            await expect(page.locator(".notices p")).to_have_count(len(view.notices))
            await expect(page.locator(".call")).to_have_count(6)
            await page.wait_for_function("document.querySelector('.media img')?.naturalWidth === 300")
            assert await page.evaluate(OVERLAPS) == [], size


async def test_the_sign_shows_the_code_of_its_join_address(browser: Browser, serve: Serve) -> None:
    lobby = Lobby()
    page = await open_page(browser, await serve(lobby.app) + "/sign-1")
    code = segno.make(a_sign().join_url, error="m", micro=False, boost_error=False)
    drawn = await page.locator(".code svg path").last.get_attribute("d")
    assert drawn is not None
    assert drawn in code.svg_inline(border=4, omitsize=True)
    side_px = await page.evaluate("document.querySelector('.code svg').getBoundingClientRect().height")
    assert side_px / code.symbol_size(border=4)[0] >= 6  # pixels a module


async def test_a_sign_tells_its_state_by_words_and_by_shape(browser: Browser, serve: Serve) -> None:
    lobby = Lobby()
    page = await open_page(browser, await serve(lobby.app) + "/sign-1")
    for picture, words, shape in (
        (sign_picture(a_sign(Gate.WAIT), HEARD), "Please wait", "wait"),
        (sign_picture(a_sign(Gate.COME_IN), HEARD), "Please come in", "come-in"),
        (sign_picture(a_sign(Gate.CLOSED), HEARD), "We are closed", "closed"),
        (sign_picture(a_sign(Gate.COME_IN), SILENT), "Please ask inside", "stale"),
    ):
        lobby.sign.draw(picture)
        await expect(page.locator(".state")).to_contain_text(words)
        await expect(page.locator(f".state svg.{shape}")).to_be_visible()
        assert ("come in" in await page.inner_text("body")) == (shape == "come-in")


async def test_a_sign_rings_once_for_each_who_is_newly_invited_and_not_for_those_who_were(
    browser: Browser, serve: Serve
) -> None:
    lobby = Lobby()
    heard: list[bool] = []
    lobby.sign.sounds = heard.append

    def invite(*numbers: str) -> None:
        lobby.sign.draw(replace(sign_picture(a_sign(invited=numbers), HEARD), rings=True))

    invite("A001")
    page = await open_page(browser, await serve(lobby.app) + "/sign-1")
    main = page.locator("main")
    async with asyncio.timeout(15):
        while not heard:
            await page.wait_for_timeout(20)
    assert heard == [False], "nobody has touched the page, and its browser was not told that it may sound"
    await page.mouse.click(10, 10)
    invite("A001", "B007")
    await expect(page.locator(".invited li")).to_have_count(2)
    async with asyncio.timeout(15):
        while not heard[-1]:
            await page.wait_for_timeout(20)
    rung = int(await main.get_attribute("data-rung") or 0)
    for numbers, tones in ((["A001", "B007", "B008"], 2), (["B007", "B008"], 0), ([], 0), (["C001", "C002"], 2)):
        invite(*numbers)
        await expect(page.locator(".invited li")).to_have_text(numbers)
        rung += tones
        assert int(await main.get_attribute("data-rung") or 0) == rung
    lobby.sign.draw(replace(sign_picture(a_sign(invited=["C001", "C002"]), SILENT), rings=True))
    await expect(page.locator(".sheet.stale")).to_be_visible()
    invite("C001", "C002")
    await expect(page.locator(".invited li")).to_have_count(2)
    assert int(await main.get_attribute("data-rung") or 0) == rung, "they have been invited before the silence"


async def test_an_unknown_number_of_people_is_never_shown_as_a_number(browser: Browser, serve: Serve) -> None:
    lobby = Lobby()
    lobby.sign.draw(sign_picture(a_sign(Gate.WAIT, people=None), HEARD))
    page = await open_page(browser, await serve(lobby.app) + "/sign-1")
    people = page.locator(".fact").first
    await expect(people).to_contain_text("We cannot count right now")
    assert not any(character.isdigit() for character in await people.inner_text())


async def test_the_pages_work_without_javascript_and_load_themselves_again(browser: Browser, serve: Serve) -> None:
    lobby = Lobby()
    lobby.calling([a_call("A42", "3")])
    address = await serve(lobby.app)
    page = await open_page(browser, address + "/board-1", js=False)
    await expect(page.locator(".number")).to_have_text("A42")
    assert await page.locator("noscript meta[http-equiv=refresh]").count() == 1
    await page.goto(address + "/sign-1")
    await expect(page.locator(".order")).to_contain_text("Please come in")
    assert lobby.heard == ["board-1", "sign-1"]


async def test_the_agent_hears_from_the_browser_after_each_picture(browser: Browser, serve: Serve) -> None:
    lobby = Lobby()
    page = await open_page(browser, await serve(lobby.app) + "/sign-1")
    lobby.sign.draw(sign_picture(a_sign(Gate.WAIT), HEARD))
    await expect(page.locator(".order")).to_contain_text("Please wait")
    async with asyncio.timeout(5):
        while lobby.heard.count("sign-1") < 2:
            await page.wait_for_timeout(20)
    assert set(lobby.heard) == {"sign-1"}


@pytest.mark.parametrize("languages", [FR_EN, ("de", "it")])
async def test_nothing_leaves_the_screen_at_any_size_even_with_long_names(
    browser: Browser, serve: Serve, languages: tuple[str, ...]
) -> None:
    lobby = Lobby()
    calls = [a_call("A1042", "14"), a_call("B107", "Passport 2"), *(a_call(f"C{n}", "3") for n in range(6))]
    lobby.calling(calls, languages)
    address = await serve(lobby.app)
    page = await open_page(browser, address)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    assert await cut_off(page, address + "/board-1") == []
    for serves_all in (True, False):
        closing = replace(a_board([a_call("A1", "1")], LINES * 3, languages), closes="17:30", serves_all=serves_all)
        lobby.board.draw(board_picture(closing, HEARD))
        assert await cut_off(page, address + "/board-1") == []
        await expect(page.locator(".closing")).to_contain_text("17:30")
    lobby.board.draw(board_picture(a_board([a_call("A1", "1")], LINES, languages), SILENT))
    assert await cut_off(page, address + "/board-1") == []
    text = "a notice of the longest kind that may be posted " * 2 + "in this lobby and more"
    long = Notice(text={language: f"{language}: {text}"[:120] for language in languages})
    for notices in ([long], [long, long]):
        lobby.board.draw(board_picture(replace(a_board(calls, LINES, languages), notices=notices), HEARD))
        assert await cut_off(page, address + "/board-1") == []
        for numbers in ([], ["A001", "B002"]):
            sign = replace(a_sign(Gate.COME_IN, languages=languages), notices=notices, invited=numbers)
            lobby.sign.draw(sign_picture(sign, HEARD))
            assert await cut_off(page, address + "/sign-1") == []
    for moment in (HEARD, SILENT):
        lobby.sign.draw(sign_picture(a_sign(Gate.COME_IN, languages=languages), moment))
        assert await cut_off(page, address + "/sign-1") == []
    assert messages == []  # nothing that the content security policy had to stop


async def cut_off(page: Page, address: str) -> list[str]:
    """Sizes and elements that the edge of the screen cuts off."""
    found: list[str] = []
    await page.goto(address)
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        found += await page.evaluate(
            """[...document.querySelectorAll("main *")].filter((element) => {
                 const box = element.getBoundingClientRect();
                 return box.width && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1);
               }).map((element) => innerWidth + ": " + element.outerHTML.slice(0, 80))"""
        )
    return found


async def test_calls_do_not_move_when_silence_comes(browser: Browser, serve: Serve) -> None:
    lobby = Lobby()
    lobby.calling([a_call("A42", "3")])
    page = await open_page(browser, await serve(lobby.app) + "/board-1")
    before = await page.evaluate(PLACE_OF_NUMBER)
    lobby.board.draw(board_picture(a_board([a_call("A42", "3")], LINES), SILENT))
    await expect(page.locator(".banner")).to_be_visible()
    assert await page.evaluate(PLACE_OF_NUMBER) == before


async def test_one_follower_too_many_sends_the_oldest_away() -> None:
    screen = Screen()
    with screen.follow() as first:
        slots = [screen.follow() for _ in range(FOLLOWERS_MAX)]
        followers = [slot.__enter__() for slot in slots]
        assert not first.is_followed
        assert all(follower.is_followed for follower in followers)
        for slot in slots:
            slot.__exit__(None, None, None)
