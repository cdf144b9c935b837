"""The contract as an AsyncAPI 3.0 document, made from the topics and the messages themselves.

    python -m wire.asyncapi > docs/asyncapi.json

Operations are told from the hub's side: it receives what nodes write and sends what nodes read.
"""

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from wire import device_events, messages, parts, topics
from wire.codec import LEAF_MESSAGE, PAYLOAD_BYTES_MAX
from wire.messages import Message
from wire.topics import Leaf

Json = dict[str, Any]

SCHEMAS = "#/components/schemas/{name}"
ANSWERS = {Leaf.EVENT: Leaf.RECEIPT, Leaf.JOB: Leaf.DONE, Leaf.CONFIG: Leaf.DONE}
"""Leaf to the leaf on which its messages are answered."""

PARAMETERS = {
    "site": "A building with its lobby.",
    "node": "A computer in the lobby; unique across sites.",
    "device": "A device of that node.",
}


def document() -> Json:
    """The whole document, in a stable order."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "guichet",
            "version": topics.ROOT.rpartition("/")[2],
            "description": f"{inspect.getdoc(messages)}\n\nNo payload is longer than {PAYLOAD_BYTES_MAX} bytes.",
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
        },
        "defaultContentType": "application/json",
        "channels": {leaf.value: _channel(leaf) for leaf in Leaf},
        "operations": {_operation_name(leaf): _operation(leaf) for leaf in Leaf},
        "components": {
            "messages": {LEAF_MESSAGE[leaf].__name__: _message(LEAF_MESSAGE[leaf]) for leaf in Leaf},
            "schemas": _schemas(),
            "parameters": {name: {"description": description} for name, description in PARAMETERS.items()},
        },
    }


def text() -> str:
    """The document as it is kept in `docs/asyncapi.json`."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _channel(leaf: Leaf) -> Json:
    name = LEAF_MESSAGE[leaf].__name__
    address, parameters = _address(leaf)
    return {
        "address": address,
        "title": leaf.value,
        "description": inspect.getdoc(topics.hub_time if leaf is Leaf.TIME else getattr(topics, leaf.value)),
        "parameters": {parameter: {"$ref": f"#/components/parameters/{parameter}"} for parameter in parameters},
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
    }


def _address(leaf: Leaf) -> tuple[str, list[str]]:
    if leaf in topics.OF_HUB:
        return f"{topics.ROOT}/{{site}}/{topics.HUB}/{leaf}", ["site"]
    if leaf in topics.NODE_LEAVES:
        return f"{topics.ROOT}/{{site}}/{{node}}/{leaf}", ["site", "node"]
    return f"{topics.ROOT}/{{site}}/{{node}}/{{device}}/{leaf}", ["site", "node", "device"]


def _operation(leaf: Leaf) -> Json:
    qos, retain = topics.DELIVERY[leaf]
    operation = {
        "action": _action(leaf),
        "summary": inspect.getdoc(LEAF_MESSAGE[leaf]),
        "bindings": {"mqtt": {"qos": qos, "retain": retain, "bindingVersion": "0.2.0"}},
        **_channel_and_message(leaf),
    }
    if leaf in ANSWERS:
        operation["reply"] = _channel_and_message(ANSWERS[leaf])
    return operation


def _channel_and_message(leaf: Leaf) -> Json:
    channel = f"#/channels/{leaf}"
    return {"channel": {"$ref": channel}, "messages": [{"$ref": f"{channel}/messages/{LEAF_MESSAGE[leaf].__name__}"}]}


def _operation_name(leaf: Leaf) -> str:
    return f"{_action(leaf)}{leaf.capitalize()}"


def _action(leaf: Leaf) -> str:
    return "send" if leaf in topics.HUB_WRITES else "receive"


def _message(message: type[Message]) -> Json:
    return {"name": message.__name__, "payload": {"$ref": SCHEMAS.format(name=message.__name__)}}


def _schemas() -> Json:
    _, schemas = msgspec.json.schema_components(list(LEAF_MESSAGE.values()), ref_template=SCHEMAS)
    for name, field, description in _field_docs():
        # Beside a $ref nothing else is read.
        if name in schemas and "$ref" not in schemas[name]["properties"][field]:
            schemas[name]["properties"][field]["description"] = description
    return {name: _without_discriminators(schemas[name]) for name in sorted(schemas)}


def _field_docs() -> Iterator[tuple[str, str, str]]:
    """(message, field, docstring below the field), inherited fields included."""
    fields: dict[str, dict[str, str]] = {}
    source = "\n".join(inspect.getsource(room) for room in (parts, device_events, messages))
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            own = fields[node.name] = {}
            for base in node.bases:
                own |= fields.get(ast.unparse(base), {})
            for field, below in zip(node.body, node.body[1:], strict=False):
                match field, below:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                        own[name] = inspect.cleandoc(said)
    for message, documented in fields.items():
        for name, description in documented.items():
            yield message, name, description


def _without_discriminators(schema: Any) -> Any:
    """OpenAPI's discriminators are objects, which AsyncAPI does not allow; each alternative names its `type` anyway."""
    if isinstance(schema, list):
        return [_without_discriminators(item) for item in schema]
    if isinstance(schema, dict):
        return {
            key: _without_discriminators(value)
            for key, value in schema.items()
            if not (key == "discriminator" and "anyOf" in schema)
        }
    return schema


if __name__ == "__main__":
    sys.stdout.write(text())
