"""How the nodes of a site are, noted every five minutes: the one part of history that is in no journal.

While the store is down the newest notes wait in memory, and go with the next batch. What a hub had not handed over when
it stopped is lost; nothing is made up for the time in which none ran.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from hub.history.points import SAMPLE, NodeState, Point
from hub.nodes import Node
from hub.schema import EPOCH
from wire.messages import NodeStatus

NOTED_MAX = 288
"""Of each node while the store is down: a day's. Then the oldest goes."""

BATCH_POINTS = 1_000
"""After an outage the notes follow one batch after the other."""


class Vitals:
    """One site's notes that no store has yet."""

    def __init__(self, site: str, nodes: Mapping[str, Node], now: Callable[[], datetime]) -> None:
        self._site = site
        self._nodes = nodes
        self._now = now
        self._noted: dict[datetime, list[Point]] = {}
        """Oldest first."""

    async def run(self) -> None:
        """Note every node at each multiple of `SAMPLE`, until cancelled."""
        while True:
            now = self._now()
            next_at = now - (now - EPOCH) % SAMPLE + SAMPLE
            await asyncio.sleep((next_at - now).total_seconds())
            self._note(next_at)

    def _note(self, at: datetime) -> None:
        self._noted[at] = [_state(at, self._site, name, node) for name, node in self._nodes.items()]
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
