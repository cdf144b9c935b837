"""What happens to hubs: they die at the worst moments, their disk fails, their clock leaps, their lobby file changes.

Every hook is where the simulator puts the hub together: its journal's `commit`, its clock, its chance.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta

from hub.day.inputs import CloseDay
from hub.day.lobby import Room
from hub.errors import Unwritten
from hub.journal import Batch, Journal
from simulator.lobby_run import HUB, LobbyRun
from simulator.mishaps.mishap import Kind, Mishap, fingers, press_all
from wire.messages import Key

LEAP = timedelta(hours=1)

Commit = Callable[[Batch], None]


@contextmanager
def commits(journal: Journal, instead: Callable[[Commit, Batch], None]) -> Iterator[None]:
    """While the block lasts, whoever commits calls `instead(commit, batch)`."""
    plain = journal.commit
    journal.commit = lambda batch: instead(plain, batch)  # type: ignore[method-assign]
    try:
        yield
    finally:
        del journal.commit


@asynccontextmanager
async def killed(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    await run.kill_hub()
    yield
    await run.start_hub()


@asynccontextmanager
async def pressed_at_restart(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """Every desk's key goes down in the instant of the hub's death: the next hub hears of another hub's time."""
    for post in run.posts.values():
        hands = post.devices.hands
        assert hands is not None, "a simulated node has fakes"
        for panel in post.panels:
            hands.press(panel.info.id, Key.NEXT)
    await run.kill_hub()
    yield
    await run.start_hub()


@asynccontextmanager
async def killed_after_commit(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """Everybody presses, everything is written, and nobody is told; the next hub is there while they still ask."""

    def is_asked_for(batch: Batch) -> bool:
        return bool(batch.entries and batch.marks)

    async with _killed_at_commit(run, lambda commit, batch: commit(batch), is_asked_for, it.amount):
        for node in fingers(run.lobby):
            press_all(run, node)
        yield


@asynccontextmanager
async def killed_before_commit(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    async with _killed_at_commit(run, _not_written, lambda batch: bool(batch.entries), it.lasts_s):
        yield


@asynccontextmanager
async def _killed_at_commit(
    run: LobbyRun, last: Callable[[Commit, Batch], None], is_time: Callable[[Batch], bool], down_s: float
) -> AsyncIterator[None]:
    """The hub dies in the next commit for which it `is_time`, in which it still does `last`. Another starts `down_s`
    later."""
    dying: list[asyncio.Task[None]] = []

    def strike(commit: Commit, batch: Batch) -> None:
        if dying or not is_time(batch):
            commit(batch)
            return
        run.broker.cut(HUB)
        dying.append(asyncio.get_running_loop().create_task(_started_anew(run, down_s)))
        last(commit, batch)

    with commits(run.journal, strike):
        yield
    for task in dying:
        await task


async def _started_anew(run: LobbyRun, down_s: float) -> None:
    await run.kill_hub()
    await asyncio.sleep(down_s)
    await run.start_hub()


def _not_written(commit: Commit, batch: Batch) -> None:
    raise Unwritten("the disk is full")


def _written_after_all(commit: Commit, batch: Batch) -> None:
    commit(batch)
    raise Unwritten("the database was silent, and has written it after all")


@asynccontextmanager
async def disk_full(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    with commits(run.journal, _not_written):
        yield


@asynccontextmanager
async def commit_in_doubt(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    with commits(run.journal, _written_after_all):
        yield


@asynccontextmanager
async def database_silent(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """Neither written nor read."""

    @contextmanager
    def silent() -> Iterator[None]:
        raise Unwritten("the database is silent")
        yield

    run.journal.transaction = silent  # type: ignore[method-assign, assignment]
    yield
    del run.journal.transaction


@asynccontextmanager
async def file_changed(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """The hub is started again with other figures in its lobby's file."""
    lobby = run.lobby
    first, *others = lobby.services
    site = replace(lobby.site, late_s=lobby.site.late_s + int(it.amount), guard_slots=not lobby.site.guard_slots)
    services = (replace(first, target_wait_s=first.target_wait_s + int(it.amount)), *others)
    await run.kill_hub()
    yield
    await run.start_hub(replace(lobby, site=site, services=services, rooms=_learning_elsewhere(lobby.rooms)))


def _learning_elsewhere(rooms: tuple[Room, ...]) -> tuple[Room, ...]:
    """If any learns how long people stay, now the others do, and those no more."""
    confidence = max((it.gate_confidence for it in rooms if it.gate_confidence is not None), default=None)
    return tuple(replace(it, gate_confidence=None if it.gate_confidence else confidence) for it in rooms)


@asynccontextmanager
async def clock_leaps(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.skew[HUB] = timedelta(seconds=it.amount)
    yield
    del run.skew[HUB]


@asynccontextmanager
async def chance_repeats(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """What should be 128 new bits is always the same."""
    run.stuck_token = "always-the-same-bits--"
    yield
    run.stuck_token = ""


@asynccontextmanager
async def day_closed(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """Somebody ends the service day by hand, while the hub, which does not believe its clock, opens no other."""
    run.skew[HUB] = LEAP
    with run.record.trouble("clock-leaps"):
        run.hub.health()  # asking for it compares the clocks
        await run.site.submit(CloseDay())
        yield
    del run.skew[HUB]


KINDS = {
    "hub-killed": Kind(killed, "the hub is killed", (1, 60), alone="hub"),
    "pressed-at-restart": Kind(
        pressed_at_restart, "everybody presses in the instant in which the hub restarts", (0.2, 2), alone="hub"
    ),
    "hub-killed-after-commit": Kind(
        killed_after_commit,
        "the hub is killed between a commit and its publication, and is back after {amount:.1f} s",
        (20, 90),
        amount=(0.2, 3),
        alone="hub",
    ),
    "hub-killed-before-commit": Kind(
        killed_before_commit, "the hub is killed before a commit is written", (5, 60), alone="hub"
    ),
    "disk-full": Kind(disk_full, "the hub's disk is full", (1, 30), alone="hub"),
    "commit-in-doubt": Kind(commit_in_doubt, "commits are written and reported as failed", (1, 5), alone="hub"),
    "database-silent": Kind(database_silent, "the database is silent", (1, 20), alone="hub"),
    "file-changed": Kind(
        file_changed, "the hub restarts with another lobby file", (1, 10), amount=(30, 200), alone="hub"
    ),
    "clock-leaps": Kind(
        clock_leaps, "the hub's clock leaps by {amount:.0f} s", (10, 300), amount=(-7_200, 7_200), alone="hub"
    ),
    "chance-repeats": Kind(chance_repeats, "the hub's chance repeats itself", (120, 500), alone="hub"),
}

DAY_CLOSED = Kind(
    day_closed, "the service day is closed by hand, and the hub's clock leaps by an hour", (60, 700), alone="hub"
)
"""Not drawn like the others: it needs a day that turns."""
