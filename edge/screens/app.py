"""The agent's own web server for the browser beside it: one page per board or sign, kept fresh by server-sent events.

It knows screens and pages. It does not know the hub: what a page shows is the picture that its role has drawn, and a
page whose agent falls silent says so by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from edge.hub_clock import LATE_S
from edge.screens.kiosk_screen import KioskScreen
from edge.screens.kiosk_site import KioskSite
from edge.screens.pages import Pages, takes_turns
from edge.screens.screen import Screen

PING_EVERY_S = 5.0
"""A page that hears neither picture nor ping for twice this long and a little (screen.js) calls itself stale.
It is a turn of languages, too, where more are spoken than are shown together: enough to read a sign in one's own."""
RETRY_MS = 2000
"""How soon a browser comes back after a lost connection."""
YEAR_S = 31_536_000
MEDIA_KEPT_S = 600
"""A picture that was replaced under its name is seen this much later at most."""
SOUNDS = {"on": True, "blocked": False}
"""What a browser says of its sound, and whether it can be heard."""
PIXELS_MAX = 100_000


def screens_app(
    screens: Mapping[str, Screen],
    *,
    matrices: Mapping[str, Callable[[], str]],
    kiosks: Mapping[str, KioskScreen] | None = None,
    heard: Callable[[str], None],
    framed_by: str = "'none'",
    ping_every_s: float = PING_EVERY_S,
) -> Starlette:
    """The application for the screens of one agent.

    `kiosks` are touched, and have pages of their own (`edge.screens.kiosk_site`). `matrices` are boards of LEDs, each
    with a function that draws it as SVG. `heard(device)` is told whenever a browser says that it shows that device's
    page. `framed_by` are the origins that may frame a page, as in Content-Security-Policy. `ping_every_s` is by the
    loop's clock, which a demo may hurry. All paths are relative, so that the application may be mounted anywhere.
    """
    kiosks = kiosks or {}
    site = _Site(screens, matrices, list(kiosks), heard, framed_by, ping_every_s)
    touched = KioskSite(kiosks, version=site.version, heard=heard, headers=site.headers)
    return Starlette(
        routes=[
            Route("/", site.index),
            Route("/static/{name}", site.static),
            *touched.routes,
            Route("/{device}", site.page),
            Route("/{device}/live", site.live),
            Route("/{device}/seen", site.seen, methods=["POST"]),
            Route("/{device}/picture.svg", site.matrix),
            Route("/{device}/media/{name}", site.media),
        ]
    )


class _Site:
    """The endpoints. All of them are coroutines: worker threads would let a virtual clock run away."""

    def __init__(
        self,
        screens: Mapping[str, Screen],
        matrices: Mapping[str, Callable[[], str]],
        kiosks: list[str],
        heard: Callable[[str], None],
        framed_by: str,
        ping_every_s: float,
    ) -> None:
        self._ping_every_s = ping_every_s
        self._screens = screens
        self._matrices = matrices
        self._kiosks = kiosks
        self._heard = heard
        self._pages = Pages()
        self.version = self._pages.version
        self.headers = {
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
            f"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {framed_by}",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }

    async def index(self, request: Request) -> Response:
        html = self._pages.index([*self._screens, *self._kiosks], list(self._matrices))
        return HTMLResponse(html, headers=self.headers)

    async def static(self, request: Request) -> Response:
        file = self._pages.static.get(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        # Pages ask with the version in the query, so that what is kept here can never be out of date.
        caching = {"Cache-Control": f"public, max-age={YEAR_S}, immutable"}
        return Response(file.content, media_type=file.media_type, headers={**self.headers, **caching})

    async def page(self, request: Request) -> Response:
        device = request.path_params["device"]
        picture = self._screen(request).picture
        if picture is None:
            raise HTTPException(503, "This screen has just started", headers={"Refresh": "1"})
        self._heard(device)
        return HTMLResponse(self._pages.screen(device, picture, self._turn()), headers=self.headers)

    async def live(self, request: Request) -> Response:
        events = self._events(request.path_params["device"], self._screen(request))
        return StreamingResponse(events, media_type="text/event-stream", headers=self.headers)

    async def seen(self, request: Request) -> Response:
        screen = self._screen(request)
        self._heard(request.path_params["device"])
        if (measured := _measured(request)) is not None:
            screen.measured(*measured)
        if (sound := request.query_params.get("sound")) in SOUNDS:
            screen.sounds(SOUNDS[sound])
        return Response(status_code=204, headers=self.headers)

    async def matrix(self, request: Request) -> Response:
        svg = self._matrices.get(request.path_params["device"])
        if svg is None:
            raise HTTPException(404)
        return Response(svg(), media_type="image/svg+xml", headers=self.headers)

    async def media(self, request: Request) -> Response:
        media = self._screen(request).media
        found = None if media is None else await asyncio.to_thread(media.read, request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        caching = {"Cache-Control": f"private, max-age={MEDIA_KEPT_S}"}
        return Response(found[0], media_type=found[1], headers={**self.headers, **caching})

    def _screen(self, request: Request) -> Screen:
        screen = self._screens.get(request.path_params["device"])
        if screen is None:
            raise HTTPException(404)
        return screen

    async def _events(self, device: str, screen: Screen) -> AsyncIterator[str]:
        """The newest picture whenever there is one and when others of its languages have their turn, pings in between,
        until the browser goes or is sent away."""
        yield f"retry: {RETRY_MS}\n" + _event("version", self._pages.version)
        with screen.follow() as follower:
            while True:
                is_woken = await follower.is_woken(self._turn_left_s())
                if not follower.is_followed:
                    return
                picture = screen.picture
                if picture is not None and (is_woken or takes_turns(picture)):
                    yield _event("picture", self._pages.fragment(device, picture, self._turn()))
                else:
                    yield _event("ping", "")

    def _turn(self) -> int:
        """Counts up with the loop's clock, so that all screens of an agent show the same languages."""
        return int(asyncio.get_running_loop().time() // self._ping_every_s)

    def _turn_left_s(self) -> float:
        """Until the next turn has begun, however the fractions are rounded."""
        return self._ping_every_s - asyncio.get_running_loop().time() % self._ping_every_s + LATE_S


def _measured(request: Request) -> tuple[float, int, int] | None:
    """What a browser says of its letters and its screen; None if it says nothing, or nonsense."""
    try:
        cap_px = float(request.query_params["cap_px"])
        width_px, height_px = (int(request.query_params[name]) for name in ("width_px", "height_px"))
    except (KeyError, ValueError):
        return None
    is_sound = 0 < cap_px <= PIXELS_MAX and 0 < width_px <= PIXELS_MAX and 0 < height_px <= PIXELS_MAX
    return (cap_px, width_px, height_px) if is_sound else None


def _event(name: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {name}\n{lines}\n"
