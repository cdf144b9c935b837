"""Support from afar: what somebody asks of one device at this moment, and wants to see answered before her eyes.

Nothing of it is kept: what is not answered in time is asked again by whoever still wants it. It knows jobs and the
link; it does not know pages.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from hub.desired import Desired
from hub.fleet import NodeView, Shown, Wished
from hub.metrics import Metrics
from hub.nodes import Node, Nodes
from hub.writer import Writer
from wire import topics
from wire.errors import LinkDown
from wire.link import Link
from wire.messages import Done, DoneOutcome, Identify, Job, TakePicture

ANSWER_S = 5.0
"""Somebody sits before the page and waits."""
ASKED_MAX = 32
"""Questions without an answer. One more is not asked, as if nobody had answered it."""


class Support:
    """One site's (`hub.fleet.Fleet`)."""

    def __init__(
        self,
        site: Writer,
        link: Link,
        now: Callable[[], datetime],
        *,
        desired: Desired,
        new_token: Callable[[], str],
        metrics: Metrics,
    ) -> None:
        self.heard = Nodes(site.lobby)
        self._site = site
        self._link = link
        self._now = now
        self._desired = desired
        self._new_token = new_token
        self._metrics = metrics
        self._devices = {device.address for device in site.lobby.devices}
        self._asked: dict[str, tuple[str, asyncio.Future[Done]]] = {}
        """Job to the device that was asked, and its answer."""

    @property
    def nodes(self) -> tuple[NodeView, ...]:
        return tuple(_view(name, node) for name, node in self.heard.by_name.items())

    @property
    def wished(self) -> Mapping[str, Wished]:
        return {it.device: it for it in self._desired.wished}

    async def identify(self, device: str) -> Shown | None:
        return await self._ask(device, Identify())

    async def take_picture(self, device: str) -> Shown | None:
        return await self._ask(device, TakePicture())

    def answered(self, address: str, done: Done) -> bool:
        """The device at `address` answers; False if nobody here has asked."""
        asked, answer = self._asked.get(done.id, ("", None))
        if answer is None or asked != address:
            return False
        # "Accepted" says that the answer is still to come.
        if not answer.done() and done.outcome is not DoneOutcome.ACCEPTED:
            answer.set_result(done)
        return True

    async def _ask(self, address: str, body: Identify | TakePicture) -> Shown | None:
        if address not in self._devices or len(self._asked) >= ASKED_MAX:
            return None
        node, _, device = address.partition("/")
        job = Job(
            term=self._site.term,
            seq=self._site.seq,
            id=self._new_token(),
            expires_at=self._now() + timedelta(seconds=ANSWER_S),
            body=body,
        )
        answer: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._asked[job.id] = address, answer
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._link.publish(topics.job(self._site.id, node, device), job)
                done = await answer
        except TimeoutError:
            return None
        except LinkDown:
            self._metrics.failed_publications.labels(topics.Leaf.JOB.value).inc()
            return None
        finally:
            del self._asked[job.id]
        return Shown(outcome=done.outcome, why=done.why, picture=tuple(done.picture))


def _view(name: str, node: Node) -> NodeView:
    health = node.health
    return NodeView(
        name=name,
        status="unheard" if node.status is None else node.status.value,
        version=node.version,
        since_at=node.since_at,
        temperature_c=health.temperature_c if health else None,
        disk_free_mb=health.disk_free_mb if health else None,
        machine=dict(node.machine),
        faults=dict(health.faults) if health else {},
    )
