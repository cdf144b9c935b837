"""The real link: one participant's MQTT connection, over aiomqtt, with the product's only reconnect loop.

MQTT 3.1.1 with a clean session: every broker we care for speaks it, and nothing that must survive a lost connection
is left to the broker. This room knows the contract's topics and the broker; it does not know what messages mean,
except HubTime, of which only the newest counts.
"""

import asyncio
import math
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import get_ident
from typing import Any
from urllib.parse import unquote, urlsplit

import aiomqtt
import structlog
from paho.mqtt import client as paho
from paho.mqtt.reasoncodes import ReasonCode

from wire import codec, topics
from wire.errors import LinkDown, WireError
from wire.link import HeardTime, Listener, heard_at_s
from wire.messages import HubTime, Message
from wire.silence import Silence, Watch

KEEPALIVE_S = 10
"""A silent broker is noticed after one to two of these, a silent client by the broker after one and a half."""

BACKOFF_MIN_S = 0.2
BACKOFF_MAX_S = 5.0
"""Pauses between attempts double from the first to the second figure; an attempt that lasted longer resets them."""

GOODBYE_S = 0.5
"""How long a stopping link waits for its connection to close."""

EARLY_MESSAGES_MAX = 100_000
"""Messages kept between SUBSCRIBE and its acknowledgement, where retained ones arrive. The oldest go first: what
is retained comes again with the next connection."""

PENDING_CALLS_MAX = 10_000
"""Unacknowledged publications above which aiomqtt warns; its own figure of 10 is an ordinary moment here."""

ADDRESS_HELP = (
    "the broker's address must look like mqtt://host:1883 or mqtts://user:password@host:8883, "
    "with user and password percent-encoded"
)
"""Never repeats what was written: a misplaced slash makes a password look like a path."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Broker:
    """Where the broker is and who we are there."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: Path | None = None
    """The authority that signed the broker's certificate; None trusts those of the operating system."""
    identity_file: Path | None = None
    """Our key and certificate, one PEM. Read at each connection, so that a renewed one counts from the next."""

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str, ca_file: Path | None = None, identity_file: Path | None = None) -> "Broker":
        """`mqtt://host`, `mqtt://user:password@host:1883` or, over TLS, `mqtts://…`; user and password percent-encoded.

        Raises:
            ValueError: anything else, or a `ca_file` or `identity_file` without TLS.
        """
        try:
            parts = urlsplit(url)
            host, port, tls = parts.hostname, parts.port, parts.scheme == "mqtts"
        except ValueError:
            raise ValueError(ADDRESS_HELP) from None
        if parts.scheme not in ("mqtt", "mqtts") or not host or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError(ADDRESS_HELP)
        if ca_file is not None and not tls:
            raise ValueError(f"authority file {ca_file} needs an mqtts:// address; mqtt:// is not encrypted")
        if identity_file is not None and not tls:
            raise ValueError(f"certificate {identity_file} needs an mqtts:// address; mqtt:// asks for none")
        return cls(
            host=host,
            port=port or (8883 if tls else 1883),
            username=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
            tls=tls,
            ca_file=ca_file,
            identity_file=identity_file,
        )


class MqttLink:
    """A `wire.link.Link` to a real broker."""

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        subscriptions: Sequence[tuple[str, int]],
        *,
        rng: Random,
        will: tuple[str, Message] | tuple[str, bytes] | None = None,
        connect_s: float = 5.0,
        acknowledge_s: float = 5.0,
    ) -> None:
        """`client_id` is unique on the broker: it throws out whoever had it. `rng` spreads the reconnecting crowd."""
        self._broker = broker
        self._client_id = client_id
        self._subscriptions = list(subscriptions)
        self._rng = rng
        self._will = None if will is None else _last_will(*will)
        self._connect_s = connect_s
        self._acknowledge_s = acknowledge_s
        self._client: aiomqtt.Client | None = None
        """None unless connected and subscribed."""
        self._unacknowledged: dict[asyncio.Timeout, None] = {}
        self._times: dict[str, HeardTime] = {}
        self._listener_error: Exception | None = None
        self._said_lost = False
        self.bad_messages = 0
        """HubTimes that were malformed, or retained and therefore of unknown age."""

    @property
    def is_connected(self) -> bool:
        return self._client is not None

    def hub_time(self, site: str) -> HeardTime | None:
        return self._times.get(site)

    def when_silent(self, site: str, after_s: float, tell: Callable[[], None]) -> Callable[[], None]:
        watch = Watch(tell)
        Silence(lambda: heard_at_s(self._times.get(site)), after_s).add(watch)
        return watch.give_up

    async def publish(self, topic: str, message: Message) -> None:
        qos, retain = topics.delivery(topic)
        await self._send(topic, codec.encode(message), qos=qos, retain=retain)

    async def announce(self, topic: str, payload: bytes) -> None:
        await self._send(topic, payload, qos=1, retain=True)

    async def _send(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        if self._client is None:
            raise LinkDown(f"{topic} not sent: no connection to {self._broker}")
        try:
            async with asyncio.timeout(self._acknowledge_s) as deadline:
                self._unacknowledged[deadline] = None
                try:
                    await self._client.publish(topic, payload, qos=qos, retain=retain, timeout=math.inf)
                finally:
                    del self._unacknowledged[deadline]
        except TimeoutError:
            limit = f"within {self._acknowledge_s} s or before the connection broke"
            raise LinkDown(f"{topic} not acknowledged by {self._broker} {limit}") from None
        except aiomqtt.MqttError as error:
            raise LinkDown(f"{topic} not sent to {self._broker}: {error}") from error

    async def run(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        pause_s = BACKOFF_MIN_S
        while True:
            began_at_s = loop.time()
            try:
                await self._serve_one_connection(listener)
            except aiomqtt.MqttError as error:
                if self._listener_error is not None:
                    raise self._listener_error from None
                self._say_lost(error)
            if loop.time() - began_at_s > BACKOFF_MAX_S:
                pause_s = BACKOFF_MIN_S
            await asyncio.sleep(pause_s * self._rng.uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, BACKOFF_MAX_S)

    async def _serve_one_connection(self, listener: Listener) -> None:
        """Connect, subscribe and receive.

        Raises:
            aiomqtt.MqttError: always, sooner or later: not connected, not subscribed, or the connection is gone.
        """
        early: deque[aiomqtt.Message] = deque(maxlen=EARLY_MESSAGES_MAX)

        def take(message: aiomqtt.Message) -> None:
            if self._client is None:
                early.append(message)
            else:
                self._hand_over(message, listener)

        client = self._new_client(take)
        async with _connection(client):
            await self._subscribe(client)
            self._client = client
            try:
                self._say_connected()
                listener.connected()
                for message in early:
                    self._hand_over(message, listener)
                # The inbox passes every message on and yields none, so this ends with the connection only.
                await anext(client.messages)
            except aiomqtt.MqttError:
                self._client = None
                listener.disconnected()
                raise
            finally:
                self._client = None
                self._give_up_publications()

    def _new_client(self, take: Callable[[aiomqtt.Message], None]) -> aiomqtt.Client:
        """A client for one attempt: one that was cancelled while connecting can never be used again."""
        broker = self._broker

        class Inbox(asyncio.Queue[aiomqtt.Message]):
            """Passes messages on where aiomqtt would queue them.

            So none waits or is thrown away, and the broker gets its acknowledgement after the listener has heard.
            """

            def put_nowait(self, message: aiomqtt.Message) -> None:
                take(message)

        client = _PromptClient(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            identifier=self._client_id,
            protocol=aiomqtt.ProtocolVersion.V311,
            clean_session=True,
            will=self._will,
            keepalive=KEEPALIVE_S,
            timeout=self._connect_s,
            queue_type=Inbox,
            tls_params=_tls(broker) if broker.tls else None,
            # Without it a small packet waits for the acknowledgement of the one before, up to 40 ms.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        client.pending_calls_threshold = PENDING_CALLS_MAX
        return client

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        if not self._subscriptions:
            return
        granted = await client.subscribe(self._subscriptions, timeout=self._connect_s)
        for (pattern, _), code in zip(self._subscriptions, granted, strict=True):
            if isinstance(code, ReasonCode) and code.is_failure:
                raise aiomqtt.MqttError(f"subscription to {pattern} refused ({code}); see the broker's access list")

    def _hand_over(self, message: aiomqtt.Message, listener: Listener) -> None:
        topic, payload = message.topic.value, bytes(message.payload)
        if topics.is_hub_time(topic):
            self._take_time(topic, payload, was_retained=message.retain)
            return
        try:
            listener.received(topic, payload)
        except Exception as error:
            # This runs inside the client's callback, which would take it for a broken connection: `run` raises it.
            self._listener_error = error
            raise

    def _take_time(self, topic: str, payload: bytes, *, was_retained: bool) -> None:
        try:
            parsed, message = codec.decode(topic, payload)
        except WireError:
            self.bad_messages += 1
            return
        assert isinstance(message, HubTime)
        if was_retained:
            self.bad_messages += 1
            return
        newest = self._times.get(parsed.site)
        if newest is None or message.term >= newest.time.term:
            self._times[parsed.site] = HeardTime(message, asyncio.get_running_loop().time())

    def _give_up_publications(self) -> None:
        """Nobody will acknowledge them any more, so their callers need not wait for the full time."""
        now_s = asyncio.get_running_loop().time()
        for deadline in self._unacknowledged:
            deadline.reschedule(now_s)

    def _say_connected(self) -> None:
        log.info("link connected", broker=str(self._broker), client=self._client_id)
        self._said_lost = False

    def _say_lost(self, error: aiomqtt.MqttError) -> None:
        """Once per loss: an hour without broker is one line, not a thousand."""
        if not self._said_lost:
            log.warning("link down, trying again", broker=str(self._broker), client=self._client_id, error=str(error))
            self._said_lost = True


class _PromptClient(aiomqtt.Client):
    """Writes at once what is to be sent.

    aiomqtt asks the loop to say when the socket takes something, which it nearly always does, and so sends three turns
    of the loop later. Should it call this by another name one day, everything is as it was, and a test says so.
    """

    def __init__(self, hostname: str, port: int, **settings: Any) -> None:
        super().__init__(hostname, port, **settings)
        self._home = get_ident()

    def _on_socket_register_write(self, client: paho.Client, userdata: object, sock: Any) -> None:
        if get_ident() == self._home:  # and not the thread on which it connects
            # What it raises, it raises again when the loop has been asked, and aiomqtt takes it for what it is.
            with suppress(Exception):
                client.loop_write()
            if not client.want_write():
                return
        super()._on_socket_register_write(client, userdata, sock)


@asynccontextmanager
async def _connection(client: aiomqtt.Client) -> AsyncIterator[None]:
    """`client` connected; in the end it says goodbye, so that the broker does not send the will.

    aiomqtt connects in a thread that cannot be interrupted. A cancel therefore waits a little for the attempt to
    end, and closes what it opened.
    """
    opening = asyncio.create_task(client.__aenter__())
    try:
        await asyncio.shield(opening)
        yield
    finally:
        client.timeout = GOODBYE_S
        await asyncio.wait([opening], timeout=GOODBYE_S)
        if opening.done() and not opening.cancelled() and opening.exception() is None:
            with suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)
        opening.cancel()


def _last_will(topic: str, message: Message | bytes) -> aiomqtt.Will:
    """Bytes are for a topic that is not our contract's, as `announce` sends them."""
    if isinstance(message, bytes):
        return aiomqtt.Will(topic, message, qos=1, retain=True)
    qos, retain = topics.delivery(topic)
    return aiomqtt.Will(topic, codec.encode(message), qos=qos, retain=retain)


def node_client_id(node: str) -> str:
    """The id of a node's connection. A broker that knows nodes by certificate puts the node's name in its place."""
    return f"guichet-{node}"


def _tls(broker: Broker) -> aiomqtt.TLSParameters:
    return aiomqtt.TLSParameters(ca_certs=_text(broker.ca_file), certfile=_text(broker.identity_file))


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
