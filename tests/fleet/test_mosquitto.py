"""The broker's configuration, in a running mosquitto: who comes in by password or certificate, and who may say and hear
what."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import aiomqtt
import pytest

from hub.config import lobby_of
from hub.identity.authority import Authority
from hub.keyring import Keyring
from tests.brokers import HOST
from tests.doors import CONFIGURATION, CertifiedBroker, certified_broker, open_door
from tests.processes import LOBBY
from wire import acl, topics
from wire.codec import PAYLOAD_BYTES_MAX
from wire.topics import HUB_WRITES, NODE_LEAVES, NODE_WRITES, OF_HUB, Leaf

USERS = ("hub", "watch", "door-1", "desk-1")
ANSWER_S = 10.0
REFUSED_S = 1.5
"""How long a client waits for an answer: one whose certificate is refused hears nothing more."""


class Entrance(Protocol):
    """A running broker's door."""

    def client(self, user: str, client_id: str) -> aiomqtt.Client:
        """A connection for who may come in as `user`."""


class ByPassword:
    def __init__(self, port: int) -> None:
        self.port = port

    def client(self, user: str | None, client_id: str, password: str | None = None) -> aiomqtt.Client:
        """The password is right unless one is given."""
        secret = password or (password_of(user) if user else None)
        return aiomqtt.Client(HOST, self.port, username=user, password=secret, identifier=client_id)


class ByCertificate:
    def __init__(self, broker: CertifiedBroker) -> None:
        self.broker = broker

    def client(self, user: str, client_id: str, identity: Path | None = None) -> aiomqtt.Client:
        """The certificate is the authority's unless another is given."""
        file = identity or self.broker.client_file(user)
        tls = aiomqtt.TLSParameters(ca_certs=str(self.broker.ca_file), certfile=str(file))
        return aiomqtt.Client(HOST, self.broker.port, identifier=client_id, tls_params=tls, timeout=REFUSED_S)


@asynccontextmanager
async def entered(door: Entrance, user: str, client_id: str = "") -> AsyncIterator[aiomqtt.Client]:
    """In as `user`."""
    async with asyncio.timeout(ANSWER_S), door.client(user, client_id or f"test-{user}") as client:
        yield client


def password_of(user: str) -> str:
    return f"secret-of-{user}"


@pytest.fixture(scope="module")
def by_password(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ByPassword]:
    folder = tmp_path_factory.mktemp("passwords")
    (folder / "acl").write_text((CONFIGURATION / "acl").read_text())
    (folder / "passwords").write_text("".join(f"{user}:{password_of(user)}\n" for user in USERS))
    subprocess.run(["mosquitto_passwd", "-U", folder / "passwords"], check=True)
    with open_door(folder, "passwords") as door:
        yield ByPassword(door.port)


@pytest.fixture(scope="module")
def by_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ByCertificate]:
    lobby = lobby_of(LOBBY.replace('id = "hall"', 'id = "annex"'))
    with certified_broker(tmp_path_factory.mktemp("certificates"), [lobby]) as broker:
        yield ByCertificate(broker)


@pytest.fixture(params=["by_password", "by_certificate"])
def door(request: pytest.FixtureRequest) -> Entrance:
    found: Entrance = request.getfixturevalue(request.param)
    return found


def topics_of(leaf: Leaf, node: str) -> str:
    """A topic that ends in `leaf`, of `node` or of its device."""
    if leaf in OF_HUB:
        return str(topics.Topic("annex", topics.HUB, "", leaf))
    return str(topics.Topic("annex", node, "" if leaf in NODE_LEAVES else "device", leaf))


ALL = [topics_of(leaf, node) for node in ("door-1", "desk-1") for leaf in Leaf]
LAST = "guichet/1/annex/door-1/last/done"
"""A topic of the node's own, for the message after which there is no other."""


async def heard(client: aiomqtt.Client, last: str) -> list[str]:
    """The topics of all messages before the one on `last`."""
    found = []
    async for message in client.messages:
        if str(message.topic) == last:
            break
        found.append(str(message.topic))
    return found


def test_the_access_list_is_written_from_the_leaves() -> None:
    kept = (CONFIGURATION / "acl").read_text()

    assert kept == acl.by_name(), "run: python -m wire.acl > firmware-config/mosquitto/acl"


async def test_who_is_known_comes_in(door: Entrance) -> None:
    async with entered(door, "door-1"):
        pass


@pytest.mark.parametrize(("user", "password"), [(None, None), ("door-1", "wrong"), ("nobody", "secret-of-nobody")])
async def test_nobody_else_comes_in_by_password(
    by_password: ByPassword, user: str | None, password: str | None
) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with by_password.client(user, "test", password):
            pass


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # paho leaves the socket of a failed handshake open
async def test_nobody_comes_in_with_the_certificate_of_another_authority(by_certificate: ByCertificate) -> None:
    stranger = by_certificate.broker.client_file("door-1", Authority(Keyring(b"another-authoritys-key")))

    with pytest.raises(aiomqtt.MqttError):
        async with by_certificate.client("door-1", "test", stranger):
            pass


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
async def test_nobody_comes_in_without_a_certificate(by_certificate: ByCertificate) -> None:
    broker = by_certificate.broker
    tls = aiomqtt.TLSParameters(ca_certs=str(broker.ca_file))

    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client(HOST, broker.port, username="door-1", tls_params=tls, timeout=REFUSED_S):
            pass


async def test_no_node_can_pose_as_the_broker(by_certificate: ByCertificate) -> None:
    theirs, ours = (
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        ssl.create_default_context(cafile=by_certificate.broker.ca_file),
    )
    theirs.load_cert_chain(by_certificate.broker.client_file(HOST))

    async with await asyncio.start_server(lambda reader, writer: None, HOST, 0, ssl=theirs) as posing:
        port = posing.sockets[0].getsockname()[1]
        with pytest.raises(ssl.SSLCertVerificationError, match="unsuitable certificate purpose"):
            await asyncio.open_connection(HOST, port, ssl=ours)


async def test_a_certified_node_hears_the_time_of_its_own_site_alone(by_certificate: ByCertificate) -> None:
    last = topics.job("annex", "door-1", "last")
    async with entered(by_certificate, "hub") as hub, entered(by_certificate, "door-1") as node:
        await node.subscribe("#")
        for site in ("annex", "castle"):
            await hub.publish(topics.hub_time(site), b"{}", qos=1)
        await hub.publish(last, b"{}", qos=1)

        assert await heard(node, last) == [topics.hub_time("annex")]


async def test_a_certified_node_writes_at_no_other_site(by_certificate: ByCertificate) -> None:
    async with entered(by_certificate, "hub") as hub, entered(by_certificate, "door-1") as node:
        await hub.subscribe("guichet/1/#")
        await node.publish(topics.event("castle", "door-1", "device"), b"{}", qos=1)
        await node.publish(LAST, b"{}", qos=1)

        assert await heard(hub, LAST) == []


async def test_a_node_writes_its_own_leaves_only(door: Entrance) -> None:
    async with entered(door, "hub") as hub, entered(door, "door-1") as node:
        await hub.subscribe("guichet/1/#")
        for topic in ALL:
            await node.publish(topic, b"{}", qos=1)
        await node.publish(LAST, b"{}", qos=1)

        assert sorted(await heard(hub, LAST)) == sorted(topics_of(leaf, "door-1") for leaf in NODE_WRITES)


async def test_a_node_hears_what_the_hub_says_to_it_and_the_time(door: Entrance) -> None:
    last = topics.job("annex", "door-1", "last")
    async with entered(door, "hub") as hub, entered(door, "door-1") as node:
        for wanted, qos in topics.node_subscriptions("annex", "door-1"):
            await node.subscribe(wanted, qos)
        await node.subscribe("#")
        for topic in dict.fromkeys(ALL):
            await hub.publish(topic, b"{}", qos=1)
        await hub.publish(last, b"{}", qos=1)

        assert set(await heard(node, last)) == {topics_of(leaf, "door-1") for leaf in HUB_WRITES - {Leaf.HEAD}}


async def test_whoever_looks_into_a_problem_hears_all_and_says_nothing(door: Entrance) -> None:
    async with entered(door, "watch") as watch, entered(door, "hub") as hub:
        await watch.subscribe("guichet/1/#")
        await watch.publish(topics.show("annex", "door-1", "sign"), b"{}", qos=1)
        await hub.publish(topics.hub_time("annex"), b"{}", qos=1)
        await hub.publish(LAST, b"{}", qos=1)

        assert await heard(watch, LAST) == [topics.hub_time("annex")]


async def test_nobody_throws_another_out_by_taking_its_name(door: Entrance) -> None:
    async with entered(door, "hub", client_id="guichet-hub") as hub, entered(door, "door-1", client_id="guichet-hub"):
        await hub.subscribe(LAST)
        await hub.publish(LAST, b"{}", qos=1)

        assert await heard(hub, LAST) == []


async def test_the_broker_takes_what_the_codec_sends_and_no_more(door: Entrance) -> None:
    topic = topics.event("annex", "door-1", "device")
    async with entered(door, "hub") as hub, entered(door, "door-1") as node:
        await hub.subscribe("guichet/1/#")
        await node.publish(topic, bytes(PAYLOAD_BYTES_MAX), qos=1)
        await node.publish(topic, bytes(PAYLOAD_BYTES_MAX + 1), qos=1)
        await node.publish(LAST, b"{}", qos=1)

        assert await heard(hub, LAST) == [topic]
