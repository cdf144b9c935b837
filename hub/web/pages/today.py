"""`/{site}/today`: pause a service and resume it, post a notice and withdraw it. What is set here ends with the day."""

import re
from datetime import datetime

from msgspec import Struct
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.accounts.rights import Right
from hub.day.decide.changes import NOTICE_CHARACTERS_MAX
from hub.day.hours import clock_at, local
from hub.day.inputs import AnyInput, PauseService, PostNotice, ResumeService, WithdrawNotice
from hub.day.lobby import Label, Lobby
from hub.day.model import Day
from hub.day.page_views import ServiceView, lobby_view
from hub.site import Site
from hub.web import forms
from hub.web.pages.reader import Reader, reader_of
from hub.web.pages.router import PageRouter
from hub.web.problems import status_of
from hub.web.wishes import change
from wire.messages import Outcome

router = PageRouter(Right.DAY)

EVERYWHERE = "everywhere"
"""The place of a notice that is not about one room, as forms name it; no room is called so."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class ServiceShown(Struct, frozen=True, kw_only=True):
    """A service and its pause; times are the lobby's own."""

    view: ServiceView
    until_at: datetime | None


class NoticeShown(Struct, frozen=True, kw_only=True):
    """What is posted in a place."""

    place: str
    name: Label
    """Of the room; empty for everywhere."""
    text: Label
    until_at: datetime | None


class Shown(Struct, frozen=True, kw_only=True):
    """All that the page says of the day."""

    services: tuple[ServiceShown, ...]
    notices: tuple[NoticeShown, ...]


class Wish(Struct, frozen=True, kw_only=True):
    """What a form brought, to be filled in again when it was refused."""

    place: str = ""
    until: str = ""
    text: Label = {}


@router.get("/{site}/today")
async def show_changes(request: Request, site: str) -> Response:
    """Which services are paused, and what is posted."""
    return await _page(reader_of(request, site))


@router.post("/{site}/today/services")
async def pause_or_resume(request: Request, site: str) -> Response:
    """Pause a service, until a time if one is given, or resume it."""
    reader = reader_of(request, site)
    form = await request.form()
    service, is_over = forms.text(form, "service"), forms.text(form, "do") == "resume"
    if is_over:
        return await _do(reader, form, "resume", service, ResumeService(service=service))
    until_at = await _until_at(reader.site, forms.text(form, "until"))
    an_input = PauseService(service=service, until_at=until_at)
    return await _do(reader, form, "pause", service, an_input)


@router.post("/{site}/today/notices")
async def post_or_withdraw(request: Request, site: str) -> Response:
    """Post a notice in a place, or withdraw the one that is there."""
    reader = reader_of(request, site)
    form = await request.form()
    place = forms.text(form, "place")
    room = "" if place == EVERYWHERE else place
    if forms.text(form, "do") == "withdraw":
        return await _do(reader, form, "withdraw", place, WithdrawNotice(room=room))
    text = {language: forms.text(form, f"text-{language}") for language in reader.site.lobby.site.languages}
    wish = Wish(place=place, until=forms.text(form, "until"), text=text)
    an_input = PostNotice(room=room, text=text, until_at=await _until_at(reader.site, wish.until))
    return await _do(reader, form, "post", place, an_input, wish)


async def _until_at(site: Site, clock: str) -> datetime | None:
    """The instant of today at which the lobby's clocks show what was written; None for nothing.

    Raises:
        HTTPException: 400, it is no time of day: no page of ours sends that.
    """
    if not clock:
        return None
    if not _CLOCK.fullmatch(clock):
        raise HTTPException(400)

    def on_that_day(day: Day, now: datetime) -> datetime | None:
        return None if day.day is None or day.lobby is None else clock_at(day.lobby, day.day, clock)

    return await site.read(on_that_day)


async def _do(
    reader: Reader,
    form: FormData,
    what: str,
    place: str,
    an_input: AnyInput,
    wish: Wish | None = None,
) -> Response:
    """Ask for it, and show the page, with a sentence if it was refused."""
    request_id = forms.request_id(form)
    if not request_id or not place:
        raise HTTPException(400)
    done = await change(reader.site, what, place, an_input, request_id)
    if done.outcome is Outcome.DONE:
        return RedirectResponse(f"/{reader.site.id}/today", status_code=303)
    return await _page(reader, status_code=status_of(done.code), wish=wish, refused=reader.refusal(done))


async def _page(
    reader: Reader,
    *,
    status_code: int = 200,
    wish: Wish | None = None,
    refused: str = "",
) -> Response:
    lobby = reader.site.lobby
    return reader.page(
        "today.html",
        status_code=status_code,
        here=f"/{reader.site.id}/today",
        shown=await reader.site.read(_shown),
        places=[(EVERYWHERE, {}), *((room.id, room.name) for room in lobby.rooms)],
        spoken=lobby.site.languages,
        characters_max=NOTICE_CHARACTERS_MAX,
        wish=wish or Wish(),
        refused=refused,
        new_request_id=reader.web.new_token,
    )


def _shown(day: Day, now: datetime) -> Shown | None:
    """None while no day is open."""
    if not day.is_open or day.lobby is None:
        return None
    lobby, view = day.lobby, lobby_view(day, now)
    return Shown(
        services=tuple(ServiceShown(view=it, until_at=_local(lobby, it.paused_until_at)) for it in view.services),
        notices=tuple(
            NoticeShown(
                place=it.room or EVERYWHERE,
                name=day.rooms[it.room].room.name if it.room else {},
                text=it.text,
                until_at=_local(lobby, it.until_at),
            )
            for it in view.notices
        ),
    )


def _local(lobby: Lobby, at: datetime | None) -> datetime | None:
    return None if at is None else local(lobby, at)
