"""The ways to a printer: a serial line, the network, a file of the system. Bytes go there and answers come back.

All of them block, for at most some seconds. It knows nothing of what printers are told.
"""

import os
import select
import socket
import termios
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

STATUS_TIMEOUT_S = 0.3
"""A printer answers a question about its status within some milliseconds, even while it prints."""
REST_TIMEOUT_S = 0.05
"""Between two bytes of one answer."""
WRITE_TIMEOUT_S = 10.0
"""For each piece."""
CONNECT_TIMEOUT_S = 3.0
PIECE_BYTES = 4_096

PORT_ERRORS = (OSError, termios.error)
"""What is raised when a port is gone: pyserial lets some of termios through."""


class Port(Protocol):
    """An open way to a printer; `serial.Serial` is one."""

    timeout: float | None
    """How long `read` waits, in seconds."""

    def write(self, data: bytes, /) -> int | None: ...

    def read(self, size: int = 1, /) -> bytes:
        """Up to `size` bytes, fewer when no more come in time."""

    def reset_input_buffer(self) -> None:
        """Forget what has come unasked."""

    def close(self) -> None: ...


OpenPort = Callable[[], Port]
"""Opens it, or raises OSError."""


def serial_port(path: str, baud: int) -> OpenPort:
    """Opens the serial port at `path`, by pyserial."""

    def open_port() -> Port:
        from serial import Serial

        port: Port = Serial(path, baud, timeout=STATUS_TIMEOUT_S, write_timeout=WRITE_TIMEOUT_S, exclusive=True)
        return port

    return open_port


def network_port(host: str, port: int) -> OpenPort:
    """Connects to a printer's raw port, which is 9100 on nearly all."""

    def open_port() -> Port:
        connection = socket.create_connection((host, port), CONNECT_TIMEOUT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A printer that has lost its power says no goodbye; the next question then finds a connection that is dead.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return NetworkPort(connection)

    return open_port


def file_port(path: str) -> OpenPort:
    """Opens a device file such as /dev/usb/lp0, with which the kernel's usblp passes bytes on to a printer on USB."""

    def open_port() -> Port:
        return FilePort(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY))

    return open_port


class NetworkPort:
    """A TCP connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.timeout: float | None = STATUS_TIMEOUT_S
        self._connection = connection

    def write(self, data: bytes, /) -> int:
        self._connection.settimeout(WRITE_TIMEOUT_S)
        self._connection.sendall(data)
        return len(data)

    def read(self, size: int = 1, /) -> bytes:
        """
        Raises:
            OSError: the printer has closed the connection.
        """
        return _read(self._connection.fileno(), size, self.timeout, self._receive)

    def _receive(self, size: int) -> bytes:
        data = self._connection.recv(size)
        if not data:
            raise ConnectionResetError("the printer has closed the connection")
        return data

    def reset_input_buffer(self) -> None:
        while _is_ready(self._connection.fileno(), select.POLLIN, 0):
            self._receive(PIECE_BYTES)

    def close(self) -> None:
        self._connection.close()


class FilePort:
    """A device file. It is never waited for in the kernel: a usblp printer without paper would not let go again."""

    def __init__(self, file: int, write_timeout_s: float = WRITE_TIMEOUT_S) -> None:
        self._write_timeout_s = write_timeout_s
        self.timeout: float | None = STATUS_TIMEOUT_S
        self._file = file

    def write(self, data: bytes, /) -> int:
        """
        Raises:
            OSError: it is gone, or has not taken all of `data` in time.
        """
        left = memoryview(data)
        while left:
            if not _is_ready(self._file, select.POLLOUT, self._write_timeout_s):
                raise TimeoutError(f"it takes nothing after {len(data) - len(left)} of {len(data)} bytes")
            with suppress(BlockingIOError):
                left = left[os.write(self._file, left[:PIECE_BYTES]) :]
        return len(data)

    def read(self, size: int = 1, /) -> bytes:
        return _read(self._file, size, self.timeout, self._receive)

    def _receive(self, size: int) -> bytes:
        try:
            return os.read(self._file, size)
        except BlockingIOError:
            return b""

    def reset_input_buffer(self) -> None:
        while _is_ready(self._file, select.POLLIN, 0) and self._receive(PIECE_BYTES):
            pass

    def close(self) -> None:
        os.close(self._file)


def _read(file: int, size: int, timeout_s: float | None, receive: Callable[[int], bytes]) -> bytes:
    """Up to `size` bytes, the first of which comes within `timeout_s` and the rest behind it."""
    found = b""
    while len(found) < size and _is_ready(file, select.POLLIN, REST_TIMEOUT_S if found else timeout_s or 0):
        piece = receive(size - len(found))
        if not piece:
            break  # usblp is always ready, and gives nothing when there is nothing
        found += piece
    return found


def _is_ready(file: int, what: int, timeout_s: float) -> bool:
    """
    Raises:
        OSError: it is gone.
    """
    waiter = select.poll()
    waiter.register(file, what)
    for _, events in waiter.poll(max(0.0, timeout_s) * 1000):
        if events & (select.POLLERR | select.POLLHUP | select.POLLNVAL) and not events & what:
            raise OSError("it is gone")
        return True
    return False
