"""A press on a pin of one process is drawn by the board of another, through a real broker and a hub that may die."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import aiomqtt
import msgspec
import pytest

from hub.day.refusal import Code
from tests.brokers import HOST, Mosquitto, mosquitto
from tests.processes import PATIENCE_S, SITE, Lobby, lobby_processes
from wire import codec, topics
from wire.messages import Event, Outcome, Receipt

EVENT = topics.event(SITE, "desk-1", "panel")
RECEIPT = topics.receipt(SITE, "desk-1", "panel")
BOARD_RIGHT_S = 5.0
"""Within this time after a restart boards show what is so."""
LOOK_AGAIN_S = 0.05
AGAIN_S = 1.0
"""A press that nobody has answered by now was refused by the panel itself."""


@pytest.fixture
async def broker() -> AsyncIterator[Mosquitto]:
    with mosquitto() as running:
        yield running


@pytest.fixture
async def lobby(tmp_path: Path, broker: Mosquitto) -> AsyncIterator[Lobby]:
    async with lobby_processes(tmp_path, broker.url) as running:
        yield running


class Wire:
    """Somebody who listens to the panel's events and the hub's receipts, and can repeat what was said."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client

    async def next_of(self, topic: str) -> bytes:
        async with asyncio.timeout(PATIENCE_S):
            async for message in self._client.messages:
                if message.topic.value == topic:
                    assert isinstance(message.payload, bytes)
                    return message.payload
        raise AssertionError("the broker has gone")

    async def receipt(self) -> Receipt:
        """The next one."""
        _, message = codec.decode(RECEIPT, await self.next_of(RECEIPT))
        assert isinstance(message, Receipt)
        return message

    async def say(self, topic: str, payload: bytes) -> None:
        await self._client.publish(topic, payload, qos=1)


@pytest.fixture
async def wire(broker: Mosquitto, lobby: Lobby) -> AsyncIterator[Wire]:
    async with aiomqtt.Client(HOST, broker.port) as client:
        await client.subscribe([(EVENT, 1), (RECEIPT, 1)])
        yield Wire(client)


async def press(lobby: Lobby, wire: Wire, key: str = "next") -> Receipt:
    """Press as staff do: again, when the panel has not answered, or says that the desk has changed meanwhile."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            lobby.panel.write(f"press panel {key}")
            try:
                async with asyncio.timeout(AGAIN_S):
                    receipt = await wire.receipt()
            except TimeoutError:
                continue
            if receipt.outcome is not Outcome.EXPIRED and receipt.code != Code.MOVED_ON:
                return receipt


async def test_each_press_calls_one_visitor_and_the_board_of_another_process_draws_the_call(
    lobby: Lobby, wire: Wire
) -> None:
    for _ in range(3):
        await lobby.take_ticket()

    for number in ("A001", "A002"):
        await press(lobby, wire)
        await lobby.board.until(f"board board {number}")

    assert await lobby.waiting() == 1


async def test_a_press_that_is_delivered_three_times_calls_once(lobby: Lobby, wire: Wire) -> None:
    for _ in range(3):
        await lobby.take_ticket()
    lobby.panel.write("press panel next")
    payload = await wire.next_of(EVENT)
    first = await wire.receipt()
    for _ in range(2):
        await wire.say(EVENT, payload)

    repeats = [await wire.receipt(), await wire.receipt()]

    assert (first.outcome, first.facts) == (Outcome.DONE, {"number": "A001"})
    assert [(it.event_seq, it.outcome, it.facts) for it in repeats] == [
        (first.event_seq, Outcome.DONE, first.facts)
    ] * 2
    assert await lobby.waiting() == 2


async def test_a_press_that_was_stamped_before_the_hub_started_anew_is_refused_as_expired(
    lobby: Lobby, wire: Wire
) -> None:
    await lobby.take_ticket()
    lobby.panel.write("press panel next")
    _, pressed = codec.decode(EVENT, await wire.next_of(EVENT))
    assert isinstance(pressed, Event)
    await wire.receipt()
    await lobby.hub.kill()
    await lobby.start_hub()

    await wire.say(EVENT, codec.encode(msgspec.structs.replace(pressed, seq=pressed.seq + 100)))
    receipt = await wire.receipt()

    assert (receipt.event_seq, receipt.outcome) == (pressed.seq + 100, Outcome.EXPIRED)


async def test_a_hub_that_is_killed_and_started_again_goes_on_where_it_was(lobby: Lobby, wire: Wire) -> None:
    tickets = [await lobby.take_ticket() for _ in range(3)]
    await press(lobby, wire)
    await lobby.board.until("board board A001")

    await lobby.hub.kill()
    await lobby.start_hub()

    await lobby.board_shows("A001", within_s=BOARD_RIGHT_S)
    for ticket in tickets:
        again = await lobby.web.get(f"/api/v1/tickets/{ticket['token']}")
        assert again.json()["number"] == ticket["number"]
    await press(lobby, wire)
    await lobby.board.until("board board A002")


async def quarantined(lobby: Lobby, messages: int) -> list[tuple[str, bytes]]:
    """What was put aside, once there are so many: a call does not wait until they are written down."""
    with closing(sqlite3.connect(lobby.database)) as database:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                kept = database.execute("SELECT topic, payload FROM quarantine ORDER BY id").fetchall()
                if len(kept) >= messages:
                    return kept
                await asyncio.sleep(LOOK_AGAIN_S)


async def test_what_nobody_understands_is_counted_and_put_aside_and_the_hub_goes_on(lobby: Lobby, wire: Wire) -> None:
    garbage = [
        (topics.state(SITE, "desk-1"), b"\xff\x00"),
        (topics.health(SITE, "desk-1"), b"[]"),
        (topics.count(SITE, "door-1", "counter"), b'{"epoch":"e","entered":-1,"left":0}'),
        (EVENT, b'{"session":"s","seq":1}'),
        (topics.done(SITE, "desk-1", "panel"), b""),
        (topics.event(SITE, "desk-9", "panel"), b"{}"),
    ]
    await lobby.take_ticket()
    for topic, payload in garbage:
        await wire.say(topic, payload)
    await press(lobby, wire)
    await lobby.board.until("board board A001")

    assert await lobby.metric("guichet_messages_bad_total") == len(garbage)
    assert await quarantined(lobby, len(garbage)) == garbage
