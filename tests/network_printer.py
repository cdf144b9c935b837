"""The fake printer behind a real TCP port, as printers on a network are."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from edge.drivers.fake_printer import FakePrinter


class NetworkPrinter:
    """A printer that takes one connection after the other. Unplugged, its port refuses."""

    def __init__(self, printer: FakePrinter) -> None:
        self._printer = printer
        self._thread: threading.Thread | None = None
        self._connection: socket.socket | None = None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])

    def plug_in(self) -> None:
        self._printer.plug_in()
        if self._listening.fileno() < 0:
            self._listening = socket.create_server(("127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._serve, args=(self._listening,))
        self._thread.start()

    def unplug(self) -> None:
        """Returns when the port is gone."""
        self._printer.unplug()
        if self._thread is not None:
            for end in (self._connection, self._listening):
                with suppress(OSError, AttributeError):
                    end.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
            self._thread.join()
            self._thread = None
        self._listening.close()

    def _serve(self, listening: socket.socket) -> None:
        while self._printer.is_plugged_in:
            with suppress(OSError):
                self._connection, _ = listening.accept()
                with self._connection as connection:
                    while data := connection.recv(4096):
                        connection.sendall(self._printer.take(data))


@contextmanager
def on_network(printer: FakePrinter) -> Iterator[NetworkPrinter]:
    plugged = NetworkPrinter(printer)
    plugged.plug_in()
    try:
        yield plugged
    finally:
        plugged.unplug()
