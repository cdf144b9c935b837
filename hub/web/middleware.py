"""What holds for every request: security headers on each answer, and no change on behalf of a foreign page.

Plain ASGI: a middleware that wraps requests and responses would halve the rate of the whole application.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.web import failures
from hub.web.scopes import FRESH_COOKIE, OWN_PAGE, SAFE_METHODS

SECURITY_HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
    # Nothing about a ticket's address leaves for other sites. Not `no-referrer`: that makes browsers send the origin
    # of our own forms as `null`, which could not be told from a stranger's.
    "referrer-policy": "same-origin",
    # No page elsewhere gets hold of ours, neither of its window nor of what it loads.
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_RAW_HTTPS_HEADERS = [*_RAW_HEADERS, (b"strict-transport-security", b"max-age=31536000")]
"""Who has come over TLS once comes over nothing else for a year."""
_SAID_BY_BROWSERS = frozenset((b"sec-fetch-site", b"origin", b"host"))
_PLAIN = (b"content-type", b"text/plain; charset=utf-8")


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, origins: Iterable[str] = ()) -> None:
        """`origins` are our own public addresses, for a proxy that hides them from us."""
        self._app = app
        self._origins = frozenset(origin for origin in map(_origin, origins) if origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        answer = _Answer(scope, receive, send)
        if scope["method"] not in SAFE_METHODS:
            scope[OWN_PAGE] = is_own = self._is_own(scope)
            if is_own is False:
                refusal = failures.foreign_page(Request(scope))
                await refusal(scope, receive, answer.send)
                return
        await self._app(scope, receive, answer.send)

    def _is_own(self, scope: Scope) -> bool | None:
        """Whether a browser says that a page of ours asks, or another site's. None for a program, which says nothing,
        and is believed where nothing relies on a cookie."""
        # Each once; of one that comes twice the first.
        said: dict[bytes, str] = {
            name: value.decode("latin-1") for name, value in reversed(scope["headers"]) if name in _SAID_BY_BROWSERS
        }
        if b"sec-fetch-site" in said:
            return said[b"sec-fetch-site"] in ("same-origin", "none")
        origin = said.get(b"origin")
        if origin is None:
            return None
        if origin in self._origins:
            return True
        try:
            return urlsplit(origin).netloc == said.get(b"host")
        except ValueError:  # no address at all
            return False


class _Answer:
    """One answer on its way out. No function within a function: one that names itself is freed by the collector alone,
    with all that hangs on it, and at each request the collector would have more to do."""

    __slots__ = ("_is_replaced", "_receive", "_scope", "_send")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._is_replaced = False

    async def send(self, message: Message) -> None:
        if self._is_replaced:
            return
        if message["type"] == "http.response.start":
            scope = self._scope
            if message["status"] == failures.TOO_LARGE and _PLAIN in message["headers"]:
                # Starlette says it in plain English, whoever asks.
                too_large = failures.answer(Request(scope), failures.TOO_LARGE, "")
                await too_large(scope, self._receive, self.send)
                self._is_replaced = True
                return
            own = _RAW_HTTPS_HEADERS if scope["scheme"] == "https" else _RAW_HEADERS
            message["headers"] = [*message["headers"], *own]
            if (cookie := scope.get(FRESH_COOKIE)) is not None:
                message["headers"].append(cookie)
        await self._send(message)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
