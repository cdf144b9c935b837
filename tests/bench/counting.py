"""Counters in one process, each with a connection of its own, that say their totals five times a second.

    python -m tests.bench.counting PORT SITE COUNTERS MESSAGES_PER_S

Says "ready" when all are connected and have said zero. A line on stdin ends it: the last totals of each, JSON.
"""

import asyncio
import json
import os
import sys
from itertools import cycle
from random import Random

from tests.bench.bare_mqtt import BareClient
from tests.brokers import HOST
from wire import codec, topics
from wire.messages import Count, NodeState, NodeStatus

TICK_S = 0.005
EPOCH = "bench"
STEP_PEOPLE = (0, 0, 0, 1, 1, 2)
"""Who passed between two messages, each as likely as the other."""


class Counter:
    """One door's."""

    def __init__(self, site: str, name: str, chance: Random) -> None:
        self.name, self.entered, self.left = name, 0, 0
        self._site, self._chance = site, chance
        self._client: BareClient | None = None

    async def connect(self, port: int) -> None:
        self._client = client = BareClient(f"guichet-{self.name}", lambda topic, payload: None)
        await asyncio.get_running_loop().create_connection(lambda: client, HOST, port)
        client.subscribe(topics.node_subscriptions(self._site, self.name))
        await client.subscribed
        self._say(topics.state(self._site, self.name), NodeState(status=NodeStatus.ONLINE, session=self.name))
        self._tell()

    def count(self) -> None:
        """Some pass, and the totals are said."""
        self.entered += self._chance.choice(STEP_PEOPLE)
        self.left += min(self._chance.choice(STEP_PEOPLE), self.entered - self.left)
        self._tell()

    def _tell(self) -> None:
        totals = Count(epoch=EPOCH, entered=self.entered, left=self.left)
        self._say(topics.count(self._site, self.name, "it"), totals)

    def _say(self, topic: str, message: Count | NodeState) -> None:
        assert self._client is not None
        assert not self._client.is_lost
        qos, retain = topics.delivery(topic)
        self._client.publish(topic, codec.encode(message), qos=qos, retain=retain)


async def count_all(counters: list[Counter], per_s: float) -> None:
    """In turn, evenly, until cancelled."""
    loop = asyncio.get_running_loop()
    turn, said, began_s = cycle(counters), 0, loop.time()
    while True:
        await asyncio.sleep(TICK_S)
        due = int((loop.time() - began_s) * per_s)
        for _ in range(due - said):
            next(turn).count()
        said = due


async def main(port: int, site: str, number: int, per_s: float) -> None:
    counters = [Counter(site, f"counter-{n}", Random(n)) for n in range(number)]
    for counter in counters:
        await counter.connect(port)
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(os.dup(0), "rb"))
    counting = asyncio.create_task(count_all(counters, per_s * number))
    _say("ready")
    await lines.readline()
    counting.cancel()
    _say(json.dumps({it.name: (it.entered, it.left) for it in counters}))
    await lines.readline()


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
