"""What only a real connection can show: the socket, TLS, logins, brokers that do not answer."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from ssl import SSLSocket

import pytest
from structlog.testing import capture_logs

from simulator.clock import Now, run_virtual
from tests.brokers import HOST, Certificates, Forwarder, Mosquitto, free_port, mosquitto
from tests.links import PATIENCE_S, Recorder, running, stopped
from wire import topics
from wire.codec import encode
from wire.errors import LinkDown
from wire.messages import NodeState, NodeStatus
from wire.mqtt import Broker, MqttLink

START_AT = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
SITE = "hall"
FILTERS = topics.hub_subscriptions(SITE)
FILTERS_GRANTED = bytes(qos for _, qos in FILTERS)
STATE_TOPIC = topics.state(SITE, "pi-1")
LOST = NodeState(status=NodeStatus.LOST, session="s")


def link_to(url: str, *, ca_file: Path | None = None, acknowledge_s: float = 5.0) -> MqttLink:
    return MqttLink(Broker.parse(url, ca_file), "hub", FILTERS, rng=Random(1), acknowledge_s=acknowledge_s)


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as running_broker:
        yield running_broker


@pytest.fixture
async def cable(broker: Mosquitto) -> AsyncIterator[Forwarder]:
    forwarder = Forwarder(broker.port)
    await forwarder.heal()
    yield forwarder
    await forwarder.cut()


def sockets_to(port: int) -> list[socket.socket]:
    """The open sockets of this process that are connected to `port`."""
    found = [one for one in gc.get_objects() if isinstance(one, socket.socket) and one.fileno() >= 0]
    return [one for one in found if one.family == socket.AF_INET and _peer_port(one) == port]


def _peer_port(one: socket.socket) -> int | None:
    try:
        port: int = one.getpeername()[1]
    except OSError:
        return None
    return port


async def test_the_socket_does_not_wait_for_acknowledgements_before_it_sends(broker: Mosquitto) -> None:
    async with running(link_to(broker.url)):
        (only,) = sockets_to(broker.port)
        assert only.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_what_is_published_is_sent_before_the_loop_turns_again() -> None:
    loop = asyncio.get_running_loop()

    async def accept(listening: socket.socket) -> socket.socket:
        connection, _ = await loop.sock_accept(listening)
        await loop.sock_recv(connection, 1_000)
        await loop.sock_sendall(connection, b"\x20\x02\x00\x00")  # CONNACK: accepted
        packet_id = (await loop.sock_recv(connection, 1_000))[3:5]
        await loop.sock_sendall(connection, bytes([0x90, 2 + len(FILTERS), *packet_id, *FILTERS_GRANTED]))
        return connection

    with socket.create_server((HOST, 0)) as listening:
        listening.setblocking(False)
        accepting = asyncio.create_task(accept(listening))
        link = link_to(f"mqtt://{HOST}:{listening.getsockname()[1]}")
        async with running(link):
            with await accepting as connection:
                publishing = asyncio.create_task(link.publish(STATE_TOPIC, LOST))
                await asyncio.sleep(0)
                connection.settimeout(PATIENCE_S)
                assert STATE_TOPIC.encode() in connection.recv(1_000)
                publishing.cancel()


async def test_tls_and_login_are_used_when_the_address_says_so(certificates: Certificates) -> None:
    with mosquitto(login=("hub", "p@ss:word/%"), tls=certificates) as broker:
        secret_url = broker.url.replace("p@ss:word/%", "p%40ss%3Aword%2F%25")
        link = link_to(secret_url, ca_file=certificates.ca_file)
        async with running(link) as listener:
            (only,) = sockets_to(broker.port)
            assert isinstance(only, SSLSocket)
            assert only.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            await link.publish(STATE_TOPIC, LOST)
            assert await listener.until_received(1) == [(STATE_TOPIC, encode(LOST))]


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # paho leaves the socket of a failed handshake open
async def test_a_certificate_of_an_unknown_authority_is_refused(certificates: Certificates) -> None:
    with mosquitto(tls=certificates) as broker:
        reason = await assert_no_connection(broker.url)
        assert "certificate verify failed" in reason
    gc.collect()


async def test_a_wrong_password_is_told_once_and_never_shown() -> None:
    with mosquitto(login=("hub", "right")) as broker:
        reason = await assert_no_connection(broker.url.replace("right", "wrong-one"))
    assert "Not authorized" in reason
    assert "wrong-one" not in reason


async def test_a_refused_subscription_is_no_connection() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1_000)
        writer.write(b"\x20\x02\x00\x00")  # CONNACK: accepted
        packet_id = (await reader.read(1_000))[3:5]
        writer.write(b"\x90\x07" + packet_id + b"\x00\x00\x00\x80\x01")  # SUBACK: the fourth filter is refused
        await reader.read()
        writer.close()

    async with await asyncio.start_server(refuse, HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]
        reason = await assert_no_connection(f"mqtt://{HOST}:{port}")
    assert f"guichet/1/{SITE}/+/+/event" in reason


async def test_a_broker_that_comes_and_goes_is_two_lines_in_the_log(cable: Forwarder) -> None:
    with capture_logs() as lines:
        async with running(link_to(f"mqtt://{HOST}:{cable.port}")) as listener:
            await cable.cut()
            await listener.until_told("disconnected")
            await cable.heal()
            await listener.until_told("connected", times=2)
    assert [line["event"] for line in lines] == ["link connected", "link down, trying again", "link connected"]


def test_pauses_between_attempts_double_up_to_five_seconds() -> None:
    async def main(_: Now) -> list[float]:
        pauses = Pauses(until=9)
        link = MqttLink(Broker.parse(f"mqtt://{HOST}:{free_port()}"), "hub", FILTERS, rng=pauses)
        task = asyncio.create_task(link.run(Recorder()))
        await pauses.over.wait()
        await stopped(task)
        return pauses.began_at_s

    began_at_s = run_virtual(main, seed=1, start_at=START_AT)
    pauses_s = [round(after - before, 1) for before, after in pairwise(began_at_s)]
    assert pauses_s == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]


async def test_an_unacknowledged_publication_ends_in_link_down(cable: Forwarder) -> None:
    link = link_to(f"mqtt://{HOST}:{cable.port}", acknowledge_s=0.1)
    async with running(link):
        cable.swallows = True
        with pytest.raises(LinkDown, match=r"not acknowledged .* within 0\.1 s"):
            await link.publish(STATE_TOPIC, LOST)
        assert link.is_connected


async def test_a_lost_connection_ends_all_waiting_publications_at_once(cable: Forwarder) -> None:
    link = link_to(f"mqtt://{HOST}:{cable.port}", acknowledge_s=3_600)
    async with running(link) as listener:
        cable.swallows = True
        publications = [asyncio.create_task(link.publish(STATE_TOPIC, LOST)) for _ in range(3)]
        await asyncio.sleep(0)
        await cable.cut()
        await listener.until_told("disconnected")
        async with asyncio.timeout(PATIENCE_S):
            results = await asyncio.gather(*publications, return_exceptions=True)
    assert [type(result) for result in results] == [LinkDown] * 3


async def test_a_link_stops_within_a_second_while_its_broker_does_not_answer(cable: Forwarder) -> None:
    link = link_to(f"mqtt://{HOST}:{cable.port}")
    async with running(link):
        cable.swallows = True
    assert not link.is_connected


async def test_a_link_stops_within_a_second_while_it_connects(cable: Forwarder) -> None:
    cable.swallows = True
    recorder = Recorder()
    task = asyncio.create_task(link_to(f"mqtt://{HOST}:{cable.port}").run(recorder))
    await cable.until_spoken_to()
    await stopped(task)
    assert recorder.told == []


async def assert_no_connection(url: str, ca_file: Path | None = None) -> str:
    """Why a link to `url` does not come to stand: the only line in its log after two attempts."""
    pauses, recorder = Pauses(until=2), Recorder()
    link = MqttLink(Broker.parse(url, ca_file), "hub", FILTERS, rng=pauses)
    with capture_logs() as lines:
        task = asyncio.create_task(link.run(recorder))
        async with asyncio.timeout(PATIENCE_S):
            await pauses.over.wait()
        await stopped(task)
    assert recorder.told == []
    assert [line["event"] for line in lines] == ["link down, trying again"]
    return str(lines[0])


class Pauses(Random):
    """Draws the longest pause each time and notes when it began."""

    def __init__(self, until: int) -> None:
        super().__init__(1)
        self.began_at_s: list[float] = []
        self.over = asyncio.Event()
        self._until = until

    def uniform(self, a: float, b: float) -> float:
        self.began_at_s.append(asyncio.get_running_loop().time())
        if len(self.began_at_s) == self._until:
            self.over.set()
        return b
