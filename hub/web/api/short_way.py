"""The short way through a route of the API: a request that is as it should be goes straight to the route's function.

FastAPI looks at each request anew for what a function takes, and keeps what may have to be closed afterwards. For a
function that takes parts of its address and a body alone, all of this is known before anybody asks. What is unusual
about a request, or not as it should be, is none of this room's business: it takes the long way, from its beginning,
which says what is wrong. The document knows nothing of either.
"""

from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

import msgspec
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from hub.web.api.shapes import IdempotencyKey

_JSON = b"application/json"
_KEY = b"idempotency-key"


class ShortWay:
    """One route's."""

    def __init__(self, function: Callable[..., Awaitable[Response]], body: tuple[str, type[BaseModel]] | None) -> None:
        """`body` is the name and the shape of what `function` takes of it; None for nothing."""
        self._function, self._body = function, body

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> Receive | None:
        """Answer the request; if it is none for this way, nothing has happened, and whoever goes the long way reads
        what the answer reads."""
        kind, has_key = b"", False
        for name, value in scope["headers"]:
            if name == b"content-type":
                kind = kind or value
            has_key = has_key or name == _KEY
        if has_key:
            return receive
        taken: dict[str, Any] = {**scope["path_params"]}
        if self._body is not None:
            if kind != _JSON:
                return receive
            message = await receive()
            name, shape = self._body
            wish = _read(message, shape)
            if wish is None:
                return _again(message, receive)
            taken[name] = wish
        response = await self._function(Request(scope, receive), **taken)
        await response(scope, receive, send)
        return None


def short_way(route: APIRoute) -> ShortWay | None:
    """That of `route`; None if its function takes more than parts of the address, a body and the wish's name."""
    if route.dependencies:
        return None
    body: tuple[str, type[BaseModel]] | None = None
    for name, hint in get_type_hints(route.endpoint, include_extras=True).items():
        is_of_address = name in route.param_convertors and hint is str
        if isinstance(hint, type) and issubclass(hint, BaseModel) and body is None:
            body = name, hint
        elif not is_of_address and name not in ("request", "return") and hint != IdempotencyKey:
            return None
    return ShortWay(route.endpoint, body)


def _read(message: Message, shape: type[BaseModel]) -> BaseModel | None:
    """The wish of a body that came in one piece; None if it did not, or is not as it should be."""
    if message["type"] != "http.request" or message.get("more_body"):
        return None
    try:
        return shape.model_validate(msgspec.json.decode(message.get("body", b"")))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _again(first: Message, receive: Receive) -> Receive:
    """What `receive` gives, `first` once more before all."""
    waiting = [first]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
