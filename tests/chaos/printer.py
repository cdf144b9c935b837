"""The kiosk's printer at the far end of a pseudo-terminal: real bytes over a line that is as slow as a real one.

Printer and cable outlive the agent: what was on its way when that died is printed after all.
"""

import asyncio
import os
import pty
import tty

from edge.drivers.fake_printer import FakePrinter, PrintedSlip
from simulator.hall import slip_of
from tests.chaos.blows import Moment, Moments

BAUD = 19_200
BYTES_AT_ONCE = 48
PIECE_S = BYTES_AT_ONCE * 10 / BAUD
OWN = "K"
"""Before the numbers that the kiosk gives by itself."""
QUESTION_BYTES = 6
"""So few are questions about paper and cover, and no slip."""


class LinePrinter:
    """Prints until it is closed."""

    def __init__(self, moments: Moments) -> None:
        self.slips: list[PrintedSlip] = []
        self.is_printing = False
        """Some of a slip has come, and it is not cut."""
        self.bytes_heard = 0
        self._moments = moments
        self._printer = FakePrinter()
        self._printer.cut = self._cut
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)
        self.port = os.ttyname(self._theirs)
        """Where the agent finds it."""

    @property
    def strange(self) -> list[bytes]:
        """Commands that no printer knows: bytes went astray."""
        return list(self._printer.unknown)

    async def run(self) -> None:
        """Take what comes, piece by piece."""
        loop = asyncio.get_running_loop()
        line = asyncio.StreamReader()
        pipe = os.fdopen(os.dup(self._ours), "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(line), pipe)
        try:
            while data := await line.read(BYTES_AT_ONCE):
                self.bytes_heard += len(data)
                if len(data) > QUESTION_BYTES and not self.is_printing:
                    self.is_printing = True
                    self._moments.has_come(Moment.PRINTING)
                os.write(self._ours, self._printer.take(data))
                await asyncio.sleep(PIECE_S)
        finally:
            transport.close()

    def close(self) -> None:
        os.close(self._ours)
        os.close(self._theirs)

    def _cut(self, slip: PrintedSlip) -> None:
        self.is_printing = False
        self.slips.append(slip)
        if slip_of("", slip).number.startswith(OWN):
            self._moments.has_come(Moment.ALONE)
