"""History in servers that speak InfluxDB's v2 write protocol, and what is said when they do not answer."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from hub.database import open_journal
from hub.errors import HistoryDown
from hub.history.influx_store import InfluxAddress, InfluxStore, line_of
from hub.history.points import Line, Visit
from hub.journal_thread import JournalThread
from tests.brokers import HOST, free_port
from tests.given import MONDAY_9H
from tests.history_day import VISITORS, a_morning, points_of
from tests.timeseries import DATABASE, Server, influxdb, influxdb_with_v2_writes, victoria_metrics

POINTS = list({(point.at, point.series): point for point in points_of(a_morning())}.values())
CHUNK = 100


@contextmanager
def a_store(folder: Path, url: str, bucket: str = DATABASE) -> Iterator[InfluxStore]:
    with open_journal(f"sqlite:///{folder / 'hub.db'}") as journal:
        thread = JournalThread(journal)
        store = InfluxStore(thread, InfluxAddress(url, "town", bucket, "a-token"))
        try:
            yield store
        finally:
            store.close()
            thread.close()


def samples(server: Server, metric: str) -> int:
    """How many values of a metric VictoriaMetrics holds, in all its series."""
    server.get("/internal/force_flush")
    exported = server.get("/api/v1/export", **{"match[]": metric}).splitlines()
    return sum(len(json.loads(line)["values"]) for line in exported)


async def test_victoria_metrics_holds_every_point_once_however_often_it_is_written(tmp_path: Path) -> None:
    with victoria_metrics() as server, a_store(tmp_path, server.url) as store:
        for _ in range(2):
            for first in range(0, len(POINTS), CHUNK):
                await store.write("hall", POINTS[first : first + CHUNK], first + CHUNK)
        kinds = Counter(point.MEASUREMENT for point in POINTS)
        assert samples(server, "visit_party_people") == kinds["visit"] == VISITORS
        assert samples(server, "visit_wait_s") == sum(isinstance(p, Visit) and p.wait_s is not None for p in POINTS)
        assert samples(server, "crossing_entered") == kinds["crossing"]
        assert samples(server, "line_inside") == kinds["line"]
        assert samples(server, "occupancy_limit_people") == kinds["occupancy"]


async def test_the_cursor_moves_only_when_the_server_has_the_points(tmp_path: Path) -> None:
    with victoria_metrics() as server, a_store(tmp_path, server.url) as store:
        await store.write("hall", POINTS[:10], 10)
        server.stop()
        with pytest.raises(HistoryDown, match=rf"{server.url} cannot be reached: .*refused.*; see that server"):
            await store.write("hall", POINTS[10:20], 20)
        assert await store.cursor("hall") == 10
        server.start()
        await store.write("hall", POINTS[10:20], 20)
        assert await store.cursor("hall") == 20


async def test_another_bucket_is_filled_from_the_beginning(tmp_path: Path) -> None:
    with victoria_metrics() as server:
        with a_store(tmp_path, server.url) as store:
            await store.write("hall", POINTS[:10], 10)
        with a_store(tmp_path, server.url, "another") as store:
            assert await store.cursor("hall") == 0


async def test_what_the_server_does_not_take_is_told_in_one_line(tmp_path: Path) -> None:
    with influxdb_with_v2_writes() as (server, url), a_store(tmp_path, url) as store:
        server.write([f'line,site=hall,service=passports inside="many" {int(MONDAY_9H.timestamp())}000000000'])
        line = Line(at=MONDAY_9H, site="hall", service="passports", inside=3, outside=0)
        with pytest.raises(HistoryDown, match=r"refused with 400: .*field type conflict") as raised:
            await store.write("hall", [line], 7)
        assert "\n" not in str(raised.value)
        assert "a-token" not in str(raised.value)


async def test_a_server_that_only_takes_writes_says_so_when_asked(tmp_path: Path) -> None:
    with (
        victoria_metrics() as server,
        a_store(tmp_path, server.url) as store,
        pytest.raises(HistoryDown, match="it only takes writes"),
    ):
        await store.points("hall", Line, "passports", MONDAY_9H, MONDAY_9H)


async def test_nobody_there_is_told(tmp_path: Path) -> None:
    with (
        a_store(tmp_path, f"http://{HOST}:{free_port()}") as store,
        pytest.raises(HistoryDown, match=r"cannot be asked: .*refused"),
    ):
        await store.waits("hall", "passports", MONDAY_9H, MONDAY_9H)


def test_there_are_as_many_series_as_the_lobby_has_parts_whoever_comes() -> None:
    with influxdb() as server:
        server.write([line_of(point) for point in POINTS])
        (found,) = server.query("SHOW SERIES")
    series = {point.series for point in POINTS}
    # A room, two services, a counter and a printer, two desks, a door; visits by service, desk and outcome.
    assert len(found["values"]) == len(series)
    assert len([name for name, *_ in series if name != "visit"]) == 1 + 2 + 2 + 2 + 1
    assert len(series) <= 8 + 2 * 3 * 4


def test_a_line_holds_what_is_known_and_nothing_else() -> None:
    visit = Visit(
        at=MONDAY_9H,
        site="hall",
        service="passports",
        desk="",
        outcome="cancelled",
        wait_s=None,
        service_s=None,
        party_people=2,
    )
    tags = "visit,outcome=cancelled,service=passports,site=hall"
    assert line_of(visit) == f"{tags} party_people=2i 1772442000000000000"
    called = msgspec.structs.replace(visit, wait_s=90)
    assert line_of(called) == f"{tags} party_people=2i,wait_s=90i 1772442000000000000"
