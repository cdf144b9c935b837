"""Rooms: how many people, today's curve, and what somebody has counted."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from hub.accounts.rights import Right
from hub.day.refusal import Code
from hub.day.room_views import RoomCurve, RoomView
from hub.web import readings
from hub.web.api.declared import answers, problems, routes
from hub.web.api.shapes import IdempotencyKey, NewCorrection, answer
from hub.web.gate import site_of
from hub.web.problems import problem, refused
from hub.web.wishes import correct_people
from wire.messages import Outcome

router = routes("rooms", "/sites/{site}/rooms", Right.ROOMS)


@router.get(
    "",
    responses=answers(RoomView, "Every room, in the lobby's order.", many=True) | problems(_404="No such site."),
)
async def list_rooms(request: Request, site: str) -> Response:
    """All rooms against their limits; none while no day is open."""
    return answer(await site_of(request, site).read(readings.rooms))


@router.get(
    "/{room}/curve",
    responses=answers(RoomCurve, "From the beginning of the day until now.") | problems(_404="No such site or room."),
)
async def read_curve(request: Request, site: str, room: str) -> Response:
    """How many people the room held in the course of the day, at most one point a minute."""
    its = site_of(request, site)
    curve = await its.read(partial(readings.curve, room))
    return problem(request, 404, Code.UNKNOWN_ROOM, site=its) if curve is None else answer(curve)


@router.post(
    "/{room}/corrections",
    responses=answers(RoomView, "The room after it.")
    | problems(
        _404="No such site or room.",
        _409="No day is open.",
        _503="It could not be saved; nothing happened.",
    ),
)
async def correct_count(
    request: Request, site: str, room: str, wish: NewCorrection, idempotency_key: IdempotencyKey = None
) -> Response:
    """Say how many people are in the room. Counters go on from there."""
    its = site_of(request, site)
    request_id = wish.request_id or idempotency_key or ""
    done = await correct_people(its, room, wish.people, why=wish.why, request_id=request_id)
    if done.outcome is not Outcome.DONE:
        return refused(request, its, done)
    view = await its.read(partial(readings.room, room))
    if view is None:  # The correction was noted on an earlier day, and the room is described no more.
        return problem(request, 404, Code.UNKNOWN_ROOM, site=its)
    return answer(view)
