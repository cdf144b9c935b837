"""The codec: a payload is exactly right or refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import topics
from wire.codec import PAYLOAD_BYTES_MAX, decode, encode
from wire.errors import BadMessage, UnknownTopic
from wire.messages import Count, HubTime, Message, NodeState, NodeStatus

STATE = topics.state("hall", "pi-1")
COUNT = topics.count("hall", "pi-1", "door")
GOLDEN_FOLDER = Path(__file__).parents[1] / "contract/golden/wire"
GOLDEN = [json.loads(path.read_text()) for path in sorted(GOLDEN_FOLDER.iterdir())]
TOPICS = sorted({golden["topic"] for golden in GOLDEN})

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("board"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def message_or_bad(topic: str, payload: bytes) -> Message | None:
    try:
        return decode(topic, payload)[1]
    except BadMessage:
        return None


@given(topic=st.sampled_from(TOPICS), payload=st.binary(max_size=200))
def test_any_bytes_are_a_message_or_bad(topic: str, payload: bytes) -> None:
    message_or_bad(topic, payload)


@given(golden=st.sampled_from(GOLDEN), data=st.data())
def test_a_message_with_any_field_replaced_by_anything_is_a_message_or_bad(golden: Any, data: st.DataObject) -> None:
    payload = json.loads(json.dumps(golden["payload"]))
    place = payload
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not (isinstance(place[key], dict | list) and place[key]) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(anything)
    message = message_or_bad(golden["topic"], json.dumps(payload).encode("utf-8", "surrogatepass"))
    if message is not None:
        assert decode(golden["topic"], encode(message))[1] == message


@given(golden=st.sampled_from(GOLDEN), data=st.data())
def test_a_message_with_broken_bytes_is_a_message_or_bad(golden: Any, data: st.DataObject) -> None:
    payload = bytearray(json.dumps(golden["payload"]).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    message_or_bad(golden["topic"], bytes(payload))


@pytest.mark.parametrize(
    "payload",
    [
        b'{"epoch":"e","entered":-1,"left":0}',
        b'{"epoch":"e","entered":1.5,"left":0}',
        b'{"epoch":"e","entered":"1","left":0}',
        b'{"epoch":"e","entered":null,"left":0}',
        b'{"epoch":"e","entered":9007199254740993,"left":0}',
        b'{"epoch":"e","entered":NaN,"left":0}',
        b'{"epoch":"e","entered":1e999,"left":0}',
        b'{"epoch":"","entered":1,"left":0}',
        b'{"epoch":"e e","entered":1,"left":0}',
        b'{"epoch":"e","entered":1,"left":0,"quality":"good"}',
        b'{"epoch":"e","entered":1}',
        b'{"epoch":"e","entered":1,"left":0}{}',
        b'{"epoch":"\xff","entered":1,"left":0}',
        b'{"epoch":"\\ud800","entered":1,"left":0}',
        b'\xef\xbb\xbf{"epoch":"e","entered":1,"left":0}',
        '{"epoch":"e","entered":1,"left":0}'.encode("utf-16"),
        b"[]",
        b"null",
        b"",
    ],
)
def test_a_known_field_that_is_wrong_refuses_the_message(payload: bytes) -> None:
    with pytest.raises(BadMessage, match=COUNT):
        decode(COUNT, payload)


@pytest.mark.parametrize("payload", [b'{"x":' * 3_000, b'{"x":' + b"[" * 8_000 + b"]" * 8_000 + b"}", b"[" * 16_000])
def test_deep_nesting_is_bad_and_harms_nobody(payload: bytes) -> None:
    with pytest.raises(BadMessage):
        decode(STATE, payload)


def test_a_wrong_value_of_any_length_is_told_on_a_line() -> None:
    with pytest.raises(BadMessage, match="Invalid enum value") as refused:
        decode(STATE, b'{"status":"%s\\n","session":"s"}' % (b"z" * 10_000))
    assert len(str(refused.value)) < 400
    assert str(refused.value).isprintable()


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(BadMessage, match="wall_at"):
        decode(topics.hub_time("hall"), b'{"term":1,"seq":1,"boot":"b","ms":1,"wall_at":"2026-03-02T09:15:30"}')


def test_the_longest_payload_is_the_same_for_reader_and_writer() -> None:
    frame = len(encode(NodeState(status=NodeStatus.LOST, session="s", version="x"))) - 1
    exact = NodeState(status=NodeStatus.LOST, session="s", version="x" * (PAYLOAD_BYTES_MAX - frame))
    assert len(encode(exact)) == PAYLOAD_BYTES_MAX
    with pytest.raises(BadMessage, match=r"16385 bytes.*16384"):
        encode(NodeState(status=NodeStatus.LOST, session="s", version=exact.version + "x"))
    with pytest.raises(BadMessage, match=r"16385 bytes.*16384"):
        decode(STATE, b" " * (PAYLOAD_BYTES_MAX + 1))


def test_a_message_of_another_leaf_is_refused_where_required_fields_differ() -> None:
    with pytest.raises(BadMessage, match="Count"):
        decode(COUNT, encode(NodeState(status=NodeStatus.ONLINE, session="s")))


def test_an_unknown_topic_is_told_apart_from_a_bad_message() -> None:
    with pytest.raises(UnknownTopic):
        decode("elsewhere/1/hall/pi-1/state", b"{}")


def test_what_equals_its_default_is_not_sent() -> None:
    assert encode(Count(epoch="e", entered=1, left=0)) == b'{"epoch":"e","entered":1,"left":0}'


def test_a_time_in_another_zone_is_the_same_instant() -> None:
    local = b'{"term":1,"seq":1,"boot":"b","ms":1,"wall_at":"2026-03-02T10:15:30+01:00"}'
    utc = b'{"term":1,"seq":1,"boot":"b","ms":1,"wall_at":"2026-03-02T09:15:30Z"}'
    topic = topics.hub_time("hall")
    assert isinstance(decode(topic, local)[1], HubTime)
    assert decode(topic, local)[1] == decode(topic, utc)[1]
