"""A ticket printer on USB."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edge.printer_settings import PrinterSettings

if TYPE_CHECKING:
    from edge.drivers.printer_ports import OpenPort


@dataclass(frozen=True, kw_only=True)
class PrinterUsb(PrinterSettings):
    """An ESC/POS printer that the kernel's usblp shows as a device file."""

    port_settings = ("file",)

    kind: Literal["printer"]
    driver: Literal["usb"]
    file: str = "/dev/usb/lp0"

    def open_port(self) -> "OpenPort":
        from edge.drivers.printer_ports import file_port

        return file_port(self.file)
