"""What all printers have in common in the agent file, whichever way they hang on their node."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from edge.role import Role
from edge.roles.printer import Printer
from edge.settings import DeviceSettings, between
from edge.toolbox import Toolbox

if TYPE_CHECKING:
    from edge.drivers.printer_ports import OpenPort


@dataclass(frozen=True, kw_only=True)
class PrinterSettings(DeviceSettings):
    """A printer of slips that speaks ESC/POS."""

    columns: Annotated[int, between(24, 64, "a number of letters")] = 42
    draws_codes: bool = False
    """It makes QR codes by itself (GS ( k), as nearly all of today do: a slip is then there at once. To others a code
    is sent as a picture."""
    large: bool = False
    """Every slip in large letters, for weak sight."""
    dialect: Literal["epson", "custom"] = "epson"
    """How it says what it needs: as Epson's and nearly all printers, or as Custom's kiosk printers, which also say
    whether a slip was taken."""

    @abstractmethod
    def open_port(self) -> "OpenPort":
        """The way to the real printer."""

    def build(self, toolbox: Toolbox) -> Role:
        from edge.drivers.slip_printer import EscposPrinter

        hands = toolbox.hands_on(self)
        driver = EscposPrinter(
            self.open_port() if hands is None else hands.printer_port(self.id),
            columns=self.columns,
            baud=getattr(self, "baud", 0),
            draws_codes=self.draws_codes,
            dialect=self.dialect,
        )
        keep = toolbox.keep(self, "jobs")
        printer = Printer(toolbox.node, toolbox.info(self), driver, keep, is_large=self.large)
        toolbox.printers[self.id] = printer
        return printer
