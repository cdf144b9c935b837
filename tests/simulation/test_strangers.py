"""Whatever comes over the wire, the hub and the nodes put aside what they do not understand, and go on."""

import asyncio

import pytest

from hub.day.events import TicketCalled
from tests.simulation.stage import TownHall, in_town_hall
from wire.codec import PAYLOAD_BYTES_MAX
from wire.messages import Key

SITE = "guichet/1/saint-aubin"
TO_THE_HUB = ("desk-1/state", "desk-1/health", "door-1/counter/count", "desk-1/panel/event", "kiosk-1/printer/done")
TO_NODES = ("board-1/board/show", "kiosk-1/printer/job", "desk-1/panel/receipt", "desk-1/panel/config")
MALFORMED = (b"", b"{", b"\xff\xfe", b"[]", b"null", b"{}", b'{"seq":"one"}', b" " * (PAYLOAD_BYTES_MAX + 1))


async def assert_still_works(it: TownHall) -> None:
    await it.take_ticket()
    for key in (Key.OPEN, Key.NEXT):
        it.press("desk-1", key)
        await asyncio.sleep(0.5)
    assert len(it.events(TicketCalled)) == 1


@pytest.mark.parametrize("leaf", TO_THE_HUB)
def test_a_malformed_message_to_the_hub_is_counted_and_put_aside(leaf: str) -> None:
    async def act(it: TownHall) -> None:
        for payload in MALFORMED:
            it.run.broker.inject(f"{SITE}/{leaf}", payload)
        await asyncio.sleep(1)
        assert it.run.counted.quarantined["bad-message"] == len(MALFORMED)
        await assert_still_works(it)

    in_town_hall(act)


@pytest.mark.parametrize("leaf", TO_NODES)
def test_a_malformed_message_to_a_node_is_counted(leaf: str) -> None:
    async def act(it: TownHall) -> None:
        node = it.run.posts[leaf.partition("/")[0]].node
        before = node.dropped
        for payload in MALFORMED:
            it.run.broker.inject(f"{SITE}/{leaf}", payload)
        await asyncio.sleep(1)
        assert node.dropped - before == len(MALFORMED)
        await assert_still_works(it)

    in_town_hall(act)


def test_a_malformed_time_is_not_taken() -> None:
    async def act(it: TownHall) -> None:
        for payload in MALFORMED:
            it.run.broker.inject(f"{SITE}/hub/time", payload)
        await assert_still_works(it)

    in_town_hall(act)


def test_a_well_formed_message_of_an_unknown_device_is_put_aside() -> None:
    async def act(it: TownHall) -> None:
        _, payload = it.recorder.last("/counter/count")
        it.run.broker.inject(f"{SITE}/attic/counter/count", payload)
        it.run.broker.inject(f"{SITE}/desk-1/panel/count", payload)
        await asyncio.sleep(1)
        assert sum(it.run.counted.quarantined.values()) == 2
        await assert_still_works(it)

    in_town_hall(act)
