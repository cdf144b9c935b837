"""`/{site}/join`: what the code at the door opens. Choose a service and take a ticket, or come to an appointment.

Without a code it says where to find one, and takes one that is typed.
"""

from datetime import datetime, timedelta

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.day.hours import local, opens_at
from hub.day.lobby import Label, Lobby
from hub.day.model import ENDED
from hub.day.page_views import LobbyView
from hub.day.refusal import Code, Refusal
from hub.day.room_views import RoomView
from hub.site import Answer
from hub.web import forms, presence, readings
from hub.web.context import ticket_path
from hub.web.gate import PUBLIC, hold_back
from hub.web.limits import Kind
from hub.web.pages.reader import Reader, reader_of
from hub.web.pages.router import PageRouter
from hub.web.presence import Presence
from hub.web.problems import status_of
from hub.web.wishes import check_in, issue_ticket
from wire.messages import GateState, Outcome

router = PageRouter(PUBLIC)

TICKET_COOKIE = "ticket"
TICKET_COOKIE_AGE_S = 86_400
"""A ticket is good for one service day."""

CODE_CHARACTERS_SHOWN = 40
"""Of what was typed as a code, when it has to be corrected."""

PARTY_PEOPLE_OFFERED = 10
"""As many can be chosen here; larger groups ask at a desk."""


class Opening(Struct, frozen=True, kw_only=True):
    """When a closed lobby opens, in its own time."""

    at: datetime
    days_ahead: int


@router.get("/{site}/join")
async def choose_service(request: Request, site: str) -> Response:
    """The services, their lines, and the ticket that this browser has already."""
    reader = reader_of(request, site)
    return await _page(reader, await presence.by_address(reader.web, reader.site, request))


@router.post("/{site}/join")
async def take_ticket(request: Request, site: str) -> Response:
    """Take a ticket, then show it. A repeated request id shows the same ticket."""
    reader = reader_of(request, site)
    form = await request.form()
    here = await presence.by_form(reader.web, reader.site, request, form)
    if not here.is_proven:
        return await _page(reader, here)
    service = forms.text(form, "service")
    if not service:
        return await _page(reader, here, status_code=422, nothing_chosen=True)
    await hold_back(request, Kind.JOIN, site)
    party = forms.text(form, "party_people") or "1"
    done, _ = await issue_ticket(
        reader.web,
        reader.site,
        service=service,
        language=reader.language,
        channel="phone",
        party_people=int(party) if party.isdecimal() and len(party) <= 4 else 0,
        priority=forms.text(form, "priority"),
        door_code=here.door_code,
        request_id=forms.request_id(form),
    )
    if done.code == Code.DOOR_CODE_USED_UP:
        return await _page(reader, Presence(is_proven=False, refusal=Code.DOOR_CODE_USED_UP))
    if done.outcome is not Outcome.DONE:
        return await _page(reader, here, status_code=status_of(done.code), refusal=done, chosen=service)
    return _to_ticket(reader, done)


@router.post("/{site}/check-in")
async def come_to_appointment(request: Request, site: str) -> Response:
    """Check in with the code of an invitation, then show the ticket."""
    reader = reader_of(request, site)
    form = await request.form()
    here = await presence.by_form(reader.web, reader.site, request, form)
    if not here.is_proven:
        return await _page(reader, here)
    code = forms.text(form, "code")
    await hold_back(request, Kind.CHECK_IN, site)
    done, _ = await check_in(
        reader.web,
        reader.site,
        code=code,
        language=reader.language,
        channel="phone",
        request_id=forms.request_id(form),
    )
    if done.outcome is not Outcome.DONE:
        code = code[:CODE_CHARACTERS_SHOWN]
        return await _page(reader, here, status_code=status_of(done.code), refusal=done, code=code)
    return _to_ticket(reader, done)


def _to_ticket(reader: Reader, done: Answer) -> Response:
    """Go on to the ticket's own page; this browser finds the way back to it."""
    token = reader.web.keyring.token(done.ticket)
    response = RedirectResponse(ticket_path(token), status_code=303)
    response.set_cookie(
        TICKET_COOKIE,
        token,
        max_age=TICKET_COOKIE_AGE_S,
        httponly=True,
        samesite="lax",
        secure=reader.request.url.scheme == "https",
    )
    return response


async def _page(
    reader: Reader,
    here: Presence,
    *,
    status_code: int = 200,
    refusal: Answer | None = None,
    chosen: str = "",
    nothing_chosen: bool = False,
    code: str = "",
) -> Response:
    web, site = reader.web, reader.site
    view = await site.read(readings.lobby)
    token = reader.request.cookies.get(TICKET_COOKIE, "")
    mine = await web.ticket_or_none(token)
    if here.refusal:
        refusal, status_code = Answer.of(Refusal(code=here.refusal)), status_of(here.refusal)
    response = reader.page(
        "join.html",
        status_code=status_code,
        here=f"/{site.id}/join",
        view=view if view is not None and view.open else None,
        notices=_notices(site.lobby, view) if view is not None else (),
        resumes_at=_resumes_at(site.lobby, view) if view is not None else {},
        full_rooms=_full_rooms(site.lobby, view) if view is not None else (),
        filling_rooms=_filling_rooms(site.lobby, view) if view is not None else (),
        opening=_opening(site.lobby, web.now()),
        mine=mine.view if mine and mine.site is site and mine.view.state not in ENDED else None,
        mine_path=ticket_path(token),
        party_people_offered=PARTY_PEOPLE_OFFERED,
        request_id=web.new_token(),
        chosen=chosen,
        nothing_chosen=nothing_chosen,
        code=code,
        refusal=refusal.code if refusal else "",
        refused=refusal and reader.refusal(refusal),
        is_here=here.is_proven,
        has_sign=bool(web.door_codes[site.id].signs),
        sealed=here.sealed,
    )
    here.keep(reader.request, response, site)
    return response


class NoticeShown(Struct, frozen=True, kw_only=True):
    """A notice, and the room that it is about if there are several; empty for everywhere."""

    room: Label
    text: Label


def _notices(lobby: Lobby, view: LobbyView) -> tuple[NoticeShown, ...]:
    names = {room.id: room.name for room in lobby.rooms} if len(lobby.rooms) > 1 else {}
    return tuple(NoticeShown(room=names.get(it.room, {}), text=it.text) for it in view.notices)


def _resumes_at(lobby: Lobby, view: LobbyView) -> dict[str, datetime | None]:
    """Each service to the end of its pause in the lobby's own time; None for one that is not known, or not paused."""
    return {it.id: None if it.paused_until_at is None else local(lobby, it.paused_until_at) for it in view.services}


def _full_rooms(lobby: Lobby, view: LobbyView) -> tuple[RoomView, ...]:
    """Rooms with desks that take nobody more now. An open room that is not counted at the moment is not called full."""
    with_desks = {desk.room for desk in lobby.desks}
    return tuple(
        room
        for room in view.rooms
        if room.id in with_desks and not room.takes_more and (room.admitted or room.people is not None)
    )


def _filling_rooms(lobby: Lobby, view: LobbyView) -> tuple[RoomView, ...]:
    """Rooms with desks that are nearly full, of which nothing else is said."""
    full, with_desks = _full_rooms(lobby, view), {desk.room for desk in lobby.desks}
    return tuple(
        it for it in view.rooms if it.id in with_desks and it.state is GateState.NEARLY_FULL and it not in full
    )


def _opening(lobby: Lobby, now: datetime) -> Opening | None:
    """The next opening; None if there is none within a week."""
    begin = opens_at(lobby, now)
    if begin is None:
        return None
    there, here = local(lobby, begin), local(lobby, now)
    return Opening(at=there, days_ahead=(there.date() - here.date()) // timedelta(days=1))
