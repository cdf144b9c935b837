"""Bytes to messages and back. A payload is exactly right or refused, never guessed."""

from functools import cache, lru_cache

import msgspec

from wire import messages, topics
from wire.errors import BadMessage, one_line
from wire.topics import Leaf, Topic

PAYLOAD_BYTES_MAX = 16_384
"""The largest payload either side accepts; the embedded broker of the demo allows 20 KiB."""

LEAF_MESSAGE: dict[Leaf, type[messages.Message]] = {
    Leaf.STATE: messages.NodeState,
    Leaf.HEALTH: messages.Health,
    Leaf.COUNT: messages.Count,
    Leaf.EVENT: messages.Event,
    Leaf.DONE: messages.Done,
    Leaf.SHOW: messages.Show,
    Leaf.JOB: messages.Job,
    Leaf.RECEIPT: messages.Receipt,
    Leaf.CONFIG: messages.Config,
    Leaf.TIME: messages.HubTime,
    Leaf.HEAD: messages.Head,
}

_encoder = msgspec.json.Encoder()


@cache
def _decoder(leaf: Leaf) -> msgspec.json.Decoder[messages.Message]:
    return msgspec.json.Decoder(LEAF_MESSAGE[leaf])


@lru_cache(topics.TOPICS_KEPT)
def _expected(topic: str) -> tuple[Topic, msgspec.json.Decoder[messages.Message]]:
    parsed = topics.parse(topic)
    return parsed, _decoder(parsed.leaf)


def encode(message: messages.Message) -> bytes:
    """`message` as UTF-8 JSON. Field order is that of the class, so equal messages are equal bytes.

    Raises:
        BadMessage: longer than `PAYLOAD_BYTES_MAX`.
    """
    payload = _encoder.encode(message)
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise BadMessage(f"{type(message).__name__} of {len(payload)} bytes; the limit is {PAYLOAD_BYTES_MAX}")
    return payload


def decode(topic: str, payload: bytes) -> tuple[Topic, messages.Message]:
    """The topic taken apart and the message that its leaf carries.

    Raises:
        UnknownTopic: not a topic of this contract.
        BadMessage: too long, not JSON, or a known field is missing, of a wrong type or out of its range.
    """
    parsed, decoder = _expected(topic)
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise BadMessage(f"{len(payload)} bytes on {topic}; the limit is {PAYLOAD_BYTES_MAX}")
    try:
        return parsed, decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(f"{LEAF_MESSAGE[parsed.leaf].__name__} on {topic}: {one_line(str(error))}") from None
