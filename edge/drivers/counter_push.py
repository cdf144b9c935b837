"""Messages of a counter that it pushes to us: one address, one path, nothing else.

Whoever can reach the port and knows the path can say how many people have passed, so the port belongs into a network of
devices. Bodies are bounded, and so is how many come at once.
"""

from contextlib import suppress
from email.parser import BytesParser
from email.policy import HTTP
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from threading import BoundedSemaphore, Thread, Timer
from typing import Any
from urllib.parse import urlsplit

from edge.counters.sent import BYTES_MAX
from edge.counters.source import Hear, Heard, Lost
from edge.errors import DeviceFault

AT_ONCE_MAX = 8
"""Connections. A counter has one."""
WAIT_S = 10.0
"""For all of a message. One that drips in is not waited for."""
TEXT_TYPES = ("xml", "json", "csv", "plain")


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
        end = Timer(self.wait_s, _hang_up, [request])
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hung up in the middle of a message has said nothing."""


def _hang_up(connection: socket) -> None:
    with suppress(OSError):
        connection.shutdown(SHUT_RDWR)


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

    def log_message(self, *_: Any) -> None:
        """Counters push every minute; what they say is logged where it is understood."""

    def _is_ours(self) -> bool:
        return urlsplit(self.path).path == self.server.path

    def _take(self) -> None:
        if not self._is_ours():
            self._answer(HTTPStatus.NOT_FOUND)
            return
        given = self.headers.get("Content-Length", "")
        if not (given.isascii() and given.isdigit() and len(given) < 12):
            self._answer(HTTPStatus.LENGTH_REQUIRED)
            return
        if int(given) > BYTES_MAX:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(int(given))
        if len(body) < int(given):
            return
        hear = self.server.hear
        is_taken = hear is not None and hear(Heard(message=self._text_in(body)))
        self._answer(HTTPStatus.OK if is_taken else HTTPStatus.SERVICE_UNAVAILABLE)

    def _text_in(self, body: bytes) -> bytes:
        """The part that is text of a body that comes with pictures; any other as it is."""
        kind = self.headers.get("Content-Type", "")
        if not kind.lower().startswith("multipart/"):
            return body
        head = b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n"
        for part in BytesParser(policy=HTTP).parsebytes(head + body).walk():
            if part.get_content_subtype() in TEXT_TYPES:
                text = part.get_payload(decode=True)
                return text if isinstance(text, bytes) else b""
        return body

    def _answer(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
