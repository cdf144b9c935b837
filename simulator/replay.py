"""A real day of a real office, lived through anew: visitors come when they came, desks call when they called.

The lobby is built from the file's queues: a service and desks for each, panels, a board, two kiosks. Hub and agents are
the real ones. Afterwards the journal is held against the file, queue by queue, every five minutes.
"""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, product
from pathlib import Path
from random import Random
from string import ascii_uppercase
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from hub.database import IN_MEMORY, open_journal
from hub.day import events
from hub.day.hours import WEEKDAYS, local
from hub.day.lobby import Desk, Device, DeviceKind, Lobby, Room, Service, Site
from hub.journal import Entry
from simulator import people, tickets_file
from simulator.clock import Now, run_virtual
from simulator.fleet import GPIO_PINS, derived
from simulator.lobby_run import LobbyRun
from simulator.people import answer_of
from simulator.scenario import Network, Shift, Staff
from simulator.staff import Clerk
from simulator.summary import Waits, findings, waits_of
from simulator.tickets_file import MARK_S, Row, Ticket, TicketsError
from wire.messages import Key

TIME_ZONE = "Europe/Warsaw"
"""Of the offices in the known file. Its times are local; another zone would give the same figures."""
DAY_TURNS_S = 4 * 3_600
"""A day that begins earlier turns at midnight."""
MARGIN_S = 120
"""The day begins this long before the first visitor, and ends as long after the last call."""
CALM_S = 15

CALLS_PER_DESK = 5
"""A desk calls somebody once a minute at most: a queue has as many desks as its busiest five minutes need."""
DESKS_MAX = 20
BOARD_CALLS = 20
ROOM = "hall"
KIOSKS = 2
KIOSK_SHARE = 0.2
"""Of visitors who press a kiosk's key; the others join with their phone."""
KIOSK_LEAD_S = 2.0
"""How long before the instant of issue somebody stands at the kiosk."""
KEY_LEAD_S = 0.05
"""From a finger on a panel's key to the call in the journal, at most."""


class ReplaySummary(Struct, frozen=True, kw_only=True):
    """The day in figures."""

    office: str
    date: str
    tickets: int
    """In the file, without rows that cannot be used."""
    issued: int
    called: int
    waits: Waits
    calls_difference_max: int
    """The largest difference in calls of a queue between the file and the hub's journal, at any five-minute mark."""
    messages: int
    commits: int
    rows: int
    violations: int
    trace: str


class Plan(NamedTuple):
    """What is to happen, and where."""

    day: date
    lobby: Lobby
    tickets: list[Ticket]
    desks: dict[str, list[str]]
    """Queue to the names of its desks."""
    services: dict[str, str]
    """Queue to its service."""

    def at(self, seconds: float) -> datetime:
        """`seconds` after midnight by the office's clock, aware UTC."""
        clock = datetime.combine(self.day, time()) + timedelta(seconds=seconds)
        return clock.replace(tzinfo=ZoneInfo(TIME_ZONE)).astimezone(UTC)

    @property
    def starts_s(self) -> float:
        return max(min(ticket.issued_at_s for ticket in self.tickets) - MARGIN_S, 0.0)

    @property
    def ends_s(self) -> float:
        return max(ticket.called_at_s for ticket in self.tickets) + MARGIN_S


def replay_day(
    path: Path, office: str, day: str, *, seed: int, say: Callable[[str], None], warn: Callable[[str], None]
) -> tuple[ReplaySummary, list[str]]:
    """Live through that day; the figures, and a sentence for each violation.

    Raises:
        TicketsError: the file, the office or the date cannot be used.
    """
    rows = tickets_file.read(path, office, day, warn)
    plan = plan_of(office, day, rows)
    say(f"{office} on {day}: {len(rows)} tickets of {len(plan.services)} queues, {len(plan.lobby.desks)} desks")

    async def main(now: Now) -> tuple[ReplaySummary, list[str]]:
        with open_journal(IN_MEMORY) as journal:
            run = LobbyRun(plan.lobby, derived(plan.lobby), journal, seed=seed, now=now, network=Network())
            async with run.running():
                await _live(run, plan, now, seed)
                found = await findings(run)
            calls = list(_calls(plan, found.entries))
            violations = [*found.violations, *_outside_brackets(rows, calls)]
            count = found.violations_count + len(violations) - len(found.violations)
            return _summary(run, office, day, plan, found.entries, calls, count), violations

    return run_virtual(main, seed=seed, start_at=plan.at(plan.starts_s))


# --- the lobby ---------------------------------------------------------------------------------------------------


def plan_of(office: str, day: str, rows: Sequence[Row]) -> Plan:
    """The lobby that the rows need, and what happens in it.

    Raises:
        TicketsError: `day` is no date.
    """
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise TicketsError(f"date {day!r} is not like 2020-01-07") from None
    tickets = tickets_file.implied(rows)
    prefixes = {row.queue: row.prefix for row in sorted(rows)}
    services = {queue: f"queue-{i}" for i, queue in enumerate(prefixes, start=1)}
    described = [
        Service(id=services[queue], letter=letter, name={"en": f"Queue {queue}"})
        for queue, letter in zip(prefixes, _letters(prefixes), strict=True)
    ]
    desks: dict[str, list[str]] = {}
    for queue, wanted in _desks_wanted(tickets).items():
        begun = sum(len(names) for names in desks.values())
        desks[queue] = [str(begun + i + 1) for i in range(wanted)]
    earliest_s = min(ticket.issued_at_s for ticket in tickets) - MARGIN_S
    lobby = Lobby(
        site=Site(
            id=re.sub("[^a-z0-9]+", "-", office.lower()).strip("-")[:60] or "office",
            name={"en": office},
            time_zone=TIME_ZONE,
            day_turns_at="04:00" if earliest_s >= DAY_TURNS_S else "00:00",
        ),
        hours=dict.fromkeys(WEEKDAYS, ("00:00-24:00",)),
        services=tuple(described),
        rooms=(Room(id=ROOM, name={"en": "Hall"}, limit_people=100_000),),
        desks=tuple(
            Desk(id=f"desk-{name}", name=name, room=ROOM, services=(services[queue],))
            for queue, names in desks.items()
            for name in names
        ),
        devices=tuple(_devices(list(chain.from_iterable(desks.values())), len(services))),
    )
    return Plan(on, lobby, tickets, desks, services)


def _letters(prefixes: dict[str, str]) -> list[str]:
    """A series of its own for each queue: the office's letter while it is free, else another, else two letters."""
    free = iter([*ascii_uppercase, *("".join(pair) for pair in product(ascii_uppercase, repeat=2))])
    owned: dict[str, str] = {}
    for queue, prefix in prefixes.items():
        if prefix in ascii_uppercase and len(prefix) == 1 and prefix not in owned:
            owned[prefix] = queue
    chosen = {queue: prefix for prefix, queue in owned.items()}
    return [chosen.get(queue) or next(letter for letter in free if letter not in owned) for queue in prefixes]


def _desks_wanted(tickets: Sequence[Ticket]) -> dict[str, int]:
    """Queue to how many desks its busiest five minutes need."""
    busy: Counter[tuple[str, int]] = Counter((it.queue, int(it.called_at_s // MARK_S)) for it in tickets)
    wanted: dict[str, int] = {}
    for (queue, _), calls in busy.items():
        wanted[queue] = max(wanted.get(queue, 1), min(-(-calls // CALLS_PER_DESK), DESKS_MAX))
    return wanted


def _devices(desk_names: Sequence[str], services: int) -> Iterator[Device]:
    yield Device(node="board-1", id="board", kind=DeviceKind.BOARD, room=ROOM, calls=BOARD_CALLS)
    for name in desk_names:
        yield Device(node=f"desk-{name}", id="panel", kind=DeviceKind.PANEL, desk=f"desk-{name}")
    if services > GPIO_PINS:
        return  # more keys than one kiosk can have: everybody joins with a phone
    for i in range(1, KIOSKS + 1):
        printer = Device(node=f"kiosk-{i}", id="printer", kind=DeviceKind.PRINTER)
        yield printer
        yield Device(node=f"kiosk-{i}", id="kiosk", kind=DeviceKind.KIOSK, room=ROOM, printer=printer.address)


# --- the day -----------------------------------------------------------------------------------------------------


async def _live(run: LobbyRun, plan: Plan, now: Now, seed: int) -> None:
    """Everybody comes and is called; then a calm time."""
    lobby = people.Lobby(run.hall, lambda: run.web, now, seed)
    calls: dict[str, list[float]] = defaultdict(list)
    turns: Counter[str] = Counter()
    for ticket in sorted(plan.tickets, key=lambda it: it.called_at_s):
        names = plan.desks[ticket.queue]
        calls[names[turns[ticket.queue] % len(names)]].append(ticket.called_at_s - plan.starts_s)
        turns[ticket.queue] += 1
    async with asyncio.TaskGroup() as group:
        for name, instants in calls.items():
            group.create_task(_call(Clerk(run.hall.desks[name], lobby, _HABITS), instants))
        for i, ticket in enumerate(plan.tickets):
            service = plan.services[ticket.queue]
            at_kiosk = bool(run.hall.kiosks) and Random(f"{seed}/replay/{i}").random() < KIOSK_SHARE
            join = _join_at_kiosk if at_kiosk else _join_by_phone
            group.create_task(join(lobby, service, ticket.issued_at_s - plan.starts_s))
    await asyncio.sleep(CALM_S)


async def _call(clerk: Clerk, instants: Sequence[float]) -> None:
    await clerk.press(Key.OPEN)
    for at_s in instants:
        await _until(at_s - KEY_LEAD_S)
        await clerk.press(Key.NEXT)
    await asyncio.sleep(MARGIN_S / 2)
    await clerk.press(Key.FINISH)


async def _join_by_phone(lobby: people.Lobby, service: str, at_s: float) -> None:
    await _until(at_s)
    await answer_of(lobby.web().post(f"/api/v1/sites/{lobby.site}/tickets", json_body={"service": service}))


async def _join_at_kiosk(lobby: people.Lobby, service: str, at_s: float) -> None:
    await _until(at_s - KIOSK_LEAD_S)
    kiosk = lobby.hall.kiosk_for(service, ROOM)
    assert kiosk is not None, "a kiosk of a replayed office has a key for every queue"
    async with kiosk.free:
        await lobby.hall.take_slip(kiosk, service)


async def _until(at_s: float) -> None:
    await asyncio.sleep(at_s - asyncio.get_running_loop().time())


_HABITS = Staff(shifts=(Shift(desks=("any",), begins=time(0), ends=time(1)),))
"""Staff of a replayed office press keys and do nothing else."""


# --- what it comes to --------------------------------------------------------------------------------------------


def _calls(plan: Plan, entries: Sequence[Entry]) -> Iterator[tuple[str, float]]:
    """(queue, seconds after midnight) of each call in the journal."""
    queues = {service: queue for queue, service in plan.services.items()}
    queue_of: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry.event, events.TicketIssued):
            queue_of[entry.event.ticket] = queues[entry.event.service]
        elif isinstance(entry.event, events.TicketCalled):
            here = local(plan.lobby, entry.at)
            seconds = here.hour * 3_600 + here.minute * 60 + here.second + here.microsecond / 1e6
            yield queue_of[entry.event.ticket], seconds


def _outside_brackets(rows: Sequence[Row], calls: Sequence[tuple[str, float]]) -> Iterator[str]:
    """Five-minute marks at which a queue has called more or fewer than the office can have, by its own brackets."""
    marks = range(0, 24 * 3_600 + MARK_S, MARK_S)
    hub = tickets_file.calls_by_mark(calls, marks)
    least = tickets_file.calls_by_mark(((row.queue, row.called_by_s) for row in rows), marks)
    most = tickets_file.calls_by_mark(((row.queue, row.called_after_s) for row in rows), marks)
    for queue in least:
        for i, mark_s in enumerate(marks):
            called = hub.get(queue, [0] * len(marks))[i]
            if not least[queue][i] <= called <= most[queue][i]:
                clock = f"{mark_s // 3_600:02d}:{mark_s % 3_600 // 60:02d}"
                seen = f"{least[queue][i]} to {most[queue][i]}"
                yield f"queue {queue} has called {called} by {clock}; the office had called {seen}"


def _summary(
    run: LobbyRun,
    office: str,
    day: str,
    plan: Plan,
    entries: Sequence[Entry],
    calls: Sequence[tuple[str, float]],
    violations: int,
) -> ReplaySummary:
    return ReplaySummary(
        office=office,
        date=day,
        tickets=len(plan.tickets),
        issued=sum(isinstance(entry.event, events.TicketIssued) for entry in entries),
        called=len({entry.event.ticket for entry in entries if isinstance(entry.event, events.TicketCalled)}),
        waits=waits_of(entries),
        calls_difference_max=tickets_file.calls_difference_max(
            ((ticket.queue, ticket.called_at_s) for ticket in plan.tickets), calls
        ),
        messages=run.trace.messages,
        commits=run.counted.commits,
        rows=len(entries),
        violations=violations,
        trace=run.trace.closed_with(entries),
    )
