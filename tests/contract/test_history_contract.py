"""What every store of history does alike: SQL in a file or in PostgreSQL, and InfluxDB by either write address."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from zlib import crc32

import pytest

from hub.database import open_journal
from hub.history.influx_store import InfluxAddress, InfluxStore
from hub.history.points import (
    KINDS,
    Crossing,
    DeskState,
    DeviceState,
    Line,
    NodeState,
    Occupancy,
    Point,
    SelfTest,
    Visit,
)
from hub.history.reading import Highest, Passed
from hub.history.sql_store import SqlStore
from hub.history.store import HistoryStore
from hub.journal_thread import JournalThread
from tests.given import MONDAY_9H
from tests.timeseries import DATABASE, influxdb_with_v2_writes

EVENING = MONDAY_9H + timedelta(hours=9)


@pytest.fixture(scope="module")
def influx_urls() -> Iterator[dict[str, str]]:
    """Two addresses of one server: with InfluxDB's v2 write address, and without, as Debian has it."""
    with influxdb_with_v2_writes() as (server, url):
        yield {"influx v2": url, "influx v1": server.url}


@pytest.fixture(params=["sqlite", "postgresql", "influx v2", "influx v1"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HistoryStore]:
    """An empty one."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'hub.db'}"
        if request.param == "postgresql":
            url = request.getfixturevalue("postgresql_server").new_database()
        journal = stack.enter_context(open_journal(url))
        thread = JournalThread(journal)
        stack.callback(thread.close)
        if "influx" not in request.param:
            yield SqlStore(thread)
            return
        address = InfluxAddress(request.getfixturevalue("influx_urls")[request.param], "town", DATABASE, "")
        influx = InfluxStore(thread, address)
        stack.callback(influx.close)
        yield influx


@pytest.fixture
def site(request: pytest.FixtureRequest) -> str:
    """A site that no other test of this server writes to."""
    return f"site-{crc32(request.node.nodeid.encode())}"


def at(minutes: float) -> datetime:
    return MONDAY_9H + timedelta(minutes=minutes)


def people(site: str, minutes: float, people: int | None, room: str = "main") -> Occupancy:
    known = people is not None
    return Occupancy(
        at=at(minutes),
        site=site,
        room=room,
        people=people,
        lower_people=0 if known else None,
        upper_people=40 if known else None,
        limit_people=30,
        quality="live" if known else "unknown",
    )


def visit(site: str, minutes: float, wait_s: int | None, service: str = "passports", desk: str = "1") -> Visit:
    return Visit(
        at=at(minutes),
        site=site,
        service=service,
        desk=desk,
        outcome="served" if desk else "cancelled",
        wait_s=wait_s,
        service_s=120 if desk else None,
        party_people=2,
    )


def passed(site: str, minutes: float, entered: int, left: int, door: str = "front") -> Crossing:
    return Crossing(at=at(minutes), site=site, door=door, entered=entered, left=left)


async def test_a_store_that_knows_nothing_of_a_site_begins_at_its_beginning(store: HistoryStore, site: str) -> None:
    assert await store.cursor(site) == 0
    await store.write(site, [people(site, 0, 3)], 7)
    await store.write(site, [], 9)
    assert await store.cursor(site) == 9
    assert await store.cursor(f"{site}-annex") == 0


async def test_a_room_is_told_as_it_was_noted_and_unknown_stays_unknown(store: HistoryStore, site: str) -> None:
    noted = [people(site, 0, 3), people(site, 1, None), people(site, 2, 0), people(site, 60, 9)]
    await store.write(site, [*noted, people(site, 0, 5, room="office"), people("elsewhere", 0, 8)], 7)
    assert await store.points(site, Occupancy, "main", at(0), at(60)) == noted[:3]


def one_of_each(site: str) -> list[Point]:
    return [
        people(site, 0, 3),
        Line(at=at(0), site=site, service="passports", inside=3, outside=1),
        DeviceState(at=at(0), site=site, device="door-1/counter", state="ok"),
        DeskState(at=at(0), site=site, desk="1", state="serving"),
        NodeState(at=at(0), site=site, node="door-1", state="online", temperature_c=51.5, disk_free_mb=None, faults=0),
        SelfTest(at=at(0), site=site, device="door-1/counter", state="drifting"),
        passed(site, 1, 2, 0),
        visit(site, 1, 900),
        visit(site, 2, None, desk=""),
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_point_is_told_as_it_was_written(store: HistoryStore, site: str, kind: type[Point]) -> None:
    written = one_of_each(site)
    await store.write(site, written, 7)
    (*ours,) = (point for point in written if type(point) is kind)
    of = getattr(ours[0], kind.TAGS[0])
    assert await store.points(site, kind, of, at(0), EVENING) == ours
    assert await store.points(site, kind, "another", at(0), EVENING) == []


async def test_the_highest_of_each_interval_leaves_out_what_is_not_known(store: HistoryStore, site: str) -> None:
    noted = [people(site, 1, 3), people(site, 14, 8), people(site, 15, None), people(site, 31, 0), people(site, 90, 5)]
    await store.write(site, [*noted, people(site, 2, 20, room="office")], 7)
    assert await store.highest(site, "main", at(0), at(60), 900) == [Highest(at(0), 8), Highest(at(30), 0)]


async def test_waits_are_those_of_the_called_of_one_service(store: HistoryStore, site: str) -> None:
    ended = [
        visit(site, 1, 900),
        visit(site, 2, 60, desk="2"),
        visit(site, 3, None, desk=""),
        visit(site, 4, 300, service="permits"),
        visit(site, 600, 5),
    ]
    await store.write(site, ended, 7)
    assert await store.waits(site, "passports", at(0), EVENING) == [900, 60]


async def test_crossings_are_summed_per_interval(store: HistoryStore, site: str) -> None:
    went = [passed(site, 1, 2, 0), passed(site, 14, 1, 1), passed(site, 15, 0, 4), passed(site, 50, 1, 0)]
    await store.write(site, [*went, passed(site, 2, 50, 50, door="back")], 7)
    assert await store.crossings(site, "front", at(0), at(60), 900) == [
        Passed(at(0), 3, 1),
        Passed(at(15), 0, 4),
        Passed(at(45), 1, 0),
    ]


async def test_points_that_are_written_twice_are_there_once(store: HistoryStore, site: str) -> None:
    for _ in range(2):
        await store.write(site, one_of_each(site), 7)
    assert len(await store.points(site, Occupancy, "main", at(0), EVENING)) == 1
    assert await store.waits(site, "passports", at(0), EVENING) == [900]
    assert await store.crossings(site, "front", at(0), EVENING, 900) == [Passed(at(0), 2, 0)]


async def test_the_newer_word_about_a_moment_counts(store: HistoryStore, site: str) -> None:
    await store.write(site, [people(site, 0, 3)], 7)
    await store.write(site, [people(site, 0, 4)], 8)
    assert [told.people for told in await store.points(site, Occupancy, "main", at(0), EVENING)] == [4]


async def test_nothing_is_no_error(store: HistoryStore, site: str) -> None:
    assert await store.points(site, Occupancy, "main", at(0), EVENING) == []
    assert await store.highest(site, "main", at(0), EVENING, 900) == []
    assert await store.waits(site, "passports", at(0), EVENING) == []
    assert await store.crossings(site, "front", at(0), EVENING, 900) == []
