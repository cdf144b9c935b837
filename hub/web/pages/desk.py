"""`/{site}/desk/{desk}`: where staff call, and see whom they have."""

import re
from datetime import datetime
from functools import partial

import msgspec
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

import words
from hub.day.hours import local
from hub.day.lobby import Lobby
from hub.day.page_views import DeskView
from hub.day.refusal import Code
from hub.site import Answer, Site
from hub.web import forms, readings
from hub.web import language as languages
from hub.web.context import Web, web_of
from hub.web.pages.router import PageRouter
from hub.web.problems import status_of
from hub.web.wishes import check_in, press
from wire.messages import Key, Outcome, PanelState
from words.refusals import sentence

router = PageRouter()

_SEEN = re.compile("[0-9]{1,16}")


class Button(Struct, frozen=True):
    """A button of the desk page, its key on the keyboard, and the states of the desk in which it does something."""

    action: Key
    key: str
    states: frozenset[PanelState]


KEYS = {key.value: key for key in Key}
OPEN_STATES = frozenset({PanelState.FREE, PanelState.CALLED, PanelState.SERVING})
BUTTONS = (
    Button(Key.NEXT, "n", OPEN_STATES),
    Button(Key.START, "s", frozenset({PanelState.CALLED})),
    Button(Key.RECALL, "r", frozenset({PanelState.CALLED})),
    Button(Key.NO_SHOW, "x", frozenset({PanelState.CALLED})),
    Button(Key.FINISH, "f", frozenset({PanelState.CALLED, PanelState.SERVING})),
    Button(Key.OPEN, "o", frozenset({PanelState.CLOSED})),
    Button(Key.CLOSE, "c", OPEN_STATES),
)
"""In the order of the page. Every button is always there, so that none moves under a hand; some cannot be pressed."""


class Shown(Struct, frozen=True, kw_only=True):
    """What the page says; times are the lobby's own."""

    desk: DeskView
    issued_at: datetime | None
    called_at: datetime | None
    visitor_language: str
    next_line: str
    """The service whose first ticket is due earliest, and therefore called next; empty when nobody waits."""


@router.get("/{site}/desk/{desk}")
async def show_desk(request: Request, site: str, desk: str) -> Response:
    """The desk as it stands."""
    web = web_of(request)
    its = web.site(site)
    return await _page(request, web, its, desk)


@router.get("/{site}/desk/{desk}/live")
async def follow_desk(request: Request, site: str, desk: str) -> Response:
    """The desk's fragment, again whenever it looks different."""
    web = web_of(request)
    its = web.site(site)
    language = languages.choose(request, languages.offered(its.lobby.site.languages))
    await _look(its, desk, language)  # An unknown desk is a 404 before the stream begins.

    async def look() -> tuple[int, Shown] | None:
        view = await its.read(partial(readings.desk, desk))
        return None if view is None else (view.seq, _shown(view, its.lobby, language))

    return web.live.stream(its, look, partial(_fragment, web, its.id, language))


@router.post("/{site}/desk/{desk}/check-in")
async def check_visitor_in(request: Request, site: str, desk: str) -> Response:
    """Somebody at the desk has an appointment: check in with the code, and say the number."""
    web = web_of(request)
    its = web.site(site)
    form = await request.form()
    done = await check_in(
        web,
        its,
        code=forms.text(form, "code"),
        language=its.lobby.site.languages[0],
        channel="desk",
        room=await its.read(partial(readings.room_of_desk, desk)),
        request_id=forms.request_id(form),
    )
    number = await its.read(partial(readings.number, done.ticket))
    return await _answer(request, web, its, desk, done, checked_in=number)


@router.post("/{site}/desk/{desk}/{action}")
async def press_button(request: Request, site: str, desk: str, action: str) -> Response:
    """Do it, and show the desk again. The page's script asks for JSON and swaps the fragment in."""
    web = web_of(request)
    its = web.site(site)
    form = await request.form()
    key = KEYS.get(action)
    if key is None:
        raise HTTPException(404)
    seen, request_id = forms.text(form, "seen"), forms.request_id(form)
    if not (_SEEN.fullmatch(seen) and request_id):
        raise HTTPException(400)
    done = await press(its, desk, key, seen=int(seen), by="page", request_id=request_id)
    return await _answer(request, web, its, desk, done)


async def _answer(request: Request, web: Web, site: Site, desk: str, done: Answer, *, checked_in: str = "") -> Response:
    """What came of it, as JSON for the page's script, else as a page."""
    described = site.lobby.site
    language = languages.choose(request, languages.offered(described.languages))
    status_code, refused = 200, ""
    if done.outcome is not Outcome.DONE:
        status_code = status_of(done.code)
        refused = sentence(done.code, done.facts, language, described.time_zone)
    if request.headers.get("accept") == "application/json":
        seq, shown = await _look(site, desk, language)
        said = words.of(language).gettext("Checked in: %(number)s") % {"number": checked_in} if checked_in else ""
        body = {
            "fragment": _fragment(web, site.id, language, shown),
            "seq": seq,
            "refused": refused,
            "said": said,
            "request_id": web.new_token(),
        }
        return JSONResponse(body, headers={"cache-control": "no-store"})
    if refused or checked_in:
        return await _page(request, web, site, desk, status_code=status_code, refused=refused, checked_in=checked_in)
    return RedirectResponse(f"/{site.id}/desk/{desk}", status_code=303)


async def _page(
    request: Request,
    web: Web,
    site: Site,
    desk: str,
    *,
    status_code: int = 200,
    refused: str = "",
    checked_in: str = "",
) -> Response:
    described = site.lobby.site
    offered = languages.offered(described.languages)
    language = languages.choose(request, offered)
    seq, shown = await _look(site, desk, language)
    return web.drawing.page(
        request,
        "desk.html",
        language,
        offered,
        status_code=status_code,
        here=f"/{site.id}/desk/{desk}",
        site=site.id,
        title=described.name,
        shown=shown,
        seq=seq,
        buttons=BUTTONS,
        request_id=web.new_token(),
        refused=refused,
        checked_in=checked_in,
    )


def _fragment(web: Web, site: str, language: str, shown: Shown) -> str:
    return web.drawing.fragment(
        "_desk.html", language, site=site, shown=shown, buttons=BUTTONS, request_id=web.new_token()
    )


async def _look(site: Site, desk: str, language: str) -> tuple[int, Shown]:
    """The desk as it is now, after the journal position at which it is so.

    Raises:
        HTTPException: 404, there is no such desk today.
    """
    view = await site.read(partial(readings.desk, desk))
    if view is None:
        raise HTTPException(404, detail=Code.UNKNOWN_DESK)
    return view.seq, _shown(view, site.lobby, language)


def _shown(view: DeskView, lobby: Lobby, language: str) -> Shown:
    heads = [(line.next_due_at, line.id) for line in view.lines if line.next_due_at is not None]
    return Shown(
        desk=msgspec.structs.replace(view, seq=0),
        issued_at=None if view.issued_at is None else local(lobby, view.issued_at),
        called_at=None if view.called_at is None else local(lobby, view.called_at),
        visitor_language=words.language_name(view.language, language),
        next_line=min(heads)[1] if heads else "",
    )
