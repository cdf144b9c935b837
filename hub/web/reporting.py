"""The report of a day with the names of who did what, and the same as a table. Names come from the acts, not from the
journal, and are joined when somebody reads."""

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import StringIO

from msgspec.structs import replace
from starlette.exceptions import HTTPException

from hub.day.report import DayReport, RoomReport
from hub.web.context import Web

BY_HAND = frozenset({"ChangeLimit", "CorrectPeople", "Evacuate", "EndEvacuation"})
"""Inputs whose acts a report tells."""

COLUMNS = (
    *("at", "until", "room", "what", "number", "party_people", "people", "lower", "upper", "reserved", "limit"),
    *("why", "who", "confidence"),
)

Row = dict[str, object]


async def report_of(web: Web, site: str, day: str) -> DayReport:
    """The report of a service day (ISO).

    Raises:
        HTTPException: 404, there is no such day, or no reports.
        JournalError: its rows cannot be read.
    """
    reports = web.reports.get(site)
    report = await reports.of_day(_date(day)) if reports is not None else None
    if report is None:
        raise HTTPException(404, detail="unknown-day")
    acts = await web.office.register.acts_of(site, report.first_seq, report.last_seq)
    who = {act.seq: act.who for act in acts if act.what in BY_HAND}
    ends = [it for it in report.evacuations if it.until_at is not None]
    for it in ends:  # Rooms are corrected by whoever ends an evacuation, in the rows just before.
        who |= {it.ended_seq - n: who.get(it.ended_seq, "") for n in range(1, len(report.rooms) + 1)}
    evacuations = tuple(
        replace(it, who=who.get(it.seq, ""), ended_who=who.get(it.ended_seq, "")) for it in report.evacuations
    )
    return replace(report, evacuations=evacuations, rooms=tuple(_signed(room, who) for room in report.rooms))


def _date(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise HTTPException(404, detail="unknown-day") from None


def _signed(room: RoomReport, who: dict[int, str]) -> RoomReport:
    return replace(
        room,
        limits=tuple(replace(it, who=who.get(it.seq, "")) for it in room.limits),
        corrections=tuple(replace(it, who=who.get(it.seq, "") if it.by == "hand" else "") for it in room.corrections),
    )


def table(report: DayReport, local: Callable[[datetime], datetime]) -> str:
    """The report as comma-separated values, a line for each thing that happened, in the order of time; `local` gives
    the lobby's time of an instant."""
    orders: list[Row] = [
        {"at": it.from_at, "until": it.until_at, "what": "evacuation", "why": it.by, "who": it.who}
        for it in report.evacuations
    ]
    found = [*orders, *(row for room in report.rooms for row in _rows(room))]
    rows = sorted(found, key=lambda row: str(row["at"]))
    told = StringIO()
    writer = csv.DictWriter(told, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: local(it).isoformat() if isinstance(it, datetime) else it for name, it in row.items()})
    return told.getvalue()


def _rows(room: RoomReport) -> Iterator[Row]:
    own: Row = {"room": room.room}
    for point in room.points:
        numbers = {"people": point.people, "lower": point.lower, "upper": point.upper}
        yield own | numbers | {"at": point.at, "what": "estimate"}
    for step in room.limits:
        yield own | {
            "at": step.at, "what": f"limit-by-{step.by}", "limit": step.limit_people, "why": step.why, "who": step.who,
        }  # fmt: skip
    for it in room.admissions:
        yield own | {
            "at": it.at, "what": it.kind, "number": it.number, "party_people": it.party_people,
            "upper": it.upper_people, "reserved": it.reserved_people, "limit": it.limit_people,
            "confidence": it.confidence,
        }  # fmt: skip
    for hold in room.holds:
        yield own | {
            "at": hold.from_at, "until": hold.until_at, "what": "held", "number": hold.number,
            "party_people": hold.party_people, "upper": hold.taken_people, "limit": hold.limit_people,
            "why": hold.ended,
        }  # fmt: skip
    for alarm in room.alarms:
        yield own | {"at": alarm.from_at, "until": alarm.until_at, "what": "over-limit", "people": alarm.highest_people}
    for row in room.corrections:
        yield own | {
            "at": row.at, "what": "corrected", "people": row.people, "lower": row.before_lower,
            "upper": row.before_upper, "why": row.why, "who": row.who,
        }  # fmt: skip
