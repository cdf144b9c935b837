"""Ten thousand nodes in one process, each with a connection of its own; they speak in turn, and listen to the hub.

    python -m tests.bench.fleet PORT NODES_PER_SITE MESSAGES_PER_S

Says "ready" when all are connected and announced. A line on stdin asks for what was heard since the line before: JSON.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from zlib import crc32

from hub.hub_time import PERIOD_S
from tests.bench.bare_mqtt import BareClient
from tests.bench.city import NodeOf, nodes_of, sites
from tests.brokers import HOST
from wire import codec, topics
from wire.messages import Count, Health, Message, NodeState, NodeStatus

CONNECTING_AT_ONCE = 50
TICK_S = 0.01
NEW_TOTALS_EVERY = 20
"""Of a counter's messages: most of the time nobody has passed."""
SAME_MOMENT_MS = 50


class Node:
    """One of them."""

    def __init__(self, of: NodeOf) -> None:
        self.longest_silence_s = 0.0
        self.heard_at_s: float | None = None
        """The hub's time, the last time."""
        self._of = of
        self.spoke = 0
        """Times, since the last report."""
        self._time_topic = topics.hub_time(of.site).encode()
        self._told = 0
        """How often it has spoken, ever."""
        self._views: dict[str, int] = {}
        self._client: BareClient | None = None

    @property
    def is_lost(self) -> bool:
        return self._client is None or self._client.is_lost

    async def connect(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        site, name, _ = self._of
        self._client = client = BareClient(f"guichet-{name}", self._received)
        await loop.create_connection(lambda: client, HOST, port)
        client.subscribe(topics.node_subscriptions(site, name))
        await client.subscribed
        self._say(topics.state(site, name), NodeState(status=NodeStatus.ONLINE, session=name))

    def speak(self) -> None:
        """Counters tell their totals, all others how they are."""
        site, name, kind = self._of
        self._told += 1
        self.spoke += 1
        if kind == "counter":
            passed = self._told // NEW_TOTALS_EVERY
            self._say(topics.count(site, name, "it"), Count(epoch="bench", entered=passed, left=passed))
        else:
            health = Health(session=name, uptime_s=self._told, views=self._views or None)
            self._say(topics.health(site, name), health)

    def _say(self, topic: str, message: Message) -> None:
        assert self._client is not None
        qos, retain = topics.delivery(topic)
        self._client.publish(topic, codec.encode(message), qos=qos, retain=retain)

    def _received(self, topic: bytes, payload: bytes) -> None:
        if topic == self._time_topic:
            now_s = asyncio.get_running_loop().time()
            if self.heard_at_s is not None:
                self.longest_silence_s = max(self.longest_silence_s, now_s - self.heard_at_s)
            self.heard_at_s = now_s
            TOLD.setdefault(self._of.site, payload)
        elif topic.endswith(b"/show"):
            self._views["it"] = crc32(payload)


TOLD: dict[str, bytes] = {}
"""Site to the first HubTime that any of its nodes heard since the last report."""


async def speak_all(nodes: Sequence[Node], per_s: float) -> None:
    """In turn, evenly, for ever."""
    loop = asyncio.get_running_loop()
    turn, said, began_s = cycle(nodes), 0, loop.time()
    while True:
        await asyncio.sleep(TICK_S)
        due = int((loop.time() - began_s) * per_s)
        for _ in range(due - said):
            next(turn).speak()
        said = due


def heard(nodes: Sequence[Node]) -> dict[str, float]:
    """Since the last time."""
    phases = Counter(int(json.loads(payload)["ms"] % (1_000 * PERIOD_S)) // SAME_MOMENT_MS for payload in TOLD.values())
    told = {
        "said": sum(node.spoke for node in nodes),
        "lost": sum(node.is_lost for node in nodes),
        "deaf": sum(node.heard_at_s is None for node in nodes),
        "longest_silence_s": max(node.longest_silence_s for node in nodes),
        "sites_at_once": max(phases.values(), default=0),
    }
    TOLD.clear()
    for node in nodes:
        node.heard_at_s, node.longest_silence_s, node.spoke = None, 0.0, 0
    return told


async def main(port: int, nodes_per_site: int, per_s: float) -> None:
    nodes = [Node(of) for site in sites() for of in nodes_of(site, nodes_per_site)]
    for first in range(0, len(nodes), CONNECTING_AT_ONCE):
        await asyncio.gather(*(node.connect(port) for node in nodes[first : first + CONNECTING_AT_ONCE]))
        _say(f"{first / len(nodes):.3f}")
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(os.dup(0), "rb"))
    speaking = asyncio.create_task(speak_all(nodes, per_s))
    _say("ready")
    while await lines.readline():
        _say(json.dumps(heard(nodes)))
    speaking.cancel()


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
