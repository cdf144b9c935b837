"""One run: people live in the lobby, blows fall, and when all have been answered the journal is held against them.

It is the same for a test and for an hour; `report` tells what came of it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import httpx

from tests.accounts import a_token
from tests.brokers import HOST
from tests.chaos.blows import Blow, Moment, Moments, Target, blows
from tests.chaos.judge import Left, Verdict, judge, strangers
from tests.chaos.launch import Launch, as_installed
from tests.chaos.ledger import Ledger, Wish
from tests.chaos.people import Pace, People
from tests.chaos.printer import LinePrinter
from tests.chaos.stage import Stage, stage
from tests.chaos.watch import Watch, engine_of
from tests.databases import postgresql

UP_S = 60.0
"""Whoever was killed is at work again within this."""
MOMENT_S = 10.0
"""A moment that does not come within this is not waited for."""
ANSWERED_S = 60.0
"""So long after the last blow everybody is answered."""
SETTLED_S = 60.0
"""So long after that all slips are out, and all that the kiosk gave by itself is handed in."""
LOOK_S = 0.05
SETTLES_S = 0.25
WAITING = "waiting"
LOST_END = "the broker was told of row"
"""What `/healthz` says of a journal whose end was cut off."""


@dataclass(kw_only=True)
class Kill:
    """A kill -9, and what was going on."""

    target: Target
    phase: str
    at: datetime
    wishes_open: int
    """Asked and not answered in that moment."""
    started_at: datetime | None = None
    """Again."""
    answered_at: datetime | None = None
    """By a hub, for the first time after it was started."""
    called_at: datetime | None = None
    """When somebody was called by it."""

    @property
    def answered_after_s(self) -> float | None:
        return _seconds(self.started_at, self.answered_at)

    @property
    def called_after_s(self) -> float | None:
        return _seconds(self.started_at, self.called_at)


@dataclass(kw_only=True)
class Outcome:
    """What a run came to."""

    seed: int
    lasted_s: float
    kills: list[Kill]
    looks: int
    """How often the chain of the journal was verified: after each start, and at the end."""
    verdict: Verdict

    @property
    def phases(self) -> Counter[tuple[str, str]]:
        """How often who was killed when."""
        return Counter((it.target.value, it.phase) for it in self.kills)


def _seconds(begin: datetime | None, end: datetime | None) -> float | None:
    return None if begin is None or end is None else (end - begin).total_seconds()


class Run:
    """Processes, people and blows, on one database."""

    def __init__(self, it: Stage, printer: LinePrinter, moments: Moments, token: str, seed: int, pace: Pace) -> None:
        self.kills: list[Kill] = []
        self.watch = Watch(engine_of(it.database))
        self.looks = 0
        """At the journal: after each start, and at the end."""
        self.ledger = Ledger(slips=printer.slips)
        self._people = People(it, token, self.ledger, moments, Random(seed), pace)
        self._people.answered = self._answered
        self._stage, self._printer, self._moments, self._token = it, printer, moments, token
        self._blows = blows(seed)
        self._hub_answers = asyncio.Event()
        """Since it was started the last time."""
        self._bytes_before = 0
        """What the printer had heard when the agent was started."""

    async def live(self, wants_more: Callable[[], bool]) -> None:
        """Blows fall for as long as `wants_more`; then everybody is answered, and all slips come out."""
        async with asyncio.TaskGroup() as group:
            helpers = [group.create_task(it) for it in (self._printer.run(), self._stage.look_after())]
            self._stage.start()
            living = group.create_task(self._people.live())
            is_up = await self._is_up(Target.HUB)
            while is_up and wants_more():
                is_up = await self._strike(next(self._blows))
            is_up = is_up and await self._is_up(Target.HUB)
            self._people.end()
            await asyncio.wait([living], timeout=ANSWERED_S if is_up else 0)
            living.cancel()
            if is_up:
                await self._settled()
                await self._ask_health()
            for helper in helpers:
                helper.cancel()
        self._look()

    # --- blows -------------------------------------------------------------------------------------------------

    async def _strike(self, blow: Blow) -> bool:
        """False if whoever was to be killed did not come to work again."""
        await asyncio.sleep(blow.pause_s)
        if not await self._is_up(blow.target):
            return False
        if blow.moment is Moment.STARTING:  # one blow more, after which there is a start
            self._kill(blow.target, Moment.ANY)
        if blow.moment is Moment.ALONE:
            return await self._alone(blow)
        if blow.moment in (Moment.ANY, Moment.STARTING):
            await asyncio.sleep(blow.delay_s)
            self._kill(blow.target, blow.moment)
        else:
            await self._in_the_moment(blow)
        return True

    async def _alone(self, blow: Blow) -> bool:
        """The hub is away until its kiosk has given a number by itself, and that has been killed."""
        if not await self._is_up(Target.HUB):
            return False
        self._kill(Target.HUB, Moment.ANY, starts_again=False)
        killed = self.kills[-1]
        await self._in_the_moment(blow)
        self._start_again(killed)
        return True

    async def _in_the_moment(self, blow: Blow) -> None:
        """If there is no delay, within the very call that brings it about."""
        loop = asyncio.get_running_loop()
        fallen = asyncio.Event()

        def fall() -> None:
            self._kill(blow.target, blow.moment)
            fallen.set()

        def fall_soon() -> None:
            loop.call_later(blow.delay_s, fall)

        self._moments.await_next(blow.moment, fall_soon if blow.delay_s else fall)
        try:
            async with asyncio.timeout(MOMENT_S):
                await fallen.wait()
        except TimeoutError:
            self._moments.forget(blow.moment)

    def _kill(self, target: Target, moment: Moment, *, starts_again: bool = True) -> None:
        phase = Moment.STARTING if self._is_starting(target) else Moment.ANY if moment is Moment.STARTING else moment
        wishes_open = len(self.ledger.open)
        kill = Kill(target=target, phase=phase.value, at=datetime.now(UTC), wishes_open=wishes_open)
        self._stage.kill(target)
        if target is Target.HUB:
            self._hub_answers.clear()
        elif target is Target.AGENT:
            self._bytes_before = self._printer.bytes_heard
        self.kills.append(kill)
        if starts_again:
            self._start_again(kill)

    def _start_again(self, kill: Kill) -> None:
        kill.started_at = datetime.now(UTC)
        self._stage.start_again(kill.target)

    def _is_starting(self, target: Target) -> bool:
        match target:
            case Target.HUB:
                return not self._hub_answers.is_set()
            case Target.AGENT:
                return self._printer.bytes_heard == self._bytes_before
            case Target.BROKER:
                return False

    async def _is_up(self, target: Target) -> bool:
        """Wait until it works."""
        for _ in range(int(UP_S / LOOK_S)):
            if not self._is_starting(target):
                return True
            await asyncio.sleep(LOOK_S)
        self.ledger.faults.append(f"the {target} did not work again within {UP_S:g} s")
        return False

    # --- afterwards --------------------------------------------------------------------------------------------

    def _answered(self, wish: Wish) -> None:
        last = next((it for it in reversed(self.kills) if it.target is Target.HUB), None)
        if last is not None and wish.last_asked_at is not None and wish.last_asked_at < last.at:
            return  # it was on its way when its hub died
        if not self._hub_answers.is_set():
            self._hub_answers.set()
            self._look()
            if last is not None:
                last.answered_at = datetime.now(UTC)
        if last is not None and last.called_at is None and wish.action == "next" and wish.answer.get("number"):
            last.called_at = datetime.now(UTC)

    def _look(self) -> None:
        self.watch.look()
        self.looks += 1

    async def _settled(self) -> None:
        """Wait until no slip is waited for, and none is strange; what is wrong then is the judge's to say."""
        for _ in range(int(SETTLED_S / SETTLES_S)):
            self.watch.look()
            is_printed = not any(job.state == WAITING for job in self.watch.jobs())
            if is_printed and not strangers(self.ledger.slips, self.watch.entries):
                return
            await asyncio.sleep(SETTLES_S)

    async def _ask_health(self) -> None:
        headers = {"authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(headers=headers, trust_env=False) as web:
            health = (await web.get(f"http://{HOST}:{self._stage.port}/healthz")).json()
        self.ledger.faults += [reason for reason in health["reasons"] if LOST_END in reason]

    def left(self) -> Left:
        down = [
            (it.at, it.answered_at or it.at + timedelta(seconds=UP_S)) for it in self.kills if it.target is Target.HUB
        ]
        self.ledger.faults += [*self._stage.faults, *self.watch.faults]
        self.ledger.faults += [f"the printer was sent {command!r}" for command in self._printer.strange]
        watch = self.watch
        return Left(
            entries=watch.entries,
            marks=watch.marks(),
            jobs=watch.jobs(),
            booked=watch.booked(),
            down=down,
            kills=[it.at for it in self.kills],
        )


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty one: a file of SQLite in `folder`, or one of a PostgreSQL of our own."""
    if kind == "sqlite":
        (folder / "data").mkdir(mode=0o700)
        yield f"sqlite:///{folder / 'data' / 'hub.db'}"
    else:
        with postgresql() as server:
            yield server.new_database()


async def chaos(
    folder: Path,
    database: str,
    *,
    seed: int,
    wants_more: Callable[[list[Kill]], bool],
    launch: Launch = as_installed,
    pace: Pace | None = None,
) -> Outcome:
    """A run on `database`, which is empty, until `wants_more` is told of kills enough."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    token = await a_token(database)
    moments = Moments()
    printer = LinePrinter(moments)
    try:
        with stage(folder, database, printer.port, datetime.now(UTC), launch) as it:
            run = Run(it, printer, moments, token, seed, pace or Pace())
            await run.live(lambda: wants_more(run.kills))
            verdict = judge(run.ledger, run.left())
    finally:
        printer.close()
    return Outcome(seed=seed, lasted_s=loop.time() - began_s, kills=run.kills, looks=run.looks, verdict=verdict)
