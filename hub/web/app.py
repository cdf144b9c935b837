"""The web application of a hub, put together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from types import MappingProxyType

from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import Route

from hub.accounts.office import Office
from hub.book.book import Book
from hub.door_codes import DoorCodes
from hub.fleet import Fleet
from hub.history.reading import HistoryReader
from hub.identity.views import Registrar
from hub.keyring import Keyring
from hub.room_reports import RoomReports
from hub.self_tests import SelfTests
from hub.site import RESERVED_SITES, Site
from hub.web import api, failures, openapi, pages
from hub.web.api.declared import PREFIX
from hub.web.assets import Assets
from hub.web.context import Health, Web
from hub.web.finder import Finder
from hub.web.limits import Limits
from hub.web.live import Live
from hub.web.looking_back import LookingBack
from hub.web.middleware import Guard
from hub.web.rendering import Drawing
from hub.web.sign_on import SignOn

BODY_BYTES_MAX = 65_536
"""The largest form or JSON body has some hundred bytes."""


def create_app(
    *,
    sites: Mapping[str, Site],
    keyring: Keyring,
    office: Office,
    new_token: Callable[[], str],
    now: Callable[[], datetime],
    health: Health,
    metrics: Callable[[], Awaitable[bytes]],
    public_url: str = "",
    books: Mapping[str, Book] = MappingProxyType({}),
    fleets: Mapping[str, Fleet] = MappingProxyType({}),
    history: HistoryReader | None = None,
    reports: Mapping[str, RoomReports] = MappingProxyType({}),
    registrar: Registrar | None = None,
    self_tests: Mapping[str, SelfTests] = MappingProxyType({}),
    sign_on: SignOn | None = None,
) -> FastAPI:
    """The application. `app.state.stopping.set()` ends its open streams, so that the server can stop.

    `public_url` is where phones reach this hub, without a slash at the end, for lobbies that do not name their own.
    `books` are the appointment books of those sites that have one, `fleets` the nodes and devices of each, `reports`
    what is told of its days, `self_tests` what its counts say against its counters; `registrar` is that of a hub that
    certifies nodes.
    `history` answers about what was, where it is kept.
    `sign_on` leads staff to a provider that knows them.
    """
    if taken := sorted(RESERVED_SITES & sites.keys()):
        raise ValueError(f"a site cannot be called {', '.join(taken)}: this is an address of the hub; rename the site")
    app = described_app()
    assets, live = Assets(), Live()
    app.state.stopping = live.stopping
    app.state.web = Web(
        sites=sites,
        books=books,
        fleets=fleets,
        reports=reports,
        door_codes={name: DoorCodes(site.lobby, keyring) for name, site in sites.items()},
        keyring=keyring,
        office=office,
        sign_on=sign_on,
        limits=Limits(),
        new_token=new_token,
        now=now,
        health=health,
        metrics=metrics,
        public_url=public_url.rstrip("/"),
        drawing=Drawing(assets),
        live=live,
        history=history,
        looking_back={name: LookingBack(history, site.lobby, now) for name, site in sites.items()} if history else {},
        self_tests=self_tests,
        registrar=registrar,
    )
    app.router.routes.append(Route("/static/{name}", assets.serve))
    for router in pages.ROUTERS:
        app.router.routes += router.routes
    app.router.routes.insert(0, Finder(app.router.routes))
    failures.install(app)
    own = [public_url, *(site.lobby.site.public_url for site in sites.values())]
    # Inside of the guard, which says it in the reader's language; FastAPI would put it outside.
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=BODY_BYTES_MAX)
    app.add_middleware(Guard, origins=own)
    return app


def described_app() -> FastAPI:
    """The application with its API and nothing behind it: enough for its description."""
    app = FastAPI(
        title="guichet",
        version="1",
        description="Tickets, desks and lobbies of one hub. A refusal is a problem document (RFC 9457) with a `code`.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # Its page loads scripts from elsewhere.
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        # The hub has figures of its own; spans would carry addresses, and a ticket's address is its key.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    # Taken over one by one: a router that is included looks for its route twice, and limits the body once more.
    for router in api.ROUTERS:
        app.router.routes += router.routes
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.stopping.set()
