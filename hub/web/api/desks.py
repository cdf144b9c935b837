"""Desks, and the buttons that staff press at them."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from hub.day.page_views import DeskView
from hub.day.refusal import Code
from hub.web import readings
from hub.web.api.declared import answers, problems, routes
from hub.web.api.shapes import DeskAnswer, DeskPress, IdempotencyKey, answer
from hub.web.context import web_of
from hub.web.problems import problem, refused
from hub.web.wishes import press
from wire.messages import Key, Outcome

router = routes("desks", "/sites/{site}/desks")


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


@router.post(
    "/{desk}/{action}",
    responses=answers(DeskAnswer, "What was done, and the desk after it.")
    | problems(
        _404="No such site or desk.",
        _409="Not now; `code` says why.",
        _503="It could not be saved; nothing happened.",
    ),
)
async def press_button(
    request: Request,
    site: str,
    desk: str,
    action: Key,
    wish: DeskPress | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Press one of the buttons of a desk."""
    its = web_of(request).site(site)
    wish = wish or DeskPress()
    request_id = wish.request_id or idempotency_key or ""
    done = await press(its, desk, action, seen=wish.seen, by="api", request_id=request_id)
    if done.outcome is not Outcome.DONE:
        return refused(request, its, done)
    view = await its.read(partial(readings.desk, desk))
    if view is None:  # The press was answered on an earlier day, and the desk is described no more.
        return problem(request, 404, Code.UNKNOWN_DESK, site=its)
    return answer(DeskAnswer(number=await its.read(partial(readings.number, done.ticket)), desk=view))
