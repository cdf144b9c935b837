"""A small colour panel on SPI: an ILI9341 or ST7789 of 320 by 240 pixels, driven by luma.lcd, that shows a door sign.

This driver turns a picture into pixels (`lcd_picture`) and pixels into SPI bytes. It does not know time.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Protocol

from msgspec import Struct

from edge.contacts import Lights
from edge.drivers.lcd_picture import Fonts, sign_image
from edge.errors import DeviceFault
from edge.roles.sign import SignPicture

if TYPE_CHECKING:
    from PIL import Image

WIDTH_PX, HEIGHT_PX = 320, 240
BUS_HZ = 32_000_000
"""A whole picture in a tenth of a second. What changes from one to the next is far less."""
DC, RESET, BACKLIGHT = "dc", "reset", "backlight"


class LcdOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """What the panel is and how it is wired."""

    chip: Literal["ili9341", "st7789"] = "ili9341"
    turned_deg: Literal[0, 180] = 0
    spi_port: int = 0
    spi_device: int = 0


class Panel(Protocol):
    """What this driver needs of a luma device."""

    def display(self, image: "Image.Image") -> None: ...

    def cleanup(self) -> None: ...


class LcdSign:
    """A panel that shows signs."""

    is_instant = False

    def __init__(self, open_panel: Callable[[], Panel], pins: Lights, fonts: Fonts) -> None:
        """`open_panel` is called before the first picture and after a fault, since what the panel then shows, and
        whether it had its power all the time, is not known."""
        self._open_panel = open_panel
        self._pins = pins
        self._fonts = fonts
        self._panel: Panel | None = None
        self.image: Image.Image | None = None
        """The pixels as last drawn."""
        self.picture: SignPicture | None = None
        """What they are of."""

    def draw(self, picture: SignPicture) -> None:
        """
        Raises:
            DeviceFault: there is no such SPI bus, or it does not take the pixels.
        """
        image = sign_image(picture, (WIDTH_PX, HEIGHT_PX), self._fonts)
        try:
            if self._panel is None:
                self._panel = self._open_panel()
            self._panel.display(image)
        except OSError as error:
            self._panel = None
            if isinstance(error, DeviceFault):
                raise
            raise DeviceFault(f"LCD panel took no pixels ({error}); check its SPI wiring and power") from error
        self.image, self.picture = image, picture

    def close(self) -> None:
        """Darken the panel, so that it does not go on saying what it said, and let go of bus and pins."""
        if self._panel is not None:
            self._panel.cleanup()
        self._pins.close()


def fake_panel() -> Panel:
    """luma's dummy of the same size."""
    from luma.core.device import dummy

    panel: Panel = dummy(width=WIDTH_PX, height=HEIGHT_PX, mode="RGB")
    return panel


def real_panel(options: LcdOptions, pins: Lights) -> Panel:
    """The panel on its SPI bus.

    Raises:
        DeviceFault: there is no such SPI bus, or it may not be used.
    """
    from luma.core.error import Error as LumaError
    from luma.core.interface.serial import spi

    where = f"/dev/spidev{options.spi_port}.{options.spi_device}"
    try:
        serial = spi(
            port=options.spi_port,
            device=options.spi_device,
            bus_speed_hz=BUS_HZ,
            gpio=_Pins(pins),
            gpio_DC=DC,
            gpio_RST=RESET,
            reset_hold_time=0.01,
            reset_release_time=0.15,
        )
        return on_serial(serial, options, pins)
    except (LumaError, OSError, ImportError) as error:
        if isinstance(error, DeviceFault):
            raise
        needs = "enable SPI (dtparam=spi=on) and install spidev"
        raise DeviceFault(f"LCD panel at {where} does not answer ({error}); {needs}") from error


def on_serial(serial: object, options: LcdOptions, pins: Lights) -> Panel:
    """The panel behind a luma serial interface."""
    from luma.lcd import device

    chip: Callable[..., Panel] = getattr(device, options.chip)
    return chip(
        serial_interface=serial,
        width=WIDTH_PX,
        height=HEIGHT_PX,
        rotate=options.turned_deg // 90,
        backlight=lambda is_lit: pins.light(BACKLIGHT, is_lit),
    )


class _Pins:
    """Our pins as luma wants them: it knows no gpiozero, and what it knows does not run on a Raspberry Pi 5."""

    OUT, LOW, HIGH = "out", False, True

    def __init__(self, pins: Lights) -> None:
        self._pins = pins

    def setup(self, pin: str, mode: Any) -> None:
        """They are outputs since they were opened."""

    def output(self, pin: str, level: bool) -> None:
        self._pins.light(pin, level)

    def cleanup(self, pins: Any = None) -> None:
        """They are closed by whoever opened them."""
