"""A door sign on a small panel."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from edge.role import Role
from edge.roles.turning_sign import TurningSign
from edge.settings import DeviceSettings, Pin, between
from edge.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class SignLcd(DeviceSettings):
    """A door sign on a colour panel of 320 by 240 pixels on SPI."""

    has_spi = True
    pin_settings = ("dc", "reset", "backlight")

    kind: Literal["sign"]
    driver: Literal["lcd"]
    chip: Literal["ili9341", "st7789"] = "ili9341"
    dc: Pin
    reset: Pin
    backlight: Pin | None = None
    turned_deg: Literal[0, 180] = 0
    font: Path | None = None
    spi_port: Annotated[int, between(0, 1, "an SPI port")] = 0
    spi_device: Annotated[int, between(0, 1, "a chip select")] = 0

    def warnings(self) -> Iterator[str]:
        from edge.drivers.lcd_picture import FONT

        file = self.font or FONT
        if not file.is_file():
            yield f"there is no font {file}, so it will show no accents; install fonts-dejavu-core"

    def build(self, toolbox: Toolbox) -> Role:
        from edge.drivers.lcd import BACKLIGHT, DC, RESET, LcdOptions, LcdSign, fake_panel, real_panel
        from edge.drivers.lcd_picture import FONT, Fonts

        options = LcdOptions(
            chip=self.chip, turned_deg=self.turned_deg, spi_port=self.spi_port, spi_device=self.spi_device
        )
        lit = {} if self.backlight is None else {BACKLIGHT: self.backlight}
        pins = toolbox.lamps({DC: self.dc, RESET: self.reset, **lit})
        is_fake = toolbox.hands_on(self) is not None
        lcd = LcdSign(fake_panel if is_fake else lambda: real_panel(options, pins), pins, Fonts(self.font or FONT))
        toolbox.look_at(self, lcd)
        return TurningSign(toolbox.node, toolbox.info(self), lcd, toolbox.zone)
