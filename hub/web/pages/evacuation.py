"""`/{site}/evacuation`: one button by which everybody leaves the building, and the way back."""

from datetime import datetime

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.accounts.rights import Right, role_for_evacuation
from hub.day.hours import local
from hub.day.inputs import EndEvacuation, Evacuate
from hub.day.lobby import Label
from hub.day.model import Day
from hub.web import forms
from hub.web.gate import admit
from hub.web.pages.reader import Reader, reader_of
from hub.web.pages.router import PageRouter
from hub.web.problems import status_of
from hub.web.wishes import change
from wire.messages import Outcome

router = PageRouter(Right.SAFETY)

PEOPLE_DIGITS_MAX = 6


class Shown(Struct, frozen=True, kw_only=True):
    """What the page says; the time is the lobby's own."""

    since_at: datetime | None
    """None while nobody has to leave."""
    rooms: tuple[tuple[str, Label], ...]


@router.get("/{site}/evacuation")
async def show_evacuation(request: Request, site: str) -> Response:
    """How it stands, and the one button."""
    return await _page(reader_of(request, site))


@router.post("/{site}/evacuation")
async def evacuate(request: Request, site: str) -> Response:
    """Everybody is to leave."""
    reader = reader_of(request, site)
    by = role_for_evacuation(await admit(request, Right.SAFETY))
    request_id = forms.request_id(await request.form())
    if not request_id:
        raise HTTPException(400)
    done = await change(reader.site, "evacuate", "", Evacuate(by=by), request_id)
    if done.outcome is Outcome.DONE:
        return RedirectResponse(f"/{site}/evacuation", status_code=303)
    return await _page(reader, status_code=status_of(done.code), refused=reader.refusal(done))


@router.post("/{site}/evacuation/end")
async def end_evacuation(request: Request, site: str) -> Response:
    """People may come back; the form says who stayed."""
    reader = reader_of(request, site)
    by = role_for_evacuation(await admit(request, Right.SAFETY))
    form = await request.form()
    request_id = forms.request_id(form)
    if not request_id:
        raise HTTPException(400)
    written = {room.id: forms.text(form, f"people-{room.id}").strip() for room in reader.site.lobby.rooms}
    if any(it and not (it.isdecimal() and len(it) <= PEOPLE_DIGITS_MAX) for it in written.values()):
        return await _page(reader, status_code=422, no_number=True)
    people = {room: int(it) for room, it in written.items() if it}
    done = await change(reader.site, "end-evacuation", "", EndEvacuation(by=by, people=people), request_id)
    if done.outcome is Outcome.DONE:
        return RedirectResponse(f"/{site}/evacuation", status_code=303)
    return await _page(reader, status_code=status_of(done.code), refused=reader.refusal(done))


async def _page(reader: Reader, *, status_code: int = 200, refused: str = "", no_number: bool = False) -> Response:
    lobby = reader.site.lobby

    def look(day: Day, now: datetime) -> Shown:
        since_at = local(lobby, day.evacuation.since_at) if day.evacuation else None
        return Shown(since_at=since_at, rooms=tuple((room.id, room.name) for room in lobby.rooms))

    return reader.page(
        "evacuation.html",
        status_code=status_code,
        here=f"/{reader.site.id}/evacuation",
        shown=await reader.site.read(look),
        refused=refused,
        no_number=no_number,
        evacuation_request_id=reader.web.new_token(),
    )
