"""What staff at a desk do with one ticket, by its number."""

from starlette.requests import Request
from starlette.responses import Response

from hub.day.inputs import CancelTicket, PickTicket, ResumeTicket
from hub.web.api.declared import routes
from hub.web.api.desks import ANSWERS, desk_answer
from hub.web.api.shapes import DeskPress, IdempotencyKey, NewCancellation, NewMerge, TicketWish
from hub.web.context import web_of
from hub.web.wishes import about_ticket, merge_tickets

router = routes("desks", "/sites/{site}/desks/{desk}/tickets/{number}")


@router.post("/call", responses=ANSWERS)
async def call_by_hand(
    request: Request,
    site: str,
    desk: str,
    number: str,
    wish: DeskPress | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Call this ticket, whoever is due first. The journal keeps who was passed over."""
    its = web_of(request).site(site)
    wish = wish or DeskPress()
    request_id = wish.request_id or idempotency_key or ""
    seen = wish.seen
    done = await about_ticket(
        its, number, f"call/{desk}", lambda it: PickTicket(desk=desk, ticket=it, seen=seen, by="api"), request_id
    )
    return await desk_answer(request, its, desk, done)


@router.post("/resume", responses=ANSWERS)
async def resume_at_desk(
    request: Request,
    site: str,
    desk: str,
    number: str,
    wish: TicketWish | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """A parked visitor is back at a desk that serves her: in line again at the old place."""
    its = web_of(request).site(site)
    request_id = (wish and wish.request_id) or idempotency_key or ""
    done = await about_ticket(its, number, "resume", lambda it: ResumeTicket(ticket=it, desk=desk), request_id)
    return await desk_answer(request, its, desk, done)


@router.post("/cancel", responses=ANSWERS)
async def cancel_at_desk(
    request: Request,
    site: str,
    desk: str,
    number: str,
    wish: NewCancellation,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """End a ticket without serving it, and say why."""
    its = web_of(request).site(site)
    request_id = wish.request_id or idempotency_key or ""
    done = await about_ticket(
        its, number, "cancel", lambda it: CancelTicket(ticket=it, desk=desk, reason=wish.reason), request_id
    )
    return await desk_answer(request, its, desk, done)


@router.post("/merge", responses=ANSWERS)
async def merge_at_desk(
    request: Request,
    site: str,
    desk: str,
    number: str,
    wish: NewMerge,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Two tickets are of one visitor: the earlier arrival counts, and one number stays, which the answer tells."""
    its = web_of(request).site(site)
    done = await merge_tickets(its, number, wish.duplicate, wish.request_id or idempotency_key or "")
    return await desk_answer(request, its, desk, done)
