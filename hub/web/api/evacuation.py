"""The building is evacuated, and people come back."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from hub.accounts.rights import Right, role_for_evacuation
from hub.day.inputs import AnyInput, EndEvacuation, Evacuate
from hub.day.model import Day
from hub.web.api.declared import answers, problems, routes
from hub.web.api.shapes import EndedEvacuation, EvacuationView, IdempotencyKey, answer
from hub.web.gate import admit, site_of
from hub.web.problems import refused
from hub.web.wishes import change
from wire.messages import Outcome

router = routes("evacuation", "/sites/{site}/evacuation", Right.SAFETY)

SAYS = answers(EvacuationView, "How it stands after that.") | problems(
    _404="No such site or room.", _409="No day is open.", _503="It could not be saved; nothing happened."
)


def standing(day: Day, now: datetime) -> EvacuationView:
    """Whether the building is being evacuated."""
    of = day.evacuation
    return EvacuationView(evacuated_since_at=of.since_at if of else None, by=of.by if of else None)


@router.get("", responses=answers(EvacuationView, "Since when, if at all.") | problems(_404="No such site."))
async def read_evacuation(request: Request, site: str) -> Response:
    """Whether the building is being evacuated."""
    return answer(await site_of(request, site).read(standing))


@router.put("", responses=SAYS)
async def evacuate(request: Request, site: str, idempotency_key: IdempotencyKey = None) -> Response:
    """Have everybody leave: nobody is called, invited or given a ticket until it is ended. Tickets keep their place."""
    identity = await admit(request, Right.SAFETY)
    return await _ordered(request, site, "evacuate", Evacuate(by=role_for_evacuation(identity)), idempotency_key)


@router.post("/end", responses=SAYS)
async def end_evacuation(
    request: Request, site: str, wish: EndedEvacuation, idempotency_key: IdempotencyKey = None
) -> Response:
    """Let people come back. Rooms are empty but for the people that are said."""
    identity = await admit(request, Right.SAFETY)
    an_input = EndEvacuation(by=role_for_evacuation(identity), people=wish.people)
    return await _ordered(request, site, "end-evacuation", an_input, wish.request_id or idempotency_key)


async def _ordered(request: Request, site: str, what: str, an_input: AnyInput, request_id: str | None) -> Response:
    its = site_of(request, site)
    done = await change(its, what, "", an_input, request_id or "")
    return answer(await its.read(standing)) if done.outcome is Outcome.DONE else refused(request, its, done)
