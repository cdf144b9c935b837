"""A press means one thing once, whatever the network makes of it."""

import asyncio

from hub.day.events import DeskOpened, TicketCalled
from simulator.scenario import Network
from tests.simulation.stage import TownHall, in_town_hall
from wire import codec, topics
from wire.messages import Key, Outcome, Receipt

MOMENT_S = 0.5
"""For a key to show its effect."""
BOUNCE_S = 0.04
"""A little longer than a contact bounces."""
SLOW = Network(delay_ms=(80, 90))
"""Slower than a finger: the second press of a key leaves before the first has come back as a view."""


async def open_desk_with(it: TownHall, tickets: int) -> None:
    for _ in range(tickets):
        await it.take_ticket()
    it.press("desk-1", Key.OPEN)
    await asyncio.sleep(MOMENT_S)
    assert len(it.events(DeskOpened)) == 1


def last_receipt(it: TownHall, node: str) -> Receipt:
    _, message = codec.decode(*it.recorder.last(f"{node}/panel/receipt"))
    assert isinstance(message, Receipt)
    return message


def test_one_press_delivered_three_times_calls_once() -> None:
    async def act(it: TownHall) -> None:
        await open_desk_with(it, tickets=3)
        it.press("desk-1", Key.NEXT)
        await asyncio.sleep(MOMENT_S)
        topic, payload = it.recorder.last("desk-1/panel/event")
        for _ in range(2):
            it.run.broker.inject(topic, payload)
            await asyncio.sleep(MOMENT_S)
        assert len(it.events(TicketCalled)) == 1
        assert last_receipt(it, "desk-1").outcome is Outcome.DONE

    in_town_hall(act)


def test_two_real_presses_in_a_row_call_two_people() -> None:
    async def act(it: TownHall) -> None:
        await open_desk_with(it, tickets=3)
        for _ in range(2):
            it.press("desk-1", Key.NEXT)
            await asyncio.sleep(MOMENT_S)
        called = [event.ticket for event in it.events(TicketCalled) if isinstance(event, TicketCalled)]
        assert len(set(called)) == 2

    in_town_hall(act)


def test_a_second_press_before_the_desk_has_moved_calls_nobody_else() -> None:
    async def act(it: TownHall) -> None:
        await open_desk_with(it, tickets=3)
        it.press("desk-1", Key.NEXT)
        await asyncio.sleep(BOUNCE_S)
        it.press("desk-1", Key.NEXT)
        await asyncio.sleep(5)
        assert len(it.events(TicketCalled)) == 1
        assert it.run.counted.refusals["moved-on"] == 1

    in_town_hall(act, network=SLOW)


def test_a_press_from_before_the_hub_restarted_is_expired() -> None:
    async def act(it: TownHall) -> None:
        await open_desk_with(it, tickets=3)
        await it.run.kill_hub()
        it.press("desk-1", Key.NEXT)
        await asyncio.sleep(MOMENT_S)
        await it.run.start_hub()
        await asyncio.sleep(5)
        assert it.events(TicketCalled) == []
        assert last_receipt(it, "desk-1").outcome is Outcome.EXPIRED
        it.press("desk-1", Key.NEXT)
        await asyncio.sleep(MOMENT_S)
        assert len(it.events(TicketCalled)) == 1

    in_town_hall(act)


def test_a_press_while_the_hub_is_silent_is_refused_by_the_panel_itself() -> None:
    async def act(it: TownHall) -> None:
        await open_desk_with(it, tickets=1)
        await it.run.kill_hub()
        await asyncio.sleep(4)
        said = len(it.recorder.said)
        it.press("desk-1", Key.NEXT)
        await asyncio.sleep(MOMENT_S)
        spoken = [topic for topic, _ in it.recorder.said[said:] if topics.parse(topic).node == "desk-1"]
        assert spoken == []
        await it.run.start_hub()

    in_town_hall(act)
