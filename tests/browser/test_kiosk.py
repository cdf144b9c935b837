"""A kiosk's pages in a real browser: by touch, by keys alone, by a reader of codes, and without any script."""

import asyncio
import json
from collections.abc import Iterator
from importlib.resources import files
from itertools import count

import pytest
from playwright.async_api import Browser, Page, expect

import words
from edge.kiosk_face import Asked, How, Offer, Told
from edge.screens.app import screens_app
from edge.screens.kiosk_pages import IDLE_S, WARNING_S
from edge.screens.kiosk_screen import KioskScreen
from tests.browser.conftest import Serve
from tests.displays import START_AT
from wire.messages import KioskService, KioskView

AXE = str(files("axe_playwright_python").joinpath("axe.min.js"))
SIZES = [(1280, 800), (800, 1280)]
URL = "https://guichet.example.org/t/7Vt3n0q0Yw8rS1kQ"
NAMES = {
    "passports": {
        "fr": "Passeports et cartes d’identité",
        "de": "Pässe und Identitätskarten",
        "it": "Passaporti e carte d’identità",
        "en": "Passports and identity cards",
    },
    "certificates": {
        "fr": "Attestations et certificats divers",
        "de": "Bescheinigungen und Beglaubigungen",
        "it": "Attestati e certificati vari",
        "en": "Certificates and attestations",
    },
}
BRING = {
    "fr": "Ancien titre\nPhoto",
    "de": "Bisheriges Dokument\nPassfoto",
    "it": "Documento precedente\nFototessera",
    "en": "Your old document\nA photo",
}
TITLE = {"fr": "Mairie", "de": "Gemeindeverwaltung", "it": "Amministrazione comunale", "en": "Town hall"}
ENDS = {
    "sent": Told(how=How.SENT),
    "promised": Told(how=How.PROMISED, number="A042", url=URL, on_paper=True),
    "done": Told(how=How.DONE, number="A042", url=URL, on_paper=True),
    "phone": Told(how=How.DONE, number="A042", url=URL),
    "unprinted": Told(how=How.UNPRINTED, number="A042", url=URL),
    "own": Told(how=How.DONE, number="K007", on_paper=True, is_own=True),
    "own-known": Told(how=How.DONE, number="K007", url=URL, on_paper=True, is_own=True),
    "own-unprinted": Told(how=How.UNPRINTED, number="K007", is_own=True),
    "no-number": Told(how=How.NO_NUMBER, desk="3"),
    "refused": Told(how=How.REFUSED, code="last-ticket"),
    "offline": Told(how=How.OFFLINE),
}


class Kiosk:
    """A kiosk whose role is the test: it hears every wish, and says what becomes of it."""

    def __init__(self, services: int = 3) -> None:
        tokens = count(1)
        self.screen = KioskScreen("kiosk-1/kiosk", lambda: f"token-{next(tokens)}", "Europe/Paris")
        self.asked: list[Asked] = []
        self.heard: list[str] = []
        self.answers = Told(how=How.SENT)
        self.services = services
        self.screen.listen(self._ask)
        self.offer()
        self.app = screens_app({}, matrices={}, kiosks={"kiosk": self.screen}, heard=self.heard.append)

    def offer(self, *, is_silent: bool = False, prints: bool = True, evacuates: bool = False) -> None:
        services = [
            KioskService(
                id=f"s{n}",
                letter=chr(ord("A") + n),
                name=NAMES["certificates" if n else "passports"],
                open=n != 2,
                waiting=1,
                wait_s=900,
                bring=BRING if n == 0 else {},
            )
            for n in range(self.services)
        ]
        view = KioskView(title=TITLE, languages=["fr", "de", "it", "en"], services=services, evacuates=evacuates)
        given = frozenset(it.id for it in services if it.open)
        self.screen.offer(Offer(view=view, given=given, is_silent=is_silent, prints=prints))

    def tell(self, told: Told) -> None:
        self.screen.tell(self.asked[-1], told)

    def _ask(self, asked: Asked) -> None:
        self.asked.append(asked)
        self.screen.tell(asked, self.answers)

    def addresses(self, language: str) -> Iterator[tuple[str, str]]:
        """Each step, and its address."""
        yield "start", ""
        yield "services", f"?at=services&l={language}"
        yield "service", f"?at=service&service=s0&l={language}"
        yield "appointment", f"?at=appointment&l={language}"
        for name, told in ENDS.items():
            key = f"{name}-{language}"
            if self.screen.visit(key) is None:
                self.answers = told
                self.screen.ask(Asked(key=key, language=language, service="s0"))
            yield name, f"?at=ticket&key={key}&l={language}"


async def open_page(
    browser: Browser, serve: Serve, kiosk: Kiosk, *, js: bool = True, size: tuple[int, int] = SIZES[0]
) -> Page:
    context = await browser.new_context(
        java_script_enabled=js, viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto(await serve(kiosk.app) + "/kiosk")
    return page


# --- visits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
async def test_a_visitor_chooses_language_and_service_checks_what_she_has_and_gets_a_number(
    browser: Browser, serve: Serve, js: bool
) -> None:
    kiosk = Kiosk()
    kiosk.answers = ENDS["done"]
    page = await open_page(browser, serve, kiosk, js=js)
    await page.get_by_role("link", name="Deutsch").click()
    await page.get_by_role("link", name="Pässe und Identitätskarten").click()
    await expect(page.locator(".bring li")).to_have_text(["Bisheriges Dokument", "Passfoto"])
    await page.get_by_role("button", name="Meine Nummer drucken").click()
    await expect(page.locator(".number")).to_have_text("A042")
    await expect(page.locator(".state")).to_have_text("Bitte nehmen Sie Ihren Zettel.")
    (asked,) = kiosk.asked
    assert (asked.service, asked.language, asked.on_paper, asked.is_large) == ("s0", "de", True, False)
    await page.get_by_role("button", name="Fertig").click()
    await expect(page.locator(".languages")).to_be_visible()
    assert kiosk.screen.visit(asked.key) is None


async def test_going_back_and_loading_again_asks_for_nothing_twice(browser: Browser, serve: Serve) -> None:
    kiosk = Kiosk()
    kiosk.answers = ENDS["done"]
    page = await open_page(browser, serve, kiosk)
    await page.goto(page.url + "?at=service&service=s0&l=en")
    await page.get_by_role("button", name="Print my number").click()
    await page.reload()
    await expect(page.locator(".number")).to_have_text("A042")
    assert len(kiosk.asked) == 1


async def test_the_slip_is_told_of_without_anything_moving(browser: Browser, serve: Serve) -> None:
    kiosk = Kiosk()
    kiosk.answers = ENDS["promised"]
    page = await open_page(browser, serve, kiosk)
    await page.goto(page.url + "?at=service&service=s0&l=en")
    await page.get_by_role("button", name="Print my number").click()
    await expect(page.locator(".state")).to_have_text("Your slip is being printed.")
    before = [await page.locator(it).bounding_box() for it in (".number", ".qr", ".choices .big")]
    kiosk.tell(ENDS["done"])
    await expect(page.locator(".state")).to_have_text("Please take your slip.")
    assert [await page.locator(it).bounding_box() for it in (".number", ".qr", ".choices .big")] == before


async def test_without_paper_the_number_is_large_and_its_code_is_there(browser: Browser, serve: Serve) -> None:
    kiosk = Kiosk()
    kiosk.offer(prints=False)
    kiosk.answers = ENDS["phone"]
    page = await open_page(browser, serve, kiosk)
    await page.goto(page.url + "?at=service&service=s0&l=en")
    await expect(page.get_by_role("button", name="Print my number")).to_have_count(0)
    await page.get_by_role("button", name="My number on my phone").click()
    box = await page.locator(".number").bounding_box()
    assert box is not None
    assert box["height"] >= 120
    await expect(page.locator(".qr")).to_be_visible()
    assert not kiosk.asked[0].on_paper


async def test_a_kiosk_without_a_connection_says_so_kindly_and_goes_on(browser: Browser, serve: Serve) -> None:
    kiosk = Kiosk()
    page = await open_page(browser, serve, kiosk)
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("link", name="I have an appointment")).to_have_count(1)
    kiosk.offer(is_silent=True)
    await expect(page.locator(".note")).to_contain_text("You can take a number all the same.")
    await expect(page.get_by_role("link", name="I have an appointment")).to_have_count(0)
    kiosk.answers = ENDS["own"]
    await page.get_by_role("link", name="Passports and identity cards").click()
    await page.get_by_role("button", name="Print my number").click()
    await expect(page.locator(".number")).to_have_text("K007")


# --- hands ---------------------------------------------------------------------------------------------------------


async def test_a_whole_visit_needs_no_more_than_arrows_enter_and_escape(browser: Browser, serve: Serve) -> None:
    kiosk = Kiosk()
    kiosk.answers = ENDS["done"]
    page = await open_page(browser, serve, kiosk)
    for key in ("ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("link", name="Italiano")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Di quale servizio ha bisogno?")
    await page.keyboard.press("Escape")
    await expect(page.locator(".languages")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Choisissez votre démarche")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bring")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".number")).to_have_text("A042")
    await page.keyboard.press("Escape")
    await expect(page.locator(".languages")).to_be_visible()


READER = """(read) => {
  for (const key of [...read, "Enter"]) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
}"""
"""A reader is a keyboard that is quicker than any hand."""


@pytest.mark.parametrize("at", ["", "?at=services&l=it", "?at=service&service=s0&l=it", "?at=appointment&l=it"])
async def test_a_code_is_read_on_every_page(browser: Browser, serve: Serve, at: str) -> None:
    kiosk = Kiosk()
    kiosk.answers = ENDS["done"]
    page = await open_page(browser, serve, kiosk)
    await page.goto(page.url + at)
    await page.evaluate(READER, "https://hub.test/check-in?code=7K3MQ9TZ")
    await expect(page.locator(".number")).to_have_text("A042")
    assert [(it.code, it.service) for it in kiosk.asked] == [("7K3MQ9TZ", "")]


async def test_slow_keys_are_no_code(browser: Browser, serve: Serve) -> None:
    kiosk = Kiosk()
    page = await open_page(browser, serve, kiosk)
    await page.keyboard.type("7K3MQ9TZ", delay=150)
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(200)
    assert kiosk.asked == []


@pytest.mark.parametrize("js", [True, False], ids=["with scripts", "without scripts"])
async def test_a_code_is_typed_on_keys_of_the_page(browser: Browser, serve: Serve, js: bool) -> None:
    kiosk = Kiosk()
    kiosk.answers = ENDS["done"]
    page = await open_page(browser, serve, kiosk, js=js)
    await page.goto(page.url + "?at=appointment&l=en")
    for sign in "7K3MQ9TX":
        await page.get_by_role("button", name=sign, exact=True).click()
    await page.get_by_role("button", name="Delete the last sign").click()
    await page.get_by_role("button", name="Z", exact=True).click()
    await expect(page.get_by_label("The code of your invitation")).to_have_value("7K3MQ9TZ")
    await page.get_by_role("button", name="I am here").click()
    await expect(page.locator(".number")).to_have_text("A042")
    assert [it.code for it in kiosk.asked] == ["7K3MQ9TZ"]


async def test_contrast_and_large_letters_stay_for_the_visit_and_reach_the_slip(browser: Browser, serve: Serve) -> None:
    kiosk = Kiosk()
    kiosk.answers = ENDS["done"]
    page = await open_page(browser, serve, kiosk)
    await page.get_by_role("link", name="Plus de contraste").click()
    await page.get_by_role("link", name="Lettres plus grandes").click()
    await page.get_by_role("link", name="English").click()
    await page.get_by_role("link", name="Passports and identity cards").click()
    await page.get_by_role("button", name="Print my number").click()
    await expect(page.locator("html")).to_have_class("contrast large")
    assert kiosk.asked[0].is_large
    await page.get_by_role("button", name="Done").click()
    await expect(page.locator("html")).not_to_have_class("contrast large")


VOICES = """
window.said = [];
const voices = [{ lang: "it-IT" }];
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => voices, addEventListener() {}, cancel() {}, speak: (it) => said.push([it.lang, it.text]),
} });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } addEventListener() {} };
"""


async def test_a_page_is_read_aloud_in_its_language_where_there_is_a_voice(browser: Browser, serve: Serve) -> None:
    page = await open_page(browser, serve, Kiosk())
    await page.add_init_script(VOICES)
    await page.goto(page.url + "?at=service&service=s0&l=it")
    await page.get_by_role("button", name="Leggere ad alta voce").click()
    said = await page.evaluate("said")
    assert {language for language, _ in said} == {"it"}
    assert [text for _, text in said] == [
        "Passaporti e carte d’identità",
        "Ha con sé quanto segue?",
        "Documento precedente",
        "Fototessera",
        "Stampare il mio numero",
        "Il mio numero sul telefono, senza carta",
    ]
    await page.goto(page.url.replace("l=it", "l=de"))
    await expect(page.locator("#read")).to_be_hidden()


# --- time ----------------------------------------------------------------------------------------------------------


async def with_a_number(browser: Browser, serve: Serve) -> tuple[Kiosk, Page]:
    """A kiosk that has just given a number, and whose time is the test's."""
    kiosk = Kiosk()
    kiosk.answers = ENDS["done"]
    page = await open_page(browser, serve, kiosk)
    await page.clock.install(time=START_AT)
    await page.goto(page.url + "?at=service&service=s0&l=en")
    await page.get_by_role("button", name="Print my number").click()
    await expect(page.locator(".number")).to_be_visible()
    return kiosk, page


async def test_who_is_gone_is_warned_and_the_next_visitor_finds_the_start(browser: Browser, serve: Serve) -> None:
    kiosk, page = await with_a_number(browser, serve)
    await page.clock.run_for((IDLE_S + 1) * 1000)
    await expect(page.get_by_role("dialog")).to_contain_text("Are you still there?")
    await page.get_by_role("button", name="Yes, I need more time").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.clock.run_for((IDLE_S + 1) * 1000)
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.clock.run_for((WARNING_S + 1) * 1000)
    await expect(page.locator(".languages")).to_be_visible()
    assert kiosk.screen.visit(kiosk.asked[0].key) is None


async def test_who_has_taken_her_slip_leaves_the_page_to_the_next_visitor(browser: Browser, serve: Serve) -> None:
    kiosk, page = await with_a_number(browser, serve)
    kiosk.tell(Told(how=How.TAKEN))
    async with asyncio.timeout(20):
        while not await page.locator(".languages").count():
            await page.clock.run_for(1_000)
            await page.wait_for_timeout(50)
    assert kiosk.screen.visit(kiosk.asked[0].key) is None


async def test_a_number_that_the_kiosk_gave_by_itself_can_be_followed_once_the_hub_has_heard_of_it(
    browser: Browser, serve: Serve
) -> None:
    kiosk = Kiosk()
    kiosk.answers = ENDS["own"]
    page = await open_page(browser, serve, kiosk)
    await page.goto(page.url + "?at=service&service=s0&l=en")
    await page.get_by_role("button", name="Print my number").click()
    await expect(page.locator(".ticket")).to_contain_text("Please wait until your number is called")
    await expect(page.locator("figure")).to_have_count(0)
    kiosk.tell(Told(how=How.KNOWN, url=URL))
    await expect(page.locator("figure")).to_contain_text("Follow your turn on your phone")
    await expect(page.locator(".number")).to_have_text("K007")


async def test_a_page_whose_agent_is_gone_sends_to_a_desk_and_comes_back(browser: Browser, serve: Serve) -> None:
    page = await open_page(browser, serve, Kiosk())
    await page.get_by_role("link", name="English").click()
    await page.clock.install(time=START_AT)
    await page.reload()
    await page.route("**/kiosk/state*", lambda route: route.abort())
    for _ in range(5):
        await page.clock.run_for(2_100)
        await page.wait_for_timeout(50)
    await expect(page.locator(".broken")).to_contain_text("Bitte am Schalter fragen")
    await expect(page.get_by_role("link")).to_have_count(0)
    await page.unroute("**/kiosk/state*")
    await page.clock.run_for(2_100)
    await expect(page.locator(".languages")).to_be_visible()


async def test_a_kiosk_that_is_looked_for_fills_its_page_with_its_name(browser: Browser, serve: Serve) -> None:
    kiosk = Kiosk()
    page = await open_page(browser, serve, kiosk)
    kiosk.screen.identify(10)
    await expect(page.locator(".device")).to_have_text("kiosk-1/kiosk")
    assert "kiosk" in kiosk.heard


# --- everybody -----------------------------------------------------------------------------------------------------

SMALL = """[...document.querySelectorAll("a, button, input:not([type=hidden])")].filter((it) => {
  const box = it.getBoundingClientRect();
  return box.width && (box.width < 64 || box.height < 64);
}).map((it) => it.outerHTML.slice(0, 80))"""
CUT = """[...document.querySelectorAll("main *, nav *, header *")].filter((it) => {
  const box = it.getBoundingClientRect();
  const isCut = it.matches(".big, .tool, .state") && it.scrollHeight > it.clientHeight + 1;
  return box.width && (isCut || box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1);
}).map((it) => it.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("services", [3, 7, 12])
@pytest.mark.parametrize("language", words.LANGUAGES)
async def test_everything_is_large_and_nothing_is_cut_off_at_any_step(
    browser: Browser, serve: Serve, language: str, services: int
) -> None:
    kiosk = Kiosk(services)
    page = await open_page(browser, serve, kiosk)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    start, found = page.url, []
    for name, address in kiosk.addresses(language):
        if services > 3 and name != "services":
            continue
        for look in ("", "&b=1"):
            await page.goto(start + (address or "?") + look)
            for width, height in SIZES:
                await page.set_viewport_size({"width": width, "height": height})
                found += [(name, look, width, it) for it in await page.evaluate(SMALL) + await page.evaluate(CUT)]
    assert found == []
    assert messages == []  # nothing that the content security policy had to stop


@pytest.mark.parametrize("look", ["", "&c=1"], ids=["as usual", "with more contrast"])
async def test_no_step_has_a_barrier_that_axe_finds(browser: Browser, serve: Serve, look: str) -> None:
    kiosk = Kiosk(7)
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page = await context.new_page()
    start, found = await serve(kiosk.app) + "/kiosk", []
    for name, address in kiosk.addresses("de"):
        await page.goto(start + (address or "?") + look)
        await page.add_script_tag(path=AXE)
        answer = await page.evaluate("axe.run()")
        found += [(name, it["id"], [node["html"][:120] for node in it["nodes"]]) for it in answer["violations"]]
        assert len(answer["passes"]) > 10
    assert found == [], json.dumps(found, indent=1, ensure_ascii=False)
