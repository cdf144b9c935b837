"""What staff at a desk do with one ticket, by its number."""

from starlette.responses import Response

from hub.accounts.rights import Right
from hub.day.inputs import CancelTicket, PickTicket, ResumeTicket
from hub.web.api.asking import AtDesk
from hub.web.api.declared import routes
from hub.web.api.desks import ANSWERS
from hub.web.api.shapes import DeskPress, NewCancellation, NewMerge, TicketWish
from hub.web.wishes import about_ticket, merge_tickets

router = routes("desks", "/sites/{site}/desks/{desk}/tickets/{number}", Right.DESKS)


@router.post("/call", responses=ANSWERS)
async def call_by_hand(staff: AtDesk, number: str, wish: DeskPress | None = None) -> Response:
    """Call this ticket, whoever is due first. The journal keeps who was passed over."""
    wish, desk = wish or DeskPress(), staff.desk
    seen = wish.seen
    done = await about_ticket(
        staff.site,
        number,
        f"call/{desk}",
        lambda it: PickTicket(desk=desk, ticket=it, seen=seen, by="api"),
        staff.request_id(wish),
    )
    return await staff.answer(done)


@router.post("/resume", responses=ANSWERS)
async def resume_at_desk(staff: AtDesk, number: str, wish: TicketWish | None = None) -> Response:
    """A parked visitor is back at a desk that serves her: in line again at the old place."""
    request_id = staff.request_id(wish or TicketWish())
    done = await about_ticket(
        staff.site, number, "resume", lambda it: ResumeTicket(ticket=it, desk=staff.desk), request_id
    )
    return await staff.answer(done)


@router.post("/cancel", responses=ANSWERS)
async def cancel_at_desk(staff: AtDesk, number: str, wish: NewCancellation) -> Response:
    """End a ticket without serving it, and say why."""
    done = await about_ticket(
        staff.site,
        number,
        "cancel",
        lambda it: CancelTicket(ticket=it, desk=staff.desk, reason=wish.reason),
        staff.request_id(wish),
    )
    return await staff.answer(done)


@router.post("/merge", responses=ANSWERS)
async def merge_at_desk(staff: AtDesk, number: str, wish: NewMerge) -> Response:
    """Two tickets are of one visitor: the earlier arrival counts, and one number stays, which the answer tells."""
    return await staff.answer(await merge_tickets(staff.site, number, wish.duplicate, staff.request_id(wish)))
