"""Displays: the committed day's views, published retained to every device that shows something.

Level-triggered: what is published is what should be shown now, whole; changes in between are skipped when they come
faster than anybody looks. It knows views and the link, not what is in a view.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import NamedTuple
from zlib import crc32

import structlog

from hub.day.model import Day
from hub.day.views import MINUTE_S, Waits, inside_views, is_waited_for, sign_views, waits_told
from hub.keyring import Keyring
from hub.metrics import Metrics
from hub.under_way import UnderWay
from hub.writer import Writer
from wire import topics
from wire.codec import encode
from wire.errors import BadMessage, LinkDown
from wire.link import Link
from wire.messages import BoardView, Show, View
from wire.waiting import set_by

DEVICE_GAP_S = 0.05
"""At least this long between two views of one device: faster changes nobody sees. A device that was quiet gets its view
at once, however busy the others are, and so does everybody what somebody waits for: a call does not wait for counts."""

ROUND_GAP_S = 0.005
"""At least this long between the beginnings of two rounds: bounds what a flood of commits spends on building views."""

GENERATIONS = 5
"""Of tasks that publish, each of which begins two more: at most 63 views wait for the broker at one time, and a lobby's
are all on their way after a few turns of the event loop."""

SETTLED_S = 5.0
"""A view that was published longer ago is with its device, or was lost on the way."""

SECRETS_KEPT = 64
"""Of doors: more than a lobby has."""

RETRY_S = 1.0
"""After a view that the broker did not acknowledge on a connection that stands."""

log = structlog.get_logger()


class _Seen(NamedTuple):
    """All views of a committed day, and where in the journal it stood."""

    views: dict[str, View]
    term: int
    seq: int


class Displays:
    """One site's."""

    def __init__(
        self, site: Writer, link: Link, public_url: str, metrics: Metrics, keyring: Keyring, under_way: UnderWay
    ) -> None:
        """`public_url` is where phones reach this hub, unless the lobby file says otherwise."""
        self._site = site
        self._link = link
        self._public_url = public_url
        self._under_way = under_way
        self._door_secret = lru_cache(SECRETS_KEPT)(partial(keyring.door_secret, site.id))
        self._metrics = metrics
        self._count_view = metrics.views.labels(site.id).inc
        self._topics = {d.address: topics.show(site.id, d.node, d.id) for d in site.lobby.devices}
        self._displays_of: dict[str, list[str]] = {}
        """Node to its devices, as `node/device`."""
        for device in site.lobby.devices:
            self._displays_of.setdefault(device.node, []).append(device.address)
        self._published: dict[str, Show] = {}
        """By `node/device`: what the broker has, or is being sent."""
        self._published_at_s: dict[str, float] = {}
        """By `node/device`, by the event loop's clock."""
        self._inside: dict[str, View] = {}
        """The views of boards, panels and kiosks."""
        self._inside_at: tuple[int, float, Waits] | None = None
        """The news and the minute of which they are."""
        self._seen: _Seen | None = None
        """What the next round finds; None if it has to look for itself."""
        self._is_resting = False
        """The next round begins with the next change."""
        self._may_at_s = 0.0
        """When the next round may begin, by the event loop's clock."""
        self._has_seen = asyncio.Event()
        self._wake = asyncio.Event()
        self._wake.set()
        site.watch(self._changed)

    def connected(self) -> None:
        """Say everything again: the broker may have lost it."""
        self._published.clear()
        self._wake.set()

    def announced(self, node: str) -> None:
        """Say everything of that node again: what was sent before it subscribed may have been of an older hub."""
        self._say_again(self._displays_of[node])

    def told(self, node: str, views: Mapping[str, int]) -> None:
        """The node tells which view each of its displays has, by the CRC-32 of its message: say again what was lost."""
        long_ago_s = asyncio.get_running_loop().time() - SETTLED_S
        lost = [
            address
            for address in self._displays_of[node]
            if (show := self._published.get(address)) is not None
            and self._published_at_s[address] < long_ago_s
            and views.get(address.partition("/")[2]) != _checksum(show)
        ]
        if lost:
            log.warning("views lost on the way", site=self._site.id, devices=lost)
            self._say_again(lost)

    def _say_again(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            self._published.pop(address, None)
        self._wake.set()

    def _changed(self, day: Day, now: datetime) -> None:
        """Look at once, if a round may begin: one that asks for the day later waits for the commit that is under way by
        then. While somebody waits for what she has pressed, every commit may be hers."""
        may_begin = self._is_resting and asyncio.get_running_loop().time() >= self._may_at_s
        if self._link.is_connected and (may_begin or self._under_way or self._seen is not None):
            self._seen = self._see(day, now)
            self._has_seen.set()
        self._wake.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._is_resting = True
            await self._wake.wait()
            self._is_resting = False
            if self._seen is None and self._may_at_s > loop.time():
                self._has_seen.clear()
                await set_by(self._has_seen, self._may_at_s)
            self._wake.clear()
            self._may_at_s = loop.time() + ROUND_GAP_S
            seen, self._seen = self._seen, None
            if self._link.is_connected:
                await self._publish_changes(await self._site.read(self._see) if seen is None else seen)

    async def _publish_changes(self, seen: _Seen) -> None:
        loop = asyncio.get_running_loop()
        now_s, again_at_s = loop.time(), float("inf")
        changed: deque[tuple[str, Show]] = deque()
        for address, view in seen.views.items():
            published = self._published.get(address)
            if published is not None and published.view == view:
                continue
            may_at_s = self._published_at_s.get(address, 0.0) + DEVICE_GAP_S
            if may_at_s > now_s and published is not None and not is_waited_for(view, published.view):
                again_at_s = min(again_at_s, may_at_s)
                continue
            show = Show(term=seen.term, seq=seen.seq, view=view)
            self._published[address], self._published_at_s[address] = show, now_s
            if isinstance(view, BoardView):  # its crowd looks up before anybody else does
                changed.appendleft((address, show))
            else:
                changed.append((address, show))
        if len(changed) == 1:
            await self._publish(*changed.popleft())
        elif changed:
            async with asyncio.TaskGroup() as group:
                await self._publish_all(changed, GENERATIONS, group)
        if again_at_s < float("inf"):
            loop.call_at(again_at_s, self._wake.set)

    def _see(self, day: Day, now: datetime) -> _Seen:
        return _Seen(self._views(day, now), day.term, day.seq)

    def _views(self, day: Day, now: datetime) -> dict[str, View]:
        """All as they should be. Those inside move with news and with the minutes; every second event is a count."""
        waits = waits_told(day, now)
        moment = (day.news_seq, now.timestamp() // MINUTE_S, waits)
        if moment != self._inside_at:
            self._inside_at, self._inside = moment, inside_views(day, now, waits)
        return self._inside | sign_views(day, now, waits, self._public_url, self._door_secret)

    async def _publish_all(self, waiting: deque[tuple[str, Show]], generations: int, group: asyncio.TaskGroup) -> None:
        """Publish what waits. While the first one is on its way, two more tasks go on with the rest, and so on, so that
        none waits for the broker's answer to another; a link that answers at once needs no more than these three."""
        while waiting:
            address, show = waiting.popleft()
            if waiting and generations:
                group.create_task(self._publish_all(waiting, generations - 1, group))
                group.create_task(self._publish_all(waiting, generations - 1, group))
                generations = 0
            await self._publish(address, show)

    async def _publish(self, address: str, show: Show) -> None:
        try:
            await self._link.publish(self._topics[address], show)
        except LinkDown:
            self._metrics.failed_publications.labels(topics.Leaf.SHOW.value).inc()
            self._published.pop(address, None)
            asyncio.get_running_loop().call_later(RETRY_S, self._wake.set)
        except BadMessage as error:
            # It stays as it was: the next view of this device may be shorter.
            log.warning("view too long", site=self._site.id, device=address, error=str(error))
        else:
            self._count_view()


def _checksum(show: Show) -> int | None:
    """Of the message as it is on the wire; None if it is too long for it."""
    try:
        return crc32(encode(show))
    except BadMessage:
        return None
