"""The settings that the lobby file wishes of devices: said retained to each of them, until its node has them in force.

Level-triggered like views: nodes say with their health which revision is in force, and what is not is said again. It
does not know what a setting means; a device that does not take one says why.
"""

import asyncio
from collections.abc import Iterable, Mapping
from zlib import crc32

import msgspec

from hub.fleet import Standing, Wished
from hub.metrics import Metrics
from hub.writer import Writer
from wire import topics
from wire.errors import LinkDown
from wire.link import Link
from wire.messages import Config, Done, DoneOutcome, Fact

ANSWER = "config-"
"""Begins the id of a device's answer; its revision follows."""


def revision_of(settings: Mapping[str, Fact]) -> int:
    """The same number for the same settings, 0 for none."""
    return crc32(msgspec.json.encode(settings, order="sorted")) or 1 if settings else 0


class Desired:
    """One site's."""

    def __init__(self, site: Writer, link: Link, metrics: Metrics) -> None:
        self._site = site
        self._link = link
        self._metrics = metrics
        self._wished: dict[str, dict[str, Fact]] = {
            device.address: dict(device.settings) for device in site.lobby.devices
        }
        self._answers: dict[str, tuple[int, DoneOutcome, str]] = {}
        """By `node/device`: the revision that it answered last, and how."""
        self._reported: dict[str, int] = {}
        self._to_say: dict[str, None] = {}
        """Devices, in the order of their turn; each stands here once."""
        self._wake = asyncio.Event()

    @property
    def wished(self) -> tuple[Wished, ...]:
        """Of all devices of which something is wished."""
        return tuple(self._standing(address) for address, settings in self._wished.items() if settings)

    def connected(self) -> None:
        """The link stands again, and the broker may have lost what it kept."""
        self._say(address for address, settings in self._wished.items() if settings)

    def told(self, node: str, revisions: Mapping[str, int]) -> None:
        """The node says which revision is in force: say again what is not, unless it was refused."""
        mine = [address for address in self._wished if address.partition("/")[0] == node]
        self._reported |= {address: revisions.get(address.partition("/")[2], 0) for address in mine}
        self._say(address for address in mine if self._standing(address).standing is Standing.WAITING)

    def answered(self, address: str, done: Done) -> bool:
        """The device at `address` answers; False if this is the answer to something else."""
        revision = done.id.removeprefix(ANSWER)
        if revision == done.id or not revision.isdecimal():
            return False
        self._answers[address] = int(revision), done.outcome, done.why
        if done.outcome is DoneOutcome.DONE:
            self._reported[address] = int(revision)
        return True

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._to_say:
                address = next(iter(self._to_say))
                del self._to_say[address]
                await self._publish(address)

    def _say(self, addresses: Iterable[str]) -> None:
        self._to_say |= dict.fromkeys(addresses)
        self._wake.set()

    async def _publish(self, address: str) -> None:
        node, _, device = address.partition("/")
        settings = self._wished[address]
        config = Config(
            term=self._site.term, seq=self._site.seq, revision=revision_of(settings), settings=dict(settings)
        )
        try:
            await self._link.publish(topics.config(self._site.id, node, device), config)
        except LinkDown:
            # Said again with the next connection, or when the node next says how it feels.
            self._metrics.failed_publications.labels(topics.Leaf.CONFIG.value).inc()

    def _standing(self, address: str) -> Wished:
        settings = self._wished[address]
        revision, reported = revision_of(settings), self._reported.get(address)
        answered, outcome, why = self._answers.get(address, (None, DoneOutcome.DONE, ""))
        standing = Standing.WAITING
        if reported == revision:
            standing = Standing.IN_FORCE
        elif answered == revision and outcome is not DoneOutcome.DONE:
            standing = Standing.REFUSED
        return Wished(
            device=address,
            settings=settings,
            revision=revision,
            standing=standing,
            reported=reported,
            why=why if answered == revision else "",
        )
