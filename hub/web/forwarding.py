"""In front of the application of a hub that has a standby: whoever asks the hub that does not own the sites is answered
by the one that does.

Requests are handed on as they are and answers as they come, open streams included. Cookies and tokens travel with
them, and the owner alone decides what they are worth. Where a request came from travels under a seal that only hubs
with the same key can make, so that nobody can pretend to come from elsewhere. While nobody owns the sites, or
when the owner changes in the middle of a request, the answer is 503 and says when to ask again. This room knows where
the owner is; how it became one, it does not know.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from hub.web import failures
from hub.web.scopes import STANDBY

if TYPE_CHECKING:
    import httpx

OWN_PATHS = ("/healthz", "/metrics", "/static/", "/api/v1/openapi.json")
"""What every hub answers of itself."""

CONNECT_S = 1.0
LOOK_S = 0.1
"""How often a request under way looks whether the owner is still the same."""

RETRY_AFTER_S = 2
SEAL_S = 60
"""A seal older or newer than this, by the owner's clock, is none."""
FORWARDED = b"guichet-forwarded"
"""A request that carries it is handed on by nobody: two hubs that disagree must not play ball with it."""

NOT_HANDED_ON = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade expect".split()
)
"""Headers between two neighbours, and no further."""

MADE_ANEW = frozenset((b"date", b"server"))


class Forwarding:
    """The outermost layer of a hub's application."""

    def __init__(
        self,
        app: FastAPI,
        *,
        serves: Callable[[], bool],
        owner_address: Callable[[], str],
        seal: Callable[[str], str],
        now: Callable[[], datetime],
    ) -> None:
        """`serves` says whether this hub answers by itself; if not, the hub at `owner_address` does, unless empty.
        `seal` is what only hubs of one key can put under a text."""
        self._app, self._serves, self._owner_address = app, serves, owner_address
        self._seal, self._now = seal, now
        self._client: httpx.AsyncClient | None = None

    async def aclose(self) -> None:
        """Let go of the connections to the owner."""
        if self._client is not None:
            await self._client.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        handed_on = next((value for name, value in scope["headers"] if name == FORWARDED), None)
        if self._serves():
            if handed_on is not None:
                self._take_origin(scope, handed_on)
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith(OWN_PATHS):
            await self._app({**scope, STANDBY: True}, receive, send)
            return
        address = self._owner_address()
        is_ours_to_answer = not address or handed_on is not None
        if is_ours_to_answer or not await self._is_answered_by(address, scope, receive, send):
            answer = failures.answer(Request({**scope, "app": self._app}), failures.NO_OWNER, "no-owner")
            answer.headers["retry-after"] = str(RETRY_AFTER_S)
            await answer(scope, receive, send)

    async def _is_answered_by(self, address: str, scope: Scope, receive: Receive, send: Send) -> bool:
        """Hand the request on; False if no answer has begun."""
        exchange = _Exchange(scope, receive, send, self._origin(scope))
        relay = asyncio.create_task(exchange.relay(self._lines(), address))
        try:
            while not relay.done() and self._owner_address() == address:
                await asyncio.wait({relay}, timeout=LOOK_S)
        finally:
            relay.cancel()
            await asyncio.wait({relay})
        if not relay.cancelled():
            relay.result()
        await exchange.end()
        return exchange.has_begun

    def _origin(self, scope: Scope) -> bytes:
        """Where this request came from and over what, sealed; good for a moment."""
        client = scope["client"][0] if scope.get("client") else ""
        text = f"{int(self._now().timestamp())} {scope['scheme']} {client}"
        return f"{self._seal(text)} {text}".encode()

    def _take_origin(self, scope: Scope, handed_on: bytes) -> None:
        """Believe what another hub has sealed. What anybody else writes there changes nothing."""
        seal, _, text = handed_on.decode("latin-1").partition(" ")
        if not hmac.compare_digest(seal.encode(), self._seal(text).encode()):
            return
        sealed_s, scheme, client = text.split(" ", 2)
        if abs(self._now().timestamp() - int(sealed_s)) <= SEAL_S:
            scope["scheme"], scope["client"] = scheme, (client, 0)

    def _lines(self) -> "httpx.AsyncClient":
        import httpx

        if self._client is None:
            # No limit of time but on connecting: the owner's own limits hold, and its end is noticed by its silence.
            times = httpx.Timeout(None, connect=CONNECT_S)
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=32)
            self._client = httpx.AsyncClient(timeout=times, limits=limits, trust_env=False)
        return self._client


class _Exchange:
    """One request on its way to the owner, and the answer on its way back."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, origin: bytes) -> None:
        self._scope, self._receive, self._send, self._origin = scope, receive, send, origin
        self.has_begun = False
        """Something of the answer was sent."""
        self._has_ended = False
        self._has_length = False

    async def relay(self, client: "httpx.AsyncClient", address: str) -> None:
        """Ask, and pass the answer on; returns early when either side is gone."""
        import httpx

        scope = self._scope
        target = scope.get("raw_path") or scope["path"].encode()
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        headers = [*_handed_on(scope["headers"]), (FORWARDED, self._origin)]
        names = {name for name, _ in scope["headers"]}
        body = self._body() if names & {b"content-length", b"transfer-encoding"} else None
        url = address + (target + query).decode("latin-1")
        try:
            answer = await client.send(httpx.Request(scope["method"], url, headers=headers, content=body), stream=True)
            try:
                await self._pass_on(answer)
            finally:
                await answer.aclose()
        except httpx.TransportError:
            return

    async def end(self) -> None:
        """Finish an answer that broke off. One whose length was told cannot be: its connection ends with it."""
        if self.has_begun and not self._has_ended and not self._has_length:
            await self._send({"type": "http.response.body", "body": b""})

    async def _pass_on(self, answer: "httpx.Response") -> None:
        headers = list(_handed_on(answer.headers.raw, MADE_ANEW))
        self._has_length = any(name == b"content-length" for name, _ in headers)
        await self._send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        self.has_begun = True
        leaving = asyncio.create_task(self._leaves())
        chunks = answer.aiter_raw()
        try:
            while True:
                coming = asyncio.ensure_future(anext(chunks, None))
                await asyncio.wait({coming, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    coming.cancel()
                    await asyncio.wait({coming})
                    return
                if (chunk := coming.result()) is None:
                    break
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            leaving.cancel()
        self._has_ended = True
        await self._send({"type": "http.response.body", "body": b""})

    async def _body(self) -> AsyncIterator[bytes]:
        """The request's body as it comes."""
        while True:
            message = await self._receive()
            yield message.get("body", b"")
            if not message.get("more_body", False):
                return

    async def _leaves(self) -> None:
        """Whoever asked has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _handed_on(
    headers: Iterable[tuple[bytes, bytes]], but: frozenset[bytes] = frozenset()
) -> Iterable[tuple[bytes, bytes]]:
    return ((name.lower(), value) for name, value in headers if name.lower() not in NOT_HANDED_ON | but)
