"""The server in front of the application: uvicorn, with a limit to everything that a client can draw out.

uvicorn waits for ever for the rest of a request and takes headers of any length. Here a request has so long to come in,
what is no request yet has only so much room, an address has a share of the connections, so that others find some, and
requests take turns, so that the rest of the hub gets its own. What is asked is the application's matter.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from hub.web.turns import Turns

CONNECTIONS_MAX = 8_000
"""Open at once: twice the streams that pages keep open."""

CONNECTIONS_PER_ADDRESS_MAX = 1_000
"""Of one address. All phones in a town hall's Wi-Fi may come from one; what `--proxies` names
has no limit but the whole."""

HEAD_S = 10.0
"""From a connection, or from the first byte of a further request, until its headers are complete."""

HEAD_BYTES_MAX = 32_768
"""What may come in without being complete headers or a piece of a body."""

BODY_LOOK_S = 15.0
BODY_LOOK_BYTES = 16_384
"""So much of a body comes in every so many seconds, or its end: slower than a bad mobile network, nobody sends."""

LINGER_S = 1.0
"""Who was answered before all was sent may read the answer for so long; then the connection ends, sent or not."""

KEEP_ALIVE_S = 75
"""How long an idle connection is kept. Longer than proxies and clients keep theirs (60 s and less), so that none of
them sends a request into a connection that we are just closing."""

BROWSERS_GOODBYE_S = 1
"""How long stopping waits for requests under way; open streams are told to end at once."""

_Network = IPv4Network | IPv6Network


class Server(uvicorn.Server):
    """One for each application."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the hub's."""
        yield


def server_of(
    app: ASGIApp,
    *,
    proxies: str = "127.0.0.1",
    makes_way: Callable[[], bool] = lambda: False,
    head_s: float = HEAD_S,
    body_look_s: float = BODY_LOOK_S,
) -> Server:
    """A server of `app`, to be given its sockets. `proxies` are the addresses and networks of those who ask for others,
    with commas between them; `makes_way` says whether something is under way that requests let pass."""
    return Server(_Config(Turns(app, makes_way), proxies, head_s, body_look_s))


class _Config(uvicorn.Config):
    """uvicorn's, and what the connections of one server share."""

    def __init__(self, app: ASGIApp, proxies: str, head_s: float, body_look_s: float) -> None:
        super().__init__(
            app,
            http=Connection,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            forwarded_allow_ips=proxies,
            timeout_graceful_shutdown=BROWSERS_GOODBYE_S,
            timeout_keep_alive=KEEP_ALIVE_S,
        )
        self.head_s, self.body_look_s = head_s, body_look_s
        self.shares: Counter[str] = Counter()
        """Connections of each address that has no privilege."""
        self._proxies = list(_networks(proxies))

    def is_proxy(self, address: str) -> bool:
        """Whether it hands on what others ask."""
        try:
            ip = ip_address(address)
        except ValueError:
            return True  # a socket file: whoever may open it is one of ours
        return any(ip in network for network in self._proxies)


def _networks(trusted: str) -> Iterator[_Network]:
    """As uvicorn takes them: addresses, networks, names, and `*` for everybody."""
    for name in trusted.split(","):
        if name.strip() == "*":
            yield from (ip_network("0.0.0.0/0"), ip_network("::/0"))
            continue
        try:
            yield ip_network(name.strip(), strict=False)
        except ValueError:
            continue


class Answers:
    """Where answers are written: what comes first waits for what follows in the same turn of the loop. So the head of
    an answer and its body go to the operating system together, and to whoever asked in one packet."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._first = b""

    def write(self, data: bytes) -> None:
        if self._first:
            self.flush(data)
        else:
            self._first = data
            self._loop.call_soon(self.flush)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def flush(self, more: bytes = b"") -> None:
        """Let go of what waits."""
        if self._first:
            first, self._first = self._first, b""
            self._transport.write(first + more)


class Connection(HttpToolsProtocol):
    """One connection, which ends when its client takes too long, or too much room."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        assert isinstance(config, _Config)
        self._limits = config
        self._address = ""
        """Whose share this connection is counted in; empty for none."""
        self._deadline: asyncio.TimerHandle | None = None
        self._is_begun = False
        """A request has begun to come in and is not complete."""
        self._is_head_complete = False
        self._moved_bytes = 0
        """Of the body, since somebody looked."""
        self._idle_bytes = 0
        """Taken in since there were headers or a piece of a body."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._answers = Answers(transport, self.loop)
        address = self.client[0] if self.client else ""
        if not self._limits.is_proxy(address):
            self._address = address
            self._limits.shares[address] += 1
        if self._limits.shares[self._address] > CONNECTIONS_PER_ADDRESS_MAX or len(self.connections) > CONNECTIONS_MAX:
            transport.abort()
            return
        self._end_after(self._limits.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_never()
        if self._address:
            self._limits.shares[self._address] -= 1
            if not self._limits.shares[self._address]:
                del self._limits.shares[self._address]
        super().connection_lost(exc)

    def shutdown(self) -> None:
        self._answers.flush()  # the last of a stream that has just ended
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        self._idle_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._idle_bytes > HEAD_BYTES_MAX and self._is_begun:
            self._end(431, "The headers are too long.")
        elif not self._is_begun:
            self._end_never()
        elif self._deadline is None:
            self._end_after(self._limits.body_look_s if self._is_head_complete else self._limits.head_s)

    def on_message_begin(self) -> None:
        self._is_begun, self._is_head_complete = True, False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # What comes behind a body is read by nobody, and kept by nobody.
        if not self._is_head_complete:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_head_complete = True
        self._idle_bytes = self._moved_bytes = 0
        self._end_never()
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is before:
            return
        self.cycle.transport = cast(asyncio.Transport, self._answers)
        _let_go(before)

    def on_body(self, body: bytes) -> None:
        self._idle_bytes = 0
        self._moved_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_begun = False
        self._idle_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        is_read_on = bool(self.pipeline) or not self.cycle.more_body
        super().on_response_complete()
        if not is_read_on:
            self._end_never()
            self._deadline = self.loop.call_later(LINGER_S, self.transport.close)

    def _end_after(self, seconds: float) -> None:
        self._end_never()
        self._deadline = self.loop.call_later(seconds, self._look)

    def _end_never(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _look(self) -> None:
        """It is time that something came in."""
        self._deadline = None
        if self.transport.is_closing():
            return
        if self._is_head_complete and (self._moved_bytes >= BODY_LOOK_BYTES or self.flow.read_paused):
            self._moved_bytes = 0
            self._end_after(self._limits.body_look_s)
        else:
            self._end(408, "The request took too long to come in.")

    def _end(self, status: int, why: str) -> None:
        """Say why, if no answer is under way, and end the connection."""
        self._end_never()
        if not _is_under_way(self.cycle):
            head = f"HTTP/1.1 {status} \r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {len(why)}"
            self.transport.write(f"{head}\r\nconnection: close\r\n\r\n{why}".encode())
        self.transport.close()


def _let_go(answer: RequestResponseCycle | None) -> None:
    """uvicorn leaves a function in it that holds what it hangs on: only the collector would free the request."""
    if answer is not None and answer.response_complete:
        answer.on_response = _nothing


def _nothing() -> None:
    """What is done when an answer is over that is over already."""


def _is_under_way(answer: RequestResponseCycle | None) -> bool:
    return answer is not None and answer.response_started and not answer.response_complete
