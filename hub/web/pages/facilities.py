"""`/{site}/facilities`: how full the rooms are, how long people wait, and which devices need somebody."""

from datetime import datetime, timedelta
from functools import partial
from math import ceil

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.accounts.rights import Right
from hub.day.hours import local, opening_span
from hub.day.inputs import ChangeLimit, LimitReason
from hub.day.lobby import Label, Lobby
from hub.day.model import Day
from hub.day.page_views import ServiceView, lobby_view
from hub.day.room_views import RoomView
from hub.self_tests import Against
from hub.site import Site
from hub.web import forms
from hub.web.chart import Bar, Chart, bar, chart
from hub.web.device_faults import (
    Fault,
    FaultKind,
    NodeFacts,
    day_faults,
    faults_against,
    node_faults,
    nodes_of,
    settings_faults,
)
from hub.web.fullness import Fullness, free_people, fullness
from hub.web.gate import still
from hub.web.pages.reader import Reader, reader_of
from hub.web.pages.router import PageRouter
from hub.web.problems import status_of
from hub.web.wishes import Why, change, correct_people
from wire.messages import NodeStatus, Outcome

router = PageRouter(Right.ROOMS)

WHYS: dict[str, Why] = {"counted": "counted", "empty": "empty"}
LIMIT_WHYS: dict[str, LimitReason] = {
    "safety": "safety",
    "closed-part": "closed-part",
    "few-staff": "few-staff",
    "event": "event",
    "other": "other",
}
PEOPLE_DIGITS_MAX = 6
MINUTE = timedelta(minutes=1)


class RoomShown(Struct, frozen=True, kw_only=True):
    """A room as the page has it."""

    view: RoomView
    fullness: Fullness
    free_people: int
    """Places that are neither taken nor reserved, on the safe side."""
    bar: Bar | None
    """None while the number is not known."""
    chart: Chart
    over_since_at: datetime | None
    """In the lobby's own time; None unless there is an alarm."""


class WaitShown(Struct, frozen=True, kw_only=True):
    """A service and its line."""

    view: ServiceView
    expected_min: int | None
    """For who joins now; None if it cannot be said."""
    longest_min: int | None
    """How long who waits longest has been here; None when nobody waits."""


class Shown(Struct, frozen=True, kw_only=True):
    """All that the page says; times are the lobby's own."""

    rooms: tuple[RoomShown, ...]
    waits: tuple[WaitShown, ...]
    faults: tuple[Fault, ...]
    """The serious ones first."""
    nodes: int
    nodes_online: int

    @property
    def overfull(self) -> tuple[RoomShown, ...]:
        return tuple(it for it in self.rooms if it.fullness is Fullness.OVER or it.view.over is not None)


class Correction(Struct, frozen=True, kw_only=True):
    """What the form brought, to be filled in again when it was refused."""

    room: str = ""
    people: str = ""
    why: str = "counted"


class LimitWish(Struct, frozen=True, kw_only=True):
    """What the form for a limit brought, to be filled in again when it was refused."""

    room: str = ""
    people: str = ""
    why: str = "safety"


@router.get("/{site}/facilities")
async def show_facilities(request: Request, site: str) -> Response:
    """The lobby as it stands."""
    return await _page(reader_of(request, site))


@router.get("/{site}/facilities/live")
async def follow_facilities(request: Request, site: str) -> Response:
    """What the page says, again whenever it looks different."""
    reader = reader_of(request, site)

    async def look() -> tuple[int, Shown | None]:
        return await _look(reader)

    def draw(shown: Shown | None) -> str:
        return reader.web.drawing.fragment("_facilities.html", reader.language, shown=shown, site=reader.site.id)

    return reader.web.live.stream(reader.site, look, draw, still(request))


@router.post("/{site}/facilities")
async def correct_count(request: Request, site: str) -> Response:
    """Note what somebody has counted, and show the room."""
    reader = reader_of(request, site)
    form = await request.form()
    wish = Correction(room=forms.text(form, "room"), people=forms.text(form, "people"), why=forms.text(form, "why"))
    request_id = forms.request_id(form)
    if wish.why not in WHYS or not request_id:
        raise HTTPException(400)
    people = "0" if wish.why == "empty" else wish.people.strip()
    if not _is_number(people):
        return await _page(reader, status_code=422, wish=wish, nothing_counted=True)
    done = await correct_people(reader.site, wish.room, int(people), why=WHYS[wish.why], request_id=request_id)
    if done.outcome is Outcome.DONE:
        return _to_room(reader.site, wish.room)
    return await _page(reader, status_code=status_of(done.code), wish=wish, refused=reader.refusal(done))


@router.post("/{site}/facilities/limit")
async def change_limit(request: Request, site: str) -> Response:
    """Set a room's limit for the day, or set it back, and show the room."""
    reader = reader_of(request, site)
    form = await request.form()
    wish = LimitWish(room=forms.text(form, "room"), people=forms.text(form, "people"), why=forms.text(form, "why"))
    request_id, is_back = forms.request_id(form), forms.text(form, "do") == "back"
    if wish.why not in LIMIT_WHYS or not request_id:
        raise HTTPException(400)
    if is_back:
        an_input = ChangeLimit(room=wish.room, limit_people=None)
    elif _is_number(wish.people):
        an_input = ChangeLimit(room=wish.room, limit_people=int(wish.people), why=LIMIT_WHYS[wish.why])
    else:
        return await _page(reader, status_code=422, limit_wish=wish, nothing_limited=True)
    done = await change(reader.site, "limit-back" if is_back else "limit", wish.room, an_input, request_id)
    if done.outcome is Outcome.DONE:
        return _to_room(reader.site, wish.room)
    return await _page(reader, status_code=status_of(done.code), limit_wish=wish, refused=reader.refusal(done))


def _is_number(text: str) -> bool:
    return text.strip().isdecimal() and len(text.strip()) <= PEOPLE_DIGITS_MAX


def _to_room(site: Site, room: str) -> Response:
    return RedirectResponse(f"/{site.id}/facilities#room-{room}", status_code=303)


async def _page(
    reader: Reader,
    *,
    status_code: int = 200,
    wish: Correction | None = None,
    limit_wish: LimitWish | None = None,
    nothing_counted: bool = False,
    nothing_limited: bool = False,
    refused: str = "",
) -> Response:
    seq, shown = await _look(reader)
    rooms: list[tuple[str, Label]] = [(room.id, room.name) for room in reader.site.lobby.rooms]
    return reader.page(
        "facilities.html",
        status_code=status_code,
        shown=shown,
        seq=seq,
        rooms=rooms,
        wish=wish or Correction(),
        limit_wish=limit_wish or LimitWish(),
        nothing_counted=nothing_counted,
        nothing_limited=nothing_limited,
        refused=refused,
        request_id=reader.web.new_token(),
        limit_request_id=reader.web.new_token(),
        evacuation_request_id=reader.web.new_token(),
    )


async def _look(reader: Reader) -> tuple[int, Shown | None]:
    """What is to be seen, None while no day is open, after the journal position at which it is so."""
    nodes = nodes_of(reader.site.id, reader.web.health()[1])
    fleet = reader.web.fleets.get(reader.site.id)
    refusing = () if fleet is None else tuple(settings_faults(fleet.wished.values()))

    def look(day: Day, now: datetime) -> tuple[int, Shown | None]:
        return _shown(nodes, refusing, reader.against_counters(day, now), day, now)

    return await reader.site.read(look)


def _shown(
    nodes: tuple[NodeFacts, ...], refusing: tuple[Fault, ...], against: Against, day: Day, now: datetime
) -> tuple[int, Shown | None]:
    if not day.is_open or day.lobby is None:
        return day.seq, None
    lobby, view = day.lobby, lobby_view(day, now)
    gone = {node.name for node in nodes if node.status != NodeStatus.ONLINE}
    of_the_day = (fault for fault in day_faults(day) if not _follows(fault, gone))
    faults = [*node_faults(nodes), *refusing, *of_the_day, *faults_against(against)]
    shown = Shown(
        rooms=tuple(_room_shown(day, lobby, room, now) for room in view.rooms),
        waits=tuple(_wait_shown(day, service, now) for service in view.services),
        faults=tuple(_in_local_time(fault, lobby) for fault in sorted(faults, key=lambda fault: fault.is_mild)),
        nodes=len(nodes),
        nodes_online=len(nodes) - len(gone),
    )
    return day.seq, shown


def _follows(fault: Fault, gone: set[str]) -> bool:
    """Whether a counter is silent because its node is gone, which is said already."""
    silent = fault.kind in (FaultKind.COUNTER_SILENT, FaultKind.COUNTER_UNHEARD)
    return silent and fault.where.partition("/")[0] in gone


def _in_local_time(fault: Fault, lobby: Lobby) -> Fault:
    since_at = None if fault.since_at is None else local(lobby, fault.since_at)
    return Fault(where=fault.where, kind=fault.kind, needs=fault.needs, since_at=since_at)


def _room_shown(day: Day, lobby: Lobby, view: RoomView, now: datetime) -> RoomShown:
    assert day.day is not None
    its_bar = None
    if view.people is not None and view.lower is not None and view.upper is not None:
        its_bar = bar(view.people, view.lower, view.upper, view.reserved_people, view.limit_people)
    return RoomShown(
        view=view,
        fullness=fullness(view),
        free_people=free_people(view),
        bar=its_bar,
        chart=chart(
            day.rooms[view.id].curve,
            view.limit_people,
            opening=opening_span(lobby, day.day),
            now=now,
            local=partial(local, lobby),
        ),
        over_since_at=None if view.over is None else local(lobby, view.over.since_at),
    )


def _wait_shown(day: Day, view: ServiceView, now: datetime) -> WaitShown:
    state = day.services[view.id]
    tickets = [day.tickets[key[2]] for line in (state.line, state.outside) for key in line]
    first_at = min((ticket.issued_at for ticket in tickets), default=None)
    return WaitShown(
        view=view,
        expected_min=None if view.wait_s is None else ceil(view.wait_s / 60),
        longest_min=None if first_at is None else int((now - first_at) / MINUTE),
    )
