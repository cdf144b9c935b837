"""What every store of history does alike: SQL in a file or in PostgreSQL, and InfluxDB, both real ones."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from zlib import crc32

import pytest

from hub.database import open_journal
from hub.history.influx_store import InfluxAddress, InfluxStore
from hub.history.points import Crossing, DeviceState, Line, Occupancy, Point, Visit
from hub.history.sql_store import SqlStore
from hub.history.store import HistoryStore, Passed, People
from hub.journal_thread import JournalThread
from tests.given import MONDAY_9H
from tests.timeseries import DATABASE, influxdb_with_v2_writes

EVENING = MONDAY_9H + timedelta(hours=9)


@pytest.fixture(scope="module")
def influx_url() -> Iterator[str]:
    with influxdb_with_v2_writes() as (_, url):
        yield url


@pytest.fixture(params=["sqlite", "postgresql", "influx"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HistoryStore]:
    """An empty one."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'hub.db'}"
        if request.param == "postgresql":
            url = request.getfixturevalue("postgresql_server").new_database()
        journal = stack.enter_context(open_journal(url))
        thread = JournalThread(journal)
        stack.callback(thread.close)
        if request.param != "influx":
            yield SqlStore(thread)
            return
        address = InfluxAddress(request.getfixturevalue("influx_url"), "town", DATABASE, "")
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
    told = await store.curve(site, "main", at(0), at(60))
    assert told == [
        People(at(0), 3, 0, 40, 30, "live"),
        People(at(1), None, None, None, 30, "unknown"),
        People(at(2), 0, 0, 40, 30, "live"),
    ]


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
    points: list[Point] = [
        people(site, 0, 3),
        visit(site, 1, 900),
        passed(site, 1, 2, 0),
        Line(at=at(0), site=site, service="passports", inside=3, outside=1),
        DeviceState(at=at(0), site=site, device="door-1/counter", state="ok"),
    ]
    for _ in range(2):
        await store.write(site, points, 7)
    assert len(await store.curve(site, "main", at(0), EVENING)) == 1
    assert await store.waits(site, "passports", at(0), EVENING) == [900]
    assert await store.crossings(site, "front", at(0), EVENING, 900) == [Passed(at(0), 2, 0)]


async def test_the_newer_word_about_a_moment_counts(store: HistoryStore, site: str) -> None:
    await store.write(site, [people(site, 0, 3)], 7)
    await store.write(site, [people(site, 0, 4)], 8)
    assert [told.people for told in await store.curve(site, "main", at(0), EVENING)] == [4]


async def test_nothing_is_no_error(store: HistoryStore, site: str) -> None:
    assert await store.curve(site, "main", at(0), EVENING) == []
    assert await store.waits(site, "passports", at(0), EVENING) == []
    assert await store.crossings(site, "front", at(0), EVENING, 900) == []
