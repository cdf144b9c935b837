"""A printer that takes slips: bytes go through its port, and what it says of itself is read in its own dialect.

It knows documents and bytes, not jobs.
"""

from collections.abc import Callable

from edge.drivers.escpos import printable, slip_bytes
from edge.drivers.printer_ports import PORT_ERRORS, STATUS_TIMEOUT_S, OpenPort, Port
from edge.drivers.printer_status import DIALECTS, PrinterStatus
from edge.errors import DeviceFault
from edge.slip import Slip

BITS_PER_BYTE = 10
"""Start and stop bit included."""


class EscposPrinter:
    """One printer. All calls block, for at most some seconds; the port is opened when needed and after every fault."""

    def __init__(
        self, open_port: OpenPort, *, columns: int, baud: int = 0, draws_codes: bool = False, dialect: str = "epson"
    ) -> None:
        """`open_port` raises OSError when there is no such port. `baud` is that of a serial line, 0 for a port that is
        as fast as its printer. `draws_codes` is for printers that make QR codes from their text."""
        self.columns = columns
        self._open_port = open_port
        self._baud = baud
        self._draws_codes = draws_codes
        self._dialect = DIALECTS[dialect]
        self._port: Port | None = None

    def spell(self, text: str) -> str:
        return printable(text)

    def status(self, wait_s: float = 0.0) -> PrinterStatus:
        """What the printer says of itself; `wait_s` more than usual while it still receives a slip.

        Raises:
            DeviceFault: the port is gone.
        """
        waits = iter((wait_s,))
        return self._dialect.status(
            lambda question, length, is_sensible: self._ask(question, length, is_sensible, next(waits, 0.0))
        )

    def print(self, slip: Slip) -> PrinterStatus:
        """Send `slip`, cut it off, and ask how the printer is afterwards.

        Raises:
            DeviceFault: the port is gone; nothing, part or all of the slip may be on paper.
        """
        data = slip_bytes(slip, self.columns, draws_codes=self._draws_codes, end=self._dialect.end_of_slip)
        self._send(data)
        return self.status(wait_s=len(data) * BITS_PER_BYTE / self._baud if self._baud else 0.0)

    def take_back(self) -> None:
        """Clear the printer's mouth of a slip that nobody takes.

        Raises:
            DeviceFault: the port is gone.
        """
        if self._dialect.take_back:
            self._send(self._dialect.take_back)

    def close(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None

    def _send(self, data: bytes) -> None:
        try:
            self._opened().write(data)
        except PORT_ERRORS as error:
            raise self._lost(error) from error

    def _ask(self, question: bytes, length: int, is_sensible: Callable[[bytes], bool], wait_s: float) -> bytes | None:
        """The answer to `question`, asked a second time if it makes no sense; None when there is none."""
        for timeout_s in (STATUS_TIMEOUT_S + wait_s, STATUS_TIMEOUT_S):
            try:
                port = self._opened()
                port.reset_input_buffer()
                port.timeout = timeout_s
                port.write(question)
                answer = port.read(length)
            except PORT_ERRORS as error:
                raise self._lost(error) from error
            if len(answer) == length and is_sensible(answer):
                return answer
        return None

    def _opened(self) -> Port:
        if self._port is None:
            self._port = self._open_port()
        return self._port

    def _lost(self, error: Exception) -> DeviceFault:
        """Closed, so that the next call opens the port anew: a replugged printer is another file."""
        port, self._port = self._port, None
        if port is not None:
            port.close()
        return DeviceFault(f"printer cannot be reached ({error}); check its cable and power")
