"""The kiosk's page with everything real behind it: role, printer's driver, and a link to a hub that may fall silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from msgspec.structs import replace
from playwright.async_api import Browser, Page, expect

from edge.screens.app import screens_app
from tests.browser.conftest import Serve
from tests.edge_stage import NODE, PRINTER, SITE, Stage, receipt
from tests.unit.test_kiosk_cut_off import events, lease, print_slip
from tests.unit.test_kiosk_page import KIOSK_PAGE, URL
from wire import topics
from wire.messages import Event, Outcome, Paper, TicketGiven, TicketRequest


@asynccontextmanager
async def on_air() -> AsyncIterator[Stage]:
    """The stage of other tests, in real time, with a kiosk that has numbers of its own."""
    stage = Stage(lambda: datetime.now(UTC), [KIOSK_PAGE, PRINTER])
    stage.answer = lambda event: issued(stage, event)
    async with asyncio.TaskGroup() as group:
        works = (stage.hub.run(stage), stage.tell_time(), stage.run_agent())
        tasks = [group.create_task(work) for work in works]
        await asyncio.sleep(1.2)
        await lease(stage, until_at=datetime(2100, 1, 1, tzinfo=UTC))
        yield stage
        for task in tasks:
            task.cancel()


def issued(stage: Stage, event: Event) -> tuple[Outcome, str] | None:
    """The hub issues A001, and has the slip printed if one is wanted."""
    if not isinstance(event.body, TicketRequest):
        return Outcome.DONE, ""
    said = replace(receipt(event, Outcome.DONE), facts={"number": "A001"}, ticket_url=URL)
    stage.say(topics.receipt(SITE, NODE, "kiosk"), said)
    if event.body.on_paper:
        stage.job("printer", print_slip(event.body.request), job=f"job-{event.seq}")
    return None


async def visit(browser: Browser, serve: Serve, stage: Stage) -> Page:
    """At the service, about to ask for a number."""
    app = screens_app({}, matrices={}, kiosks=stage.devices.kiosks, heard=stage.node.heard_screen)
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    await page.goto(await serve(app) + "/kiosk")
    await page.get_by_role("link", name="English").click()
    await page.get_by_role("link", name="Passports").click()
    return page


async def test_a_touch_becomes_a_ticket_and_a_slip(browser: Browser, serve: Serve) -> None:
    async with on_air() as stage:
        page = await visit(browser, serve, stage)
        await page.get_by_role("button", name="Print my number").click()
        await expect(page.locator(".number")).to_have_text("A001")
        await expect(page.locator(".state")).to_have_text("Please take your slip.")
        assert [slip.text.split("\n")[2] for slip in stage.hands.slips("printer")] == ["A001"]
        assert "kiosk" in stage.node.heard_screens


async def test_paper_that_ends_in_the_midst_of_a_slip_costs_nobody_her_ticket(browser: Browser, serve: Serve) -> None:
    async with on_air() as stage:
        page = await visit(browser, serve, stage)
        stage.hands.printer("printer").lines_left = 3
        await page.get_by_role("button", name="Print my number").click()
        await expect(page.locator(".number")).to_have_text("A001")
        await expect(page.locator(".state")).to_contain_text("Your number is good all the same")
        await expect(page.locator(".qr")).to_be_visible()
        assert stage.hands.slips("printer") == []


async def test_a_kiosk_that_nobody_hears_gives_and_prints_numbers_of_its_own_and_hands_them_in(
    browser: Browser, serve: Serve
) -> None:
    async with on_air() as stage:
        page = await visit(browser, serve, stage)
        stage.cut()
        await expect(page.locator(".note")).to_contain_text("no connection", timeout=15_000)
        await page.get_by_role("button", name="Print my number").click()
        await expect(page.locator(".number")).to_have_text("K001")
        await expect(page.locator(".state").first).to_have_text("Please take your slip.")
        stage.hands.printer("printer").paper = Paper.OUT
        await page.get_by_role("button", name="Done").click()
        await page.get_by_role("link", name="English").click()
        await page.get_by_role("link", name="Passports").click()
        await page.get_by_role("button", name="Print my number").click()
        await expect(page.locator(".number")).to_have_text("K002")
        await expect(page.locator(".state").first).to_contain_text("Your number is good all the same")
        stage.heal()
        async with asyncio.timeout(20):
            while len({it.number for it in events(stage, TicketGiven)}) < 2:
                await page.wait_for_timeout(100)
        assert [it.number for it in events(stage, TicketGiven)][:2] == [1, 2]
