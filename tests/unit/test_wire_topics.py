"""Topics: functions and their common inverse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from wire import topics
from wire.errors import UnknownTopic
from wire.topics import DELIVERY, HUB, HUB_WRITES, NODE_LEAVES, NODE_WRITES, Leaf, Topic

ids = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", fullmatch=True)
nodes = ids.filter(lambda node: node != HUB)
OF_DEVICE = {
    Leaf.COUNT: topics.count,
    Leaf.EVENT: topics.event,
    Leaf.DONE: topics.done,
    Leaf.SHOW: topics.show,
    Leaf.JOB: topics.job,
    Leaf.RECEIPT: topics.receipt,
    Leaf.CONFIG: topics.config,
}
OF_NODE = {Leaf.STATE: topics.state, Leaf.HEALTH: topics.health}
OF_HUB = {Leaf.TIME: topics.hub_time, Leaf.HEAD: topics.head}


@given(site=ids, node=nodes, device=ids)
def test_parse_is_the_inverse_of_every_topic_function(site: str, node: str, device: str) -> None:
    expected = [(make(site, node, device), Topic(site, node, device, leaf)) for leaf, make in OF_DEVICE.items()]
    expected += [(make(site, node), Topic(site, node, "", leaf)) for leaf, make in OF_NODE.items()]
    expected += [(make(site), Topic(site, HUB, "", leaf)) for leaf, make in OF_HUB.items()]
    assert {topic.leaf for _, topic in expected} == set(Leaf)
    for text, topic in expected:
        assert topics.parse(text) == topic
        assert str(topic) == text


@given(
    text=st.text()
    | st.lists(st.sampled_from(["a", "hub", "", "state", "time", "show", "+", "#", "A", "é"])).map("/".join)
)
def test_any_text_is_a_topic_that_can_be_said_again_or_unknown(text: str) -> None:
    for topic in (text, f"{topics.ROOT}/{text}"):
        try:
            parsed = topics.parse(topic)
        except UnknownTopic:
            continue
        assert str(parsed) == topic


@pytest.mark.parametrize(
    "topic",
    [
        "guichet/2/hall/pi-1/state",
        "guichet/1/hall/pi-1",
        "guichet/1/hall/pi-1/board/show/more",
        "guichet/1/hall/pi-1/board/state",
        "guichet/1/hall/pi-1/show",
        "guichet/1/hall/pi-1/time",
        "guichet/1/hall/pi-1/head",
        "guichet/1/hall/hub/journal/head",
        "guichet/1/hall/hub/state",
        "guichet/1/hall/hub/clock/time",
        "guichet/1/hall/hub/board/show",
        "guichet/1/Hall/pi-1/state",
        "guichet/1/hall/-pi/state",
        "guichet/1//pi-1/state",
        "guichet/1/hall/pi-1//state",
        "guichet/1/hall/hub//time",
        "guichet/1/hall/+/state",
        "guichet/1/hall/pi-1/state\n",
    ],
)
def test_what_is_not_quite_a_topic_is_unknown(topic: str) -> None:
    with pytest.raises(UnknownTopic):
        topics.parse(topic)


@pytest.mark.parametrize("where", ["{}", "guichet/1/{}", "guichet/1/hall/{}/state", "guichet/1/hall/pi-1/board/{}"])
def test_a_topic_of_any_length_is_told_on_a_line(where: str) -> None:
    with pytest.raises(UnknownTopic) as refused:
        topics.parse(where.format("\0" * 60_000))
    assert len(str(refused.value)) < 400
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a_b", "a/b", "+", "#", "é", "a" * 65, "a\n"])
def test_an_id_that_may_not_stand_in_a_topic_is_refused_before_it_is_sent(name: str) -> None:
    with pytest.raises(UnknownTopic, match="a-z"):
        topics.show("hall", "pi-1", name)


def test_every_leaf_has_one_writer_and_one_way_to_travel() -> None:
    assert NODE_WRITES | HUB_WRITES == set(Leaf) == set(DELIVERY)
    assert not NODE_WRITES & HUB_WRITES
    assert NODE_LEAVES <= NODE_WRITES
    assert topics.delivery(topics.show("hall", "pi-1", "board")) == DELIVERY[Leaf.SHOW]


@given(site=ids, node=nodes, device=ids)
def test_hub_and_node_hear_what_the_other_writes_exactly_once_and_the_head_is_the_hubs_own(
    site: str, node: str, device: str
) -> None:
    written = {leaf: make(site, node, device) for leaf, make in OF_DEVICE.items()}
    written |= {leaf: make(site, node) for leaf, make in OF_NODE.items()}
    written |= {leaf: make(site) for leaf, make in OF_HUB.items()}
    for leaf, topic in written.items():
        at_hub = [pattern for pattern, _ in topics.hub_subscriptions(site) if topic_matches_sub(pattern, topic)]
        at_node = [pattern for pattern, _ in topics.node_subscriptions(site, node) if topic_matches_sub(pattern, topic)]
        assert len(at_hub) == (leaf in NODE_WRITES or leaf is Leaf.HEAD)
        assert len(at_node) == (leaf in HUB_WRITES and leaf is not Leaf.HEAD)
        assert topics.is_hub_time(topic) == (leaf is Leaf.TIME)
        assert topics.is_head(topic) == (leaf is Leaf.HEAD)
