"""A ticket printer on the network."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from edge.printer_settings import PrinterSettings
from edge.settings import between

if TYPE_CHECKING:
    from edge.drivers.printer_ports import OpenPort


@dataclass(frozen=True, kw_only=True)
class PrinterNetwork(PrinterSettings):
    """An ESC/POS printer that takes bytes on a TCP port. Whoever reaches that port prints: keep it in a network of its
    own."""

    kind: Literal["printer"]
    driver: Literal["network"]
    host: str
    port: Annotated[int, between(1, 65_535, "a port")] = 9100

    def open_port(self) -> "OpenPort":
        from edge.drivers.printer_ports import network_port

        return network_port(self.host, self.port)
