"""Where pages are. Plain routes: a page has no schema, and reads its form by itself."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.accounts.rights import Right
from hub.web.gate import guarded

Page = Callable[..., Awaitable[Response]]
"""Takes the request and what its address names."""


class PageRouter:
    """The pages of one file."""

    def __init__(self, needs: Right | None) -> None:
        """`needs` is the right without which nobody gets here, `PUBLIC` for none."""
        self.routes: list[Route] = []
        self._needs = needs

    def get(self, path: str, needs: Right | None = None) -> Callable[[Page], Page]:
        """The page at `path`; it may need another right than the others of its file."""
        return partial(self._add, path, "GET", needs)

    def post(self, path: str, needs: Right | None = None) -> Callable[[Page], Page]:
        """What becomes of a form that is sent to `path`."""
        return partial(self._add, path, "POST", needs)

    def _add(self, path: str, method: str, needs: Right | None, page: Page) -> Page:
        handler = guarded(needs or self._needs, page)

        async def endpoint(request: Request) -> Response:
            return await handler(request, **request.path_params)

        self.routes.append(Route(path, endpoint, methods=[method]))
        return page
