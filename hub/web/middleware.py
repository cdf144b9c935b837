"""What holds for every request: security headers on each answer, and no change on behalf of a foreign page.

Plain ASGI: a middleware that wraps requests and responses would halve the rate of the whole application.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.web.problems import respond

SECURITY_HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
    # Nothing about a ticket's address leaves for other sites. Not `no-referrer`: that makes browsers send the origin
    # of our own forms as `null`, which could not be told from a stranger's.
    "referrer-policy": "same-origin",
}
_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


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

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_RAW_HEADERS]
            await send(message)

        if scope["method"] not in SAFE_METHODS and self._is_foreign(Headers(scope=scope)):
            refusal = respond(403, "foreign-page", "This was asked by a page of another site, so nothing was done.")
            await refusal(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)

    def _is_foreign(self, headers: Headers) -> bool:
        """Whether a browser says that another site's page asks. A program that is no browser says nothing."""
        fetch_site = headers.get("sec-fetch-site")
        if fetch_site is not None:
            return fetch_site not in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is None or origin in self._origins:
            return False
        try:
            return urlsplit(origin).netloc != headers.get("host")
        except ValueError:  # no address at all
            return True


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
