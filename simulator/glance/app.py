"""The page over HTTP: the page itself, its live stream, and the keys of the desks.

One stream per browser carries what has changed since its last look, ten times a second at most; what changed in
between is not told. It is useful without a script too: the page loads itself again, and keys are forms.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache, partial
from importlib.resources import files

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

import words
from simulator.glance.parts import Part, Parts, parts_of
from simulator.glance.scene import Look, Stage

LOOKS_PER_S = 10
"""Real ones: what moves faster is not seen."""
STREAMS_MAX = 16
"""Open streams. One more is refused; its page stays as it was loaded."""
MEDIA_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class Glance:
    """The page of one demo."""

    def __init__(
        self,
        stage: Stage,
        look: Callable[[], Awaitable[Look]],
        press_next: Callable[[str], Awaitable[bool]],
        admit: Callable[[Request, Response], Awaitable[None]],
        scan: Callable[[], str],
    ) -> None:
        """`press_next(desk)` moves the pin of that desk's key; False if there is none. `admit` lets whoever gets the
        page see what is shown in its frames. `scan()` is the path that the sign's code opens now."""
        self.stopping = asyncio.Event()
        """Set when the streams shall end, so that the server can."""
        self._stage = stage
        self._look = look
        self._press_next = press_next
        self._admit = admit
        self._scan = scan
        self._streams = 0
        folder = files("simulator.glance").joinpath("static")
        self._static = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
        content = b"".join(self._static[name] for name in sorted(self._static))
        self._version = hashlib.sha256(content).hexdigest()[:10]
        self._environment = cache(_environment)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/", self._page),
            Route("/glance/live", self._live),
            Route("/glance/scan", self._join),
            Route("/glance/desks/{desk}/next", self._next, methods=["POST"]),
            Route("/glance/static/{name}", self._asset),
        ]

    async def _page(self, request: Request) -> Response:
        language = self._language(request)
        html = (
            self._environment(language)
            .get_template("page.html")
            .render(
                stage=self._stage,
                parts=parts_of(await self._look(), self._stage, language),
                version=self._version,
                languages=self._languages,
            )
        )
        response = HTMLResponse(html, headers=HEADERS)
        await self._admit(request, response)
        return response

    async def _live(self, request: Request) -> Response:
        if self._streams >= STREAMS_MAX:
            return Response(f"{STREAMS_MAX} pages are live already; close one", status_code=503)
        events = self._events(self._language(request))
        return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)

    async def _events(self, language: str) -> AsyncIterator[bytes]:
        shown: Parts = {}
        self._streams += 1
        try:
            while not self.stopping.is_set():
                parts = parts_of(await self._look(), self._stage, language)
                changed = {name: part for name, part in parts.items() if shown.get(name) != part}
                shown = parts
                if changed:
                    yield b"data: " + msgspec.json.encode(changed) + b"\n\n"
                await self._pause()
        finally:
            self._streams -= 1

    async def _pause(self) -> None:
        try:
            # The loop's seconds are the lobby's: at ten times the speed ten of them pass while one is seen.
            async with asyncio.timeout(self._stage.speed / LOOKS_PER_S):
                await self.stopping.wait()
        except TimeoutError:
            return

    async def _join(self, request: Request) -> Response:
        """As a phone does that scans the sign."""
        path = self._scan()
        address = f"{path}{'&' if '?' in path else '?'}lang={self._language(request)}"
        return RedirectResponse(address, status_code=303, headers={"cache-control": "no-store"})

    async def _next(self, request: Request) -> Response:
        """Without a script a form has asked, and gets the page again."""
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return Response("A page of another site asked for this", status_code=403)
        if not await self._press_next(request.path_params["desk"]):
            return Response("This desk has no call panel", status_code=404)
        return RedirectResponse("/", status_code=303, headers={"cache-control": "no-store"})

    async def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        content = self._static.get(name)
        if content is None:
            return Response("No such file", status_code=404)
        headers = {"cache-control": "public, max-age=31536000, immutable"}  # its address carries a version
        return Response(content, media_type=MEDIA_TYPES[name.rpartition(".")[2]], headers=headers)

    @property
    def _languages(self) -> tuple[str, ...]:
        return tuple(it for it in self._stage.languages if it in words.LANGUAGES) or (words.SOURCE_LANGUAGE,)

    def _language(self, request: Request) -> str:
        wanted = request.query_params.get("lang", "")
        if wanted in self._languages:
            return wanted
        return words.negotiate(request.headers.get("accept-language", ""), self._languages)


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("simulator.glance"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        _=words.of(language).gettext, language=language, language_name=words.language_name, raw=_raw
    )
    environment.filters["label"] = partial(words.pick, language=language)
    return environment


def _raw(part: Part) -> Markup:
    """A part that is HTML already, escaped where it was made."""
    assert isinstance(part, str)
    return Markup(part)
