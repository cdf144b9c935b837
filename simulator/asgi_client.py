"""A phone's browser without a network: calls an ASGI app on the running loop and hears server-sent events as they come.

It knows HTTP as ASGI tells it. Cookies, redirects and everything else that a page may ask for are left to the caller.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

ADDRESSES = 2**24

Scope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
AsgiApp = Callable[
    [Scope, Callable[[], Awaitable[AsgiMessage]], Callable[[AsgiMessage], Awaitable[None]]], Awaitable[None]
]

ANSWER_MAX_S = 30.0
"""A phone that has waited this long for a page gives up."""

CHUNKS_MAX = 1_000
"""Pieces of a stream that wait to be read; the app waits when there are more."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """An answer that has come whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; of a name that came more than once, the last."""
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass(frozen=True, kw_only=True)
class ServerEvent:
    """One event of a stream."""

    name: str = "message"
    data: str = ""


@dataclass(kw_only=True)
class _Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def start(self, message: AsgiMessage) -> None:
        self.status = message["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in message.get("headers", ())}


class AsgiClient:
    """Asks `app` as if through `base_url`."""

    def __init__(
        self,
        app: AsgiApp,
        *,
        base_url: str = "http://lobby.example",
        language: str = "fr",
        token: str = "",
        told: "Callable[[str, bytes, float, Response | None], None] | None" = None,
    ) -> None:
        """`token` is what staff show. `told(path, body, began_s, answer)` hears of each request that may change
        something, once it is over."""
        self._app = app
        self._addresses = count(1)
        """Every visitor's phone has one of its own."""
        self._told = told
        self._parts = urlsplit(base_url)
        named = {"host": self._parts.netloc, "accept-language": language}
        if token:
            named["authorization"] = f"Bearer {token}"
        self._always = _raw(named)
        """Headers of every request that says nothing else."""

    async def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Response:
        """
        Raises:
            TimeoutError: no whole answer within `ANSWER_MAX_S`.
        """
        return await self._request("GET", path, headers or {}, b"")

    async def post(
        self,
        path: str,
        *,
        json_body: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send `form` if given, else `json_body`.

        Raises:
            TimeoutError: no whole answer within `ANSWER_MAX_S`.
        """
        if form is not None:
            kind, body = "application/x-www-form-urlencoded", urlencode(form).encode()
        else:
            kind, body = "application/json", msgspec.json.encode(json_body)
        return await self._request("POST", path, {"content-type": kind, **(headers or {})}, body)

    @asynccontextmanager
    async def stream_events(self, path: str) -> AsyncIterator[AsyncIterator[ServerEvent]]:
        """The events of a stream, until the app ends it or the block is left."""
        chunks: asyncio.Queue[bytes | None] = asyncio.Queue(CHUNKS_MAX)
        gone = asyncio.Event()

        async def receive() -> AsgiMessage:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: AsgiMessage) -> None:
            if message["type"] == "http.response.body" and not gone.is_set():
                await chunks.put(message.get("body", b""))

        async def serve() -> None:
            try:
                await self._app(self._scope("GET", path, {"accept": "text/event-stream"}), receive, send)
            finally:
                with suppress(asyncio.QueueFull):  # then the reader left long ago, and nobody misses the end
                    chunks.put_nowait(None)

        task = asyncio.create_task(serve())
        try:
            yield _events(chunks)
        finally:
            gone.set()
            task.cancel()
            (outcome,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(outcome, Exception):
            raise outcome

    async def _request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        answer = _Answer()
        chunks: list[bytes] = []
        requests = iter([{"type": "http.request", "body": body, "more_body": False}])
        closed: asyncio.Future[AsgiMessage] = asyncio.get_running_loop().create_future()

        async def receive() -> AsgiMessage:
            request = next(requests, None)
            return request if request is not None else await closed

        async def send(message: AsgiMessage) -> None:
            if message["type"] == "http.response.start":
                answer.start(message)
            else:
                chunks.append(message.get("body", b""))

        began_s = asyncio.get_running_loop().time()
        response: Response | None = None
        try:
            async with asyncio.timeout(ANSWER_MAX_S):
                await self._app(self._scope(method, path, headers, len(body)), receive, send)
            response = Response(status=answer.status, headers=answer.headers, body=b"".join(chunks))
        finally:
            if self._told is not None and method != "GET":
                self._told(path, body, began_s, response)
        return response

    def _scope(self, method: str, path: str, headers: Mapping[str, str], length: int = 0) -> Scope:
        parts = urlsplit(path)
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": self._parts.scheme,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": list({**self._always, b"content-length": b"%d" % length, **_raw(headers)}.items()),
            "client": (_phone(next(self._addresses) % ADDRESSES), 50_000),
            "server": (self._parts.hostname, self._parts.port or 80),
            "state": {},
        }


def _raw(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): value.encode() for name, value in headers.items()}


def _phone(number: int) -> str:
    """The address of one visitor's phone."""
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


async def _events(chunks: "asyncio.Queue[bytes | None]") -> AsyncIterator[ServerEvent]:
    """Events out of pieces of text; an event ends at an empty line, wherever the pieces were cut."""
    pending = b""
    while (chunk := await chunks.get()) is not None:
        pending += chunk.replace(b"\r\n", b"\n")
        *whole, pending = pending.split(b"\n\n")
        for block in whole:
            event = _event(block.decode())
            if event is not None:
                yield event


def _event(block: str) -> ServerEvent | None:
    """The event of one block of lines; None for a comment that only keeps the stream alive."""
    name, data = "message", []
    for line in block.split("\n"):
        key, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if key == "event":
            name = value
        elif key == "data":
            data.append(value)
    return ServerEvent(name=name, data="\n".join(data)) if data else None
