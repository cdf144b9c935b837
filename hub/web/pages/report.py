"""`/{site}/rooms/report/{day}`: how the limits of a day were kept, for who signs for it. Made to be printed."""

from datetime import date, datetime, timedelta
from functools import partial

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.accounts.rights import Right
from hub.day.hours import local, opening_span, service_day
from hub.day.lobby import Lobby
from hub.day.report import DayReport, RoomReport
from hub.web.chart import Chart, chart
from hub.web.pages.reader import reader_of
from hub.web.pages.router import PageRouter
from hub.web.reporting import report_of

router = PageRouter(Right.SAFETY)

ROWS_MAX = 1_000
"""Of each table on paper; all of them are in the table for programs."""


class RoomShown(Struct, frozen=True, kw_only=True):
    """A room as the report has it."""

    of: RoomReport
    chart: Chart
    longest_hold_min: int | None
    over_min: int
    """For how long it was above its limit."""


@router.get("/{site}/rooms/report")
async def show_newest_report(request: Request, site: str) -> Response:
    """On to that of today."""
    reader = reader_of(request, site)
    today = service_day(reader.site.lobby, reader.web.now())
    return RedirectResponse(f"/{site}/rooms/report/{today.isoformat()}", status_code=303)


@router.get("/{site}/rooms/report/{day}")
async def show_report(request: Request, site: str, day: str) -> Response:
    """The report of one service day."""
    reader = reader_of(request, site)
    report = await report_of(reader.web, site, day)
    lobby = reader.site.lobby
    today = service_day(lobby, reader.web.now())
    return reader.page(
        "report.html",
        report=report,
        rooms=[_room_shown(room, report, lobby) for room in report.rooms],
        local=partial(local, lobby),
        made_at=local(lobby, reader.web.now()),
        before=_beside(report.day, -1),
        after=_beside(report.day, 1) if report.day < today else "",
        rows_max=ROWS_MAX,
    )


def _beside(day: date, days: int) -> str:
    return (day + timedelta(days=days)).isoformat()


def _room_shown(room: RoomReport, report: DayReport, lobby: Lobby) -> RoomShown:
    limits = [(it.at, it.limit_people) for it in room.limits]
    waits = [((it.until_at or report.until_at) - it.from_at) for it in room.holds]
    over = sum((((it.until_at or report.until_at) - it.from_at) for it in room.alarms), timedelta())
    return RoomShown(
        of=room,
        chart=chart(
            room.points,
            max((people for _, people in limits), default=0),
            opening=opening_span(lobby, report.day),
            now=_end_of(room, report),
            local=partial(local, lobby),
            limits=limits,
        ),
        longest_hold_min=round(max(waits).total_seconds() / 60) if waits else None,
        over_min=-(-int(over.total_seconds()) // 60),
    )


def _end_of(room: RoomReport, report: DayReport) -> datetime:
    """The night after a day is not drawn: its curve ends with what happened last."""
    if not report.is_over or not room.points:
        return report.until_at
    return min(report.until_at, room.points[-1].at + timedelta(hours=1))
