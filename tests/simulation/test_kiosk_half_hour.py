"""Half an hour in which nobody hears the kiosk, on a busy morning, with push buttons and with a page to touch."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import cycle, islice

import pytest

from edge.config import AgentConfig
from edge.devices.kiosk_page import KioskPage
from edge.kiosk_face import ENDS, Asked
from hub.day import events
from tests.simulation.stage import TownHall, in_town_hall
from tests.simulation.test_kiosk_cut_off import KIOSK, assert_sound
from wire.messages import Key

CUT_S = 1_800
KIOSK_EVERY_S = 20.0
"""Ninety visitors in half an hour: three times as many as there are in a town hall of a thousand visitors a day."""
PHONE_EVERY_S = 45.0
SERVICES = ("residents", "passports", "civil-status", "residents", "social-help")
DESKS = ("desk-1", "desk-3", "desk-4", "desk-6", "desk-7")

Come = Callable[[TownHall, str, int], Awaitable[str]]


async def by_key(it: TownHall, service: str, n: int) -> str:
    """Press and tear off; the number."""
    (kiosk,) = it.run.hall.kiosks
    return await it.run.hall.take_slip(kiosk, service)


async def by_page(it: TownHall, service: str, n: int) -> str:
    """Touch, wait for the slip, read the number from the page, and tear the slip off."""
    devices = it.run.posts["kiosk-1"].devices
    screen, hands = devices.kiosks["kiosk"], devices.hands
    assert hands is not None
    hands.told("kiosk", service)
    screen.ask(Asked(key=f"visit-{n}", language="fr", service=service))
    visit = screen.visit(f"visit-{n}")
    assert visit is not None
    for _ in range(60):
        await asyncio.sleep(0.5)
        if visit.told.how in ENDS:
            break
    number = it.run.hall.tear_off("kiosk-1/printer")
    assert number == visit.told.number, "the slip says what the page says"
    return number


def with_page(config: AgentConfig) -> AgentConfig:
    devices = [KioskPage(id=it.id, kind="kiosk", driver="page") if it.kind == "kiosk" else it for it in config.devices]
    return replace(config, devices=devices)


async def morning(it: TownHall, come: Come, is_over: asyncio.Event, arrived: list[str]) -> None:
    """One visitor after the other at the kiosk, until it is over; the numbers in the order in which they came."""
    for n, service in enumerate(cycle(SERVICES)):
        if is_over.is_set():
            return
        begun_s = asyncio.get_running_loop().time()
        place = len(arrived)
        arrived.append("")
        arrived[place] = await come(it, service, n)
        await asyncio.sleep(max(0.0, begun_s + KIOSK_EVERY_S - asyncio.get_running_loop().time()))


async def phones(it: TownHall, is_over: asyncio.Event, arrived: list[str]) -> None:
    """Others join by phone meanwhile, whom the hub hears."""
    for service in cycle(reversed(SERVICES)):
        if is_over.is_set():
            return
        place = len(arrived)
        arrived.append("")
        arrived[place] = await it.take_ticket(service)
        await asyncio.sleep(PHONE_EVERY_S)


async def staff(it: TownHall, is_over: asyncio.Event) -> None:
    """Somebody is called every minute."""
    for desk in DESKS:
        it.press(desk, Key.OPEN)
        await asyncio.sleep(1)
    for desk in cycle(DESKS):
        if is_over.is_set():
            return
        it.press(desk, Key.NEXT)
        await asyncio.sleep(60)


def called(it: TownHall) -> list[events.TicketCalled]:
    return [event for event in it.events(events.TicketCalled) if isinstance(event, events.TicketCalled)]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("come", "furnish"), [(by_key, lambda it: it), (by_page, with_page)], ids=["keys", "page"])
def test_every_visitor_has_a_number_of_her_own_and_is_called_in_the_order_in_which_all_came(
    come: Come, furnish: Callable[[AgentConfig], AgentConfig], seed: int
) -> None:
    async def act(it: TownHall) -> None:
        is_over, arrived = asyncio.Event(), list[str]()
        async with asyncio.TaskGroup() as group:
            group.create_task(morning(it, come, is_over, arrived))
            await asyncio.sleep(7)  # nobody comes at the very moment of somebody else
            group.create_task(phones(it, is_over, arrived))
            group.create_task(staff(it, is_over))
            await asyncio.sleep(120)
            with it.run.record.trouble("the kiosk is cut off"):
                it.run.broker.cut(KIOSK)
                await asyncio.sleep(CUT_S)
                it.run.broker.heal(KIOSK)
            await asyncio.sleep(120)
            is_over.set()
        await asyncio.sleep(60)

        own = [number for number in arrived if number.startswith("K")]
        assert len(own) > 85
        assert "" not in arrived
        assert len(set(arrived)) == len(arrived), "a number of her own for everybody"
        known = await it.run.site.read(lambda day, now: dict(day.by_number))
        assert len({known[number] for number in arrived}) == len(arrived), "and a ticket"
        assert own == [f"K{n:03d}" for n in range(1, len(own) + 1)]

        so_far = len(called(it))
        waiting = await it.run.site.read(
            lambda day, now: {
                service: [n for n in arrived if known[n] in {key[2] for key in state.line}]
                for service, state in day.services.items()
            }
        )
        assert sum(map(len, waiting.values())) > 80
        for desk in islice(cycle(DESKS), 6 * len(arrived)):
            it.press(desk, Key.NEXT)
            await asyncio.sleep(1)
        names = {ticket: number for number, ticket in known.items()}
        after = [names[event.ticket] for event in called(it)[so_far:]]
        for service, line in waiting.items():
            assert [number for number in after if number in set(line)] == line, f"{service}, in the order of arrival"
        await assert_sound(it)

    in_town_hall(act, seed=seed, furnish=furnish)
