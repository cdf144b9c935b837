"""The broker's configuration, in a running mosquitto: who comes in, who may say and hear what."""

import asyncio
import re
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from shutil import which

import aiomqtt
import pytest

from tests.brokers import HOST, free_port
from tests.fleet.host import until
from wire import topics
from wire.codec import PAYLOAD_BYTES_MAX
from wire.topics import HUB_WRITES, NODE_LEAVES, NODE_WRITES, OF_HUB, Leaf

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "firmware-config" / "mosquitto"
USERS = ("hub", "watch", "door-1", "desk-1")
ANSWER_S = 10.0


@dataclass(frozen=True)
class Door:
    """A running broker's door."""

    port: int

    @asynccontextmanager
    async def enter(
        self, user: str | None, password: str | None = None, client_id: str | None = None
    ) -> AsyncIterator[aiomqtt.Client]:
        """A connection; the password is right unless one is given."""
        async with (
            asyncio.timeout(ANSWER_S),
            aiomqtt.Client(
                HOST,
                self.port,
                username=user,
                password=password or (password_of(user) if user else None),
                identifier=client_id or f"test-{user}",
            ) as client,
        ):
            yield client


def password_of(user: str) -> str:
    return f"secret-of-{user}"


def mosquitto_hash(password: str, user: str) -> str:
    """The filter that the playbook writes the broker's passwords with."""
    spec = spec_from_file_location("guichet_filters", ROOT / "ansible" / "filter_plugins" / "guichet.py")
    assert spec
    assert spec.loader
    filters = module_from_spec(spec)
    spec.loader.exec_module(filters)
    return str(filters.mosquitto_hash(password, user))


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """mosquitto with our files; only its port and its folders are others."""
    folder = tmp_path_factory.mktemp("mosquitto")
    (folder / "conf.d").mkdir()
    (folder / "acl").write_text((FOLDER / "acl").read_text())
    (folder / "passwords").write_text("".join(f"{user}:{mosquitto_hash(password_of(user), user)}\n" for user in USERS))
    port = free_port()
    conf = (FOLDER / "mosquitto.conf").read_text()
    assert "\nlistener 1883\n" in conf
    conf = conf.replace("\nlistener 1883\n", f"\nlistener {port} {HOST}\n")
    conf = re.sub(r"/etc/mosquitto|/var/lib/mosquitto", str(folder), conf)
    (folder / "mosquitto.conf").write_text(conf + ("" if folder.stat().st_uid else "\nuser root\n"))
    program = which("mosquitto", path="/usr/sbin:/usr/bin")
    assert program, "mosquitto is not installed; apt-get install mosquitto"
    said = folder / "said"
    with (
        said.open("w") as errors,
        subprocess.Popen([program, "-c", folder / "mosquitto.conf"], stderr=errors) as process,
    ):
        try:
            until(f"mosquitto listens ({said})", lambda: process.poll() is None and listens(port), within_s=ANSWER_S)
            yield Door(port)
        finally:
            process.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


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


async def test_the_filters_hash_opens_the_door(door: Door) -> None:
    async with door.enter("door-1"):
        pass


@pytest.mark.parametrize(("user", "password"), [(None, None), ("door-1", "wrong"), ("nobody", "secret-of-nobody")])
async def test_nobody_else_comes_in(door: Door, user: str | None, password: str | None) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with door.enter(user, password):
            pass


async def test_a_node_writes_its_own_leaves_only(door: Door) -> None:
    async with door.enter("hub") as hub, door.enter("door-1") as node:
        await hub.subscribe("guichet/1/#")
        for topic in ALL:
            await node.publish(topic, b"{}", qos=1)
        await node.publish(LAST, b"{}", qos=1)

        assert sorted(await heard(hub, LAST)) == sorted(topics_of(leaf, "door-1") for leaf in NODE_WRITES)


async def test_a_node_hears_what_the_hub_says_to_it_and_the_time(door: Door) -> None:
    last = topics.job("annex", "door-1", "last")
    async with door.enter("hub") as hub, door.enter("door-1") as node:
        for wanted, qos in topics.node_subscriptions("annex", "door-1"):
            await node.subscribe(wanted, qos)
        await node.subscribe("#")
        for topic in dict.fromkeys(ALL):
            await hub.publish(topic, b"{}", qos=1)
        await hub.publish(last, b"{}", qos=1)

        assert set(await heard(node, last)) == {topics_of(leaf, "door-1") for leaf in HUB_WRITES - {Leaf.HEAD}}


async def test_whoever_looks_into_a_problem_hears_all_and_says_nothing(door: Door) -> None:
    async with door.enter("watch") as watch, door.enter("hub") as hub:
        await watch.subscribe("guichet/1/#")
        await watch.publish(topics.show("annex", "door-1", "sign"), b"{}", qos=1)
        await hub.publish(topics.hub_time("annex"), b"{}", qos=1)
        await hub.publish(LAST, b"{}", qos=1)

        assert await heard(watch, LAST) == [topics.hub_time("annex")]


async def test_nobody_throws_another_out_by_taking_its_name(door: Door) -> None:
    async with door.enter("hub", client_id="guichet-hub") as hub, door.enter("door-1", client_id="guichet-hub"):
        await hub.subscribe(LAST)
        await hub.publish(LAST, b"{}", qos=1)

        assert await heard(hub, LAST) == []


async def test_the_broker_takes_what_the_codec_sends_and_no_more(door: Door) -> None:
    topic = topics.event("annex", "door-1", "device")
    async with door.enter("hub") as hub, door.enter("door-1") as node:
        await hub.subscribe("guichet/1/#")
        await node.publish(topic, bytes(PAYLOAD_BYTES_MAX), qos=1)
        await node.publish(topic, bytes(PAYLOAD_BYTES_MAX + 1), qos=1)
        await node.publish(LAST, b"{}", qos=1)

        assert await heard(hub, LAST) == [topic]
