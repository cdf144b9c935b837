"""Visitors at a kiosk that nobody hears: they get numbers all the same, and each leads to one ticket."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from hub.day import number_events
from hub.day.model import Day
from simulator.lobby_run import node_client
from simulator.scenario import Cut, Network, read
from simulator.simulate import simulate
from simulator.summary import findings
from tests.simulation.stage import TownHall, in_town_hall
from wire.messages import Key

KIOSK = node_client("kiosk-1")
CUT_S = 240
SERVICES = ("residents", "passports", "residents", "civil-status", "residents")


async def at_the_kiosk(it: TownHall, services: tuple[str, ...] = SERVICES) -> list[str]:
    """One visitor after the other; the numbers that they tear off."""
    (kiosk,) = it.run.hall.kiosks
    numbers = []
    for service in services:
        numbers.append(await it.run.hall.take_slip(kiosk, service))
        await asyncio.sleep(5)
    return numbers


async def tickets(it: TownHall) -> dict[str, str]:
    """Every number of the day to its ticket."""
    return await it.run.site.read(lambda day, now: dict(day.by_number))


async def assert_sound(it: TownHall) -> None:
    """Ten calm seconds later the checkers find nothing."""
    it.run.calm_down()
    await asyncio.sleep(10)
    found = await findings(it.run)
    assert found.violations == []


async def no_hub(it: TownHall, while_gone: Callable[[], Awaitable[list[str]]]) -> list[str]:
    with it.run.record.trouble("the hub is killed"):
        await it.run.kill_hub()
        found = await while_gone()
        await it.run.start_hub()
        return found


async def no_network(it: TownHall, while_gone: Callable[[], Awaitable[list[str]]]) -> list[str]:
    with it.run.record.trouble("the kiosk is cut off"):
        it.run.broker.cut(KIOSK)
        found = await while_gone()
        it.run.broker.heal(KIOSK)
        return found


@pytest.mark.parametrize("trouble", [no_hub, no_network])
@pytest.mark.parametrize("seed", range(3))
def test_while_nobody_hears_it_visitors_get_numbers_that_lead_to_their_tickets_in_order(
    trouble: Callable[[TownHall, Callable[[], Awaitable[list[str]]]], Awaitable[list[str]]], seed: int
) -> None:
    async def act(it: TownHall) -> None:
        before = await at_the_kiosk(it)

        async def while_gone() -> list[str]:
            await asyncio.sleep(10)
            numbers = await at_the_kiosk(it)
            await asyncio.sleep(CUT_S)
            return numbers

        during = await trouble(it, while_gone)
        await asyncio.sleep(10)
        after = await at_the_kiosk(it)
        assert during == ["K001", "K002", "K003", "K004", "K005"]
        numbers = [*before, *during, *after]
        assert "" not in numbers
        known = await tickets(it)
        assert len({known[number] for number in numbers}) == len(set(numbers)) == 15
        due_at = await it.run.site.read(lambda day, now: [day.tickets[known[number]].counts_from for number in numbers])
        assert due_at == sorted(due_at)
        await assert_sound(it)

    in_town_hall(act, seed=seed)


@pytest.mark.parametrize("cut_after_s", [0.0, 0.002, 0.004, 0.006, 0.008, 0.01, 0.02, 0.05, 1.0])
def test_wherever_the_cut_comes_between_there_is_one_slip_and_one_ticket(cut_after_s: float) -> None:
    async def act(it: TownHall) -> int:
        (kiosk,) = it.run.hall.kiosks
        await asyncio.sleep(5)
        trouble = it.run.record.begin("the kiosk is cut off")
        slip = asyncio.create_task(it.run.hall.take_slip(kiosk, "residents"))
        await asyncio.sleep(cut_after_s)
        it.run.broker.cut(KIOSK)
        number = await slip
        await asyncio.sleep(60)
        it.run.broker.heal(KIOSK)
        await asyncio.sleep(150)
        it.run.record.end(trouble)
        it.run.hall.tear_off("kiosk-1/printer")
        assert [slip.number for slip in it.run.hall.slips] == [number]

        def look(day: Day) -> None:
            (ticket,) = day.tickets.values()
            assert ticket.number == number
            assert set(day.by_number) == {number, *ticket.old_numbers}

        await it.run.site.read(lambda day, now: look(day))
        await assert_sound(it)
        return len(it.events(number_events.TicketAliased))

    in_town_hall(act)


def test_a_ticket_that_the_hub_issued_in_vain_is_called_by_the_number_of_the_slip() -> None:
    async def act(it: TownHall) -> None:
        (kiosk,) = it.run.hall.kiosks
        await asyncio.sleep(5)
        it.run.broker.mute(f"guichet/1/{it.run.lobby.site.id}/kiosk-1/printer/job")
        it.run.broker.mute(f"guichet/1/{it.run.lobby.site.id}/kiosk-1/kiosk/receipt")
        number = await it.run.hall.take_slip(kiosk, "residents")
        assert number == "K001"
        it.run.broker.unmute(f"guichet/1/{it.run.lobby.site.id}/kiosk-1/printer/job")
        it.run.broker.unmute(f"guichet/1/{it.run.lobby.site.id}/kiosk-1/kiosk/receipt")
        await asyncio.sleep(20)
        assert [event.number for event in it.events(number_events.TicketAliased)] == [1]  # type: ignore[union-attr]
        for key in (Key.OPEN, Key.NEXT):
            it.press("desk-1", key)
            await asyncio.sleep(3)
        assert it.run.hall.boards.calling("K001")
        await assert_sound(it)

    in_town_hall(act)


@pytest.mark.parametrize("seed", range(3))
def test_a_day_on_which_the_kiosk_is_cut_off_for_minutes_is_sound(seed: int) -> None:
    cuts = (Cut(node="kiosk-1", begins=time(8, 40), lasts_s=600), Cut(node="kiosk-1", begins=time(9, 10), lasts_s=300))
    setting = read(Path(__file__).with_name("short.toml"))
    scenario = replace(
        setting.scenario,
        network=Network(loss=0.02, repeat=0.05, reorder=0.05, delay_ms=(1, 50), cuts=cuts),
        visitors=replace(setting.scenario.visitors, phone=0.1),
    )
    summary, found = simulate(replace(setting, scenario=scenario), seed=seed, say=lambda _: None)
    assert found.violations == []
    assert any(number.startswith("K") for number in found.numbers.values())
    assert summary.served >= 15
