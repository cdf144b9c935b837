"""What a small panel shows of a door sign: luma's dummy, and the real classes of luma.lcd behind a recorder.

The test turns the bytes back into pixels with its own knowledge of the chips: 2A and 2B name a window by its first and
last column and row, and what follows 2C fills it, row by row, three bytes a pixel.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import segno
from msgspec.structs import replace
from PIL import Image

from edge.display import Moment
from edge.drivers.gpio import FakePins, Lamps
from edge.drivers.lcd import BACKLIGHT, HEIGHT_PX, WIDTH_PX, LcdOptions, LcdSign, fake_panel, on_serial, real_panel
from edge.drivers.lcd_picture import FONT, LOOKS, QUIET_MODULES, Fonts, qr_image, sign_image
from edge.errors import DeviceFault
from edge.roles.sign import SignPicture, SignState, sign_picture
from tests.displays import START_AT, a_sign
from wire.messages import Gate
from words import LANGUAGES

SIZE = (WIDTH_PX, HEIGHT_PX)
HEARD = Moment(now_s=0.0, now_at=START_AT, news_at=None, is_silent=False)
SILENT = Moment(now_s=0.0, now_at=START_AT, news_at=START_AT, is_silent=True)
PINS = {"dc": 24, "reset": 25, BACKLIGHT: 18}
FONTS = Fonts()
COLUMNS, ROWS, WRITE = 0x2A, 0x2B, 0x2C

PICTURES = {
    "come in": sign_picture(a_sign(Gate.COME_IN), HEARD),
    "wait": sign_picture(a_sign(Gate.WAIT, people=30), HEARD),
    "closed": sign_picture(a_sign(Gate.CLOSED), HEARD),
    "unknown": sign_picture(a_sign(Gate.WAIT, people=None, wait_s=None), HEARD),
    "invited": sign_picture(a_sign(invited=["A042", "B007"]), HEARD),
    "many invited": sign_picture(a_sign(invited=[f"A{n:03}" for n in range(12)]), HEARD),
    "stale": sign_picture(a_sign(), SILENT),
    "stale with a code": replace(sign_picture(a_sign(), SILENT), join_url="https://guichet.example.org/join?code=1"),
    "never heard": sign_picture(None, HEARD),
    "named": replace(sign_picture(a_sign(), HEARD), name="door-1/sign"),
}


class Recorder:
    """A luma serial interface that keeps what its memory of pixels would hold."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", SIZE, "#ff00ff")
        self.is_gone = False
        self.commands = 0
        self._command = 0
        self._window: dict[int, tuple[int, int]] = {}
        self._pixels = b""

    def command(self, *command: int) -> None:
        if self.is_gone:
            raise OSError(5, "Input/output error")
        self._fill()
        self._command, *arguments = command
        self.commands += 1
        if arguments:
            self.data(arguments)

    def data(self, data: "list[int] | bytes") -> None:
        if self._command in (COLUMNS, ROWS):
            first, last = data[0] << 8 | data[1], data[2] << 8 | data[3]
            self._window[self._command] = (first, last + 1)
        elif self._command == WRITE:
            self._pixels += bytes(data)

    def _fill(self) -> None:
        if self._command == WRITE and self._pixels:
            (left, right), (top, bottom) = self._window[COLUMNS], self._window[ROWS]
            part = Image.frombytes("RGB", (right - left, bottom - top), self._pixels)
            self.image.paste(part, (left, top))
        self._pixels = b""

    def shown(self) -> Image.Image:
        self._fill()
        return self.image

    def cleanup(self) -> None:
        pass


@pytest.fixture
def pins() -> FakePins:
    return FakePins()


def real(chip: str, pins: FakePins) -> tuple[LcdSign, Recorder]:
    recorder = Recorder()
    lamps = Lamps(PINS, pins.factory)
    options = LcdOptions(chip=chip)  # type: ignore[arg-type]  # of those that there are
    return LcdSign(lambda: on_serial(recorder, options, lamps), lamps, FONTS), recorder


def fake(pins: FakePins) -> LcdSign:
    return LcdSign(fake_panel, Lamps(PINS, pins.factory), FONTS)


# --- every driver ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [fake, lambda pins: real("ili9341", pins)[0], lambda pins: real("st7789", pins)[0]],
    ids=["dummy", "ili9341", "st7789"],
)
@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_panel_takes_every_picture_and_can_be_closed(
    make: Callable[[FakePins], LcdSign], pins: FakePins, picture: SignPicture
) -> None:
    driver = make(pins)
    driver.draw(picture)
    driver.draw(picture)
    assert driver.image is not None
    assert driver.image.size == SIZE
    driver.close()


@pytest.mark.parametrize("chip", ["ili9341", "st7789"])
def test_the_chip_holds_the_pixels_of_each_picture_in_turn(chip: str, pins: FakePins) -> None:
    driver, recorder = real(chip, pins)
    for picture in PICTURES.values():
        driver.draw(picture)
        assert recorder.shown().tobytes() == sign_image(picture, SIZE, FONTS).tobytes()
    driver.close()


def test_the_backlight_is_on_while_there_is_a_picture_and_off_when_the_agent_goes(pins: FakePins) -> None:
    driver, _ = real("ili9341", pins)
    assert not pins.is_lit(18)
    driver.draw(PICTURES["wait"])
    assert pins.is_lit(18)
    driver.close()
    assert not pins.is_lit(18)


def test_a_panel_that_was_gone_is_begun_anew_and_shows_all_of_the_picture(pins: FakePins) -> None:
    driver, recorder = real("ili9341", pins)
    driver.draw(PICTURES["wait"])
    recorder.is_gone = True
    with pytest.raises(DeviceFault, match="check its SPI wiring and power"):
        driver.draw(PICTURES["come in"])
    recorder.is_gone = False
    recorder.image.paste("#ff00ff", (0, 0, *SIZE))  # what a power cut leaves
    driver.draw(PICTURES["come in"])
    assert recorder.shown().tobytes() == sign_image(PICTURES["come in"], SIZE, FONTS).tobytes()


def test_without_an_spi_bus_there_is_a_fault_with_what_to_do(pins: FakePins) -> None:
    lamps = Lamps(PINS, pins.factory)
    driver = LcdSign(lambda: real_panel(LcdOptions(spi_port=1, spi_device=1), lamps), lamps, FONTS)
    for _ in range(2):
        with pytest.raises(DeviceFault, match=r"LCD panel at /dev/spidev1.1 does not answer .*enable SPI"):
            driver.draw(PICTURES["wait"])
    driver.close()


# --- what can be read on it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", SignState)
def test_each_state_has_its_colour_and_its_own_shape_and_word(state: SignState) -> None:
    picture = replace(PICTURES["wait"], state=state)
    image = sign_image(picture, SIZE, FONTS)
    assert image.getpixel((1, 1)) == tuple(bytes.fromhex(LOOKS[state].colour[1:]))
    grey = [
        sign_image(replace(picture, state=it), SIZE, FONTS).convert("L").point(lambda v: v > 128 and 255)
        for it in SignState
    ]
    bars = {it.crop((0, 0, 60, 64)).tobytes() for it in grey}
    assert len(bars) == len(SignState), "they can be told from each other without any colour"


@pytest.mark.parametrize(
    "url", ["https://guichet.example.org/town-hall/join?code=481206", "https://a.example/" + "x" * 90]
)
def test_the_code_on_the_panel_is_that_of_the_address_in_whole_modules(url: str) -> None:
    image = qr_image(url, HEIGHT_PX - 64).convert("L")
    code = segno.make(url, error="m", micro=False, boost_error=False)
    modules = int(code.symbol_size(border=QUIET_MODULES)[0])
    scale = image.width // modules
    assert scale >= 2
    assert image.width == scale * modules
    centres = [
        [image.getpixel((x * scale + scale // 2, y * scale + scale // 2)) == 0 for x in range(modules)]
        for y in range(modules)
    ]
    assert centres == [[bool(dark) for dark in row] for row in code.matrix_iter(border=QUIET_MODULES)]


def test_a_stale_sign_shows_no_people_no_numbers_and_no_code_that_is_not_good() -> None:
    picture = PICTURES["stale"]
    loud = replace(PICTURES["invited"], state=SignState.STALE, join_url="", news_at="09:00", clock="")
    assert (
        sign_image(loud, SIZE, FONTS).tobytes() == sign_image(replace(picture, news_at="09:00"), SIZE, FONTS).tobytes()
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("font", [FONT, Path("/no/such/font.ttf")], ids=["DejaVu", "Pillow's own"])
def test_every_language_fits_with_either_font(language: str, font: Path) -> None:
    fonts = Fonts(font)
    for picture in PICTURES.values():
        image = sign_image(replace(picture, languages=(language,)), SIZE, fonts)
        assert len(image.getcolors(SIZE[0] * SIZE[1]) or []) > 2, "letters are drawn on the colour"


def test_without_a_font_of_its_own_letters_lose_their_accents_and_are_not_empty_boxes() -> None:
    assert (
        Fonts(Path("/no/such/font.ttf")).spell("Entrez, s’il vous plaît · Straße")
        == "Entrez, s'il vous plait · Strasse"
    )
