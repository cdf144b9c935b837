"""Every row of the table: what is measured, what it stands beside, and the bar that it must meet.

Nothing here measures. A bar is for two cores and loopback; where a row has a bar for its ratio, that one holds on any
machine.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row, before it is measured."""

    name: str
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
BARE_APP = "uvicorn with that one route"
LOOP = "a loop of 20,000,000 steps"

ROWS = {
    row.name: row
    for row in (
        Row(name="press to board, p50", unit="ms", beside=TWO_HOPS, bar=2.5, ratio_bar=3.0),
        Row(name="press to board, p99", unit="ms", beside=TWO_HOPS, bar=6.0),
        Row(name="press to board while the web is saturated, p99", unit="ms", beside=TWO_HOPS, bar=20.0),
        Row(name="tickets over HTTP", unit="1/s", beside=BARE_ROUTE, bar=3_500, ratio_bar=0.35),
        Row(name="ticket over HTTP, p50", unit="ms", beside=BARE_ROUTE),
        Row(name="ticket over HTTP, p99", unit="ms", beside=BARE_ROUTE, bar=20.0),
        Row(name="double calls of 8 desks at 2 hubs", unit="tickets", bar=0),
        Row(name="duplicate numbers of 2 hubs", unit="tickets", bar=0),
        Row(name="calls of 8 desks at 2 hubs", unit="1/s", beside="FOR UPDATE SKIP LOCKED by 8 who ask PostgreSQL"),
        Row(name="a call, 100,000 waiting", unit="µs", beside="the same, 24 waiting", ratio_bar=1.3),
        Row(name="hub among 10,000 devices", unit="% of a core", beside="a bare aiomqtt subscriber", bar=60),
        Row(name="press to board among 10,000 devices, p99", unit="ms", beside=TWO_HOPS, bar=20.0),
        Row(name="memory that 10,000 devices add in a minute", unit="MB", bar=1.0),
        Row(name="nodes without the hub's time", unit="nodes", bar=0),
        Row(name="longest silence of the hub's time at a node", unit="s", beside="a second, as it is told", bar=3.0),
        Row(name="sites told the time in the same 50 ms", unit="sites", beside="50 sites, evenly", ratio_bar=2.0),
        Row(name="replay of 25,000 events, chain verified", unit="s", beside="SELECT of the same rows", bar=0.5),
        Row(name="restart with 25,000 events to the first call", unit="s", beside=f"{BARE_APP}, to its first answer",
            bar=1.5),
        Row(name="memory at rest", unit="MB", beside=BARE_APP, bar=95),
        Row(name="memory with 50 sites of 1,200 tickets", unit="MB", beside=BARE_APP, bar=250),
        Row(name="ticket page, first load", unit="kB", beside="its HTML alone", bar=30),
        Row(name="messages decoded", unit="1/s", beside="json.loads, nothing checked"),
        Row(name="inputs decided and applied", unit="1/s", beside="a dict for each input, kept"),
        Row(name="rows committed, 1 at a time", unit="1/s", beside="sqlite3, WAL, synchronous=FULL"),
        Row(name="rows committed, 64 at a time", unit="1/s", beside="sqlite3, WAL, synchronous=FULL"),
        Row(name="a day of 1,200 visitors, 20 desks, 30 devices", unit="s", beside=LOOP),
        Row(name="a day of 1,200 visitors, 40 desks, 60 devices, 21 mishaps", unit="s", beside=LOOP),
    )
}  # fmt: skip
