"""A kiosk's pages over HTTP: links and forms, so that a visit needs no script.

Each answer of a form is a redirection, so that nothing is asked twice by going back or loading again.
"""

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from edge.kiosk_face import Asked
from edge.screens.kiosk_pages import CODE_CHARS_MAX, Here, KioskPages
from edge.screens.kiosk_screen import KioskScreen

FORM_BYTES_MAX = 4_096
ANSWER_S = 1.5
"""So long a form waits for the hub, that as a rule answers within milliseconds: most visitors never see a page that
says wait."""


class KioskSite:
    """The pages of all kiosks of an agent."""

    def __init__(
        self,
        screens: Mapping[str, KioskScreen],
        *,
        version: str,
        heard: Callable[[str], None],
        headers: Mapping[str, str],
    ) -> None:
        """`version` is that of the static files; `heard(device)` is told whenever a browser shows a kiosk's page;
        `headers` go with every answer."""
        self._screens = screens
        self._heard = heard
        policy = headers["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'")
        self._headers = {**headers, "Content-Security-Policy": policy}
        self._pages = KioskPages(version)

    @property
    def routes(self) -> list[Route]:
        """They come before those of other devices."""
        found = []
        for device in self._screens:
            found += [
                Route(f"/{device}", self._page, methods=["GET"], name=device),
                Route(f"/{device}", self._form, methods=["POST"], name=device),
                Route(f"/{device}/state", self._state, name=f"{device}/state"),
            ]
        return found

    async def _page(self, request: Request) -> Response:
        return self._shown(request, Here.of(request.query_params))

    async def _state(self, request: Request) -> Response:
        """What a page compares with what it shows: another page is there when anything of it is another."""
        device = self._device(request)
        screen = self._screens[device]
        self._heard(device)
        visit = screen.visit(request.query_params.get("key", ""))
        how = visit.told.mark if visit is not None else ""
        state = {"offer": screen.offer_mark, "how": how, "version": self._pages.version}
        return JSONResponse(state, headers=self._headers)

    async def _form(self, request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise HTTPException(403)
        form = await _form_of(request)
        here, screen = Here.of(form), self._screens[self._device(request)]
        match form.get("do"):
            case "ticket" if here.service and here.key:
                return await self._asked(screen, here, form, service=here.service)
            case "check-in" if here.key and (code := code_in(here.code)):
                return await self._asked(screen, here, form, code=code)
            case "done":
                screen.forget(here.key)
                return self._to("?")
            case _ if sign := form.get("sign"):
                return self._shown(request, Here.of({**form, "code": _typed(here.code, sign)}))
        return self._to(here.to("appointment" if here.at == "appointment" else "services"))

    async def _asked(
        self, screen: KioskScreen, here: Here, form: Mapping[str, str], *, service: str = "", code: str = ""
    ) -> Response:
        on_paper = form.get("on") != "phone" and (screen.newest.prints or screen.newest.is_silent)
        screen.ask(
            Asked(
                key=here.key,
                language=here.language,
                service=service,
                code=code,
                on_paper=on_paper,
                is_large=here.large,
            )
        )
        await screen.moved(here.key, ANSWER_S)
        return self._to(here.to("ticket", key=here.key, service=service))

    def _shown(self, request: Request, here: Here) -> Response:
        device = self._device(request)
        self._heard(device)
        html = self._pages.page(self._screens[device], device, here)
        return HTMLResponse(html, headers=self._headers)

    def _to(self, address: str) -> Response:
        return RedirectResponse(address, status_code=303, headers=self._headers)

    def _device(self, request: Request) -> str:
        return request.url.path.rstrip("/").removesuffix("/state").rpartition("/")[2]


async def _form_of(request: Request) -> dict[str, str]:
    """The fields of a form, each once."""
    body = bytearray()
    async with asyncio.timeout(5):
        async for chunk in request.stream():
            body += chunk
            if len(body) > FORM_BYTES_MAX:
                raise HTTPException(413)
    return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=20))


def code_in(scanned: str) -> str:
    """The code in what was typed or scanned: an invitation's QR code may hold the address that ends in it."""
    text = scanned.strip()
    if "//" not in text:
        return text[:CODE_CHARS_MAX]
    try:
        address = urlsplit(text)
    except ValueError:  # brackets that do not match
        return text[:CODE_CHARS_MAX]
    said = dict(parse_qsl(address.query))
    return (said.get("code") or address.fragment or address.path.rstrip("/").rpartition("/")[2])[:CODE_CHARS_MAX]


def _typed(code: str, sign: str) -> str:
    """`code` after one more key of the page."""
    return code[:-1] if sign == "back" else (code + sign[:1])[:CODE_CHARS_MAX]
