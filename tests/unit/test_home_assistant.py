"""What Home Assistant is told: descriptions as its MQTT integration documents them, states, and when.

The schemas are written from its documentation ("MQTT discovery", "MQTT sensor", "MQTT binary sensor"), where a key that
is not named is refused.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from hub.day.inputs import CountPeople, NotePaper
from hub.day.people.checks import Fault
from hub.home.descriptions import descriptions
from hub.home.follower import DELAY_MAX_S, Home, HomeListener
from hub.home.states import of_day, of_nodes
from hub.hub import Hub
from hub.nodes import Nodes
from tests.given import COUNTER, MONDAY_9H, Story, a_lobby
from tests.hubs import Stage, run
from wire import home
from wire.in_process import InProcessLink
from wire.messages import Health, NodeState, NodeStatus, Paper

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
SHARED: dict[str, Any] = {
    "platform": {"enum": ["sensor", "binary_sensor"]},
    "unique_id": {"type": "string", "pattern": "^[a-z0-9_-]+$"},
    "name": TEXT,
    "value_template": {"type": "string", "pattern": r"^\{\{ value_json\.[a-z0-9_\['\]-]+ \}\}$"},
    "expire_after": {"type": "integer", "minimum": 1},
    "entity_category": {"enum": ["diagnostic"]},
    "icon": {"type": "string", "pattern": "^mdi:"},
}
SENSOR: dict[str, Any] = {
    "type": "object",
    "properties": SHARED
    | {
        "device_class": {"enum": ["enum", "duration", "temperature", "data_size"]},
        "state_class": {"enum": ["measurement", "total", "total_increasing"]},
        "unit_of_measurement": TEXT,
        "options": {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True},
    },
    "required": ["platform", "unique_id", "name"],
    "additionalProperties": False,
    "if": {"required": ["options"]},
    "then": {
        "properties": {"device_class": {"const": "enum"}, "state_class": False, "unit_of_measurement": False},
        "required": ["device_class"],
    },
}
BINARY_SENSOR: dict[str, Any] = {
    "type": "object",
    "properties": SHARED
    | {"device_class": {"enum": ["connectivity", "problem", "occupancy"]}, "payload_on": TEXT, "payload_off": TEXT},
    "required": ["platform", "unique_id", "name"],
    "additionalProperties": False,
}
DESCRIPTION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "device": {
            "type": "object",
            "properties": {
                "identifiers": {"type": "array", "items": TEXT, "minItems": 1},
                **dict.fromkeys(("name", "manufacturer", "model", "via_device", "sw_version"), TEXT),
            },
            "required": ["identifiers"],
            "additionalProperties": False,
        },
        "origin": {
            "type": "object",
            "properties": {"name": TEXT, "sw_version": TEXT, "support_url": TEXT},
            "required": ["name"],
            "additionalProperties": False,
        },
        "availability": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": dict.fromkeys(("topic", "payload_available", "payload_not_available"), TEXT),
                "required": ["topic"],
                "additionalProperties": False,
            },
        },
        "state_topic": TEXT,
        "qos": {"enum": [0, 1, 2]},
        "components": {
            "type": "object",
            "additionalProperties": {
                "if": {"properties": {"platform": {"const": "sensor"}}},
                "then": SENSOR,
                "else": BINARY_SENSOR,
            },
        },
    },
    "required": ["device", "origin", "components"],
    "additionalProperties": False,
}
LOBBY = a_lobby(languages=("fr", "en"))
DESCRIBED = dict(descriptions(LOBBY, "1.2"))


def described(kind: str) -> dict[str, Any]:
    return next(it for topic, it in DESCRIBED.items() if kind in topic)


@pytest.mark.parametrize("topic", DESCRIBED)
def test_a_description_is_what_home_assistant_documents(topic: str) -> None:
    Draft202012Validator.check_schema(DESCRIPTION)
    Draft202012Validator(DESCRIPTION).validate(json.loads(json.dumps(DESCRIBED[topic])))
    assert re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", topic), "what it takes for an id"


def test_there_is_a_device_for_the_lobby_each_room_and_each_node_and_no_id_twice() -> None:
    models = [it["device"]["model"] for it in DESCRIBED.values()]
    nodes = {device.node for device in LOBBY.devices}
    assert models == ["Lobby", "Room", *["Computer"] * len(nodes)]
    ids = [part["unique_id"] for it in DESCRIBED.values() for part in it["components"].values()]
    assert len(set(ids)) == len(ids)
    (lobby,) = described("guichet_hall/")["device"]["identifiers"]
    others = [it["device"] for it in DESCRIBED.values() if it["device"]["model"] != "Lobby"]
    assert {device["via_device"] for device in others} == {lobby}
    assert described("room_main")["device"]["name"] == "Grande salle"


def read(described: dict[str, Any], state: dict[str, Any]) -> dict[str, object]:
    """Each component with what its template finds in `state`."""
    found = {}
    for name, part in described["components"].items():
        value: Any = state
        for step in re.findall(r"[a-z0-9_-]+", part["value_template"].removeprefix("{{ value_json.")):
            value = value[step]
        found[name] = value
    return found


def test_every_template_finds_its_figure_in_the_state() -> None:
    story = Story(a_lobby(margin_per_crossing=0.1)).counted(0, 0).counted(20, 0).with_open_desk()
    story.with_ticket()
    story.when(NotePaper(device="kiosk-1/printer", paper=Paper.OUT))
    nodes = Nodes(LOBBY)
    nodes.take_state("door-1", NodeState(status=NodeStatus.ONLINE, session="s"), MONDAY_9H)
    nodes.take_health("door-1", Health(session="s", uptime_s=1, temperature_c=51.5, faults={"x": "y"}), MONDAY_9H)
    said = dict(of_day("hall", story.day, story.now)) | dict(
        of_nodes("hall", story.day, nodes.by_name, {COUNTER: (Fault.STUCK,)})
    )
    found = {topic: read(it, said[it["state_topic"]]) for topic, it in DESCRIBED.items()}
    room = found[home.description("guichet_hall_room_main")]
    assert (room["people"], room["lower"], room["upper"], room["over"]) == (20, 18, 22, False)
    lobby = found[home.description("guichet_hall")]
    assert (lobby["waiting_passports"], lobby["desks_open"]) == (1, 1)
    door = found[home.description("guichet_hall_node_door-1")]
    assert (door["online"], door["needs"], door["temperature"], door["state_counter"]) == (True, True, 51.5, "ok")
    assert door["doubted_counter"] is True
    kiosk = found[home.description("guichet_hall_node_kiosk-1")]
    assert (kiosk["online"], kiosk["needs"], kiosk["state_printer"]) == (False, None, "out")


def test_an_unknown_room_has_no_number() -> None:
    story = Story()
    said = dict(of_day("hall", story.day, story.now))[home.state("hall", "room", "main")]
    assert (said["people"], said["upper"], said["over"], said["quality"]) == (None, None, None, "unknown")


# --- when --------------------------------------------------------------------------------------------------------


class HomeAssistant:
    """Hears what is said for it, and says that it has started."""

    def __init__(self, stage: Stage) -> None:
        self.heard: list[tuple[float, str, bytes]] = []
        self._link = InProcessLink(stage.broker, "home-assistant", [("homeassistant/#", 1), (f"{home.ROOT}/#", 1)])
        stage.start(self._link.run(self))

    async def start(self) -> None:
        await self._link.announce(home.STATUS, home.ONLINE)

    def connected(self) -> None: ...

    def disconnected(self) -> None: ...

    def received(self, topic: str, payload: bytes) -> None:
        self.heard.append((asyncio.get_running_loop().time(), topic, payload))

    def descriptions(self) -> list[float]:
        """When the room was described."""
        return [at_s for at_s, topic, _ in self.heard if topic == home.description("guichet_hall_room_main")]

    def people(self) -> list[object]:
        topic = home.state("hall", "room", "main")
        return [json.loads(payload)["people"] for _, heard, payload in self.heard if heard == topic]


def told(story: Callable[[Stage, Hub, HomeAssistant], Awaitable[None]]) -> None:
    async def main(stage: Stage) -> None:
        hub = await stage.hub(open_home=partial(Home, rng=Random(3), version="1.2"))
        assistant = HomeAssistant(stage)
        await asyncio.sleep(2)
        await story(stage, hub, assistant)

    run(main)


def test_everything_is_described_with_the_connection_and_again_some_seconds_after_home_assistant_starts() -> None:
    async def story(stage: Stage, hub: Hub, assistant: HomeAssistant) -> None:
        await asyncio.sleep(DELAY_MAX_S)
        began_s, before = asyncio.get_running_loop().time(), len(assistant.descriptions())
        assert before
        await assistant.start()
        await asyncio.sleep(DELAY_MAX_S + 1)
        (again_s,) = assistant.descriptions()[before:]
        assert 0.5 < again_s - began_s < DELAY_MAX_S
        available = [payload for _, topic, payload in assistant.heard if topic == home.AVAILABILITY]
        assert set(available) == {home.ONLINE}

    told(story)


def test_a_change_is_told_within_seconds_and_everything_each_minute() -> None:
    async def story(stage: Stage, hub: Hub, assistant: HomeAssistant) -> None:
        for entered in (0, 7):
            await hub.sites["hall"].submit(CountPeople(device=COUNTER, epoch="e", entered=entered, left=0))
        await asyncio.sleep(2)
        assert assistant.people()[-1] == 7
        said = len(assistant.people())
        await asyncio.sleep(300)
        assert 4 <= len(assistant.people()) - said <= 8, "so that nothing expires, and no more"

    told(story)


def test_what_home_assistant_says_is_no_message_of_ours() -> None:
    async def story(stage: Stage, hub: Hub, assistant: HomeAssistant) -> None:
        await assistant.start()
        await asyncio.sleep(2)
        assert stage.column("SELECT count(*) FROM quarantine") == [0]

    told(story)


def test_a_hub_that_is_not_asked_to_tells_home_assistant_nothing() -> None:
    async def main(stage: Stage) -> None:
        await stage.hub()
        assistant = HomeAssistant(stage)
        await asyncio.sleep(60)
        assert assistant.heard == []

    run(main)


def test_only_the_birth_of_home_assistant_is_greeted() -> None:
    class Heard:
        def __init__(self) -> None:
            self.said: list[str] = []

        def greet(self) -> None:
            self.said.append("greet")

        def connected(self) -> None:
            self.said.append("connected")

        def disconnected(self) -> None:
            self.said.append("disconnected")

        def received(self, topic: str, payload: bytes) -> None:
            self.said.append(topic)

    heard = Heard()
    listener = HomeListener(heard, [heard])  # type: ignore[list-item]  # greeted like one
    listener.received(home.STATUS, b"offline")
    assert heard.said == []
    listener.received(home.STATUS, home.ONLINE)
    listener.received("guichet/1/hall/door-1/state", b"")
    listener.connected()
    listener.disconnected()
    assert heard.said == ["greet", "guichet/1/hall/door-1/state", "connected", "greet", "disconnected"]
