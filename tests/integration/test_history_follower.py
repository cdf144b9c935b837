"""History follows the journal: nothing lost, nothing twice, made anew when it is lost, and in nobody's way."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from typer.testing import CliRunner

from hub.cli import CANNOT_GO_ON, app
from hub.database import open_journal
from hub.day.inputs import CountPeople, OpenDesk
from hub.errors import HistoryDown
from hub.health import Status
from hub.history.follower import BATCH_ENTRIES, GAP_S, RETRY_MAX_S, Follower
from hub.history.points import SAMPLE, NodeState, Occupancy, Point, SelfTest
from hub.history.reading import Highest, Passed
from hub.history.sql_store import TABLES, SqlStore, forget
from hub.journal import Journal
from hub.journal_thread import JournalThread
from hub.metrics import Metrics
from hub.site import Site
from hub.writer import Writer
from tests.given import COUNTER, MONDAY_9H
from tests.hubs import Node, Stage, issue, run
from wire import topics
from wire.messages import Health, NodeStatus
from wire.messages import NodeState as Said

ONLINE = Said(status=NodeStatus.ONLINE, session="s", version="1")

P = TypeVar("P", bound=Point)


class MemoryStore:
    """Keeps points in a dictionary; can be down."""

    def __init__(self) -> None:
        self.is_down = False
        self.kept: dict[tuple[datetime, tuple[str, ...]], Point] = {}
        self.seqs: list[int] = []
        self.largest = 0
        self.refused = 0

    async def cursor(self, site: str) -> int:
        return self.seqs[-1] if self.seqs else 0

    async def write(self, site: str, points: Sequence[Point], seq: int) -> None:
        if self.is_down:
            self.refused += 1
            raise HistoryDown("the store is down; this is what the test wants")
        assert not set(self.kept) & {(point.at, point.series) for point in points}, "written twice"
        self.kept |= {(point.at, point.series): point for point in points}
        self.largest = max(self.largest, len(points))
        self.seqs.append(seq)

    async def points(self, site: str, kind: type[P], of: str, from_at: datetime, to_at: datetime) -> list[P]:
        raise NotImplementedError

    async def highest(self, site: str, room: str, from_at: datetime, to_at: datetime, interval_s: int) -> list[Highest]:
        raise NotImplementedError

    async def waits(self, site: str, service: str, from_at: datetime, to_at: datetime) -> list[int]:
        raise NotImplementedError

    async def crossings(
        self, site: str, door: str, from_at: datetime, to_at: datetime, interval_s: int
    ) -> list[Passed]:
        return []

    def close(self) -> None: ...


def follow(stage: Stage, writer: Writer, store: MemoryStore, metrics: Metrics | None = None) -> None:
    thread = JournalThread(Journal(stage.engine))
    stage.start(Follower(writer, thread, store, metrics or Metrics()).run())


async def people_come(writer: Site, first: int, last: int) -> None:
    for n in range(first, last):
        await writer.submit(issue(n))
        await writer.submit(CountPeople(device=COUNTER, epoch="e1", entered=n, left=n // 2))
        await asyncio.sleep(0.4)


def test_what_happens_is_in_the_store_within_seconds() -> None:
    async def story(stage: Stage) -> None:
        writer, store = await stage.writer(), MemoryStore()
        follow(stage, writer, store)
        await asyncio.sleep(1)
        await people_come(writer, 0, 3)
        await asyncio.sleep(2 * GAP_S)
        assert store.seqs[-1] == writer.seq

    run(story)


def test_a_follower_that_begins_anew_goes_on_at_its_cursor_with_the_same_points() -> None:
    async def story(stage: Stage) -> None:
        writer, at_once, by_turns = await stage.writer(), MemoryStore(), MemoryStore()
        await writer.submit(OpenDesk(desk="1", by="page"))
        for turn in range(4):
            thread = JournalThread(Journal(stage.engine))
            follower = asyncio.create_task(Follower(writer, thread, by_turns, Metrics()).run())
            await people_come(writer, 10 * turn, 10 * turn + 10)
            await asyncio.sleep(2 * GAP_S)
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)
        follow(stage, writer, at_once)
        await asyncio.sleep(GAP_S)
        assert by_turns.kept == at_once.kept
        assert len(by_turns.seqs) > len(at_once.seqs)

    run(story)


def test_a_store_that_is_down_for_an_hour_catches_up_and_holds_nobody_up() -> None:
    async def story(stage: Stage) -> None:
        writer, store, metrics = await stage.writer(), MemoryStore(), Metrics()
        follow(stage, writer, store, metrics)
        await asyncio.sleep(1)
        store.is_down = True
        loop = asyncio.get_running_loop()
        for n in range(60):
            began_s = loop.time()
            await writer.submit(issue(n))
            assert loop.time() - began_s < 0.1, "an answer waits for history"
            await asyncio.sleep(60)
        assert 60 <= store.refused < 80, "it asks again, at most once a minute in the end"
        assert behind(metrics) > 50
        store.is_down = False
        await asyncio.sleep(2 * RETRY_MAX_S)
        assert store.seqs[-1] == writer.seq
        assert behind(metrics) == 0

    run(story)


def behind(metrics: Metrics) -> float:
    value = metrics.registry.get_sample_value("guichet_history_behind_rows", {"site": "hall"})
    assert value is not None
    return value


def test_a_long_journal_is_read_in_batches() -> None:
    async def story(stage: Stage) -> None:
        writer, store = await stage.writer(), MemoryStore()
        await asyncio.gather(*(writer.submit(issue(n)) for n in range(5 * BATCH_ENTRIES)))
        follow(stage, writer, store)
        await asyncio.sleep(GAP_S)
        assert len(store.seqs) >= 5
        assert store.seqs[-1] == writer.seq
        assert store.largest < 5 * BATCH_ENTRIES

    run(story)


def test_history_that_stumbles_leaves_the_lobby_running() -> None:
    async def story(stage: Stage) -> None:
        writer, store = await stage.writer(), MemoryStore()
        await people_come(writer, 0, 3)
        stage.alter("UPDATE journal SET hash = '' WHERE seq = 4")
        follow(stage, writer, store)
        await asyncio.sleep(GAP_S)
        assert store.seqs == []
        assert (await writer.submit(issue(99))).facts == {"number": "A004"}

    run(story)


def test_history_in_sql_that_is_dropped_is_made_anew_with_the_same_content() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        await writer.submit(OpenDesk(desk="1", by="page"))
        journal = Journal(stage.engine)
        kept: list[dict[str, list[object]]] = []
        for _ in range(2):
            thread = JournalThread(journal)
            follower = asyncio.create_task(Follower(writer, thread, SqlStore(thread), Metrics()).run())
            await people_come(writer, 0, 0 if kept else 40)
            await asyncio.sleep(2 * GAP_S)
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)
            kept.append(content(stage))
            points = forget(journal)
            assert points == sum(map(len, kept[-1].values())) > 100
        assert kept[0] == kept[1]
        assert not any(content(stage).values())

    run(story)


def content(stage: Stage) -> dict[str, list[object]]:
    with stage.engine.connect() as connection:
        return {table.name: list(connection.execute(select(table))) for table in TABLES.values()}


def test_points_and_cursor_are_kept_together_or_not_at_all() -> None:
    async def story(stage: Stage) -> None:
        writer = await stage.writer()
        await people_come(writer, 0, 3)
        stage.alter("CREATE TRIGGER torn BEFORE INSERT ON history_cursor BEGIN SELECT RAISE(ABORT, 'torn'); END")
        thread = JournalThread(Journal(stage.engine))
        stage.start(Follower(writer, thread, SqlStore(thread), Metrics()).run())
        await asyncio.sleep(GAP_S)
        assert not any(content(stage).values())
        stage.alter("DROP TRIGGER torn")
        await asyncio.sleep(RETRY_MAX_S)
        assert stage.column("SELECT seq FROM history_cursor") == [writer.seq]
        assert stage.column("SELECT sum(entered) FROM history_crossing") == [2]

    run(story)


def test_a_hub_keeps_history_if_it_is_told_where() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub(open_history=SqlStore)
        await people_come(hub.sites["hall"], 0, 3)
        await asyncio.sleep(2 * GAP_S)
        assert stage.column("SELECT max(inside) FROM history_line") == [3]
        assert b'guichet_history_behind_rows{site="hall"} 0.0' in hub.metrics.render()

    run(story)


def test_a_store_that_is_down_shows_on_the_hubs_health_until_it_answers() -> None:
    async def story(stage: Stage) -> None:
        store = MemoryStore()
        hub = await stage.hub(open_history=lambda _: store)
        store.is_down = True
        await people_come(hub.sites["hall"], 0, 3)
        await asyncio.sleep(2 * GAP_S)
        reason = "site hall: history: the store is down; this is what the test wants"
        assert reason in hub.health().reasons
        assert hub.health().status is not Status.FAILING, "the lobby runs without history"
        store.is_down = False
        await asyncio.sleep(2 * RETRY_MAX_S)
        assert reason not in hub.health().reasons

    run(story)


def test_what_does_not_change_is_kept_while_nothing_happens() -> None:
    async def story(stage: Stage) -> None:
        writer, store = await stage.writer(), MemoryStore()
        follow(stage, writer, store)
        await people_come(writer, 0, 3)
        await asyncio.sleep(21 * 60)
        noted = [it for it in store.kept.values() if isinstance(it, Occupancy)]
        assert [it.at for it in noted[-4:]] == [MONDAY_9H + n * SAMPLE for n in range(1, 5)]
        assert {it.people for it in noted[-4:]} == {1}

    run(story)


def test_how_nodes_are_and_what_counters_are_worth_is_kept_every_five_minutes_and_waits_while_the_store_is_down() -> (
    None
):
    async def story(stage: Stage) -> None:
        store = MemoryStore()
        await stage.hub(open_history=lambda _: store)
        door = Node(stage, "door-1")
        await asyncio.sleep(1)
        await door.say(topics.state("hall", "door-1"), ONLINE)
        await door.say(topics.health("hall", "door-1"), Health(session="s", uptime_s=9, temperature_c=51.5))
        store.is_down = True
        await asyncio.sleep(40 * 60)
        store.is_down = False
        await asyncio.sleep(25 * 60)
        noted = [it for it in store.kept.values() if isinstance(it, NodeState) and it.node == "door-1"]
        assert [it.at for it in noted] == [MONDAY_9H + n * SAMPLE for n in range(1, 14)], "no gap and nothing twice"
        assert {(it.state, it.temperature_c, it.faults) for it in noted} == {("online", 51.5, 0)}
        tested = [it for it in store.kept.values() if isinstance(it, SelfTest)]
        assert [(it.at, it.device, it.state) for it in tested] == [(it.at, COUNTER, "ok") for it in noted]

    run(story)


def test_history_is_not_dropped_where_there_is_no_database(tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["rebuild-history", "--data", str(tmp_path / "wrong")])
    sentence = f"there is no database {tmp_path / 'wrong' / 'hub.db'}; name the hub's folder with --data\n"
    assert (said.exit_code, said.stdout, said.stderr) == (CANNOT_GO_ON, "", sentence)
    assert list(tmp_path.iterdir()) == []


def test_history_is_dropped_by_a_command(tmp_path: Path) -> None:
    with open_journal(f"sqlite:///{tmp_path / 'hub.db'}"):
        pass
    said = CliRunner().invoke(app, ["rebuild-history", "--data", str(tmp_path)])
    assert (said.exit_code, said.stdout) == (0, "0 points dropped; the hub makes them anew from the journal\n")
    with open_journal(f"sqlite:///{tmp_path / 'hub.db'}"):
        said = CliRunner().invoke(app, ["rebuild-history", "--data", str(tmp_path)])
    assert (said.exit_code, "stop that one" in said.stderr) == (CANNOT_GO_ON, True)
