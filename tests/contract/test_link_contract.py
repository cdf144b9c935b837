"""Every kind of link keeps the same promises: in process, over mosquitto, over the demo's embedded broker."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, AsyncExitStack
from datetime import UTC, datetime

import pytest

from tests.brokers import RunningBroker, iotcore_broker, mosquitto
from tests.links import PATIENCE_S, InProcessNetwork, MqttNetwork, Network, Recorder, running
from wire import topics
from wire.codec import decode, encode
from wire.errors import BadMessage, LinkDown
from wire.in_process import InProcessLink
from wire.link import Link
from wire.messages import (
    Done,
    DoneOutcome,
    HubTime,
    NodeState,
    NodeStatus,
    PanelState,
    PanelView,
    Show,
)
from wire.mqtt import MqttLink

SITE = "town-hall"
HUB_FILTERS = topics.hub_subscriptions(SITE)
NODE_FILTERS = topics.node_subscriptions(SITE, "pi-1")
SHOW_TOPIC = topics.show(SITE, "pi-1", "panel")
TIME_TOPIC = topics.hub_time(SITE)
STATE_TOPIC = topics.state(SITE, "pi-1")
LOST = NodeState(status=NodeStatus.LOST, session="s1")


BROKERS: dict[str, Callable[[], AbstractContextManager[RunningBroker]]] = {
    "mosquitto": mosquitto,
    "iotcore": iotcore_broker,
}


@pytest.fixture(params=["in process", *BROKERS])
async def network(request: pytest.FixtureRequest) -> AsyncIterator[Network]:
    if request.param == "in process":
        yield InProcessNetwork()
        return
    with BROKERS[request.param]() as broker:
        over_mqtt = MqttNetwork(broker)
        yield over_mqtt
        await over_mqtt.close()


def panel(waiting: int) -> Show:
    return Show(term=1, seq=waiting, view=PanelView(desk="1", desk_seq=0, state=PanelState.FREE, waiting=waiting))


def hub_time(term: int, ms: int) -> HubTime:
    return HubTime(term=term, seq=0, boot="b1", ms=ms, wall_at=datetime(2025, 3, 3, 9, 0, tzinfo=UTC))


def shown(message: tuple[str, bytes]) -> int:
    """How many wait, as the received panel view says."""
    _, show = decode(*message)
    assert isinstance(show, Show)
    assert isinstance(show.view, PanelView)
    return show.view.waiting


async def test_what_one_publishes_the_other_receives_in_order(network: Network) -> None:
    hub = await network.link("hub", HUB_FILTERS)
    node = await network.link("pi-1", NODE_FILTERS)
    async with running(hub), running(node) as at_node:
        for waiting in range(20):
            await hub.publish(SHOW_TOPIC, panel(waiting))
        received = await at_node.until_received(20)
    assert [shown(message) for message in received] == list(range(20))
    assert {topic for topic, _ in received} == {SHOW_TOPIC}


async def test_a_node_hears_only_its_own_leaves(network: Network) -> None:
    hub = await network.link("hub", HUB_FILTERS)
    node = await network.link("pi-1", NODE_FILTERS)
    async with running(hub) as at_hub, running(node) as at_node:
        await hub.publish(topics.show(SITE, "pi-2", "panel"), panel(2))
        await node.publish(topics.done(SITE, "pi-1", "panel"), Done(id="j", outcome=DoneOutcome.DONE))
        await at_hub.until_received(1)
        await hub.publish(SHOW_TOPIC, panel(1))
        await at_node.until_received(1)
    assert [topic for topic, _ in at_node.messages] == [SHOW_TOPIC]


async def test_retained_messages_come_with_every_connection_after_connected(network: Network) -> None:
    hub = await network.link("hub", HUB_FILTERS)
    async with running(hub):
        await hub.publish(SHOW_TOPIC, panel(1))
        await hub.publish(SHOW_TOPIC, panel(2))
        node = await network.link("pi-1", NODE_FILTERS)
        async with running(node) as at_node:
            await at_node.until_received(1)
            await network.cut("pi-1")
            await at_node.until_told("disconnected")
            await hub.publish(SHOW_TOPIC, panel(3))
            await network.heal("pi-1")
            await at_node.until_received(2)
    assert at_node.told == ["connected", "received", "disconnected", "connected", "received"]
    assert [shown(message) for message in at_node.messages] == [2, 3]


async def test_what_is_not_retained_is_not_heard_later(network: Network) -> None:
    node = await network.link("pi-1", NODE_FILTERS)
    async with running(node):
        await node.publish(topics.done(SITE, "pi-1", "panel"), Done(id="before", outcome=DoneOutcome.DONE))
        hub = await network.link("hub", HUB_FILTERS)
        async with running(hub) as at_hub:
            await node.publish(topics.done(SITE, "pi-1", "panel"), Done(id="after", outcome=DoneOutcome.DONE))
            received = await at_hub.until_received(1)
    assert [decode(*message)[1] for message in received] == [Done(id="after", outcome=DoneOutcome.DONE)]


async def test_the_will_speaks_for_a_node_that_died_and_stays(network: Network) -> None:
    hub = await network.link("hub", HUB_FILTERS)
    node = await network.link("pi-1", NODE_FILTERS, will=(STATE_TOPIC, LOST))
    async with running(hub) as at_hub, running(node):
        await network.cut("pi-1")
        received = await at_hub.until_received(1)
        assert received == [(STATE_TOPIC, encode(LOST))]
        late = await network.link("late", HUB_FILTERS)
        async with running(late) as at_late:
            assert await at_late.until_received(1) == [(STATE_TOPIC, encode(LOST))]


async def test_a_node_that_stops_cleanly_leaves_no_will(network: Network) -> None:
    hub = await network.link("hub", HUB_FILTERS)
    node = await network.link("pi-1", NODE_FILTERS, will=(STATE_TOPIC, LOST))
    other = await network.link("pi-2", [])
    async with running(hub) as at_hub, running(other):
        async with running(node):
            pass
        assert not node.is_connected
        await other.publish(topics.done(SITE, "pi-2", "panel"), Done(id="j", outcome=DoneOutcome.DONE))
        await at_hub.until_received(1)
    assert [topic for topic, _ in at_hub.messages] == [topics.done(SITE, "pi-2", "panel")]


async def test_hub_time_is_a_slot_that_keeps_its_value_while_cut(network: Network) -> None:
    hub = await network.link("hub", HUB_FILTERS)
    node = await network.link("pi-1", NODE_FILTERS)
    async with running(hub), running(node) as at_node:
        assert node.hub_time(SITE) is None
        await hub.publish(TIME_TOPIC, hub_time(term=1, ms=1))
        await hub.publish(TIME_TOPIC, hub_time(term=1, ms=2))
        heard = await heard_ms(hub, node, at_node, 2)
        assert heard <= asyncio.get_running_loop().time()
        await network.cut("pi-1")
        await at_node.until_told("disconnected")
        await hub.publish(TIME_TOPIC, hub_time(term=1, ms=3))
        assert told_ms(node) == 2
        await network.heal("pi-1")
        await at_node.until_told("connected", times=2)
        assert told_ms(node) == 2
        await hub.publish(TIME_TOPIC, hub_time(term=1, ms=4))
        await heard_ms(hub, node, at_node, 4)
        silent = asyncio.Event()
        node.when_silent(SITE, 0.1, silent.set)
        await asyncio.wait_for(silent.wait(), 5)
    assert node.hub_time("another-site") is None
    assert hub.hub_time(SITE) is None
    assert TIME_TOPIC not in {topic for topic, _ in at_node.messages}


async def test_a_lower_term_and_malformed_times_are_not_taken(network: Network) -> None:
    hub = await network.link("hub", HUB_FILTERS)
    node = await network.link("pi-1", NODE_FILTERS)
    assert isinstance(node, MqttLink | InProcessLink)
    async with running(hub), running(node) as at_node:
        await hub.publish(TIME_TOPIC, hub_time(term=5, ms=1))
        await heard_ms(hub, node, at_node, 1)
        await hub.publish(TIME_TOPIC, hub_time(term=4, ms=2))
        await network.inject(TIME_TOPIC, b'{"term":9,"seq":0,"boot":"b","ms":-1}')
        await tick(hub, at_node, until=lambda: node.bad_messages == 1)
        assert told_ms(node) == 1
        await hub.publish(TIME_TOPIC, hub_time(term=5, ms=3))
        await heard_ms(hub, node, at_node, 3)
    assert node.bad_messages == 1


def told_ms(node: Link) -> int:
    heard = node.hub_time(SITE)
    assert heard is not None
    return heard.time.ms


async def heard_ms(hub: Link, node: Link, at_node: Recorder, ms: int) -> float:
    """Wait until the slot holds the time `ms`; the loop's time at which it was heard."""
    await tick(hub, at_node, until=lambda: node.hub_time(SITE) is not None and told_ms(node) == ms)
    heard = node.hub_time(SITE)
    assert heard is not None
    return heard.heard_at_s


async def tick(hub: Link, at_node: Recorder, until: Callable[[], bool]) -> None:
    """Send views to the node until something holds that no listener is told of."""
    async with asyncio.timeout(PATIENCE_S):
        while not until():
            before = len(at_node.messages)
            await hub.publish(SHOW_TOPIC, panel(0))
            await at_node.until_received(before + 1)


async def test_any_bytes_reach_the_listener(network: Network) -> None:
    hub = await network.link("hub", HUB_FILTERS)
    async with running(hub) as at_hub:
        await network.inject(STATE_TOPIC, b"\xff\x00 not JSON")
        received = await at_hub.until_received(1)
    assert received == [(STATE_TOPIC, b"\xff\x00 not JSON")]
    with pytest.raises(BadMessage):
        decode(*received[0])


async def test_publishing_without_a_connection_raises_link_down(network: Network) -> None:
    node = await network.link("pi-1", NODE_FILTERS)
    assert not node.is_connected
    with pytest.raises(LinkDown):
        await node.publish(STATE_TOPIC, LOST)
    async with running(node) as at_node:
        assert node.is_connected
        await node.publish(STATE_TOPIC, LOST)
        await network.cut("pi-1")
        await at_node.until_told("disconnected")
        assert not node.is_connected
        with pytest.raises(LinkDown):
            await node.publish(STATE_TOPIC, LOST)


async def test_a_message_that_is_too_long_is_not_sent(network: Network) -> None:
    node = await network.link("pi-1", NODE_FILTERS)
    async with running(node):
        with pytest.raises(BadMessage, match="16384"):
            await node.publish(STATE_TOPIC, NodeState(status=NodeStatus.ONLINE, session="s", version="x" * 17_000))
        assert node.is_connected


async def test_links_come_back_after_the_broker_died(network: Network) -> None:
    hub = await network.link("hub", HUB_FILTERS)
    node = await network.link("pi-1", NODE_FILTERS)
    async with running(hub) as at_hub, running(node) as at_node:
        await network.kill_broker()
        await at_hub.until_told("disconnected")
        await at_node.until_told("disconnected")
        await network.start_broker()
        await at_hub.until_told("connected", times=2)
        await at_node.until_told("connected", times=2)
        await hub.publish(SHOW_TOPIC, panel(1))
        assert [shown(message) for message in await at_node.until_received(1)] == [1]


async def test_a_link_stops_within_a_second_while_its_broker_is_gone(network: Network) -> None:
    node = await network.link("pi-1", NODE_FILTERS)
    async with running(node) as at_node:
        await network.kill_broker()
        await at_node.until_told("disconnected")
    assert not node.is_connected


async def test_five_hundred_acknowledged_messages_from_five_nodes_all_arrive(network: Network) -> None:
    hub = await network.link("hub", HUB_FILTERS)
    nodes = {f"pi-{n}": await network.link(f"pi-{n}", []) for n in range(5)}
    async with AsyncExitStack() as stack:
        at_hub = await stack.enter_async_context(running(hub))
        for link in nodes.values():
            await stack.enter_async_context(running(link))
        async with asyncio.TaskGroup() as group:
            for name, link in nodes.items():
                for n in range(100):
                    done = Done(id=f"{name}-{n}", outcome=DoneOutcome.DONE)
                    group.create_task(link.publish(topics.done(SITE, name, "printer"), done))
        received = await at_hub.until_received(500)
    ids = [message.id for _, message in (decode(*one) for one in received) if isinstance(message, Done)]
    assert sorted(ids) == sorted(f"{name}-{n}" for name in nodes for n in range(100))


async def test_a_listener_that_raises_ends_the_link_with_its_error(network: Network) -> None:
    class Broken(Recorder):
        def received(self, topic: str, payload: bytes) -> None:
            raise ZeroDivisionError("a fault of the listener")

    node = await network.link("pi-1", NODE_FILTERS)
    recorder = Broken()
    task = asyncio.create_task(node.run(recorder))
    await recorder.until_told("connected")
    await network.inject(SHOW_TOPIC, b"{}")
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(PATIENCE_S):
            await task
    assert not node.is_connected
