"""The link of simulations: a broker in memory, with the faults of a bad network.

It keeps what participants can see of MQTT: retained messages, wills, `+` and `#`, order per connection. Everything
happens through the event loop's clock and the given `Random`, so on a virtual clock a seed decides the whole run.
It does not know what messages mean, except HubTime, of which only the newest counts.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from random import Random

from paho.mqtt.matcher import MQTTMatcher

from wire import codec, topics
from wire.errors import LinkDown, WireError
from wire.faults import CALM, STRAGGLER_S, Faults
from wire.link import HeardTime, Listener, heard_at_s
from wire.messages import HubTime, Message
from wire.silence import Silence, Watch

INBOX_MESSAGES_MAX = 100_000
"""Messages on their way to one link; what comes on top is dropped, as mosquitto does at its own limit."""

RECONNECT_S = (0.2, 5.0)
"""Least and most that a link takes to notice that its broker can be reached again; the pauses of `MqttLink`."""

Observe = Callable[[str, bytes, float], None]
"""Topic, payload and loop time in s of a publication that the broker accepted."""


class InProcessBroker:
    """All links of a simulation meet here. `faults` and `observe` may be changed at any time."""

    def __init__(
        self,
        rng: Random,
        faults: Faults = CALM,
        *,
        observe: Observe | None = None,
        reconnect_s: tuple[float, float] = RECONNECT_S,
    ) -> None:
        self.faults = faults
        self.times: dict[str, HeardTime] = {}
        """Site to its newest HubTime."""
        self.silence = cache(lambda site, after_s: Silence(lambda: heard_at_s(self.times.get(site)), after_s))
        """Of a site's HubTime: one for all links that hear it."""
        self._rng = rng
        self.observe = observe
        self._reconnect_s = reconnect_s
        self._links: dict[str, InProcessLink] = {}
        self._cut: dict[str, None] = {}
        self._muted: dict[str, None] = {}
        self._held: dict[str, list[tuple[bytes, bool]]] = {}
        self._retained: dict[str, bytes] = {}
        self._index = MQTTMatcher()  # type: ignore[no-untyped-call]  # paho leaves its matcher without types
        """Filter to the links that gave it."""
        self._readers: dict[str, tuple[InProcessLink, ...]] = {}
        """Topic to the links that read it, as found in the index before."""

    def cut(self, client_id: str) -> None:
        """Break that link until `heal`: its will is published, and what was under way to it is lost.

        A process that dies is a cut before its `run` is cancelled, and a heal when it starts again.
        """
        self._cut[client_id] = None
        link = self._links.get(client_id)
        if link is not None and link.drop() and link.will is not None:
            self.accept(*link.will)

    def heal(self, client_id: str) -> None:
        """Let that link connect again; it does so within `reconnect_s`."""
        if client_id in self._cut:
            del self._cut[client_id]
            if client_id in self._links:
                self._links[client_id].connect_later(self._rng.uniform(*self._reconnect_s))

    def restart(self, *, keep_retained: bool) -> None:
        """Lose all connections without a will, and perhaps what was retained; links connect again by themselves."""
        if not keep_retained:
            self._retained.clear()
        for link in list(self._links.values()):
            link.drop()
            if link.client_id not in self._cut:  # also who is still on the way back from an earlier restart
                link.connect_later(self._rng.uniform(*self._reconnect_s))

    def inject(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish any bytes on any topic, as a stranger on the broker could."""
        if not topics.is_hub_time(topic):
            self.accept(topic, payload, retain=retain)
            return
        try:
            parsed, message = codec.decode(topic, payload)
        except WireError:
            for link in self._readers_of(topic):
                link.bad_messages += link.is_connected
        else:
            assert isinstance(message, HubTime)
            self.tell_time(topic, parsed.site, message, payload)

    def deliver_again(self, client_id: str, topic: str, payload: bytes) -> None:
        """Hand that link what lay somewhere on the way, as if it had just come; nobody else hears it."""
        link = self._links.get(client_id)
        if link is not None and link.is_connected:
            link.deliver(0.0, topic, payload)

    def retained(self, topic: str) -> bytes | None:
        """What a newcomer who reads `topic` is told at once."""
        return self._retained.get(topic)

    def mute(self, topic: str) -> None:
        """Accept nothing on `topic` until `unmute`: a device that has died on a node that is well."""
        self._muted[topic] = None

    def unmute(self, topic: str) -> None:
        self._muted.pop(topic, None)

    def hold(self, topic: str) -> None:
        """Keep what comes on `topic` until `release`, as a queue on the way would."""
        self._held[topic] = []

    def release(self, topic: str) -> None:
        for payload, retain in self._held.pop(topic, []):
            self.accept(topic, payload, retain)

    # --- for links ---------------------------------------------------------------------------------------------

    def join(self, link: "InProcessLink") -> None:
        """Know `link` and, unless it is cut, connect it."""
        assert link.client_id not in self._links, f"a link {link.client_id!r} runs already; client ids are unique"
        self._links[link.client_id] = link
        for pattern in link.patterns:
            try:
                self._index[pattern][link] = None
            except KeyError:
                self._index[pattern] = {link: None}
        self._readers.clear()
        if link.client_id not in self._cut:
            link.connect()

    def leave(self, link: "InProcessLink") -> None:
        """Forget `link`."""
        del self._links[link.client_id]
        for pattern in link.patterns:
            del self._index[pattern][link]
        self._readers.clear()

    def accept(self, topic: str, payload: bytes, retain: bool) -> None:
        """Keep the message if it is retained, and send it to all who read its topic, unless that is muted."""
        if topic in self._muted:
            return
        if topic in self._held:
            self._held[topic].append((payload, retain))
            return
        if self.observe is not None:
            self.observe(topic, payload, asyncio.get_running_loop().time())
        if retain:
            self._retained[topic] = payload
        for link in self._readers_of(topic):
            if link.is_connected:
                self._deliver(link, topic, payload)

    def deliver_retained(self, link: "InProcessLink") -> None:
        """Send `link` everything retained that it reads."""
        for topic, payload in self._retained.items():
            if link in self._readers_of(topic):
                self._deliver(link, topic, payload)

    def tell_time(self, topic: str, site: str, time: HubTime, payload: bytes) -> None:
        """One assignment for all nodes of the site, where a message to each would be most of a day's work."""
        now_s = asyncio.get_running_loop().time()
        if self.observe is not None:
            self.observe(topic, payload, now_s)
        newest = self.times.get(site)
        if newest is None or time.term >= newest.time.term:
            self.times[site] = HeardTime(time, now_s)

    def hears_time(self, link: "InProcessLink", site: str) -> bool:
        """Whether `link` has subscribed to the site's HubTime."""
        return link in self._readers_of(topics.hub_time(site))

    def delay_s(self) -> float:
        """The delay that the next message suffers."""
        least_ms, most_ms = self.faults.delay_ms
        return self._rng.uniform(least_ms, most_ms) / 1000 if most_ms else 0.0

    def _readers_of(self, topic: str) -> tuple["InProcessLink", ...]:
        readers = self._readers.get(topic)
        if readers is None:
            found = self._index.iter_match(topic)  # type: ignore[no-untyped-call]
            readers = self._readers[topic] = tuple(dict.fromkeys(link for links in found for link in links))
        return readers

    def _deliver(self, link: "InProcessLink", topic: str, payload: bytes) -> None:
        if topics.is_head(topic):
            link.deliver(0.0, topic, payload)
            return
        faults, delay_s, chance = self.faults, self.delay_s(), self._rng.random
        if faults.loss and chance() < faults.loss:
            return
        if faults.reorder and chance() < faults.reorder:
            link.deliver_late(delay_s + self._rng.uniform(0, STRAGGLER_S), topic, payload)
        else:
            link.deliver(delay_s, topic, payload)
        if faults.repeat and chance() < faults.repeat:
            link.deliver_late(delay_s + self._rng.uniform(0, STRAGGLER_S), topic, payload)


class InProcessLink:
    """A `wire.link.Link` to an `InProcessBroker`. No task and no thread of its own."""

    def __init__(
        self,
        broker: InProcessBroker,
        client_id: str,
        subscriptions: Sequence[tuple[str, int]],
        *,
        will: tuple[str, Message] | None = None,
    ) -> None:
        """`client_id` is what `InProcessBroker.cut` and `heal` call this link."""
        self.client_id = client_id
        self.patterns = [pattern for pattern, _ in subscriptions]
        self.will = None if will is None else (will[0], codec.encode(will[1]), topics.delivery(will[0]).retain)
        self.bad_messages = 0
        """HubTimes that were malformed."""
        self._broker = broker
        self._listener: Listener | None = None
        self._listener_failed: asyncio.Future[None] | None = None
        """Ends `run` with what the listener raised."""
        self._connected_at_s: float | None = None
        """By the loop's clock; None while there is no connection."""
        self._connection = 0
        """Grows with every loss, so that what belonged to an older connection can be told."""
        self._reconnect: asyncio.TimerHandle | None = None
        self._hears_time: dict[str, bool] = {}
        """Site to whether its HubTime is subscribed to; asked too often to be looked up each time."""
        self._times: dict[str, HeardTime] = {}
        """The newest HubTimes of earlier connections."""
        self._watches: list[tuple[Watch, str, float]] = []
        self._inbox: deque[tuple[float, str, bytes]] = deque()
        """(due by the loop's clock, topic, payload) as they were sent: what is due waits for what is before it. At most
        `INBOX_MESSAGES_MAX`."""
        self._wakeup: asyncio.Handle | None = None

    @property
    def is_connected(self) -> bool:
        return self._connected_at_s is not None

    def hub_time(self, site: str) -> HeardTime | None:
        newest = self._broker.times.get(site)
        if newest is None or self._connected_at_s is None or newest.heard_at_s < self._connected_at_s:
            return self._times.get(site)
        hears = self._hears_time.get(site)
        if hears is None:
            hears = self._hears_time[site] = self._broker.hears_time(self, site)
        return newest if hears else None

    def when_silent(self, site: str, after_s: float, tell: Callable[[], None]) -> Callable[[], None]:
        watch = Watch(tell)
        heard = self.hub_time(site)
        is_shared = heard is not None and heard is self._broker.times.get(site)
        (self._broker.silence(site, after_s) if is_shared else self._silence(site, after_s)).add(watch)
        self._watches = [it for it in self._watches if it[0].silence is not None]
        self._watches.append((watch, site, after_s))
        return watch.give_up

    def _silence(self, site: str, after_s: float) -> Silence:
        """As this link alone hears it."""
        return Silence(lambda: heard_at_s(self.hub_time(site)), after_s)

    async def publish(self, topic: str, message: Message) -> None:
        payload = codec.encode(message)
        if self._connected_at_s is None:
            raise LinkDown(f"{topic} not sent: {self.client_id} is cut off")
        if isinstance(message, HubTime):
            self._broker.tell_time(topic, topics.parse(topic).site, message, payload)
            return
        qos, retain = topics.delivery(topic)
        self._broker.accept(topic, payload, retain)
        acknowledgement_s = self._broker.delay_s() if qos else 0.0
        if acknowledgement_s:
            connection = self._connection
            await asyncio.sleep(acknowledgement_s)
            if connection != self._connection:
                raise LinkDown(f"{topic} not acknowledged: {self.client_id} was cut off")

    async def announce(self, topic: str, payload: bytes) -> None:
        if self._connected_at_s is None:
            raise LinkDown(f"{topic} not sent: {self.client_id} is cut off")
        self._broker.accept(topic, payload, retain=True)

    async def run(self, listener: Listener) -> None:
        assert self._listener is None, f"link {self.client_id!r} runs already"
        self._listener = listener
        self._listener_failed = asyncio.get_running_loop().create_future()
        self._broker.join(self)
        try:
            await self._listener_failed
        finally:
            self._disconnect()
            self._broker.leave(self)
            self._listener = None

    # --- for the broker ----------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Stand, and be sent what is retained."""
        assert self._listener is not None
        self._reconnect = None
        self._connected_at_s = asyncio.get_running_loop().time()
        self._tell(self._listener.connected)
        self._broker.deliver_retained(self)

    def connect_later(self, delay_s: float) -> None:
        """Stand again in a while, unless cut before."""
        if self._reconnect is None:
            self._reconnect = asyncio.get_running_loop().call_later(delay_s, self.connect)

    def drop(self) -> bool:
        """Lose the connection; False if there was none."""
        was_connected = self._disconnect()
        if was_connected and self._listener is not None:
            self._tell(self._listener.disconnected)
        return was_connected

    def deliver(self, delay_s: float, topic: str, payload: bytes) -> None:
        """In order: not before what was delivered earlier."""
        if len(self._inbox) >= INBOX_MESSAGES_MAX:
            return
        loop = asyncio.get_running_loop()
        due_at_s = loop.time() + delay_s
        self._inbox.append((due_at_s, topic, payload))
        if self._wakeup is None:
            self._wakeup = loop.call_at(due_at_s, self._drain) if delay_s else loop.call_soon(self._drain)

    def deliver_late(self, delay_s: float, topic: str, payload: bytes) -> None:
        """Out of order."""
        loop = asyncio.get_running_loop()
        loop.call_later(delay_s, self._deliver_straggler, self._connection, topic, payload)

    def _deliver_straggler(self, connection: int, topic: str, payload: bytes) -> None:
        if connection == self._connection and self._listener is not None:
            self._tell(self._listener.received, topic, payload)

    def _drain(self) -> None:
        """Hand over what is due. The listener may cut this very link, which empties the inbox."""
        assert self._listener is not None
        loop = asyncio.get_running_loop()
        self._wakeup = None
        now_s = loop.time()
        while self._inbox and self._inbox[0][0] <= now_s:
            _, topic, payload = self._inbox.popleft()
            self._tell(self._listener.received, topic, payload)
        if self._inbox and self._wakeup is None:
            self._wakeup = loop.call_at(self._inbox[0][0], self._drain)

    def _tell(self, say: Callable[..., None], *what: object) -> None:
        try:
            say(*what)
        except Exception as error:  # noqa: BLE001 - `run` raises it
            assert self._listener_failed is not None
            if not self._listener_failed.done():
                self._listener_failed.set_exception(error)

    def _disconnect(self) -> bool:
        if self._reconnect is not None:
            self._reconnect.cancel()
            self._reconnect = None
        if not self.is_connected:
            return False
        self._times |= {site: heard for site in self._broker.times if (heard := self.hub_time(site))}
        self._connected_at_s = None
        for watch, site, after_s in self._watches:
            if watch.silence is not None:
                self._silence(site, after_s).add(watch)  # what others hear is no news to it any more
        self._connection += 1
        self._inbox.clear()
        if self._wakeup is not None:
            self._wakeup.cancel()
            self._wakeup = None
        return True
