"""Messages as they were first sent. What stands in `golden/wire` is read and written the same for ever."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wire import messages
from wire.codec import LEAF_MESSAGE, decode, encode
from wire.errors import BadMessage
from wire.messages import Message
from wire.topics import Leaf

GOLDEN = {path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "golden/wire").iterdir())}


def compact(payload: object) -> bytes:
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def parts(value: object) -> Iterator[Message]:
    """Every message in `value`, itself included."""
    if isinstance(value, Message):
        yield value
        for field in value.__struct_fields__:
            yield from parts(getattr(value, field))
    elif isinstance(value, list):
        for item in value:
            yield from parts(item)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_message_is_read_and_written_byte_for_byte(name: str) -> None:
    golden = GOLDEN[name]
    payload = compact(golden["payload"])
    topic, message = decode(golden["topic"], payload)
    assert str(topic) == golden["topic"]
    assert type(message) is LEAF_MESSAGE[topic.leaf]
    assert encode(message) == payload


@pytest.mark.parametrize("name", GOLDEN)
def test_an_unknown_field_is_ignored_wherever_it_stands(name: str) -> None:
    golden = GOLDEN[name]

    def extended(value: Any, *, is_message: bool = True) -> Any:
        if isinstance(value, list):
            return [extended(item) for item in value]
        if isinstance(value, dict):
            # Labels, settings, facts and the like are maps of their own, whose keys are data.
            is_map = not is_message
            return {key: extended(item, is_message=key not in MAPS) for key, item in value.items()} | (
                {} if is_map else {"a_field_of_tomorrow": [1, {"deep": None}]}
            )
        return value

    _, expected = decode(golden["topic"], compact(golden["payload"]))
    assert decode(golden["topic"], compact(extended(golden["payload"])))[1] == expected


MAPS = {
    "title",
    "name",
    "text",
    "room",
    "service",
    "bring",
    "settings",
    "facts",
    "queue_lengths",
    "faults",
    "views",
    "revisions",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_message_without_one_of_its_required_fields_is_refused(name: str) -> None:
    golden = GOLDEN[name]
    leaf_message = LEAF_MESSAGE[decode(golden["topic"], compact(golden["payload"]))[0].leaf]
    for field in msgspec.structs.fields(leaf_message):
        if field.required:
            payload = {key: value for key, value in golden["payload"].items() if key != field.name}
            with pytest.raises(BadMessage, match=field.name):
                decode(golden["topic"], compact(payload))


def test_every_message_and_every_field_has_a_golden() -> None:
    seen: dict[type[Message], set[str]] = {}
    for golden in GOLDEN.values():
        _, message = decode(golden["topic"], compact(golden["payload"]))
        for part in parts(message):
            said = {field.name for field in msgspec.structs.fields(part) if getattr(part, field.name) != field.default}
            seen.setdefault(type(part), set()).update(said)
    declared = {
        thing: set(thing.__struct_fields__)
        for thing in vars(messages).values()
        if isinstance(thing, type) and issubclass(thing, Message) and not thing.__subclasses__()
    }
    assert seen == declared


def test_every_leaf_has_a_golden() -> None:
    assert {decode(golden["topic"], compact(golden["payload"]))[0].leaf for golden in GOLDEN.values()} == set(Leaf)
