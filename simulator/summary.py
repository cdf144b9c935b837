"""What a run comes to: figures for one line of JSON, and the breaches that the checkers found.

It reads the journal's events and what `LobbyRun` has kept. It knows no people.
"""

import asyncio
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from msgspec import Struct

from edge.display import Display
from hub.day import events
from hub.day.model import Day
from hub.day.views import device_views
from hub.journal import Entry
from hub.readers import MINUTE_S
from hub.writer import OWN_RETRY_S
from simulator import booked, checkers
from simulator.alarm_checker import alarm_violations
from simulator.answer_checker import answer_violations
from simulator.arrival_checker import arrival_violations
from simulator.board_checker import board_violations
from simulator.booked import AppointmentFigures
from simulator.census import Census
from simulator.counter_checker import counter_violations
from simulator.evidence import gather
from simulator.gate_checker import TruePeople
from simulator.gate_figures import GateFigures
from simulator.gate_report import gate_report
from simulator.health_checker import health_violations
from simulator.lobby_run import PUBLIC_URL, LobbyRun
from simulator.place_checker import place_violations
from simulator.press_checker import press_violations
from simulator.recall_checker import recall_violations
from simulator.refusal_checker import refusal_violations
from simulator.rule_checker import rule_violations
from simulator.running import RunningLobby
from simulator.said_checker import said_violations
from simulator.slip_checker import slip_violations
from simulator.state_checker import state_violations
from simulator.unknown_checker import unknown_violations
from simulator.wire_checker import wire_violations
from wire.messages import View

HUB_AT_A_LOSS = ("disk-full", "commit-in-doubt", "database-silent")
"""Mishaps in which a hub that runs cannot write: it does nothing by itself until it has tried again."""
CLOCK_LEAPS = ("clock-leaps",)
"""In which it must not believe its clock."""

VIOLATIONS_TOLD = 100
"""Sentences that are kept; the rest is counted."""


class Waits(Struct, frozen=True, kw_only=True):
    """From issue to the first call, in seconds; None when nobody was called."""

    mean: float | None
    p50: float | None
    p90: float | None


class RoomFigures(Struct, frozen=True, kw_only=True):
    """People in a room, as counted."""

    highest: int
    limit: int


class Findings(Struct, frozen=True, kw_only=True):
    """What is left behind by a run."""

    entries: list[Entry]
    numbers: dict[str, str]
    """Ticket to number."""
    rooms: dict[str, RoomFigures]
    gates: dict[str, GateFigures]
    """By admitted room."""
    violations: list[str]
    """At most `VIOLATIONS_TOLD`."""
    violations_count: int


class Summary(Struct, frozen=True, kw_only=True):
    """One day in figures."""

    issued: int
    called: int
    """Tickets that were called at least once."""
    served: int
    no_shows: int
    """Tickets that were closed because nobody came."""
    waits: Waits
    rooms: dict[str, RoomFigures]
    gates: dict[str, GateFigures]
    """By admitted room."""
    appointments: AppointmentFigures
    refusals: dict[str, int]
    """By code."""
    messages: int
    commits: int
    rows: int
    violations: int
    trace: str


def waits_of(entries: Iterable[Entry]) -> Waits:
    """The waits of all tickets that were called."""
    issued_at: dict[str, datetime] = {}
    waits_s: dict[str, float] = {}
    for entry in entries:
        if isinstance(entry.event, events.TicketIssued):
            issued_at[entry.event.ticket] = entry.event.arrived_at or entry.at
        elif isinstance(entry.event, events.TicketCalled):
            waits_s.setdefault(entry.event.ticket, (entry.at - issued_at[entry.event.ticket]).total_seconds())
    in_order = sorted(waits_s.values())
    if not in_order:
        return Waits(mean=None, p50=None, p90=None)
    mean = round(sum(in_order) / len(in_order), 1)
    return Waits(mean=mean, p50=percentile(in_order, 50), p90=percentile(in_order, 90))


def percentile(in_order: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of the values do not exceed; `in_order` holds at least one."""
    return round(in_order[max(math.ceil(len(in_order) * percent / 100) - 1, 0)], 1)


async def findings(run: LobbyRun) -> Findings:
    """Look at everything while the hub still stands. Call it after a calm time."""
    for device in run.lobby.devices:
        if device.kind == "printer":
            run.hall.tear_off(device.address)

    def look(day: Day, now: datetime) -> Findings:
        entries = run.journal.history(run.lobby.site.id)
        numbers = {
            it.event.ticket: checkers.number_of(it.event) for it in entries if isinstance(it.event, events.TicketIssued)
        }
        gate = gate_report(entries, true_people(run.hall.census, now), _down(run, now))
        found = [*gate.violations, *_violations(run, day, now, entries, numbers)]
        rooms = {
            name: RoomFigures(highest=room.highest_people, limit=room.limit_people) for name, room in day.rooms.items()
        }
        return Findings(
            entries=entries,
            numbers=numbers,
            rooms=rooms,
            gates=gate.figures,
            violations=list(islice(found, VIOLATIONS_TOLD)),
            violations_count=len(found),
        )

    return await run.site.read(look)


def true_people(census: Census, now: datetime) -> TruePeople:
    """What `census` tells of instants of the journal; it is `now`."""
    now_s = asyncio.get_running_loop().time()
    return lambda room, at: census.people(room, now_s - (now - at).total_seconds())


def _violations(
    run: LobbyRun, day: Day, now: datetime, entries: Sequence[Entry], numbers: dict[str, str]
) -> Iterator[str]:
    yield from run.record.found
    yield from checkers.journal_violations(entries)
    closed_at = [begin for begin, _ in _spans(run, now, ("day-closed",))]
    down = _down(run, now)
    yield from rule_violations(entries, until=now, down=down, closed_at=closed_at)
    yield from alarm_violations(entries, down)
    yield from place_violations(entries, numbers, now, down)
    if run.counted.failed_commits and not _spans(run, now, (*HUB_AT_A_LOSS, "hub-killed-before-commit")):
        yield f"{run.counted.failed_commits} commits failed, and nothing was wrong with the database"
    yield from checkers.undrawn_calls(entries, numbers, run.hall.boards.first_drawn_s)
    yield from checkers.replay_violations(entries, day)
    yield from _display_violations(run, device_views(day, now, PUBLIC_URL, run.door_secret))
    evidence = gather(run.lobby, run.journal, entries, run.record, now)
    yield from answer_violations(evidence)
    yield from press_violations(evidence)
    yield from refusal_violations(evidence)
    yield from said_violations(evidence)
    yield from board_violations(evidence)
    yield from state_violations(evidence)
    yield from recall_violations(evidence)
    yield from slip_violations(evidence)
    yield from arrival_violations(evidence)
    yield from wire_violations(evidence)
    yield from unknown_violations(evidence)
    yield from counter_violations(evidence)
    yield from health_violations(run.posts.values())


def _down(run: LobbyRun, now: datetime) -> list[tuple[datetime, datetime]]:
    """When a hub that ran could do nothing by itself."""
    down = [(begin, end + timedelta(seconds=OWN_RETRY_S)) for begin, end in _spans(run, now, HUB_AT_A_LOSS)]
    # A clock is looked at with the next input, and once a minute.
    down += [(begin, end + timedelta(seconds=MINUTE_S + OWN_RETRY_S)) for begin, end in _spans(run, now, CLOCK_LEAPS)]
    return down


def _spans(run: LobbyRun, now: datetime, kinds: Collection[str]) -> list[tuple[datetime, datetime]]:
    """From and to when mishaps of these kinds lasted, by the journal's clock."""
    now_s = asyncio.get_running_loop().time()

    def at(at_s: float) -> datetime:
        return now - timedelta(seconds=now_s - min(at_s, now_s))

    return [(at(it.began_s), at(it.ended_s)) for it in run.record.troubles if it.kind in kinds]


def _display_violations(run: LobbyRun, views: dict[str, View]) -> Iterator[str]:
    shown: dict[str, View | None] = {}
    pictures = {}
    for post in run.posts.values():
        for role in post.devices.roles:
            if isinstance(role, Display):
                shown[f"{post.name}/{role.info.id}"] = role.view
        for board in post.boards:
            if board.picture is not None:
                pictures[f"{post.name}/{board.info.id}"] = board.picture
    yield from checkers.display_violations(views, shown, pictures)


def summary(run: RunningLobby, found: Findings) -> Summary:
    """The figures of `run`, of which `found` was left behind."""
    counted = run.counted
    of_type = [type(entry.event) for entry in found.entries]
    called = {entry.event.ticket for entry in found.entries if isinstance(entry.event, events.TicketCalled)}
    brought_back = sum(
        isinstance(entry.event, events.CallUndone) and bool(entry.event.restored) for entry in found.entries
    )
    no_shows = sum(
        isinstance(entry.event, events.TicketClosed) and entry.event.why == "no-show" for entry in found.entries
    )
    return Summary(
        issued=of_type.count(events.TicketIssued),
        called=len(called),
        served=of_type.count(events.TicketServed) - brought_back,
        no_shows=no_shows,
        waits=waits_of(found.entries),
        rooms=found.rooms,
        gates=found.gates,
        appointments=booked.figures(found.entries, run.lobby),
        refusals=dict(sorted(counted.refusals.items())),
        messages=run.trace.messages,
        commits=counted.commits,
        rows=len(found.entries),
        violations=found.violations_count,
        trace=run.trace.closed_with(found.entries),
    )
