"""Devices that need no browser: LEDs, small panels, slips and lamps, drawn by their own drivers."""

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace
from PIL import Image, ImageDraw

from edge.display import Moment
from edge.drivers.escpos import printable, slip_bytes
from edge.drivers.fake_leds import FakeLeds
from edge.drivers.lcd_picture import Fonts, sign_image
from edge.drivers.matrix import MatrixOptions, open_matrix
from edge.drivers.printer_status import DIALECTS
from edge.lamp import Feedback
from edge.roles.board import board_picture
from edge.roles.sign import sign_picture
from edge.slip import OwnSlip, own_slip_of, slip_of
from tests.contract.test_slip_reading import BRING, SERVICE, TITLE
from tests.displays import START_AT, a_board, a_call, a_sign
from tests.gallery.sheets import sheet
from tests.slip_reader import read_slip
from tests.unit.test_slip import a_job
from wire.messages import Gate
from wire.parts import GateState
from words import LANGUAGES

NOW = Moment(now_s=0.0, now_at=START_AT, news_at=None, is_silent=False)
SILENT = Moment(now_s=0.0, now_at=START_AT, news_at=START_AT, is_silent=True)
NAMES = {"fr": "Français", "de": "Deutsch", "it": "Italiano", "en": "English"}
LED_PX, COLUMNS = 8, 42
LAMP_S, LAMP_STEP_S = 4.0, 0.05


def in_each(picture: Callable[[str], Image.Image]) -> dict[str, Image.Image]:
    """The picture in each language, by the language's own name."""
    return {NAMES[language]: picture(language) for language in LANGUAGES}


# --- LEDs ----------------------------------------------------------------------------------------------------------


def leds() -> Image.Image:
    call = board_picture(a_board([a_call("A042", "3", START_AT)]), NOW)
    stale = board_picture(a_board([a_call("A042", "3", START_AT)]), SILENT)
    shown = {
        "A call; it blinks while it is new": call,
        "The hub is silent since 09:00": stale,
        "Before the first call": board_picture(a_board([]), NOW),
        "Which display is it?": replace(call, name="hall/leds"),
        "Everybody leaves": board_picture(replace(a_board([]), room_state=GateState.EVACUATE), NOW),
    }
    pictures = {}
    for caption, picture in shown.items():
        board = open_matrix(MatrixOptions(), fake=FakeLeds(8))
        board.draw(picture)
        pictures[caption] = _lit(board.image)
    return sheet(pictures, columns=2, width_px=64 * LED_PX)


def _lit(pixels: Image.Image) -> Image.Image:
    """Each pixel as the round lamp that it is."""
    whole = Image.new("RGB", (pixels.width * LED_PX, pixels.height * LED_PX), "#14090a")
    pen = ImageDraw.Draw(whole)
    for x in range(pixels.width):
        for y in range(pixels.height):
            colour = "#ff5a1f" if pixels.getpixel((x, y)) else "#2a1211"
            pen.ellipse([x * LED_PX + 1, y * LED_PX + 1, (x + 1) * LED_PX - 2, (y + 1) * LED_PX - 2], fill=colour)
    return whole


# --- a small panel at a door ---------------------------------------------------------------------------------------


def small_signs() -> Image.Image:
    fonts = Fonts()
    views = {
        "come in": (a_sign, Gate.COME_IN, NOW, ()),
        "wait": (a_sign, Gate.WAIT, NOW, ()),
        "invited": (a_sign, Gate.WAIT, NOW, ("A042",)),
        "silent": (a_sign, Gate.COME_IN, SILENT, ()),
    }
    pictures = {}
    for language in LANGUAGES:
        for what, (view, gate, moment, invited) in views.items():
            people = 30 if gate is Gate.WAIT else 12
            shown = sign_picture(view(gate, people=people, invited=invited, languages=[language]), moment)
            pictures[f"{NAMES[language]}, {what}"] = sign_image(shown, (320, 240), fonts)
    return sheet(pictures, columns=4, width_px=320)


# --- slips ---------------------------------------------------------------------------------------------------------


def slips() -> Image.Image:
    """As a reader of their bytes draws them."""
    return sheet(in_each(lambda language: _slip(language)), columns=4, width_px=340)


def other_slips() -> Image.Image:
    own = OwnSlip(
        title=TITLE, service=SERVICE, language="fr", number="K007", desk="", issued_at=START_AT,
        time_zone="Europe/Paris", bring=BRING, is_large=False,
    )  # fmt: skip
    alone = slip_bytes(own_slip_of(own, COLUMNS, printable), COLUMNS)
    shown = {
        "For weak sight": _slip("de", is_large=True),
        "Perhaps printed before": _slip("it", is_copy=True),
        "Cut off from the hub": read_slip(alone, COLUMNS).picture,
        "On 32 columns": _slip("en", columns=32),
    }
    return sheet(shown, columns=4, width_px=340)


def _slip(language: str, *, columns: int = COLUMNS, is_large: bool = False, is_copy: bool = False) -> Image.Image:
    job = a_job(language=language, bring=BRING, title=TITLE, service=SERVICE)
    slip = slip_of(job, columns, printable, is_large=is_large, is_copy=is_copy)
    end = DIALECTS["epson"].end_of_slip
    return read_slip(slip_bytes(slip, columns, draws_codes=True, end=end), columns).picture


# --- lamps ---------------------------------------------------------------------------------------------------------

MEANINGS: Mapping[Feedback, str] = {
    Feedback.SENT: "sent: the hub has not answered yet",
    Feedback.DONE: "done",
    Feedback.REFUSED: "refused: look at the screen why",
    Feedback.OFFLINE: "offline: nobody could hear the press",
    Feedback.HERE: "here I am: somebody looks for this panel",
}


def lamps() -> Image.Image:
    """When the lamp of a panel is lit, in its first seconds."""
    pictures = {f"{caption}": _flashes(feedback) for feedback, caption in MEANINGS.items()}
    return sheet(pictures, columns=1, width_px=640)


def _flashes(feedback: Feedback) -> Image.Image:
    width = 640
    whole = Image.new("RGB", (width, 34), "#16202c")
    pen = ImageDraw.Draw(whole)
    for begins_s, ends_s in _lit_times(feedback):
        pen.rectangle([begins_s / LAMP_S * width, 5, ends_s / LAMP_S * width - 1, 28], fill="#ffc857")
    return whole


def _lit_times(feedback: Feedback) -> Iterator[tuple[float, float]]:
    at_s = 0.0
    for flash in feedback.value:
        ends_s = min(at_s + flash.lasts_s, LAMP_S)
        if flash.is_lit and at_s < LAMP_S:
            yield at_s, ends_s
        at_s += flash.lasts_s
