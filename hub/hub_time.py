"""HubTime: the hub's clock, once a second and site, so that nodes can say how old a press is and notice silence."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from math import floor

from hub.metrics import Metrics
from hub.writer import Writer
from wire import topics
from wire.errors import LinkDown
from wire.link import Link
from wire.messages import HubTime

PERIOD_S = 1.0

GAP_S_MAX = 0.02
"""Two sites are told the time at least this long one after the other, where there are few."""

HASTE = 1.5
"""How much faster than ever those follow each other whose moments have passed."""


class Pace:
    """Of all sites of a hub: those whose moments have passed during a stall follow each other, somewhat faster than
    ever, instead of all at once, and so do those who were waiting for that when the next stall came."""

    def __init__(self, sites: int) -> None:
        self._gap_s = min(PERIOD_S / (HASTE * sites), GAP_S_MAX)
        self._told_at_s = -PERIOD_S
        self._one_at_a_time = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until whoever is due may speak; whoever was due first is first."""
        loop = asyncio.get_running_loop()
        async with self._one_at_a_time:
            if (wait_s := self._told_at_s + self._gap_s - loop.time()) > 0:
                await asyncio.sleep(wait_s)
            self._told_at_s = loop.time()


async def tell_time(
    site: Writer, link: Link, now: Callable[[], datetime], *, boot: str, phase_s: float, pace: Pace, metrics: Metrics
) -> None:
    """Publish HubTime for `site` every second, `phase_s` (0 to 1) after the full second of the event loop's clock.

    Sites speak at different phases, in one `pace`: thousands of nodes that answer to one message at once would make
    everybody wait.
    """
    loop, topic = asyncio.get_running_loop(), topics.hub_time(site.id)
    next_at_s = floor(loop.time() - phase_s) + PERIOD_S + phase_s
    while True:
        await asyncio.sleep(next_at_s - loop.time())
        await pace.turn()
        now_s = loop.time()
        # After a stall the clock is told once, not once for each second that was missed; then at its own moment again.
        next_at_s += PERIOD_S * (max(0, floor((now_s - next_at_s) / PERIOD_S)) + 1)
        time = HubTime(term=site.term, seq=site.seq, boot=boot, ms=round(now_s * 1_000), wall_at=now())
        try:
            await link.publish(topic, time)
        except LinkDown:
            metrics.failed_publications.labels(topics.Leaf.TIME.value).inc()
