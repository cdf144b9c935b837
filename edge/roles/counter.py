"""The people counter of a door: cumulative totals of who entered and left since its epoch began.

It knows two beams and its totals. It does not know rooms or limits: the hub makes differences of totals, so a lost
message costs nothing and the next one tells all. It says its totals again and again, so that its silence means
something.
"""

import asyncio

from edge.beams import Beam, Beams, Crossing
from edge.contacts import Contacts, listen_on_loop
from edge.node import Node
from edge.role import Role
from wire.messages import Count, DeviceInfo
from wire.waiting import set_by

PUBLISH_EVERY_S = 0.25
"""The shortest time between two totals: a crowd is told in few messages, a single person at once."""

REPEAT_EVERY_S = 30.0
"""Totals that have not changed are told again this often: a third of the silence at which the hub gives up."""


class Counter(Role):
    """Two beams with direction. A restart forgets the totals, and therefore begins a new epoch."""

    def __init__(self, node: Node, info: DeviceInfo, contacts: Contacts) -> None:
        """`contacts` has the inputs `outer` and `inner`, active while their beam is dark."""
        super().__init__(node, info)
        self._contacts = contacts
        self._beams = Beams()
        self._epoch = node.new_token()
        self._totals = dict.fromkeys(Crossing, 0)
        self._edge_came = asyncio.Event()
        self._published: Count | None = None
        self._repeat_at_s = 0.0
        """The loop's instant at which the totals are told again."""

    def announce(self) -> None:
        self._publish(self._count())

    def lines(self) -> list[str]:
        """What it is at, for somebody who looks from afar."""
        count = self._count()
        dark = [beam.value for beam in Beam if self._contacts.is_active(beam)]
        return [
            f"{count.entered} entered, {count.left} left: {count.quality}",
            f"dark: {' and '.join(dark) or 'no beam'}",
        ]

    async def run(self) -> None:
        now_s = asyncio.get_running_loop().time()
        for beam in Beam:
            self._beams.edge(beam, self._contacts.is_active(beam), now_s)
        listen_on_loop(self._contacts, self._edge)
        while True:
            count = self._count()
            if count != self._published or asyncio.get_running_loop().time() >= self._repeat_at_s:
                self._publish(count)
                await asyncio.sleep(PUBLISH_EVERY_S)
                continue
            await self._wait_for_change()

    def close(self) -> None:
        self._contacts.close()

    async def _wait_for_change(self) -> None:
        """Until an edge came, a beam has been dark for too long, or it is time to repeat."""
        self._edge_came.clear()
        now_s = asyncio.get_running_loop().time()
        instants = (self._beams.blocked_at_s, self._repeat_at_s)
        next_at_s = min((at_s for at_s in instants if at_s is not None and at_s > now_s), default=now_s)
        await set_by(self._edge_came, next_at_s)

    def _edge(self, name: str, is_dark: bool) -> None:
        crossing = self._beams.edge(Beam(name), is_dark, asyncio.get_running_loop().time())
        if crossing is not None:
            self._totals[crossing] += 1
        self._edge_came.set()

    def _count(self) -> Count:
        quality = self._beams.quality(asyncio.get_running_loop().time())
        entered, left = self._totals[Crossing.ENTERED], self._totals[Crossing.LEFT]
        return Count(epoch=self._epoch, entered=entered, left=left, quality=quality)

    def _publish(self, count: Count) -> None:
        self._published = count
        self._repeat_at_s = asyncio.get_running_loop().time() + REPEAT_EVERY_S
        self.node.send_count(self.info.id, count)
