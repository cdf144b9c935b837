"""A ticket printer on a serial line."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from edge.printer_settings import PrinterSettings
from edge.settings import between

if TYPE_CHECKING:
    from edge.drivers.printer_ports import OpenPort


@dataclass(frozen=True, kw_only=True)
class PrinterSerial(PrinterSettings):
    """An ESC/POS printer on a serial line."""

    port_settings = ("port",)

    kind: Literal["printer"]
    driver: Literal["serial"] = "serial"
    port: str
    baud: Annotated[int, between(1200, 921_600, "a speed in bit/s")] = 19_200

    def open_port(self) -> "OpenPort":
        from edge.drivers.printer_ports import serial_port

        return serial_port(self.port, self.baud)
