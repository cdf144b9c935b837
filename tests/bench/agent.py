"""An agent as it hangs under a desk or behind a board: its memory, what it needs at rest, how soon it is there, and how
soon it answers a finger and an eye.

Hardware is faked at its edge (pins, serial line, SPI); the hub is this process, which tells the time and the views.
Beside memory and start stands the barest node: an aiomqtt client that has subscribed and waits.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from shutil import which
from statistics import median
from time import perf_counter

import aiomqtt
import httpx
from playwright.async_api import async_playwright

from tests.bench.bare_echo import NODELAY
from tests.bench.figures import Figure, Setting, percentile
from tests.bench.machine import memory_mb, processor_s
from tests.brokers import HOST, free_port, mosquitto
from tests.displays import a_board, a_call
from tests.processes import SITE, Process, program
from wire import codec, topics
from wire.messages import HubTime, NodeStatus, PanelState, PanelView, Show, View

NODE = "desk-1"
PANEL = '[[devices]]\nid = "panel"\nkind = "panel"\npins = { next = 17, recall = 27 }\nlamp = 22\n'
PRINTER = '[[devices]]\nid = "printer"\nkind = "printer"\nport = "/dev/ttyUSB0"\n'
LEDS = '[[devices]]\nid = "board"\nkind = "board"\ndriver = "matrix"\n'
PAGES = '[[devices]]\nid = "wall"\nkind = "board"\n\n[[devices]]\nid = "sign"\nkind = "sign"\n'

STARTS = 5
SETTLES_S = 5.0
"""After the first views, until what is loaded late is loaded."""
RESTS_S = 30
"""So long it is watched while nothing happens but the hub's time."""
TRIES = 100
BETWEEN_S = 0.05

DRAWN = """number => new Promise(done => {
  const look = () => document.body.innerText.includes(number)
    ? requestAnimationFrame(() => done(true)) : requestAnimationFrame(look);
  look();
})"""
"""Kept when a frame with that number has been handed to the screen."""


class Hub:
    """The hub's side of the wire, as far as one node hears it."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._seq = count(1)

    async def tell_time(self) -> None:
        """Once a second, until cancelled."""
        for second in count():
            message = HubTime(term=1, seq=next(self._seq), boot="bench", ms=1_000 * second, wall_at=datetime.now(UTC))
            await self._client.publish(topics.hub_time(SITE), codec.encode(message), qos=0)
            await asyncio.sleep(1)

    async def show(self, device: str, view: View) -> None:
        message = Show(term=1, seq=next(self._seq), view=view)
        await self._client.publish(topics.show(SITE, NODE, device), codec.encode(message), qos=1, retain=True)


async def measure(setting: Setting) -> list[Figure]:
    tries = setting.scaled(TRIES)
    with mosquitto() as broker:
        starts_s, bare_starts_s = await _starts(setting, broker.port)
        bare_mb = await _bare_mb(broker.port)
        setting.tell(0.2)
        async with _hub(broker.port) as hub:
            async with _node(setting.folder, broker.port, hub, PANEL + PRINTER + LEDS) as agent:
                memory = memory_mb(agent.pid)
                idle = await _idle(agent, setting.scaled(RESTS_S))
                setting.tell(0.6)
                lamp_ms = await _lamp_ms(agent, tries)
                leds_ms = await _leds_ms(agent, hub, tries)
            setting.tell(0.8)
            port = free_port()
            text = f"screens.port = {port}\n{PANEL}{PRINTER}{LEDS}{PAGES}"
            async with _node(setting.folder, broker.port, hub, text) as agent:
                page_ms = await _page_ms(hub, port, tries)
                with_pages = memory_mb(agent.pid)
    return [
        Figure("memory of an agent with board, printer and panel", memory, bare_mb),
        Figure("memory of an agent with pages too", with_pages, bare_mb),
        Figure("an agent at rest", idle),
        Figure("start of an agent until it is connected", median(starts_s), median(bare_starts_s)),
        Figure("press to lamp, p99", percentile(lamp_ms, 0.99)),
        Figure("view to LEDs, p99", percentile(leds_ms, 0.99)),
        Figure("view to pixels of a page, p99", percentile(page_ms, 0.99)),
    ]


def _called(number: str) -> View:
    """A board on which that number has just been called."""
    return a_board([a_call(number, "1", datetime.now(UTC))])


# --- the node ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _hub(port: int) -> AsyncIterator[Hub]:
    async with aiomqtt.Client(HOST, port, socket_options=NODELAY) as client:
        hub = Hub(client)
        telling = asyncio.create_task(hub.tell_time())
        yield hub
        telling.cancel()


@asynccontextmanager
async def _node(folder: Path, port: int, hub: Hub, devices: str) -> AsyncIterator[Process]:
    """An agent that hears the hub and has shown its first views."""
    agent = Process(program("guichet-edge"), "run", _file(folder, port, devices), "--fake", "--hands")
    try:
        await agent.start()
        await agent.until("link connected")
        await hub.show("panel", PanelView(desk="1", desk_seq=1, state=PanelState.FREE, waiting=0))
        await hub.show("board", _called("A000"))
        await agent.until("board board A000")
        await asyncio.sleep(SETTLES_S)
        yield agent
    finally:
        await agent.kill()


def _file(folder: Path, port: int, devices: str) -> Path:
    file = folder / f"{NODE}.toml"
    file.write_text(f'site = "{SITE}"\nnode = "{NODE}"\nbroker = "mqtt://{HOST}:{port}"\n{devices}')
    return file


async def _starts(setting: Setting, port: int) -> tuple[list[float], list[float]]:
    """Seconds from the command to its first word at the broker, an agent's and a bare node's in turns."""
    file = _file(setting.folder, port, PANEL + PRINTER + LEDS)
    ours_s, bare_s = [], []
    async with aiomqtt.Client(HOST, port, socket_options=NODELAY) as client:
        await client.subscribe([(topics.state(SITE, NODE), 1), (BARE_STATE, 1)])
        for _ in range(max(2, setting.scaled(STARTS))):
            ours_s.append(await _start_s(client, Process(program("guichet-edge"), "run", file, "--fake")))
            bare_s.append(await _start_s(client, _bare(port)))
    return ours_s, bare_s


async def _start_s(client: aiomqtt.Client, process: Process) -> float:
    began_s = perf_counter()
    await process.start()
    async for message in client.messages:
        assert isinstance(message.payload, bytes)
        if NodeStatus.ONLINE.encode() in message.payload and not message.retain:
            break
    took_s = perf_counter() - began_s
    await process.kill()
    return took_s


async def _idle(agent: Process, rests_s: float) -> float:
    """Per cent of a core."""
    began_s, spent_s = perf_counter(), processor_s(agent.pid)
    await asyncio.sleep(rests_s)
    return 100 * (processor_s(agent.pid) - spent_s) / (perf_counter() - began_s)


# --- the barest node -----------------------------------------------------------------------------------------------

BARE_STATE = "raw/state"
BARE = f"""
import asyncio, sys, aiomqtt
async def main():
    async with aiomqtt.Client({HOST!r}, int(sys.argv[1])) as client:
        await client.subscribe("raw/#", qos=1)
        await client.publish({BARE_STATE!r}, "{NodeStatus.ONLINE}", qos=1)
        print("ready", flush=True)
        async for message in client.messages:
            pass
asyncio.run(main())
"""


def _bare(port: int) -> Process:
    return Process(sys.executable, "-c", BARE, str(port))


async def _bare_mb(port: int) -> float:
    bare = _bare(port)
    await bare.start()
    try:
        await bare.until("ready")
        await asyncio.sleep(SETTLES_S)
        return memory_mb(bare.pid)
    finally:
        await bare.kill()


# --- finger and eye ------------------------------------------------------------------------------------------------


async def _lamp_ms(agent: Process, tries: int) -> list[float]:
    """From a line that presses a key until the lamp is lit. Nobody answers, so it goes on blinking: each press but the
    first comes as it has just gone out."""
    took_ms = []
    for number in range(tries):
        if number:
            agent.forget()
            await agent.until("lamp panel dark")
        began_s = perf_counter()
        agent.write("press panel next")
        await agent.until("lamp panel lit")
        took_ms.append(1_000 * (perf_counter() - began_s))
    return took_ms


async def _leds_ms(agent: Process, hub: Hub, tries: int) -> list[float]:
    """From a view's publication until its number has been written to the LEDs."""
    took_ms = []
    for number in range(1, tries + 1):
        began_s = perf_counter()
        await hub.show("board", _called(f"B{number:03}"))
        await agent.until(f"board board B{number:03}")
        took_ms.append(1_000 * (perf_counter() - began_s))
        await asyncio.sleep(BETWEEN_S)
    return took_ms


async def _page_ms(hub: Hub, port: int, tries: int) -> list[float]:
    """From a view's publication until Chromium has drawn it."""
    took_ms = []
    async with AsyncExitStack() as stack:
        await hub.show("wall", _called("A000"))
        web = await stack.enter_async_context(httpx.AsyncClient())
        (await web.get(f"http://{HOST}:{port}/")).raise_for_status()
        playwright = await stack.enter_async_context(async_playwright())
        chromium = os.environ.get("GUICHET_CHROMIUM") or which("chromium")
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        stack.push_async_callback(browser.close)
        page = await browser.new_page()
        await page.goto(f"http://{HOST}:{port}/wall")
        await page.evaluate(DRAWN, "A000")
        for number in range(1, tries + 1):
            drawn = asyncio.create_task(page.evaluate(DRAWN, f"C{number:03}"))
            await asyncio.sleep(BETWEEN_S)
            began_s = perf_counter()
            await hub.show("wall", _called(f"C{number:03}"))
            await drawn
            took_ms.append(1_000 * (perf_counter() - began_s))
    return took_ms
