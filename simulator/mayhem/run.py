"""A plan, lived through: people come and go, everything goes wrong, then it is calm, and everything must be right.

It puts lobby, people and mishaps together and collects what was seen. The checkers are elsewhere.
"""

import asyncio
import random
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.resources import as_file, files
from pathlib import Path

import msgspec

from edge.config import AgentConfig
from edge.devices.board_matrix import BoardMatrix
from edge.keep import Memories
from hub.config import load_lobby
from hub.database import IN_MEMORY, open_journal
from hub.day.lobby import LimitSpan, Lobby
from hub.web import readings
from simulator import people
from simulator.asgi_client import ANSWER_MAX_S
from simulator.clock import Now, run_virtual
from simulator.crowd import Character, crowd
from simulator.fleet import derived
from simulator.lobby_run import LobbyRun
from simulator.mayhem.crowd import STAFF, VISITORS, appointments
from simulator.mayhem.evacuation import evacuate
from simulator.mayhem.known_empty import with_ruled_rooms
from simulator.mayhem.learning import with_learning_rooms
from simulator.mayhem.meddler import Meddler
from simulator.mayhem.plan import CALM_S, LASTS_S, Plan
from simulator.mayhem.side_door import with_side_door
from simulator.mishaps import happen
from simulator.mishaps.hardware import led_boards
from simulator.people import Visitor
from simulator.scenario import Network
from simulator.staff import Clerk
from simulator.summary import findings

NETWORK = Network()
GATES = 0.4
"""The share of seeds in which rooms have a warning level and may stay shut."""
LIMITED_ROOM, LIMITS = "hall", (8, 10, 16)
LIMITED_HOURS = (
    "10:25-11:20",
    "12:05-12:40",
    "23:20-24:00",
    "00:10-00:40",
    "01:10-01:40",
    "03:20-04:20",
    "04:30-04:50",
)
"""Each kind of day meets two of them; none begins or ends in the hour that clocks skip or show twice."""
LAST_S = LASTS_S - CALM_S - 60.0
SHIFTS_S = ((5.0, 3_200.0), (3_320.0, LAST_S))
"""A desk is closed for a moment in the middle."""
LATER_S = 60.0
"""So much later than at the desk before it staff come and go."""
STILL_S = 20.0
"""So long before the calm nobody begins anything new."""


@dataclass(kw_only=True)
class Outcome:
    """What a plan came to."""

    plan: Plan
    violations: list[str] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    mishaps: Counter[str] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    """How visits ended."""
    rows: int = 0
    trace: str = ""


@cache
def lobby() -> Lobby:
    """The lobby of all seeds."""
    with as_file(files("simulator.mayhem") / "lobby.toml") as path:
        return load_lobby(path)


def lobby_of(seed: int) -> Lobby:
    """The lobby of one seed. In some, rooms say when they are nearly full, and stay shut for a while once they were
    full, in some rooms learn, in some they are known to be empty by rules, some have a door that nobody counts; drawn
    apart, so that the rest of a seed is as it would be without."""
    gated = _with_gates(lobby(), random.Random(f"{seed}/gates"))
    return with_side_door(with_ruled_rooms(with_learning_rooms(gated, seed), seed), seed)


def _with_gates(lobby: Lobby, chance: random.Random) -> Lobby:
    if chance.random() >= GATES:
        return lobby
    warns_at, below = chance.choice((0.6, 0.8, 0.9)), chance.choice((0, 1, 2))
    limits = tuple(LimitSpan(hours=hours, limit_people=chance.choice(LIMITS)) for hours in LIMITED_HOURS)
    rooms = tuple(
        replace(
            it,
            warn_at_share=warns_at,
            reopens_below_people=min(below, it.limit_people - 1),
            limits=limits if it.id == LIMITED_ROOM else (),
        )
        for it in lobby.rooms
    )
    return replace(lobby, rooms=rooms)


@cache
def agents() -> list[AgentConfig]:
    """Its nodes; one board, alone on its node, is of LEDs."""
    found = derived(lobby())
    ((node, device),) = [address.split("/") for address in led_boards(lobby())]
    leds = BoardMatrix(id=device, kind="board", driver="matrix")
    return [replace(it, devices=[leds]) if it.node == node else it for it in found]


def live_through(plan: Plan) -> Outcome:
    """Two hours under `plan`. Whatever happens in them, it answers."""
    outcome = Outcome(plan=plan, mishaps=Counter(it.kind for it in plan.happening))

    async def main(now: Now) -> None:
        with open_journal(IN_MEMORY) as journal:
            run = LobbyRun(
                lobby_of(plan.seed), agents(), journal, seed=plan.seed, now=now, network=NETWORK, keeps=Memories()
            )
            async with run.running():
                await _mayhem_and_calm(run, plan, now, outcome)
                found = await findings(run)
            outcome.violations += found.violations
            outcome.rows = len(found.entries)
            outcome.events = Counter(type(it.event).__name__ for it in found.entries)
            outcome.refusals += run.counted.refusals
            outcome.trace = run.trace.closed_with(found.entries)

    try:
        run_virtual(main, seed=plan.seed, start_at=plan.begins_at)
    except Exception as error:  # noqa: BLE001  # whatever ends a run early is what mayhem looks for
        outcome.violations += [f"the run ended early: {sentence}" for sentence in _told(error)]
    return outcome


class _Inside(people.Lobby):
    """Staff see their desk without a browser, of whose requests they make the most: the same view of the same day."""

    def __init__(self, run: LobbyRun, now: Now) -> None:
        super().__init__(run.hall, lambda: run.web, now, run.seed)
        self._run = run

    async def desk_page(self, desk: str) -> bytes | None:
        if not self._run.is_hub_up:
            return None
        try:
            async with asyncio.timeout(ANSWER_MAX_S):
                view = await self._run.site.read(partial(readings.desk, desk))
        except TimeoutError:
            return None
        return None if view is None else msgspec.json.encode(view)


async def _mayhem_and_calm(run: LobbyRun, plan: Plan, now: Now, outcome: Outcome) -> None:
    their = _Inside(run, now)
    expected = await appointments(run.book, run.lobby, everybody(plan.seed), plan)
    ends_s = LASTS_S - CALM_S
    async with asyncio.TaskGroup() as group:
        mishaps = [group.create_task(happen(run, it)) for it in plan.happening]
        tasks = [group.create_task(_staff(run, their, i, desk.id)) for i, desk in enumerate(run.lobby.desks)]
        tasks.append(group.create_task(evacuate(run, plan.seed, LAST_S - 1_200)))
        meddler = Meddler(run, [it.code for it in expected if it.code])
        tasks.append(group.create_task(meddler.meddle()))
        for character in expected:
            await _until(character.comes_at_s)
            tasks.append(group.create_task(Visitor(character, their).visit()))
        await _until(ends_s - STILL_S)
        for task in tasks:
            task.cancel()
        for mishap in mishaps:
            await mishap
    await _until(ends_s)
    run.calm_down()
    await _until(LASTS_S)
    outcome.fates = their.fates
    outcome.refusals += meddler.refusals


def everybody(seed: int) -> list[Character]:
    """Who comes, in order. Seconds are reckoned from the beginning."""
    return crowd(VISITORS, seed)


async def _staff(run: LobbyRun, their: people.Lobby, place_in_row: int, desk_id: str) -> None:
    place = next(it for it in run.hall.desks.values() if it.desk.id == desk_id)
    clerk = Clerk(place, their, STAFF)
    later_s = place_in_row * LATER_S
    for begins_s, ends_s in SHIFTS_S:
        await _until(begins_s + later_s)
        await clerk.work(min(ends_s + later_s, LAST_S))


async def _until(at_s: float) -> None:
    """Sleep until the loop's instant `at_s`."""
    await asyncio.sleep(at_s - asyncio.get_running_loop().time())


def _told(error: BaseException) -> Iterator[str]:
    """Each error of a group, with the line that raised it."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _told(inner)
        return
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    yield f"{type(error).__name__}: {error}{where}"
