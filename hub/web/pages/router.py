"""Where pages are. Plain routes: a page has no schema, and reads its form by itself."""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Page = Callable[..., Awaitable[Response]]
"""Takes the request and what its address names."""


class PageRouter:
    """The pages of one file."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def get(self, path: str) -> Callable[[Page], Page]:
        """The page at `path`."""
        return partial(self._add, path, "GET")

    def post(self, path: str) -> Callable[[Page], Page]:
        """What becomes of a form that is sent to `path`."""
        return partial(self._add, path, "POST")

    def _add(self, path: str, method: str, page: Page) -> Page:
        async def endpoint(request: Request) -> Response:
            return await page(request, **request.path_params)

        self.routes.append(Route(path, endpoint, methods=[method]))
        return page
