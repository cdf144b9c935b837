"""How the nodes of a site are and what its counters' tests say, noted every five minutes: what is in no journal.

While the store is down the newest notes wait in memory, and go with the next batch. What a hub had not handed over when
it stopped is lost; nothing is made up for the time in which none ran.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from hub.history.points import SAMPLE, NodeState, Point, SelfTest
from hub.nodes import Node
from hub.schema import EPOCH
from hub.self_tests import SelfTests
from hub.site import Site
from wire.messages import NodeStatus

NOTED_MAX = 288
"""Of each while the store is down: a day's. Then the oldest goes."""

BATCH_POINTS = 1_000
"""After an outage the notes follow one batch after the other."""


class Vitals:
    """One site's notes that no store has yet."""

    def __init__(
        self, site: Site, nodes: Mapping[str, Node], self_tests: SelfTests, now: Callable[[], datetime]
    ) -> None:
        self._site = site
        self._nodes = nodes
        self._self_tests = self_tests
        self._now = now
        self._noted: dict[datetime, list[Point]] = {}
        """Oldest first."""

    async def run(self) -> None:
        """Note every node and counter at each multiple of `SAMPLE`, until cancelled."""
        while True:
            now = self._now()
            next_at = now - (now - EPOCH) % SAMPLE + SAMPLE
            await asyncio.sleep((next_at - now).total_seconds())
            self._note(next_at, await self._site.read(self._self_tests.states))

    def _note(self, at: datetime, tested: Mapping[str, str]) -> None:
        site = self._site.id
        nodes = [_state(at, site, name, node) for name, node in self._nodes.items()]
        self._noted[at] = [*nodes, *(SelfTest(at=at, site=site, device=it, state=tested[it]) for it in tested)]
        if len(self._noted) > NOTED_MAX:
            del self._noted[next(iter(self._noted))]

    def batch(self) -> list[Point]:
        """What is to be kept next, the oldest first: notes of whole instants."""
        taken: list[Point] = []
        for points in self._noted.values():
            if taken and len(taken) + len(points) > BATCH_POINTS:
                break
            taken += points
        return taken

    def forget(self, kept: list[Point]) -> None:
        """These are kept now."""
        for at in {point.at for point in kept}:
            self._noted.pop(at, None)


def _state(at: datetime, site: str, name: str, node: Node) -> NodeState:
    is_online = node.status is NodeStatus.ONLINE
    health = node.health if is_online else None
    return NodeState(
        at=at,
        site=site,
        node=name,
        state="unheard" if node.status is None else node.status.value,
        temperature_c=None if health is None else health.temperature_c,
        disk_free_mb=None if health is None else health.disk_free_mb,
        faults=0 if health is None else len(health.faults) + len(node.machine),
    )
