"""A ticket printer on a serial line."""

from dataclasses import dataclass
from typing import Annotated, Literal

from edge.role import Role
from edge.roles.printer import Printer
from edge.settings import DeviceSettings, between
from edge.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class PrinterSerial(DeviceSettings):
    """An ESC/POS printer on a serial line."""

    port_settings = ("port",)

    kind: Literal["printer"]
    driver: Literal["serial"] = "serial"
    port: str
    baud: Annotated[int, between(1200, 921_600, "a speed in bit/s")] = 19_200
    columns: Annotated[int, between(24, 64, "a number of letters")] = 42
    draws_codes: bool = False
    """It makes QR codes by itself (GS ( k), as nearly all of today do: a slip is then there at once. To others a code
    is sent as a picture."""
    large: bool = False
    """Every slip in large letters, for weak sight."""

    def build(self, toolbox: Toolbox) -> Role:
        from edge.drivers.escpos import EscposPrinter, serial_port

        hands = toolbox.hands_on(self)
        open_port = serial_port(self.port, self.baud) if hands is None else hands.serial_port(self.id)
        driver = EscposPrinter(open_port, columns=self.columns, baud=self.baud, draws_codes=self.draws_codes)
        keep = toolbox.keep(self, "jobs")
        printer = Printer(toolbox.node, toolbox.info(self), driver, keep, is_large=self.large)
        toolbox.printers[self.id] = printer
        return printer
