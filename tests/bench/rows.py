"""Every row of the table: what is measured, what it stands beside, and the bar that it must meet.

Nothing here measures. A bar is for two cores and loopback; where a row has a bar for its ratio, that one holds on any
machine.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One row, before it is measured."""

    name: str
    by: str
    """The measurement that fills it: `scripts/bench --only` it."""
    unit: str
    """Anything per second is better when large, everything else when small."""
    beside: str = ""
    """What the reference is; empty where nothing raw does the like."""
    bar: float | None = None
    """For the value."""
    ratio_bar: float | None = None
    """For the value in terms of the reference."""

    @property
    def has_bar(self) -> bool:
        return self.bar is not None or self.ratio_bar is not None

    @property
    def is_better_when_large(self) -> bool:
        return self.unit == "1/s"


TWO_HOPS = "two bare hops through the same broker: aiomqtt, QoS 1, TCP_NODELAY, as many bytes"
BARE_ROUTE = "a FastAPI route that reads the same body and answers as many bytes"
SKIP_LOCKED = "FOR UPDATE SKIP LOCKED, asked by eight of the same PostgreSQL"
BARE_APP = "uvicorn with that one route"
BARE_NODE = "an aiomqtt client that has subscribed and waits"
LOOP = "a loop of 20,000,000 steps"

ROWS = {
    row.name: row
    for row in (
        Row("press to board, p50", "press", "ms", TWO_HOPS, bar=2.5, ratio_bar=3.0),
        Row("press to board, p99", "press", "ms", TWO_HOPS, bar=6.0),
        Row("press to board while the web is saturated, p99", "press", "ms", TWO_HOPS, bar=20.0),
        Row("tickets over HTTP", "tickets", "1/s", BARE_ROUTE, bar=3_500, ratio_bar=0.35),
        Row("processor time of a ticket over HTTP", "tickets", "ms", BARE_ROUTE),
        Row("ticket over HTTP, p50", "tickets", "ms", BARE_ROUTE),
        Row("ticket over HTTP, p99", "tickets", "ms", BARE_ROUTE, bar=20.0),
        Row("double calls of 8 desks at 2 hubs", "doubles", "tickets", bar=0),
        Row("duplicate numbers of 2 hubs", "doubles", "tickets", bar=0),
        Row("calls of 8 desks at 2 hubs", "doubles", "1/s", SKIP_LOCKED),
        Row("a call, 100,000 waiting", "line", "µs", "the same, 24 waiting", ratio_bar=1.3),
        Row("hub among 10,000 devices", "devices", "% of a core", "a bare aiomqtt subscriber", bar=60),
        Row("press to board among 10,000 devices, p99", "devices", "ms", TWO_HOPS, bar=20.0),
        Row("messages of 10,000 devices", "devices", "1/s", "2,000, as they should say"),
        Row("memory that 10,000 devices add in a minute", "devices", "MB", bar=1.0),
        Row("nodes without the hub's time", "devices", "nodes", bar=0),
        Row("longest silence of the hub's time at a node", "devices", "s", "a second, as it is told", bar=3.0),
        Row("sites told the time in the same 50 ms", "devices", "sites", "50 sites, evenly", ratio_bar=2.0),
        Row("totals of 200 counters that were lost", "counters", "people", bar=0),
        Row("count to its sign among 200 counters, p99", "counters", "ms", bar=50),
        Row("hub among 200 counters", "counters", "% of a core", bar=40),
        Row("memory that 200 counters add in a minute", "counters", "MB", bar=1.0),
        Row("replay of 25,000 events, chain verified", "restart", "s", "SELECT of the same rows", bar=0.5),
        Row("restart with 25,000 events to the first call", "restart", "s", f"{BARE_APP}, to its answer", bar=1.5),
        Row("memory at rest", "memory", "MB", BARE_APP, bar=95),
        Row("memory with 50 sites of 1,200 tickets", "memory", "MB", BARE_APP, bar=250),
        Row("ticket page, first load", "page", "kB", "its HTML alone", bar=30),
        Row("memory of an agent with board, printer and panel", "agent", "MB", BARE_NODE, bar=55),
        Row("memory of an agent with pages too", "agent", "MB", BARE_NODE, bar=65),
        Row("an agent at rest", "agent", "% of a core", bar=1),
        Row("start of an agent until it is connected", "agent", "s", BARE_NODE, bar=1.5),
        Row("press to lamp, p99", "agent", "ms", bar=50),
        Row("view to LEDs, p99", "agent", "ms"),
        Row("view to pixels of a page, p99", "agent", "ms"),
        Row("messages decoded", "inside", "1/s", "json.loads, nothing checked"),
        Row("inputs decided and applied", "inside", "1/s", "a dict for each input, kept"),
        Row("rows committed, 1 at a time", "inside", "1/s", "sqlite3, WAL, synchronous=FULL"),
        Row("rows committed, 64 at a time", "inside", "1/s", "sqlite3, WAL, synchronous=FULL"),
        Row("a day of 1,200 visitors, 20 desks, 30 devices", "days", "s", LOOP),
        Row("a day of 1,200 visitors, 40 desks, 60 devices, 21 mishaps", "days", "s", LOOP),
    )
}
