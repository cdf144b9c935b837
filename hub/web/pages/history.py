"""`/{site}/history`: today beside the usual day, the week by hours, and history as tables for a spreadsheet."""

import csv
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any, NamedTuple

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hub.accounts.rights import Right
from hub.day.lobby import DeviceKind, Label, Lobby, Room
from hub.errors import HistoryDown, Unwritten
from hub.history.points import Crossing, DeskState, DeviceState, Line, NodeState, Occupancy, Point, SelfTest, Visit
from hub.history.reading import HistoryReader
from hub.self_tests import CHECKED_DAYS
from hub.web.device_faults import Fault, faults_against
from hub.web.looking_back import WEEKS, Compared, LookingBack, Span
from hub.web.pages.reader import Reader, reader_of
from hub.web.pages.router import PageRouter
from hub.web.usual import Usual
from hub.web.usual_chart import UsualChart, usual_chart

router = PageRouter(Right.ROOMS)

DAYS_MAX = 366
"""Of one table; a year and a day of a busy lobby are some ten million lines."""
PIECE = timedelta(hours=6)
"""Of a busy day it has a thousand lines of one room: some 20 ms of a store that may have to write the journal, too."""
MONDAY = date(2026, 3, 2)
"""Any Monday, for the names of weekdays."""
HEATS = (0.25, 0.5, 0.75, 1.0)
"""Shares of the limit at which the map takes its next shade."""


class Table(NamedTuple):
    """A kind of point, and the series of a lobby that have it."""

    kind: type[Point]
    series: Callable[[Lobby], Sequence[str]]


def _of_kinds(*kinds: DeviceKind) -> Callable[[Lobby], Sequence[str]]:
    return lambda lobby: [it.address for it in lobby.devices if it.kind in kinds]


TABLES: dict[str, Table] = {
    "rooms": Table(Occupancy, lambda lobby: [it.id for it in lobby.rooms]),
    "doors": Table(Crossing, lambda lobby: [it.id for it in lobby.doors]),
    "lines": Table(Line, lambda lobby: [it.id for it in lobby.services]),
    "visits": Table(Visit, lambda lobby: [it.id for it in lobby.services]),
    "desks": Table(DeskState, lambda lobby: [it.id for it in lobby.desks]),
    "devices": Table(DeviceState, _of_kinds(DeviceKind.COUNTER, DeviceKind.PRINTER)),
    "self-tests": Table(SelfTest, _of_kinds(DeviceKind.COUNTER)),
    "nodes": Table(NodeState, lambda lobby: list(dict.fromkeys(it.node for it in lobby.devices))),
}


class Cell(Struct, frozen=True, kw_only=True):
    """An hour of a weekday; `people` is None where nothing is known."""

    people: int | None
    heat: int
    """0 to 4: below which share of the limit."""


class WeekRow(Struct, frozen=True, kw_only=True):
    """An hour of the day."""

    hour: int
    cells: tuple[Cell, ...]


class ServiceCompared(Struct, frozen=True, kw_only=True):
    """Waits of a service, in minutes."""

    letter: str
    name: Label
    today_min: int | None
    usual: Usual | None
    """In minutes."""


class CounterDoubted(Struct, frozen=True, kw_only=True):
    """A door whose counts speak against their counter."""

    door: Label
    """Its id if it has no name."""
    faults: tuple[Fault, ...]


class Shown(Struct, frozen=True, kw_only=True):
    """All that the page says of one room, and of the lobby."""

    chart: UsualChart
    days: int
    """Of which "usual" is made, at most `WEEKS`."""
    week: tuple[WeekRow, ...]
    limit_people: int
    entered: Compared
    services: tuple[ServiceCompared, ...]
    counters: tuple[CounterDoubted, ...]
    """Empty if the counts of no door speak against their counter."""


@router.get("/{site}/history")
async def show_history(request: Request, site: str) -> Response:
    """Today and the week of the room that `?room=` names, else the first one."""
    reader = reader_of(request, site)
    looking_back = reader.web.looking_back.get(reader.site.id)
    lobby = reader.site.lobby
    asked = request.query_params.get("room", lobby.rooms[0].id)
    room = next((it for it in lobby.rooms if it.id == asked), None)
    if room is None:
        raise HTTPException(404)
    shown, trouble = None, ""
    try:
        shown = await _shown(looking_back, lobby, room, _doubted(reader)) if looking_back else None
    except (HistoryDown, Unwritten):
        trouble = "down"
    today = reader.web.now().date() if looking_back is None else looking_back.today()
    return reader.page(
        "history.html",
        status_code=503 if trouble else 200,
        here=f"/{reader.site.id}/history",
        shown=shown,
        trouble=trouble,
        rooms=lobby.rooms,
        room=room,
        weekdays=[MONDAY + timedelta(days=n) for n in range(7)],
        weeks=WEEKS,
        checked_days=CHECKED_DAYS,
        today=today,
        first=today - timedelta(days=6),
        tables=list(TABLES),
    )


async def _shown(
    looking_back: LookingBack, lobby: Lobby, described: Room, counters: tuple[CounterDoubted, ...]
) -> Shown:
    room, limit = described.id, described.limit_people
    today = looking_back.today()
    usually = await looking_back.usual_people(room)
    week = await looking_back.week(room)
    services = []
    for service in lobby.services:
        waits = await looking_back.waits(service.id)
        today_min = None if waits.today is None else round(waits.today / 60)
        compared = ServiceCompared(
            letter=service.letter, name=service.name, today_min=today_min, usual=_in_minutes(waits.usual)
        )
        services.append(compared)
    return Shown(
        chart=usual_chart(usually, await looking_back.people(room, today), limit),
        days=max((it.days for it in usually.values()), default=0),
        week=tuple(_week_rows(week, limit)),
        limit_people=limit,
        entered=await looking_back.entered(),
        services=tuple(services),
        counters=counters,
    )


def _doubted(reader: Reader) -> tuple[CounterDoubted, ...]:
    """As the hub found them when it looked last."""
    tests, lobby = reader.web.self_tests.get(reader.site.id), reader.site.lobby
    found = {} if tests is None else tests.doors()
    names = {it.id: it.name or {lobby.site.languages[0]: it.id} for it in lobby.doors if it.id in found}
    return tuple(CounterDoubted(door=names[it], faults=tuple(faults_against({it: found[it]}))) for it in names)


def _in_minutes(waits: Usual | None) -> Usual | None:
    if waits is None:
        return None
    return Usual(median=waits.median / 60, low=waits.low / 60, high=waits.high / 60, days=waits.days)


def _week_rows(week: dict[tuple[int, int], int], limit: int) -> list[WeekRow]:
    """From the first hour in which anybody is there to the last."""
    hours = [hour for (_, hour), people in week.items() if people]
    if not hours:
        return []
    return [
        WeekRow(hour=hour, cells=tuple(_cell(week.get((weekday, hour)), limit) for weekday in range(7)))
        for hour in range(min(hours), max(hours) + 1)
    ]


def _cell(people: int | None, limit: int) -> Cell:
    return Cell(people=people, heat=0 if people is None else sum(people >= share * limit for share in HEATS))


# --- tables ------------------------------------------------------------------------------------------------------


@router.get("/{site}/history.csv")
async def download_table(request: Request, site: str) -> Response:
    """`?table=rooms&from=2026-03-02&to=2026-03-08`: every point of these local days, both included."""
    reader = reader_of(request, site)
    looking_back, history = reader.web.looking_back.get(reader.site.id), reader.web.history
    table = TABLES.get(request.query_params.get("table", ""))
    first, last = _day(request, "from"), _day(request, "to")
    if looking_back is None or history is None:
        raise HTTPException(404)
    if table is None or first is None or last is None or not 0 <= (last - first).days < DAYS_MAX:
        raise HTTPException(400)
    days = [looking_back.span(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    lines = _lines(history, reader, table, [period for day in days for period in _pieces(day)])
    try:
        # The first lines are asked for before the answer begins: then it can still be another one.
        head = await anext(lines)
    except (HistoryDown, Unwritten):
        raise HTTPException(503) from None
    name = f"{reader.site.id}-{request.query_params['table']}-{first}-{last}.csv"
    return StreamingResponse(
        _all(head, lines),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


def _pieces(day: Span) -> Iterator[tuple[datetime, datetime]]:
    """(begin, end) of the pieces in which a day is asked for, by the clocks of the lobby."""
    from_at = day.from_at
    while from_at < day.to_at:
        to_at = min(from_at + PIECE, day.to_at)
        yield from_at, to_at
        from_at = to_at


def _day(request: Request, name: str) -> date | None:
    try:
        return date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        return None


async def _all(head: str, lines: AsyncIterator[str]) -> AsyncIterator[str]:
    yield head
    async for more in lines:
        yield more


async def _lines(
    history: HistoryReader, reader: Reader, table: Table, periods: Sequence[tuple[datetime, datetime]]
) -> AsyncIterator[str]:
    """The names of the columns with the first piece of the first series, then one piece after the other."""
    lobby = reader.site.lobby
    names = [name for name in table.kind.__struct_fields__ if name not in ("at", "site")]
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["at", *names])
    for from_at, to_at in periods:
        for of in table.series(lobby):
            points: list[Any] = await history.points(lobby.site.id, table.kind, of, from_at, to_at)
            zone = from_at.tzinfo
            for point in points:
                values = ("" if (it := getattr(point, name)) is None else it for name in names)
                writer.writerow([point.at.astimezone(zone).isoformat(timespec="milliseconds"), *values])
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    if text.getvalue():
        yield text.getvalue()
