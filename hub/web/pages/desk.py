"""`/{site}/desk/{desk}`: where staff call, and see whom they have."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import get_args

import msgspec
from msgspec import Struct
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

import words
from hub.accounts.rights import Right
from hub.day.events import CallRule, Head
from hub.day.hours import local
from hub.day.inputs import AnyInput, CancelReason, CancelTicket, PickTicket, ResumeTicket, Transfer
from hub.day.lobby import Label, Lobby
from hub.day.page_views import CallReason, DeskView
from hub.day.refusal import Code
from hub.day.room_views import AlarmView
from hub.site import Answer
from hub.web import forms, readings
from hub.web.gate import still
from hub.web.pages.reader import Reader, reader_of
from hub.web.pages.router import PageRouter
from hub.web.problems import status_of
from hub.web.wishes import Action, about_ticket, ask_at_desk, check_in, issue_ticket, merge_tickets, press
from wire.messages import PanelState

router = PageRouter(Right.DESKS)

_SEQ = re.compile("[0-9]{1,16}")


class Button(Struct, frozen=True):
    """A button of the desk page, its key on the keyboard, and the states of the desk in which it does something."""

    action: Action
    key: str
    states: frozenset[PanelState]


OPEN_STATES = frozenset({PanelState.FREE, PanelState.CALLED, PanelState.SERVING})
BUTTONS = (
    Button(Action.NEXT, "n", OPEN_STATES),
    Button(Action.START, "s", frozenset({PanelState.CALLED})),
    Button(Action.RECALL, "r", frozenset({PanelState.CALLED})),
    Button(Action.NO_SHOW, "x", frozenset({PanelState.CALLED})),
    Button(Action.FINISH, "f", frozenset({PanelState.CALLED, PanelState.SERVING})),
    Button(Action.PARK, "p", frozenset({PanelState.CALLED, PanelState.SERVING})),
    Button(Action.UNDO, "u", frozenset({PanelState.CALLED})),
    Button(Action.OPEN, "o", frozenset({PanelState.CLOSED})),
    Button(Action.CLOSE, "c", OPEN_STATES),
)
"""In the order of the page. Every button is always there, so that none moves under a hand; some cannot be pressed."""

ACTIONS = frozenset(Action)

TICKET_WISHES: dict[str, Callable[[str, FormData], Callable[[str], AnyInput]]] = {
    "call": lambda desk, form: lambda ticket: PickTicket(desk=desk, ticket=ticket, seen=_seen(form), by="page"),
    "resume": lambda desk, form: lambda ticket: ResumeTicket(ticket=ticket, desk=desk),
    "cancel": lambda desk, form: lambda ticket: CancelTicket(ticket=ticket, desk=desk, reason=_reason(form)),
}
"""From the desk and its form to what is asked of the ticket that the form names."""


CANCEL_REASONS: tuple[CancelReason, ...] = get_args(CancelReason)


class Parked(Struct, frozen=True, kw_only=True):
    """A visitor who is to come back; the time is the lobby's own."""

    number: str
    until_at: datetime


class Why(Struct, frozen=True, kw_only=True):
    """Why this visitor was called and nobody else; the times are the lobby's own."""

    rule: CallRule
    due_at: datetime
    slot_at: datetime | None
    priority: Label
    earlier_min: int
    overdue_max_min: int
    passed_over: list[Head]


class Alarm(Struct, frozen=True, kw_only=True):
    """A room above its limit; the time is the lobby's own."""

    view: AlarmView
    since_at: datetime


class Shown(Struct, frozen=True, kw_only=True):
    """What the page says; times are the lobby's own."""

    desk: DeskView
    issued_at: datetime | None
    called_at: datetime | None
    visitor_language: str
    why: Why | None
    helps: frozenset[str]
    """Services with which this desk helps out."""
    parked: list[Parked]
    alarms: list[Alarm]


@router.get("/{site}/desk/{desk}")
async def show_desk(request: Request, site: str, desk: str) -> Response:
    """The desk as it stands."""
    return await _page(reader_of(request, site), desk)


@router.get("/{site}/desk/{desk}/live")
async def follow_desk(request: Request, site: str, desk: str) -> Response:
    """The desk's fragment, again whenever it looks different."""
    reader = reader_of(request, site)
    its = reader.site
    await _look(reader, desk)  # An unknown desk is a 404 before the stream begins.

    async def look() -> tuple[int, Shown] | None:
        view = await its.read(partial(readings.desk, desk))
        return None if view is None else (view.seq, _shown(view, its.lobby, reader.language))

    return reader.web.live.stream(its, look, partial(_fragment, reader), still(request))


@router.post("/{site}/desk/{desk}/check-in")
async def check_visitor_in(request: Request, site: str, desk: str) -> Response:
    """Somebody at the desk has an appointment: check in with the code, and say the number."""
    reader = reader_of(request, site)
    its = reader.site
    form = await request.form()
    done, view = await check_in(
        reader.web,
        its,
        code=forms.text(form, "code"),
        language=its.lobby.site.languages[0],
        channel="desk",
        room=await its.read(partial(readings.room_of_desk, desk)),
        request_id=forms.request_id(form),
    )
    number = view.number if view else ""
    said = words.of(reader.language).gettext("Checked in: %(number)s") % {"number": number} if number else ""
    return await _answer(reader, desk, done, said=said)


@router.post("/{site}/desk/{desk}/issue")
async def give_ticket(request: Request, site: str, desk: str) -> Response:
    """Give a visitor who stands at the desk a ticket, and say the number."""
    reader = reader_of(request, site)
    its = reader.site
    form = await request.form()
    _, request_id = _seen_and_id(form)
    party = forms.text(form, "party_people") or "1"
    done, view = await issue_ticket(
        reader.web,
        its,
        service=forms.text(form, "service"),
        language=its.lobby.site.languages[0],
        channel="desk",
        party_people=int(party) if party.isdecimal() and len(party) <= 4 else 0,
        priority=forms.text(form, "priority"),
        room=await its.read(partial(readings.room_of_desk, desk)),
        request_id=request_id,
    )
    number = view.number if view else ""
    said = words.of(reader.language).gettext("The number is %(number)s") % {"number": number} if number else ""
    return await _answer(reader, desk, done, said=said)


@router.post("/{site}/desk/{desk}/transfer")
async def transfer_visitor(request: Request, site: str, desk: str) -> Response:
    """The visitor goes on to another service or desk."""
    reader = reader_of(request, site)
    its = reader.site
    form = await request.form()
    seen, request_id = _seen_and_id(form)
    service, to_desk = forms.text(form, "service"), forms.text(form, "to_desk")
    wish = Transfer(desk=desk, seen=seen, by="page", service=service, to_desk=to_desk)
    return await _answer(reader, desk, await ask_at_desk(its, "transfer", wish, request_id))


@router.post("/{site}/desk/{desk}/tickets/{wish}")
async def ask_for_ticket(request: Request, site: str, desk: str, wish: str) -> Response:
    """What staff want of one ticket, which the form names by its number."""
    reader = reader_of(request, site)
    its = reader.site
    form = await request.form()
    request_id = forms.request_id(form)
    if wish not in (*TICKET_WISHES, "merge") or not request_id:
        raise HTTPException(400)
    number = forms.text(form, "number")
    if wish == "merge":
        done = await merge_tickets(its, number, forms.text(form, "duplicate"), request_id)
    else:
        done = await about_ticket(its, number, wish, TICKET_WISHES[wish](desk, form), request_id)
    return await _answer(reader, desk, done)


@router.post("/{site}/desk/{desk}/{action}")
async def press_button(request: Request, site: str, desk: str, action: str) -> Response:
    """Do it, and show the desk again. The page's script asks for JSON and swaps the fragment in."""
    reader = reader_of(request, site)
    its = reader.site
    form = await request.form()
    if action not in ACTIONS:
        raise HTTPException(404)
    seen, request_id = _seen_and_id(form)
    done = await press(its, desk, Action(action), seen=seen, by="page", request_id=request_id)
    return await _answer(reader, desk, done)


def _reason(form: FormData) -> CancelReason:
    """Why staff cancel a ticket; what is none of the reasons is another one."""
    written = forms.text(form, "reason")
    return next((reason for reason in CANCEL_REASONS if reason == written), "other")


def _seen_and_id(form: FormData) -> tuple[int, str]:
    """What the page of a desk puts into each of its forms.

    Raises:
        HTTPException: 400, the form is none of ours.
    """
    request_id = forms.request_id(form)
    if not request_id:
        raise HTTPException(400)
    return _seen(form), request_id


def _seen(form: FormData) -> int:
    """The desk's sequence that the page showed. Raises as `_seen_and_id`."""
    seen = forms.text(form, "seen")
    if not _SEQ.fullmatch(seen):
        raise HTTPException(400)
    return int(seen)


async def _answer(reader: Reader, desk: str, done: Answer, *, said: str = "") -> Response:
    """What came of it, as JSON for the page's script, else as a page."""
    refused = reader.refusal(done)
    if reader.request.headers.get("accept") == "application/json":
        seq, shown = await _look(reader, desk)
        body = {
            "fragment": _fragment(reader, shown),
            "seq": seq,
            "refused": refused,
            "said": said,
            "request_id": reader.web.new_token(),
        }
        return JSONResponse(body, headers={"cache-control": "no-store"})
    if refused or said:
        status_code = status_of(done.code) if refused else 200
        return await _page(reader, desk, status_code=status_code, refused=refused, said=said)
    return RedirectResponse(f"/{reader.site.id}/desk/{desk}", status_code=303)


async def _page(
    reader: Reader,
    desk: str,
    *,
    status_code: int = 200,
    refused: str = "",
    said: str = "",
) -> Response:
    seq, shown = await _look(reader, desk)
    lobby = reader.site.lobby
    return reader.page(
        "desk.html",
        status_code=status_code,
        here=f"/{reader.site.id}/desk/{desk}",
        shown=shown,
        seq=seq,
        buttons=BUTTONS,
        cancel_reasons=CANCEL_REASONS,
        services=lobby.services,
        priorities=lobby.priorities,
        desks=lobby.desks,
        request_id=reader.web.new_token(),
        refused=refused,
        said=said,
    )


def _fragment(reader: Reader, shown: Shown) -> str:
    return reader.web.drawing.fragment(
        "_desk.html",
        reader.language,
        site=reader.site.id,
        shown=shown,
        buttons=BUTTONS,
        request_id=reader.web.new_token(),
    )


async def _look(reader: Reader, desk: str) -> tuple[int, Shown]:
    """The desk as it is now, after the journal position at which it is so.

    Raises:
        HTTPException: 404, there is no such desk today.
    """
    view = await reader.site.read(partial(readings.desk, desk))
    if view is None:
        raise HTTPException(404, detail=Code.UNKNOWN_DESK)
    return view.seq, _shown(view, reader.site.lobby, reader.language)


def _shown(view: DeskView, lobby: Lobby, language: str) -> Shown:
    return Shown(
        desk=msgspec.structs.replace(view, seq=0),
        issued_at=None if view.issued_at is None else local(lobby, view.issued_at),
        called_at=None if view.called_at is None else local(lobby, view.called_at),
        helps=frozenset(line.id for line in view.lines if line.helps),
        why=_why(view.why, lobby) if view.why else None,
        parked=[Parked(number=it.number, until_at=local(lobby, it.until_at)) for it in view.parked],
        alarms=[Alarm(view=it, since_at=local(lobby, it.since_at)) for it in view.alarms],
        visitor_language=words.language_name(view.language, language),
    )


def _why(reason: CallReason, lobby: Lobby) -> Why:
    passed = [msgspec.structs.replace(head, due_at=local(lobby, head.due_at)) for head in reason.passed_over]
    return Why(
        rule=reason.rule,
        due_at=local(lobby, reason.due_at),
        slot_at=None if reason.slot_at is None else local(lobby, reason.slot_at),
        priority=reason.priority,
        earlier_min=reason.earlier_s // 60,
        overdue_max_min=reason.overdue_max_s // 60,
        passed_over=passed,
    )
