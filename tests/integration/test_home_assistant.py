"""Home Assistant's side of a real mosquitto with our access list: what it finds there, and who else does not."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import aiomqtt
import pytest

from hub.day.inputs import CountPeople
from hub.home.descriptions import descriptions
from hub.home.follower import Home, HomeListener
from hub.metrics import Metrics
from hub.nodes import Nodes
from hub.self_tests import SelfTests
from tests.brokers import HOST, Forwarder
from tests.doors import CONFIGURATION, open_door
from tests.given import COUNTER
from tests.sites import MemorySite
from wire import acl, home
from wire.mqtt import Broker, MqttLink

PATIENCE_S = 60.0
ROOM = home.state("hall", "room", "main")
USERS = ("hub", acl.HOME, "door-1")


class AtOnce(Random):
    """Nobody else is there to wait for."""

    def uniform(self, a: float, b: float) -> float:
        return a


class Deaf:
    def connected(self) -> None: ...

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes) -> None: ...


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("home")
    (folder / "acl").write_text((CONFIGURATION / "acl").read_text())
    (folder / "passwords").write_text("".join(f"{user}:secret-of-{user}\n" for user in USERS))
    subprocess.run(["mosquitto_passwd", "-U", folder / "passwords"], check=True)
    with open_door(Path(folder), "passwords") as door:
        yield door.port


def untested(site: MemorySite) -> SelfTests:
    """Of a hub without history."""
    return SelfTests(site, None, lambda: site.now)


@asynccontextmanager
async def a_hub(port: int, site: MemorySite) -> AsyncIterator[asyncio.Task[None]]:
    """The hub's own link and what speaks for Home Assistant; yields the link's task."""
    link = MqttLink(
        Broker.parse(f"mqtt://hub:secret-of-hub@{HOST}:{port}"),
        "hub",
        [(home.STATUS, 1)],
        rng=Random(1),
        will=(home.AVAILABILITY, home.OFFLINE),
    )
    tells = Home(site, link, Nodes(site.lobby).by_name, Metrics(), untested(site), rng=AtOnce(), version="1.2")
    tasks = [
        asyncio.create_task(link.run(HomeListener(Deaf(), [tells]))),
        asyncio.create_task(tells.run()),
    ]
    try:
        yield tasks[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def entered(port: int, user: str) -> AsyncIterator[aiomqtt.Client]:
    async with aiomqtt.Client(HOST, port, username=user, password=f"secret-of-{user}", identifier=user) as client:
        yield client


async def heard_until(client: aiomqtt.Client, topic: str, payload: object = None) -> dict[str, bytes]:
    """Topic to the newest payload of everything up to `payload`, or anything, on `topic`."""
    found: dict[str, bytes] = {}
    async with asyncio.timeout(PATIENCE_S):
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            found[str(message.topic)] = message.payload
            if str(message.topic) == topic and payload in (None, message.payload):
                return found
    return found


async def counted(site: MemorySite, entered: int) -> None:
    await site.submit(CountPeople(device=COUNTER, epoch="e", entered=entered, left=0))


async def until_people(client: aiomqtt.Client, people: int) -> None:
    while json.loads((await heard_until(client, ROOM))[ROOM])["people"] != people:
        pass


async def test_home_assistant_finds_devices_states_and_that_the_hub_is_there(port: int) -> None:
    site = MemorySite()
    await counted(site, 0)
    await counted(site, 7)
    async with a_hub(port, site), entered(port, acl.HOME) as assistant:
        for topics in ("homeassistant/#", f"{home.ROOT}/#"):
            await assistant.subscribe(topics)
        await until_people(assistant, 7)
        await assistant.publish(home.STATUS, home.ONLINE, qos=1)
        again = await heard_until(assistant, home.description("guichet_hall_node_kiosk-1"))
        described = dict(descriptions(site.lobby, "1.2"))
        found = {topic: json.loads(again[topic]) for topic in described if topic in again}
        assert found == {topic: described[topic] for topic in found}
        assert home.description("guichet_hall_room_main") in found
        await counted(site, 8)
        await until_people(assistant, 8)


async def test_who_comes_later_finds_all_of_it_kept_and_a_hub_that_is_cut_off_is_offline(port: int) -> None:
    cable = Forwarder(port)
    await cable.heal()
    async with a_hub(cable.port, MemorySite()), entered(port, acl.HOME) as assistant:
        await assistant.subscribe(f"{home.ROOT}/#")
        kept = await heard_until(assistant, home.AVAILABILITY, home.ONLINE)
        assert kept[home.AVAILABILITY] == home.ONLINE
        await assistant.subscribe("homeassistant/#")
        await heard_until(assistant, home.description("guichet_hall"))
        await cable.cut()
        await heard_until(assistant, home.AVAILABILITY, home.OFFLINE)


async def test_a_node_hears_nothing_of_it_and_can_say_nothing_there(port: int) -> None:
    async with entered(port, "door-1") as node, entered(port, acl.HOME) as assistant:
        await assistant.subscribe("homeassistant/#")
        await assistant.subscribe(f"{home.ROOT}/#")
        for topics in ("homeassistant/#", f"{home.ROOT}/#"):
            await node.subscribe(topics)
        await node.publish(home.description("of-a-node"), b"{}", qos=1, retain=True)
        await node.publish(ROOM, b"of a node", qos=1, retain=True)
        await assistant.publish(home.description("of-home"), b"{}", qos=1, retain=True)
        await assistant.publish(home.STATUS, b"last", qos=1)
        heard = await heard_until(assistant, home.STATUS, b"last")
        assert home.description("of-a-node") not in heard
        assert home.description("of-home") not in heard
        assert heard.get(ROOM) != b"of a node"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await anext(node.messages)
