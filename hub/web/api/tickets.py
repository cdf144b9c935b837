"""Take a ticket, look at it, give it back."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from hub.day.page_views import TicketView
from hub.day.refusal import Code
from hub.site import Answer, Site
from hub.web import presence, readings
from hub.web.api.declared import answers, problems, routes
from hub.web.api.shapes import IdempotencyKey, IssuedTicket, NewTicket, answer
from hub.web.context import Found, Web, web_of
from hub.web.gate import PUBLIC, hold_back, is_of_the_house, stranger
from hub.web.limits import Kind
from hub.web.problems import problem, refused
from hub.web.wishes import cancel_ticket, issue_ticket, resume_ticket
from wire.messages import Outcome

router = routes("tickets", "", PUBLIC)


@router.post(
    "/sites/{site}/tickets",
    status_code=201,
    responses=answers(IssuedTicket, "The ticket, and where its page is.", 201)
    | problems(
        _401="Only staff, and programs with a token for tickets, may say `then` or `printer`.",
        _403="The lobby asks for the code of its door, or somebody with a token for something else says `then` or "
        "`printer`: staff, and programs with a token for tickets, may.",
        _404="No such site, service, priority or printer.",
        _409="The lobby is closed.",
        _429="Too many at once from there; `Retry-After` says when to ask again.",
        _503="The ticket could not be saved; nothing happened.",
    ),
)
async def take_ticket(request: Request, site: str, wish: NewTicket, idempotency_key: IdempotencyKey = None) -> Response:
    """Join the line of a service. Who is not of the house takes a ticket as with a phone."""
    web = web_of(request)
    its = web.site(site)
    await hold_back(request, Kind.JOIN, its.id)
    if await presence.is_missing(request, its):
        return problem(request, 403, Code.DOOR_CODE_NEEDED, site=its)
    is_of_house = await is_of_the_house(request, its.id)
    if not is_of_house and (wish.printer or wish.then is not None):
        raise await stranger(request)
    done, view = await issue_ticket(
        web,
        its,
        service=wish.service,
        language=wish.language or its.lobby.site.languages[0],
        channel="api" if is_of_house else "phone",
        party_people=wish.party_people,
        then=wish.then,
        priority=wish.priority,
        printer=wish.printer,
        request_id=wish.request_id or idempotency_key or "",
    )
    return issued(request, web, its, done, view)


def issued(request: Request, web: Web, site: Site, done: Answer, view: TicketView | None) -> Response:
    """What a wish for a ticket came to."""
    if done.outcome is not Outcome.DONE:
        return refused(request, site, done)
    if view is None:  # The wish was fulfilled on an earlier day.
        return problem(request, 404, Code.UNKNOWN_TICKET, site=site)
    token = web.keyring.token(done.ticket)
    ticket = IssuedTicket(number=view.number, token=token, url=web.ticket_url(site, token), ticket=view)
    return answer(ticket, 201, {"location": f"/api/v1/tickets/{token}"})


@router.get(
    "/tickets/{token}",
    responses=answers(TicketView, "The ticket as its visitor sees it.") | problems(_404="No such ticket today."),
)
async def read_ticket(request: Request, token: str) -> Response:
    """A ticket's place in line, and where to go when it is called."""
    return answer((await web_of(request).ticket(token)).view)


@router.delete(
    "/tickets/{token}",
    responses=answers(TicketView, "The ticket, closed.")
    | problems(_404="No such ticket today.", _409="It can no longer be given back.", _503="Nothing happened."),
)
async def give_ticket_back(request: Request, token: str, idempotency_key: IdempotencyKey = None) -> Response:
    """Leave the line."""
    found = await web_of(request).ticket(token)
    return await _ticket_after(request, found, await cancel_ticket(found.site, found.ticket, idempotency_key or ""))


@router.post(
    "/tickets/{token}/resume",
    responses=answers(TicketView, "The ticket, in line again.")
    | problems(_404="No such ticket today.", _409="It is not parked.", _503="Nothing happened."),
)
async def resume_parked_ticket(request: Request, token: str, idempotency_key: IdempotencyKey = None) -> Response:
    """Be back with what was missing, and in line again at the old place."""
    found = await web_of(request).ticket(token)
    return await _ticket_after(request, found, await resume_ticket(found.site, found.ticket, idempotency_key or ""))


async def _ticket_after(request: Request, found: Found, done: Answer) -> Response:
    """What a visitor's wish about her ticket came to: the ticket as it is then."""
    if done.outcome is not Outcome.DONE:
        return refused(request, found.site, done)
    view = await found.site.read(partial(readings.ticket, found.ticket))
    return problem(request, 404, Code.UNKNOWN_TICKET, site=found.site) if view is None else answer(view)
