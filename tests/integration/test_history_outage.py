"""An InfluxDB that is away for ten minutes, in virtual time: everything is there afterwards, and once.

The server is Debian's, a real one; what it holds is counted by InfluxQL.
"""

import asyncio
from collections import Counter
from datetime import timedelta

from hub.day.inputs import CallNext, CountPeople, OpenDesk, Start
from hub.history.chronicle import Chronicle
from hub.history.follower import SETTLED
from hub.history.influx_store import InfluxAddress, InfluxStore
from hub.history.points import Point, Visit
from hub.journal import Journal
from hub.schema import micros
from hub.site import Site
from tests.given import COUNTER, MONDAY_9H
from tests.hubs import Stage, issue, run
from tests.timeseries import DATABASE, InfluxDb, influxdb

OUTAGE = timedelta(minutes=10)
CAUGHT_UP = timedelta(minutes=3)
EVERY_S = 20
"""Somebody comes through the door, takes a ticket and is called."""


def test_an_influxdb_that_is_away_for_ten_minutes_misses_nothing_and_has_nothing_twice() -> None:
    with influxdb() as server:
        found: list[Point] = []

        async def story(stage: Stage) -> None:
            address = InfluxAddress(server.url, "", DATABASE, "")
            hub = await stage.hub(open_history=lambda thread: InfluxStore(thread, address))
            lobby = LivelyLobby(hub.sites["hall"])
            await lobby.live(OUTAGE)
            server.stop()
            await lobby.live(OUTAGE)
            assert any("history" in reason for reason in hub.health().reasons)
            server.start()
            await lobby.live(OUTAGE)
            await asyncio.sleep(CAUGHT_UP.total_seconds())
            assert not any("history" in reason for reason in hub.health().reasons)
            found.extend(in_the_journal(stage))

        run(story)
        distinct = {(point.at, point.series): point for point in found}
        assert len([it for it in distinct.values() if isinstance(it, Visit)]) > 80
        assert held(server) == Counter(point.MEASUREMENT for point in distinct.values())
        assert minutes_of_nodes(server) == [5, 10, 15, 20, 25, 30]


class LivelyLobby:
    """A site in which something happens every few seconds."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._people = 0

    async def live(self, time: timedelta) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + time.total_seconds()
        if not self._people:
            await self._site.submit(OpenDesk(desk="1", by="page"))
        while loop.time() < until_s:
            self._people += 1
            n = self._people
            await self._site.submit(CountPeople(device=COUNTER, epoch="e", entered=n, left=n // 2))
            await self._site.submit(issue(n))
            await self._site.submit(CallNext(desk="1", seen=None, by="page"))
            await self._site.submit(Start(desk="1", seen=None, by="page"))
            await asyncio.sleep(EVERY_S)


def in_the_journal(stage: Stage) -> list[Point]:
    """What history should hold of what has happened."""
    chronicle = Chronicle("hall")
    told = [point for entry in Journal(stage.engine).history("hall") for point in chronicle.take(entry)]
    return told + chronicle.quiet_until(stage.wall() - SETTLED)


FIELDS = {
    "occupancy": "limit_people",
    "line": "inside",
    "device": "state",
    "desk": "state",
    "crossing": "entered",
    "visit": "party_people",
}
"""A field that every point of a measurement has."""


def held(server: InfluxDb) -> Counter[str]:
    """How many points of each measurement the server counts."""
    found: Counter[str] = Counter()
    for measurement, name in FIELDS.items():
        (series,) = server.query(f'SELECT count("{name}") FROM "{measurement}" WHERE "site" = \'hall\'')
        found[measurement] = series["values"][0][1]
    return found


def minutes_of_nodes(server: InfluxDb) -> list[float]:
    """When a node was noted, in minutes after the hub began."""
    (series,) = server.query(
        'SELECT count("faults") FROM "node" WHERE "node" = \'door-1\' GROUP BY time(5m) fill(none)'
    )
    assert {count for _, count in series["values"]} == {1}
    return [(at_ms - micros(MONDAY_9H) // 1000) / 60_000 for at_ms, _ in series["values"]]
