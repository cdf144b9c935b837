"""What managers change for the rest of the day: limits of rooms, pauses of services, notices."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from hub.accounts.rights import Right
from hub.day.inputs import (
    AnyInput,
    ChangeLimit,
    PauseService,
    PostNotice,
    ResumeService,
    WithdrawNotice,
)
from hub.day.page_views import LobbyView, NoticeView, ServiceView
from hub.day.refusal import Code
from hub.day.room_views import RoomView
from hub.site import Site
from hub.web import readings
from hub.web.api.declared import Responses, answers, problems, routes
from hub.web.api.shapes import IdempotencyKey, NewLimit, NewNotice, NewPause, answer
from hub.web.gate import site_of
from hub.web.problems import problem, refused
from hub.web.wishes import change
from wire.messages import Outcome

router = routes("changes", "/sites/{site}", Right.DAY)
limits = routes("changes", "/sites/{site}", Right.ROOMS)

FAILURES = problems(_409="No day is open.", _503="It could not be saved; nothing happened.")
LIMIT: Responses = answers(RoomView, "The room after it.") | FAILURES | problems(_404="No such site or room.")
PAUSE: Responses = answers(ServiceView, "The service after it.") | FAILURES | problems(_404="No such site or service.")
NOTICES: Responses = (
    answers(NoticeView, "All notices after it.", many=True) | FAILURES | problems(_404="No such site or room.")
)


@limits.put("/rooms/{room}/limit", responses=LIMIT)
async def set_limit(
    request: Request, site: str, room: str, wish: NewLimit, idempotency_key: IdempotencyKey = None
) -> Response:
    """Let the room hold another number of people, until the day turns or it is set back."""
    an_input = ChangeLimit(room=room, limit_people=wish.limit_people, why=wish.why)
    return await _changed(request, site, "limit", room, an_input, wish.request_id or idempotency_key)


@limits.delete("/rooms/{room}/limit", responses=LIMIT)
async def set_limit_back(request: Request, site: str, room: str, idempotency_key: IdempotencyKey = None) -> Response:
    """Let the room hold as many people as the lobby file says."""
    return await _changed(request, site, "limit-back", room, ChangeLimit(room=room, limit_people=None), idempotency_key)


@router.put("/services/{service}/pause", responses=PAUSE)
async def pause_service(
    request: Request, site: str, service: str, wish: NewPause, idempotency_key: IdempotencyKey = None
) -> Response:
    """Issue no more tickets for the service. Who has one is still called."""
    an_input = PauseService(service=service, until_at=_utc(wish.until_at))
    return await _changed(request, site, "pause", service, an_input, wish.request_id or idempotency_key)


@router.delete("/services/{service}/pause", responses=PAUSE)
async def resume_service(request: Request, site: str, service: str, idempotency_key: IdempotencyKey = None) -> Response:
    """Issue tickets again."""
    return await _changed(request, site, "resume", service, ResumeService(service=service), idempotency_key)


@router.put("/notice", responses=NOTICES)
async def post_notice(request: Request, site: str, wish: NewNotice, idempotency_key: IdempotencyKey = None) -> Response:
    """Tell visitors everywhere, in place of what was posted before."""
    an_input = PostNotice(text=wish.text, until_at=_utc(wish.until_at))
    return await _changed(request, site, "post", "", an_input, wish.request_id or idempotency_key)


@router.delete("/notice", responses=NOTICES)
async def withdraw_notice(request: Request, site: str, idempotency_key: IdempotencyKey = None) -> Response:
    """Take down what is posted everywhere."""
    return await _changed(request, site, "withdraw", "", WithdrawNotice(), idempotency_key)


@router.put("/rooms/{room}/notice", responses=NOTICES)
async def post_notice_in_room(
    request: Request, site: str, room: str, wish: NewNotice, idempotency_key: IdempotencyKey = None
) -> Response:
    """Tell visitors of one room, in place of what was posted there before."""
    an_input = PostNotice(text=wish.text, room=room, until_at=_utc(wish.until_at))
    return await _changed(request, site, "post", room, an_input, wish.request_id or idempotency_key)


@router.delete("/rooms/{room}/notice", responses=NOTICES)
async def withdraw_notice_in_room(
    request: Request, site: str, room: str, idempotency_key: IdempotencyKey = None
) -> Response:
    """Take down what is posted in the room."""
    return await _changed(request, site, "withdraw", room, WithdrawNotice(room=room), idempotency_key)


async def _changed(
    request: Request, site: str, what: str, place: str, an_input: AnyInput, request_id: str | None
) -> Response:
    its = site_of(request, site)
    done = await change(its, what, place, an_input, request_id or "")
    if done.outcome is not Outcome.DONE:
        return refused(request, its, done)
    view = await its.read(readings.lobby)
    return problem(request, 409, Code.NO_DAY, site=its) if view is None else _about(request, its, view, an_input)


def _about(request: Request, site: Site, view: LobbyView, an_input: AnyInput) -> Response:
    """That part of the lobby which was changed."""
    if isinstance(an_input, ChangeLimit):
        room = next((it for it in view.rooms if it.id == an_input.room), None)
        return problem(request, 404, Code.UNKNOWN_ROOM, site=site) if room is None else answer(room)
    if isinstance(an_input, PauseService | ResumeService):
        service = next((it for it in view.services if it.id == an_input.service), None)
        return problem(request, 404, Code.UNKNOWN_SERVICE, site=site) if service is None else answer(service)
    return answer(view.notices)


def _utc(until_at: datetime | None) -> datetime | None:
    return None if until_at is None else until_at.astimezone(UTC)
