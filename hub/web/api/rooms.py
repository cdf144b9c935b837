"""Rooms: how many people, today's curve, and what somebody has counted."""

from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from hub import standing
from hub.accounts.rights import Right
from hub.day.hours import local
from hub.day.lobby import DeviceKind
from hub.day.model import Day
from hub.day.refusal import Code
from hub.day.report import DayReport
from hub.day.room_views import RoomCurve, RoomView
from hub.web import readings
from hub.web.api.declared import Responses, answers, problems, routes
from hub.web.api.shapes import CounterView, IdempotencyKey, NewCorrection, answer
from hub.web.context import web_of
from hub.web.gate import site_of
from hub.web.problems import problem, refused
from hub.web.reporting import report_of, table
from hub.web.wishes import correct_people
from wire.messages import Outcome

router = routes("rooms", "/sites/{site}/rooms", Right.ROOMS)
reports = routes("rooms", "/sites/{site}/rooms/report", Right.SAFETY)

REPORT_FAILURES = problems(_404="No such site or day.", _503="Its rows cannot be read at the moment.")
TABLE: Responses = {200: {"description": "A line for each thing that happened.", "content": {"text/csv": {}}}}


@router.get(
    "",
    responses=answers(RoomView, "Every room, in the lobby's order.", many=True) | problems(_404="No such site."),
)
async def list_rooms(request: Request, site: str) -> Response:
    """All rooms against their limits; none while no day is open."""
    return answer(await site_of(request, site).read(readings.rooms))


@router.get(
    "/counters",
    responses=answers(CounterView, "Every people counter, in the lobby's order.", many=True)
    | problems(_404="No such site."),
)
async def list_counters(request: Request, site: str) -> Response:
    """What each people counter says of itself, and what its own counts say against it; none while no day is open."""
    web, its = web_of(request), site_of(request, site)

    def look(day: Day, now: datetime) -> list[CounterView]:
        against = web.against_counters(its.id, day, now)
        return [
            CounterView(
                device=it.device,
                door=day.devices[it.device].door,
                state=it.state,
                faults=against.get(it.device, ()),
            )
            for it in standing.devices(day)
            if it.kind is DeviceKind.COUNTER
        ]

    return answer(await its.read(look))


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


@reports.get("/{day}", responses=answers(DayReport, "All of it, by room.") | REPORT_FAILURES)
async def read_report(request: Request, site: str, day: str) -> Response:
    """How the limits of rooms were kept on a service day (ISO): limits, estimates, admissions, holds, alarms and
    corrections, with who made them."""
    its = site_of(request, site)
    return answer(await report_of(web_of(request), its.id, day))


@reports.get("/{day}/table", responses=TABLE | REPORT_FAILURES)
async def read_report_table(request: Request, site: str, day: str) -> Response:
    """The same as comma-separated values, in the order of time, with the lobby's own times."""
    its = site_of(request, site)
    report = await report_of(web_of(request), its.id, day)
    name = f"{its.id}-{report.day.isoformat()}.csv"
    disposition = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(table(report, partial(local, its.lobby)), media_type="text/csv; charset=utf-8", headers=disposition)
