"""Routes are found by the parts of an address as a router finds them who asks each in turn."""

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route

from hub.web.app import described_app
from hub.web.finder import Finder


async def answer(request: Request) -> Response:
    return PlainTextResponse("")


ROUTES = [
    Route("/", answer, methods=["GET"]),
    Route("/desks/all", answer, methods=["GET"]),
    Route("/desks/{desk}", answer, methods=["POST"]),
    Route("/{site}/all", answer, methods=["DELETE"]),
    Route("/{site}/{page}", answer, methods=["GET"]),
    Route("/{site}/{page}/live", answer, methods=["GET"]),
]


def in_turn(path: str, method: str) -> tuple[Match, str]:
    """What a plain router finds: the first that takes both, else the first that takes the address alone."""
    found = [(route.matches(asked(path, method))[0], route.path) for route in ROUTES]
    whole = [it for it in found if it[0] is Match.FULL]
    part = [it for it in found if it[0] is Match.PARTIAL]
    return [*whole, *part, (Match.NONE, "")][0]


def asked(path: str, method: str) -> dict[str, object]:
    return {"type": "http", "path": path, "method": method}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/", "/desks/all", "/desks/7", "/desks/", "/a/all", "/a/b", "/a/b/live", "/a/b/dead", "/a", "//", ""]
)
def test_the_same_route_is_found_as_in_turn(path: str, method: str) -> None:
    match, more = Finder(ROUTES).matches(asked(path, method))
    found = next((it.path for it in ROUTES if it in more.values()), "")
    assert (match, found) == in_turn(path, method)


def test_what_an_address_names_comes_with_its_route() -> None:
    _, more = Finder(ROUTES).matches(asked("/desks/7", "POST"))
    assert more["path_params"] == {"desk": "7"}


def test_the_description_of_the_api_does_not_know_it() -> None:
    app = described_app()
    before = app.openapi()
    app.router.routes.insert(0, Finder(app.router.routes))
    app.openapi_schema = None
    assert app.openapi() == before
