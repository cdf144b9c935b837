"""Messages of a counter that it pushes to us: one address, one path, nothing else.

Whoever can reach the port and knows the path can say how many people have passed, so the port belongs into a network of
devices. Bodies are bounded, and so is how many come at once.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RD, SHUT_WR, socket
from threading import BoundedSemaphore, Thread, Timer
from typing import Any
from urllib.parse import urlsplit

from edge.counters.parts import text_in
from edge.counters.sent import BYTES_MAX
from edge.counters.source import Hear, Heard, Lost
from edge.errors import DeviceFault

AT_ONCE_MAX = 8
"""Connections. A counter has one."""
LENGTH_DIGITS_MAX = 12
LINE_BYTES_MAX = 1024
TRAILERS_MAX = 32
CHUNK_BYTES = 65_536
CHUNKS_MAX = 4_096
"""Read over of a message that is not taken: 256 MiB at most, and none of it kept."""
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})\s*(?:;|\Z)")
WAIT_S = 10.0
"""For all of a message. One that drips in is not waited for."""


class PushSource:
    """A small server that takes POST and PUT on one path."""

    def __init__(self, host: str, port: int, path: str, *, wait_s: float = WAIT_S) -> None:
        """
        Raises:
            DeviceFault: the port cannot be had.
        """
        try:
            self._server = _Server((host, port), _Request)
        except (OSError, OverflowError) as error:
            raise DeviceFault(f"{host}:{port} cannot be listened on ({error}); choose another address") from None
        self._server.path = path
        self._server.wait_s = wait_s
        self.look_at = f"its power and network, and whether it pushes to port {port}, path {path}"
        self.port: int = self._server.server_address[1]
        self._thread: Thread | None = None

    def listen(self, hear: Hear, lost: Lost) -> None:
        self._server.hear = hear
        self._thread = Thread(target=self._server.serve_forever, name="counter push", daemon=True)
        self._thread.start()
        lost(None)

    def close(self) -> None:
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    path = "/"
    hear: Hear | None = None
    wait_s = WAIT_S

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._room = BoundedSemaphore(AT_ONCE_MAX)

    def process_request(self, request: Any, client_address: Any) -> None:
        # More than we have room for are closed at once: a counter sends again.
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        end = Timer(self.wait_s, _stop_listening, [request])
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hung up in the middle of a message has said nothing."""


def _stop_listening(connection: socket) -> None:
    """Whoever reads from it now has read all; it can still be answered."""
    with suppress(OSError):
        connection.shutdown(SHUT_RD)


class _NotTaken(Exception):
    """A body that is not taken, and what its sender hears."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class _Request(BaseHTTPRequestHandler):
    server: _Server
    server_version = "guichet"
    sys_version = ""

    def do_POST(self) -> None:
        self._take()

    def do_PUT(self) -> None:
        self._take()

    def do_GET(self) -> None:
        """Some counters ask first whether anybody is there."""
        self._answer(HTTPStatus.OK if self._is_ours() else HTTPStatus.NOT_FOUND)

    def do_HEAD(self) -> None:
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What cannot be read, or any other method, in the same words as all else."""
        status = HTTPStatus(code)
        if status is HTTPStatus.NOT_IMPLEMENTED:
            status = HTTPStatus.METHOD_NOT_ALLOWED if self._is_ours() else HTTPStatus.NOT_FOUND
        self._answer(status)

    def log_message(self, *_: Any) -> None:
        """Counters push every minute; what they say is logged where it is understood."""

    def _is_ours(self) -> bool:
        try:
            return urlsplit(self.path).path == self.server.path
        except ValueError:
            return False

    def _take(self) -> None:
        if not self._is_ours():
            self._answer(HTTPStatus.NOT_FOUND)
            return
        try:
            body = self._body()
        except _NotTaken as not_taken:
            self._answer(not_taken.status)
            return
        hear = self.server.hear
        is_taken = hear is not None and hear(Heard(message=text_in(body, self.headers.get("Content-Type", ""))))
        self._answer(HTTPStatus.OK if is_taken else HTTPStatus.SERVICE_UNAVAILABLE)

    def _body(self) -> bytes:
        """
        Raises:
            _NotTaken: it is too long, or compressed, or not all of it came.
        """
        if self.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise _NotTaken(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        if self.headers.get("Transfer-Encoding", "").strip().lower() == "chunked":
            return b"".join(self._chunks())
        given = self.headers.get("Content-Length", "")
        if not (given.isascii() and given.isdigit() and len(given) < LENGTH_DIGITS_MAX):
            raise _NotTaken(HTTPStatus.LENGTH_REQUIRED)
        if int(given) > BYTES_MAX:
            raise _NotTaken(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self._all(int(given))

    def _chunks(self) -> Iterator[bytes]:
        """Each with its length before it, until one of none."""
        length = 0
        while size := self._chunk_size():
            length += size
            if length > BYTES_MAX:
                raise _NotTaken(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            yield self._all(size)
            if self._line():
                raise _NotTaken(HTTPStatus.BAD_REQUEST)
        for _ in range(TRAILERS_MAX):
            if not self._line():
                return
        raise _NotTaken(HTTPStatus.BAD_REQUEST)

    def _chunk_size(self) -> int:
        found = _CHUNK_SIZE.match(self._line())
        if found is None:
            raise _NotTaken(HTTPStatus.BAD_REQUEST)
        return int(found[1], 16)

    def _line(self) -> bytes:
        """Without its end."""
        line = self.rfile.readline(LINE_BYTES_MAX)
        if not line.endswith(b"\n"):
            raise _NotTaken(HTTPStatus.BAD_REQUEST if len(line) == LINE_BYTES_MAX else HTTPStatus.REQUEST_TIMEOUT)
        return line.rstrip(b"\r\n")

    def _all(self, length: int) -> bytes:
        read = self.rfile.read(length)
        if len(read) < length:
            raise _NotTaken(HTTPStatus.REQUEST_TIMEOUT)
        return read

    def _answer(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD, POST, PUT")
        self.end_headers()
        if status >= HTTPStatus.BAD_REQUEST:
            self._let_finish()

    def _let_finish(self) -> None:
        """Read over what still comes, while there is time for a message. Who hangs up on somebody who speaks takes the
        answer away from them as well."""
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(SHUT_WR)
            for _ in range(CHUNKS_MAX):
                if not self.rfile.read1(CHUNK_BYTES):
                    break
