"""`/t/{token}`: a visitor's ticket, alive from the line to the desk."""

from datetime import datetime
from functools import partial

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.day.hours import local
from hub.day.lobby import Label, Lobby
from hub.day.model import ENDED, TicketState
from hub.day.page_views import TicketView
from hub.day.refusal import Code
from hub.site import Answer
from hub.web import forms, readings
from hub.web.context import Found, ticket_path, web_of
from hub.web.gate import PUBLIC
from hub.web.pages.reader import reader_at
from hub.web.pages.router import PageRouter
from hub.web.problems import status_of
from hub.web.wishes import cancel_ticket, resume_ticket
from wire.messages import GateState, Outcome
from words import waits

router = PageRouter(PUBLIC)


class Shown(Struct, frozen=True, kw_only=True):
    """What the page says, and nothing that it does not: the page is redrawn when this is different."""

    number: str
    service: Label
    bring: Label
    state: TicketState
    ahead: int | None
    is_next: bool
    wait: str
    desk: str
    for_desk: str
    then: tuple[Label, ...]
    place_outside: int | None
    come_in_by_at: datetime | None
    """In the lobby's own time."""
    times_missed: int
    times_lapsed: int
    room: Label
    """Empty when the lobby has one room only."""
    called_at: datetime | None
    times_called: int
    back_at: datetime | None
    """In the lobby's own time."""
    parked_until_at: datetime | None
    """In the lobby's own time."""
    closes_at: datetime | None
    """In the lobby's own time."""
    served_after_close: bool
    ends_with_day: bool
    ended_why: str
    ended_reason: str
    also: tuple[str, ...]
    notices: tuple[Label, ...]
    asks_at_desk: bool
    room_state: GateState | None
    evacuates: bool

    @property
    def look(self) -> str:
        """What the page shows: the state, where waiting outside and being invited in look different from waiting."""
        if self.evacuates:
            return "evacuate"
        if self.come_in_by_at is not None:
            return "invited"
        if self.place_outside is not None:
            return "outside"
        return TicketState.WAITING.value if self.state is TicketState.ADMITTED else self.state.value

    @property
    def alarm(self) -> str:
        """Different for each moment at which the phone should move its owner; empty when there is none."""
        if self.evacuates:
            return "evacuate"
        moment_at = self.come_in_by_at or (self.called_at if self.state is TicketState.CALLED else None)
        return f"{self.look} {moment_at.isoformat()}" if moment_at else ""

    @property
    def can_give_back(self) -> bool:
        return self.state not in ENDED and self.state is not TicketState.SERVING


@router.get("/t/{token}")
async def show_ticket(request: Request, token: str) -> Response:
    """The ticket as it stands."""
    found = await web_of(request).ticket(token)
    return _page(request, found, token, "ticket.html")


@router.get("/t/{token}/live")
async def follow_ticket(request: Request, token: str) -> Response:
    """The ticket's fragment, again whenever it looks different."""
    found = await web_of(request).ticket(token)
    reader = reader_at(request, found.site)

    async def look() -> tuple[int, Shown] | None:
        view = await found.site.read(partial(readings.ticket, found.ticket))
        return None if view is None else (view.seq, _shown(view, found.site.lobby, reader.language))

    def draw(shown: Shown) -> str:
        return reader.web.drawing.fragment(
            "_ticket.html", reader.language, shown=shown, token=token, site=found.site.id
        )

    return reader.web.live.stream(found.site, look, draw)


@router.get("/t/{token}/give-back")
async def ask_before_giving_back(request: Request, token: str) -> Response:
    """The place in line would be lost, so this asks first."""
    found = await web_of(request).ticket(token)
    return _page(request, found, token, "give_back.html", request_id=web_of(request).new_token())


@router.post("/t/{token}/give-back")
async def give_back(request: Request, token: str) -> Response:
    """Leave the line."""
    web = web_of(request)
    found = await web.ticket(token)
    done = await cancel_ticket(found.site, found.ticket, forms.request_id(await request.form()))
    return _answer(request, found, token, done)


@router.post("/t/{token}/back")
async def come_back(request: Request, token: str) -> Response:
    """Back with what was missing: in line again."""
    found = await web_of(request).ticket(token)
    return _answer(request, found, token, await resume_ticket(found.site, found.ticket))


def _answer(request: Request, found: Found, token: str, done: Answer) -> Response:
    """The ticket again, with a sentence if the wish was refused and the page does not say it itself."""
    here = ticket_path(token)
    if done.outcome is Outcome.DONE or done.code in (Code.TICKET_ENDED, Code.NOT_PARKED):
        return RedirectResponse(here, status_code=303)
    refused, status_code = reader_at(request, found.site).refusal(done), status_of(done.code)
    return _page(request, found, token, "ticket.html", status_code=status_code, here=here, refused=refused)


def _page(
    request: Request,
    found: Found,
    token: str,
    template: str,
    *,
    status_code: int = 200,
    here: str = "",
    refused: str = "",
    request_id: str = "",
) -> Response:
    reader = reader_at(request, found.site)
    return reader.page(
        template,
        status_code=status_code,
        here=here,
        token=token,
        shown=_shown(found.view, found.site.lobby, reader.language),
        seq=found.view.seq,
        refused=refused,
        request_id=request_id,
    )


def _shown(view: TicketView, lobby: Lobby, language: str) -> Shown:
    return Shown(
        number=view.number,
        service=view.service,
        bring=view.bring,
        state=view.state,
        ahead=view.ahead,
        is_next=view.is_next,
        wait=waits.about(view.wait_s, language),
        desk=view.desk,
        for_desk=view.for_desk,
        then=view.then,
        place_outside=view.place_outside,
        come_in_by_at=None if view.come_in_by_at is None else local(lobby, view.come_in_by_at),
        times_missed=view.times_missed,
        times_lapsed=view.times_lapsed,
        room=view.room if len(lobby.rooms) > 1 else {},
        called_at=view.called_at,
        times_called=view.times_called,
        back_at=None if view.back_at is None else local(lobby, view.back_at),
        parked_until_at=None if view.parked_until_at is None else local(lobby, view.parked_until_at),
        closes_at=None if view.closes_at is None else local(lobby, view.closes_at),
        served_after_close=view.served_after_close,
        ends_with_day=view.ends_with_day,
        ended_why=view.ended_why,
        ended_reason=view.ended_reason,
        also=view.also,
        notices=view.notices,
        asks_at_desk=view.asks_at_desk,
        room_state=view.room_state,
        evacuates=view.evacuates,
    )
