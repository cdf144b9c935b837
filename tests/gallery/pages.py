"""Devices that are pages, in Chromium: boards, signs and each step at a kiosk."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from shutil import which

from msgspec.structs import replace
from PIL import Image
from playwright.async_api import Browser, async_playwright

from edge.roles.board import board_picture
from edge.roles.sign import sign_picture
from edge.screens.app import screens_app
from edge.screens.screen import Picture, Screen
from tests.browser.conftest import serving
from tests.browser.test_kiosk import Kiosk
from tests.displays import START_AT, a_board, a_call, a_sign
from tests.gallery.sheets import of_bytes, sheet
from tests.gallery.still import NAMES, NOW, SILENT
from wire.messages import BoardLine, Gate
from wire.parts import GateState
from words import LANGUAGES

WIDE, TALL = (1280, 720), (720, 1280)
KIOSK = (1280, 800)

PASSPORTS = {"fr": "Passeports", "de": "Pässe", "it": "Passaporti", "en": "Passports"}
PERMITS = {"fr": "Stationnement", "de": "Parkkarten", "it": "Parcheggio", "en": "Parking permits"}
STEPS = {
    "start": "choose a language",
    "services": "choose a service",
    "service": "what to have ready",
    "appointment": "the code of an appointment",
    "done": "the slip is printed",
    "phone": "a ticket without paper",
    "unprinted": "no paper: nothing is lost",
    "own": "cut off: a number all the same",
    "no-number": "cut off, and no number left",
    "refused": "no ticket now",
}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    path = os.environ.get("GUICHET_CHROMIUM") or which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        await browser.close()


async def boards(browser: Browser) -> Image.Image:
    calls = [a_call("A042", "3", START_AT), a_call("B017", "1", START_AT), a_call("A041", "2", START_AT)]
    lines = [BoardLine(letter="A", name=PASSPORTS, waiting=7), BoardLine(letter="B", name=PERMITS, waiting=2)]
    pictures: dict[str, Picture] = {
        NAMES[language]: board_picture(a_board(calls, lines, [language]), NOW) for language in LANGUAGES
    }
    both = a_board(calls, lines, ["fr", "en"])
    pictures |= {"Two languages at once": board_picture(both, NOW), "The hub is silent": board_picture(both, SILENT)}
    return sheet(await _shots(browser, pictures, WIDE), columns=2, width_px=720)


async def signs(browser: Browser) -> Image.Image:
    pictures: dict[str, Picture] = {}
    for what, gate, moment, invited in (
        ("come in", Gate.COME_IN, NOW, ()),
        ("wait", Gate.WAIT, NOW, ()),
        ("called in", Gate.WAIT, NOW, ("A042",)),
        ("closed", Gate.CLOSED, NOW, ()),
        ("silent", Gate.COME_IN, SILENT, ()),
    ):
        for language in LANGUAGES:
            people = 30 if gate is Gate.WAIT else 12
            view = a_sign(gate, people=people, invited=invited, languages=[language])
            pictures[f"{NAMES[language]}, {what}"] = sign_picture(view, moment)
    return sheet(await _shots(browser, pictures, TALL), columns=4, width_px=320)


async def evacuation(browser: Browser) -> Image.Image:
    """What screens say while everybody is to leave: a board, signs and a kiosk."""
    board = replace(a_board([a_call("A042", "3", START_AT)], languages=["fr", "en"]), room_state=GateState.EVACUATE)
    sign = replace(a_sign(Gate.CLOSED, languages=["fr", "en"]), room_state=GateState.EVACUATE)
    shots = await _shots(browser, {"Board": board_picture(board, NOW)}, WIDE)
    shots |= await _shots(browser, {"Sign": sign_picture(sign, NOW)}, WIDE)
    shots |= await _shots(browser, {"Sign that hears no hub any more": sign_picture(sign, SILENT)}, WIDE)
    kiosk = Kiosk()
    kiosk.offer(evacuates=True)
    async with serving(kiosk.app) as address:
        page = await browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]})
        await page.goto(f"{address}/kiosk")
        shots["Kiosk"] = of_bytes(await page.screenshot())
        await page.close()
    return sheet(shots, columns=2, width_px=640)


async def _shots(browser: Browser, pictures: dict[str, Picture], size: tuple[int, int]) -> dict[str, Image.Image]:
    screens = {}
    for number, picture in enumerate(pictures.values()):
        screens[f"d{number}"] = Screen()
        screens[f"d{number}"].draw(picture)
    shots = {}
    async with serving(screens_app(screens, matrices={}, heard=lambda _: None)) as address:
        page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
        for caption, device in zip(pictures, screens, strict=True):
            await page.goto(f"{address}/{device}")
            shots[caption] = of_bytes(await page.screenshot())
        await page.close()
    return shots


async def kiosks(browser: Browser) -> dict[str, Image.Image]:
    """Each step by its name, in four languages."""
    kiosk = Kiosk()
    shots: dict[str, dict[str, Image.Image]] = {step: {} for step in STEPS}
    async with serving(kiosk.app) as address:
        page = await browser.new_page(viewport={"width": KIOSK[0], "height": KIOSK[1]})
        for language in LANGUAGES:
            for step, query in kiosk.addresses(language):
                if step in STEPS and (step != "start" or not shots[step]):
                    await page.goto(f"{address}/kiosk{query}")
                    caption = NAMES[language] if step != "start" else "All languages"
                    shots[step][caption] = of_bytes(await page.screenshot())
        await page.close()
    return {step: sheet(found, columns=min(2, len(found)), width_px=640) for step, found in shots.items()}
