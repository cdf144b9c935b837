"""Desks, and the buttons that staff press at them."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from hub.day.inputs import Transfer
from hub.day.page_views import DeskView
from hub.day.refusal import Code
from hub.site import Answer, Site
from hub.web import readings
from hub.web.api.declared import answers, problems, routes
from hub.web.api.shapes import DeskAnswer, DeskPress, IdempotencyKey, NewTransfer, answer
from hub.web.context import web_of
from hub.web.problems import problem, refused
from hub.web.wishes import Action, ask_at_desk, press
from wire.messages import Outcome

router = routes("desks", "/sites/{site}/desks")

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
async def transfer_visitor(
    request: Request, site: str, desk: str, wish: NewTransfer, idempotency_key: IdempotencyKey = None
) -> Response:
    """The visitor at the desk goes on to another service or desk, and waits there as long as she is here."""
    its = web_of(request).site(site)
    transfer = Transfer(desk=desk, seen=wish.seen, by="api", service=wish.service, to_desk=wish.to_desk)
    request_id = wish.request_id or idempotency_key or ""
    return await desk_answer(request, its, desk, await ask_at_desk(its, "transfer", transfer, request_id))


@router.post("/{desk}/{action}", responses=ANSWERS)
async def press_button(
    request: Request,
    site: str,
    desk: str,
    action: Action,
    wish: DeskPress | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Press one of the buttons of a desk."""
    its = web_of(request).site(site)
    wish = wish or DeskPress()
    request_id = wish.request_id or idempotency_key or ""
    done = await press(its, desk, action, seen=wish.seen, by="api", request_id=request_id)
    return await desk_answer(request, its, desk, done)


async def desk_answer(request: Request, its: Site, desk: str, done: Answer) -> Response:
    """What a wish at a desk came to."""
    if done.outcome is not Outcome.DONE:
        return refused(request, its, done)
    view = await its.read(partial(readings.desk, desk))
    if view is None:  # The wish was answered on an earlier day, and the desk is described no more.
        return problem(request, 404, Code.UNKNOWN_DESK, site=its)
    return answer(DeskAnswer(number=await its.read(partial(readings.number, done.ticket)), desk=view))
