"""The agent of one node: hears the link, hands messages to the roles, and says how the node is.

It knows the wire and the roles as `Role`s. It does not know what a board or a press is, nor which hardware is real.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from zlib import crc32

import structlog

from edge.errors import DeviceFault
from edge.lane import Condition
from edge.node import Node
from edge.picture import picture_of
from edge.probe import GLANCE_EVERY_S, Look, Probe
from edge.role import Role
from edge.tuning import Tuning
from wire import codec, topics
from wire.errors import LinkDown, WireError
from wire.link import Link
from wire.messages import Config, FromHub, Health, Job, Message, NodeState, NodeStatus, Receipt, Show, TakePicture
from wire.topics import Leaf, Topic

HEALTH_EVERY_S = 60.0
GOODBYE_TIMEOUT_S = 2.0
BAD_TOPICS_MAX = 64
"""Topics whose bad messages are counted apart and logged once each; further ones are only counted together."""
PROOF_AGAIN_S = 1.0
"""How often a lane that is stuck is looked at again."""
SCREEN_SILENT_S = 30.0
"""A browser tells every few seconds that it shows a page; after this long nobody is believed to see it."""
SCREEN_LOOK_S = 10.0
"""How often that is looked at."""

log = structlog.get_logger()


def last_will(site: str, node: str, session: str) -> tuple[str, NodeState]:
    """Topic and message that the broker publishes when the node of `session` is gone without a goodbye."""
    return topics.state(site, node), NodeState(status=NodeStatus.LOST, session=session)


class Agent:
    """The listener of one node's link and the one task group of its work."""

    def __init__(
        self,
        link: Link,
        node: Node,
        roles: Sequence[Role],
        *,
        tuning: Tuning,
        probe: Probe,
        now: Callable[[], datetime],
        version: str,
        health_every_s: float = HEALTH_EVERY_S,
    ) -> None:
        """`now` is the machine's wall clock, told in the node's health and used for nothing else."""
        self._link = link
        self._node = node
        self._roles = {role.info.id: role for role in roles}
        self._tuning = tuning
        self._probe = probe
        self._now = now
        self._version = version
        self._health_every_s = health_every_s
        self._newest: dict[str, tuple[int, int]] = {}
        self._views: dict[str, bytes] = {}
        """Display to the newest view that it has understood, as it came."""
        self._bad: Counter[str] = Counter()
        self._browsers = {
            role.info.id: Condition(node, role.info.id, "browser") for role in roles if role.info.driver == "page"
        }
        self._stuck: list[str] = []
        """Devices whose lane was stuck when last looked at."""
        self._stopping = asyncio.Event()
        self._started_at_s = 0.0

    # --- Listener ------------------------------------------------------------------------------------------

    def connected(self) -> None:
        self._node.connected(self._state())
        for role in self._roles.values():
            role.announce()

    def disconnected(self) -> None:
        """Nothing to do: what waits goes on waiting, or goes stale."""

    def received(self, topic: str, payload: bytes) -> None:
        try:
            parsed, message = codec.decode(topic, payload)
        except WireError as error:
            self._refuse(topic, str(error))
            self._lose_view(topic)
            return
        role = self._roles.get(parsed.device)
        if role is None:
            self._refuse(topic, f"this node has no device {parsed.device!r}")
        elif isinstance(message, FromHub) and self._is_current(topic, parsed, message):
            self._hand_over(role, topic, message, payload)

    # --- dispatch ------------------------------------------------------------------------------------------

    def _is_current(self, topic: str, parsed: Topic, message: FromHub) -> bool:
        """False for what an older owner of the site says, and for a view or setting older than the one known.

        An equal seq is current: a view may change with time alone. Jobs and answers may come again late, behind
        newer ones; their ids tell them apart.
        """
        seq = message.seq if parsed.leaf in (Leaf.SHOW, Leaf.CONFIG) else 0
        newest = self._newest.get(topic, (0, 0))
        if (message.term, seq) < newest:
            return False
        self._newest[topic] = (message.term, seq)
        return True

    def _hand_over(self, role: Role, topic: str, message: Message, payload: bytes) -> None:
        match message:
            case Show():
                if role.show(message):
                    self._views[role.info.id] = payload
                else:
                    self._refuse(topic, f"a {role.info.kind} cannot show a {type(message.view).__name__}")
                    self._lose(role)
            case Receipt():
                if self._node.settle(message):
                    role.receipt(message)
            case Job(body=TakePicture()):
                self._node.send_done(role.info.id, picture_of(role, message.id))
            case Job():
                role.job(message)
            case Config():
                self._tuning.take(role.info.id, message)
            case _:
                pass  # node_subscriptions asks for no other leaf

    def _lose_view(self, topic: str) -> None:
        """If a view came on `topic`, its device must not go on as if there had been none."""
        for device, role in self._roles.items():
            if topic == topics.show(self._node.site, self._node.name, device):
                self._lose(role)

    def _lose(self, role: Role) -> None:
        self._views.pop(role.info.id, None)
        role.lose_view()

    def _answer(self, device: str, receipt: Receipt) -> None:
        self._roles[device].receipt(receipt)

    def _refuse(self, topic: str, why: str) -> None:
        self._node.count_dropped()
        name = topic if topic in self._bad or len(self._bad) < BAD_TOPICS_MAX else ""
        self._bad[name] += 1
        if name and self._bad[name] == 1:
            log.warning("bad message", topic=topic, why=why)

    # --- work ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work until `stop` or cancellation; afterwards the hardware is let go.

        After `stop` the node says that it is lost before its link closes; a cancelled agent says nothing, like one
        whose power went, and the broker publishes its will.
        """
        self._started_at_s = asyncio.get_running_loop().time()
        works = [self._glance()] if self._probe.wants_glances else []
        works += [self._look_for_browsers()] if self._browsers else []
        works += [self._link.run(self), self._node.run(self._answer), self._tell_health(), self._tuning.run()]
        works += [role.run() for role in self._roles.values()]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(work) for work in works]
                await self._stopping.wait()
                await self._say_goodbye()
                for task in tasks:
                    task.cancel()
        finally:
            self._node.hub_clock.close()
            for role in self._roles.values():
                role.close()

    def stop(self) -> None:
        """Ask `run` to say goodbye and return."""
        self._stopping.set()

    async def prove_alive(self) -> None:
        """Returns when the loop turns, a worker thread answers, and no lane is stuck, which may be never: then whoever
        waits for it should end this process. A broker that is gone is no reason: nothing in a lane waits for it.
        """
        await asyncio.to_thread(os.getpid)
        while stuck := self._node.stuck_lanes():
            if stuck != self._stuck:
                log.error("lane stuck: its driver does not return", devices=stuck)
            self._stuck = stuck
            await asyncio.sleep(PROOF_AGAIN_S)
        if self._stuck:
            log.info("lane goes on", devices=self._stuck)
        self._stuck = []

    async def _say_goodbye(self) -> None:
        topic, state = last_will(self._node.site, self._node.name, self._node.session)
        try:
            async with asyncio.timeout(GOODBYE_TIMEOUT_S):
                await self._link.publish(topic, state)
        except (LinkDown, TimeoutError):
            log.info("stopped without a goodbye", node=self._node.name)

    async def _tell_health(self) -> None:
        """Health, and that the node is there at all: whoever missed it once believes nothing that its counters say."""
        health, state = (leaf(self._node.site, self._node.name) for leaf in (topics.health, topics.state))
        while True:
            look = await asyncio.to_thread(self._probe.look)
            self._node.send_newest(health, self._health(look))
            await asyncio.sleep(self._health_every_s)
            if self._link.is_connected:
                self._node.send_newest(state, self._state())

    def _state(self) -> NodeState:
        return NodeState(
            status=NodeStatus.ONLINE,
            session=self._node.session,
            version=self._version,
            devices=[role.info for role in self._roles.values()],
        )

    async def _glance(self) -> None:
        while True:
            self._probe.glance()
            await asyncio.sleep(GLANCE_EVERY_S)

    async def _look_for_browsers(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SCREEN_LOOK_S)
            for device, condition in self._browsers.items():
                if loop.time() - self._node.heard_screens.get(device, self._started_at_s) > SCREEN_SILENT_S:
                    condition.failed(DeviceFault("no browser shows the page; start one"))
                else:
                    condition.worked()

    def _health(self, look: Look) -> Health:
        now_s = asyncio.get_running_loop().time()
        lengths = {device: role.queue_length for device, role in self._roles.items() if role.queue_length}
        lengths["node"] = self._node.queue_length
        return Health(
            session=self._node.session,
            uptime_s=int(now_s - self._started_at_s),
            temperature_c=look.temperature_c,
            disk_free_mb=look.disk_free_mb,
            clock_at=self._now(),
            queue_lengths=lengths,
            dropped=self._node.dropped,
            faults=self._node.faults,
            views={device: crc32(payload) for device, payload in self._views.items()},
            machine=look.machine,
            revisions=self._tuning.revisions,
        )
