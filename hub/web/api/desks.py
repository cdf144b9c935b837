"""Desks, and the buttons that staff press at them."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from hub.accounts.rights import Right
from hub.day.inputs import Transfer
from hub.day.page_views import DeskView
from hub.day.refusal import Code
from hub.web import readings
from hub.web.api.asking import AtDesk
from hub.web.api.declared import answers, problems, routes
from hub.web.api.shapes import DeskAnswer, DeskPress, NewTransfer, answer
from hub.web.context import web_of
from hub.web.problems import problem
from hub.web.wishes import Action, ask_at_desk, press

router = routes("desks", "/sites/{site}/desks", Right.DESKS)

ANSWERS = answers(DeskAnswer, "What was done, and the desk after it.") | problems(
    _404="No such site, desk or ticket.",
    _409="Not now; `code` says why.",
    _503="It could not be saved; nothing happened.",
)


@router.get(
    "",
    responses=answers(DeskView, "Every desk, in the lobby's order.", many=True) | problems(_404="No such site."),
)
async def list_desks(request: Request, site: str) -> Response:
    """All desks of a lobby; none while no day is open."""
    return answer(await web_of(request).site(site).read(readings.desks))


@router.get("/{desk}", responses=answers(DeskView, "The desk as it is now.") | problems(_404="No such site or desk."))
async def read_desk(request: Request, site: str, desk: str) -> Response:
    """A desk as its staff see it."""
    its = web_of(request).site(site)
    view = await its.read(partial(readings.desk, desk))
    return problem(request, 404, Code.UNKNOWN_DESK, site=its) if view is None else answer(view)


@router.post("/{desk}/transfer", responses=ANSWERS)
async def transfer_visitor(staff: AtDesk, wish: NewTransfer) -> Response:
    """The visitor at the desk goes on to another service or desk, and waits there as long as she is here."""
    transfer = Transfer(desk=staff.desk, seen=wish.seen, by="api", service=wish.service, to_desk=wish.to_desk)
    return await staff.answer(await ask_at_desk(staff.site, "transfer", transfer, staff.request_id(wish)))


@router.post("/{desk}/{action}", responses=ANSWERS)
async def press_button(staff: AtDesk, action: Action, wish: DeskPress | None = None) -> Response:
    """Press one of the buttons of a desk."""
    wish = wish or DeskPress()
    done = await press(staff.site, staff.desk, action, seen=wish.seen, by="api", request_id=staff.request_id(wish))
    return await staff.answer(done)
