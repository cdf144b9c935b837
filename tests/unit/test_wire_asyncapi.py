"""The AsyncAPI document says what the code does, and is the one beside the docs."""

import json
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from wire import asyncapi, topics
from wire.codec import LEAF_MESSAGE
from wire.topics import DELIVERY, HUB_WRITES, Leaf, Topic

ROOT = Path(__file__).parents[2]
GOLDEN = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "tests/contract/golden/wire").iterdir())}
DOCUMENT = asyncapi.document()


def references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for item in value.values():
            yield from references(item)


def validator(message: str) -> Any:
    """A validator of the payload of `message`, as a reader of the document would build it."""
    payload = DOCUMENT["components"]["messages"][message]["payload"]
    return Draft202012Validator(payload | {"components": DOCUMENT["components"]}, format_checker=FormatChecker())


def test_the_document_beside_the_docs_is_the_generated_one() -> None:
    kept = (ROOT / "docs/asyncapi.json").read_text()
    assert kept == asyncapi.text(), "run: python -m wire.asyncapi > docs/asyncapi.json"


def test_every_reference_resolves() -> None:
    found = list(references(DOCUMENT))
    assert found
    for reference in found:
        assert reference.startswith("#/")
        assert reduce(lambda place, key: place[key], reference[2:].split("/"), DOCUMENT)


@pytest.mark.parametrize("leaf", Leaf)
def test_an_address_is_the_topic_that_its_function_makes(leaf: Leaf) -> None:
    channel = DOCUMENT["channels"][leaf.value]
    names = {"site": "hall", "node": "pi-1", "device": "board"}
    topic = channel["address"].format(**names)
    make = topics.hub_time if leaf is Leaf.TIME else getattr(topics, leaf.value)
    assert topic == make(*(names[parameter] for parameter in channel["parameters"]))
    assert topics.parse(topic).leaf is leaf
    assert list(channel["messages"]) == [LEAF_MESSAGE[leaf].__name__]


@pytest.mark.parametrize("leaf", Leaf)
def test_an_operation_tells_direction_and_delivery(leaf: Leaf) -> None:
    of_leaf = [one for one in DOCUMENT["operations"].values() if one["channel"]["$ref"] == f"#/channels/{leaf}"]
    (operation,) = of_leaf
    assert operation["action"] == ("send" if leaf in HUB_WRITES else "receive")
    assert operation["bindings"]["mqtt"] | DELIVERY[leaf]._asdict() == operation["bindings"]["mqtt"]
    assert operation["summary"]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_message_keeps_its_schema(name: str) -> None:
    topic: Topic = topics.parse(GOLDEN[name]["topic"])
    errors = list(validator(LEAF_MESSAGE[topic.leaf].__name__).iter_errors(GOLDEN[name]["payload"]))
    assert errors == []


@pytest.mark.parametrize(
    ("message", "payload"),
    [
        ("Count", {"epoch": "e", "entered": -1, "left": 0}),
        ("Count", {"epoch": "e", "entered": 1}),
        ("NodeState", {"status": "asleep", "session": "s"}),
        ("Event", {"session": "s", "seq": 1, "body": {"type": "press", "key": "next"}}),
        ("Config", {"term": 1, "seq": 1, "revision": 1, "settings": {"scroll": []}}),
    ],
)
def test_a_wrong_message_breaks_its_schema(message: str, payload: object) -> None:
    assert not validator(message).is_valid(payload)


def test_what_is_written_beside_a_field_is_its_description() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    seen = "The desk's sequence that the panel showed; if the desk has moved on since, the press is refused."
    assert schemas["Press"]["properties"]["seen"]["description"] == seen
    inherited = schemas["Job"]["properties"]["term"]["description"]
    assert inherited == schemas["HubTime"]["properties"]["term"]["description"]
    assert inherited.startswith("Grows with each owner")
