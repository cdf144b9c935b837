"""A call board of LED modules: 8x8 matrices on MAX7219 chips in a chain, one row high, driven by luma.led_matrix.

This driver turns a picture into pixels and pixels into SPI bytes. It does not know time: what is lit now, and which
call has its turn, stands in the picture.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from msgspec import Meta, Struct

import words
from edge.drivers.glyphs import NARROW, WIDE, columns
from edge.errors import DeviceFault
from edge.roles.board import BoardPicture

if TYPE_CHECKING:
    from PIL import Image

    from edge.drivers.fake_leds import FakeLeds

ROW_PX = 8
ARROW = "→"
GAP_PX = 2
"""Least space on each side of the arrow, so that number and desk cannot be read as one word."""
USUAL_CONTRAST = 112
CONTROL = {0x0B: 7, 0x09: 0, 0x0F: 0, 0x0C: 1}
"""The chip's registers of control: all eight digits, no code, no test, and on. A spark or a weak supply makes it forget
them, and then the board would be dark, or all lit, until somebody comes: so they are told with every picture."""
UNDERLINE = 0x80
"""The bottom pixel of a column; glyphs leave it free. While a call is new, a line leads from number to desk."""


class MatrixOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """How the modules are wired."""

    modules: Annotated[int, Meta(ge=1, le=32)] = 8
    """In the chain, from left to right."""
    turned_deg: Literal[0, 90, -90, 180] = 0
    """How each module is turned on its board; most ready-made rows of four need -90."""
    reversed: bool = False
    """The chain begins at the left instead of the right."""
    contrast: Annotated[int, Meta(ge=0, le=255)] = USUAL_CONTRAST
    spi_port: Annotated[int, Meta(ge=0, le=1)] = 0
    spi_device: Annotated[int, Meta(ge=0, le=1)] = 0


class Panel(Protocol):
    """What this driver needs of a luma device."""

    mode: str
    size: tuple[int, int]

    def display(self, image: "Image.Image") -> None: ...

    def contrast(self, level: int) -> None: ...

    def cleanup(self) -> None: ...


class MatrixBoard:
    """A row of LED modules that shows one call at a time."""

    calls_shown = 1
    is_instant = False

    def __init__(self, panel: Panel, settle: Callable[[], None] = lambda: None, contrast: int = USUAL_CONTRAST) -> None:
        """`settle` tells the chips again how they are to work, and `contrast` is how bright they are until a picture
        says otherwise."""
        self._panel = panel
        self._settle = settle
        self._contrast = contrast
        self._width_px = panel.size[0]
        self.image = _image(bytes(self._width_px))
        """The pixels as last drawn."""

    def draw(self, picture: BoardPicture) -> None:
        """Show the picture's first call, else what it says of itself: its name, no news, or the time of day.

        Raises:
            DeviceFault: the SPI bus does not take the pixels.
        """
        row = picture_columns(picture, self._width_px)
        image = _image(row)
        if picture.contrast is not None:
            self._contrast = picture.contrast
        try:
            self._settle()
            self._panel.contrast(self._contrast)
            self._panel.display(image)
        except OSError as error:
            raise DeviceFault(f"LED matrix took no pixels ({error}); check its SPI wiring and power") from error
        self.image = image

    def svg(self) -> str:
        """The modules as a picture, for a page."""
        return matrix_svg(self.image)

    def lines(self) -> list[str]:
        """The modules in letters, two rows of LEDs in each line."""
        return matrix_lines(self.image)

    def close(self) -> None:
        """Darken the modules and let go of the bus."""
        self._panel.cleanup()


def open_matrix(options: MatrixOptions, *, fake: "FakeLeds | None" = None) -> MatrixBoard:
    """The modules on their SPI bus, or `fake` in their place.

    Raises:
        DeviceFault: there is no such SPI bus, or it may not be used.
    """
    if fake is not None:
        return MatrixBoard(fake)
    from luma.core.error import Error as LumaError
    from luma.core.interface.serial import noop, spi

    where = f"/dev/spidev{options.spi_port}.{options.spi_device}"
    try:
        serial = spi(port=options.spi_port, device=options.spi_device, gpio=noop())
        return on_serial(serial, options)
    except (LumaError, OSError, ImportError) as error:
        needs = "enable SPI (dtparam=spi=on) and install spidev"
        raise DeviceFault(f"LED matrix at {where} does not answer ({error}); {needs}") from error


def on_serial(serial: object, options: MatrixOptions) -> MatrixBoard:
    """The modules behind a luma serial interface."""
    from luma.led_matrix.device import max7219

    panel = max7219(
        serial,
        cascaded=options.modules,
        block_orientation=options.turned_deg,
        blocks_arranged_in_reverse_order=options.reversed,
        contrast=options.contrast,
    )

    def settle() -> None:
        for register, value in CONTROL.items():
            panel.data([register, value] * options.modules)

    return MatrixBoard(panel, settle, options.contrast)


# --- from picture to pixels ------------------------------------------------------------------------------------


def picture_columns(picture: BoardPicture, width_px: int) -> bytes:
    """One byte per pixel column, the lowest bit topmost: what the row of modules shows of `picture`."""
    if picture.name:
        return _name_columns(picture.name, width_px)
    if picture.leaves:
        language = picture.languages[0] if picture.languages else words.SOURCE_LANGUAGE
        return _centred(words.of(language).gettext("EXIT"), width_px)
    if picture.is_stale:
        return _centred(f"? {picture.news_at}".rstrip(), width_px)
    if not picture.calls:
        return _centred(picture.clock, width_px)
    if not picture.is_lit:
        return bytes(width_px)
    call = picture.calls[0]
    return call_columns(call.number, call.desk, width_px, is_new=call.is_new)


@lru_cache(maxsize=256)
def call_columns(number: str, desk: str, width_px: int, *, is_new: bool) -> bytes:
    """The number at the left, an arrow, the desk at the right, in the widest letters that fit.

    On too few modules the arrow goes first, then the end of the desk's name, then the end of the number.
    """
    for font in (WIDE, NARROW):
        left, arrow, right = columns(number, font), columns(ARROW, font), columns(desk, font)
        free_px = width_px - len(left) - len(arrow) - len(right)
        if free_px >= 2 * GAP_PX:
            between = arrow.center(len(arrow) + free_px, b"\0")
            if is_new:
                # It stays away from the letters: touching their feet it would make them harder to read.
                between = b"\0" + bytes(column | UNDERLINE for column in between[1:-1]) + b"\0"
            return left + between + right
    return (left + bytes(GAP_PX) + right).ljust(width_px, b"\0")[:width_px]


def _name_columns(name: str, width_px: int) -> bytes:
    """`node/device`, without the node if that is too long, and then as much as fits."""
    device = name.rpartition("/")[2]
    whole = _centred(name, width_px)
    short = whole if any(whole) else _centred(device, width_px)
    return short if any(short) else columns(device, NARROW)[:width_px]


def _centred(text: str, width_px: int) -> bytes:
    fitting = [row for row in (columns(text, WIDE), columns(text, NARROW)) if len(row) <= width_px]
    return (fitting[0] if fitting else b"").center(width_px, b"\0")


@lru_cache(maxsize=64)
def _image(row: bytes) -> "Image.Image":
    """Columns as a one-bit image: each byte is a line of eight pixels, which a quarter turn stands upright. The same
    calls flash for as long as nobody comes."""
    from PIL import Image

    lying = Image.frombytes("1", (ROW_PX, len(row)), row)
    return lying.transpose(Image.Transpose.ROTATE_90)


# --- from pixels to letters ------------------------------------------------------------------------------------

BLOCKS = {(False, False): "\N{MIDDLE DOT}", (True, False): "▀", (False, True): "▄", (True, True): "█"}
"""Upper and lower LED of a letter, lit or not. Letters are twice as high as wide, so the picture keeps its shape."""


def matrix_lines(image: "Image.Image") -> list[str]:
    """The pixels as blocks."""
    pixels = image.load()
    assert pixels is not None
    return [
        "".join(BLOCKS[bool(pixels[x, y]), bool(pixels[x, y + 1])] for x in range(image.width))
        for y in range(0, image.height, 2)
    ]


# --- from pixels to a page -------------------------------------------------------------------------------------

DOT_PITCH = 10
DOT_RADIUS = 4


def matrix_svg(image: "Image.Image") -> str:
    """The pixels as round LEDs on black, ten units apart. Scales with its container, has no style of its own."""
    lit: list[str] = []
    dark: list[str] = []
    for y in range(image.height):
        for x in range(image.width):
            (lit if image.getpixel((x, y)) else dark).append(_dot(x, y))
    width, height = image.width * DOT_PITCH, image.height * DOT_PITCH
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-5 -5 {width + 10} {height + 10}">'
        f'<rect x="-5" y="-5" width="{width + 10}" height="{height + 10}" rx="6" fill="#0a0506"/>'
        f'<path fill="#2a1210" d="{"".join(dark)}"/><path fill="#ff5a1f" d="{"".join(lit)}"/></svg>'
    )


def _dot(x: int, y: int) -> str:
    """One LED as the path of a circle, drawn from its leftmost point."""
    left, middle, radius = x * DOT_PITCH + DOT_PITCH // 2 - DOT_RADIUS, y * DOT_PITCH + DOT_PITCH // 2, DOT_RADIUS
    return f"M{left} {middle}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0"
