"""The fake printer behind a real pseudo-terminal, so that the real pyserial drives it."""

import os
import pty
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from edge.drivers.fake_printer import FakePrinter


class PtyPrinter:
    """The far end of the cable. Its port is a file while it is plugged in, and another one each time."""

    def __init__(self, printer: FakePrinter) -> None:
        self._printer = printer
        self._thread: threading.Thread | None = None
        self.path = ""

    def plug_in(self) -> None:
        self._printer.plug_in()
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        self.path = os.ttyname(theirs)
        self._thread = threading.Thread(target=self._serve, args=(ours, theirs))
        self._thread.start()

    def unplug(self) -> None:
        """Returns when the port is gone."""
        self._printer.unplug()
        if self._thread is not None:
            with open(self.path, "wb", buffering=0) as port:  # noqa: PTH123 - wakes whoever reads the other end
                port.write(b"\n")
            self._thread.join()
            self._thread = None

    def _serve(self, ours: int, theirs: int) -> None:
        while self._printer.is_plugged_in:
            data = os.read(ours, 4096)
            if self._printer.is_plugged_in:
                os.write(ours, self._printer.take(data))
        os.close(theirs)
        os.close(ours)


@contextmanager
def on_pty(printer: FakePrinter) -> Iterator[PtyPrinter]:
    plugged = PtyPrinter(printer)
    plugged.plug_in()
    try:
        yield plugged
    finally:
        plugged.unplug()
