"""A ticket printer on USB."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from edge.printer_settings import PrinterSettings
from edge.settings import Uses

if TYPE_CHECKING:
    from edge.drivers.printer_ports import OpenPort


@dataclass(frozen=True, kw_only=True)
class PrinterUsb(PrinterSettings):
    """An ESC/POS printer that the kernel's usblp shows as a device file."""

    port_settings = ("file",)

    kind: Literal["printer"]
    driver: Literal["usb"]
    file: str = "/dev/usb/lp0"

    @classmethod
    def ports_used(cls, table: Mapping[str, Any]) -> Uses:
        """Two that name no file mean the same one."""
        yield from super().ports_used({"file": cls.file, **table})

    def open_port(self) -> "OpenPort":
        from edge.drivers.printer_ports import file_port

        return file_port(self.file)
