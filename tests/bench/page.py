"""The page of a ticket, opened for the first time: every byte that Chromium and the hub exchange for it.

Bytes are counted on the wire, between the two: requests, headers, the style, the scripts and what the live stream says
at first. Beside it stands the page's own HTML.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from shutil import which

from playwright.async_api import async_playwright

from tests.bench.figures import Figure, Setting
from tests.brokers import HOST, free_port, mosquitto
from tests.processes import Lobby

SETTLES_S = 2.0
"""After the page has loaded: its stream begins."""


class Counted:
    """A cable to `port` that counts what comes back."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self.received_bytes = 0
        self._far_port = port

    async def start(self) -> asyncio.Server:
        return await asyncio.start_server(self._forward, HOST, self.port)

    async def _forward(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        far_reader, far = await asyncio.open_connection(HOST, self._far_port)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pump(near_reader, far, is_answer=False))
            group.create_task(self._pump(far_reader, near, is_answer=True))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        try:
            while chunk := await reader.read(65_536):
                self.received_bytes += len(chunk) if is_answer else 0
                writer.write(chunk)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()


async def measure(setting: Setting) -> list[Figure]:
    async with AsyncExitStack() as stack:
        broker = stack.enter_context(mosquitto())
        lobby = Lobby(setting.folder, broker.url)
        stack.push_async_callback(lobby.web.aclose)
        stack.push_async_callback(lobby.hub.kill)
        await lobby.start_hub()
        path = f"/t/{(await lobby.take_ticket())['token']}"
        html_bytes = len((await lobby.web.get(path)).content)
        setting.tell(0.5)
        cable = Counted(lobby.port)
        server = await cable.start()
        stack.callback(server.close)
        playwright = await stack.enter_async_context(async_playwright())
        chromium = os.environ.get("GUICHET_CHROMIUM") or which("chromium")
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page()
        await page.goto(f"http://{HOST}:{cable.port}{path}", wait_until="load")
        await asyncio.sleep(SETTLES_S)
        received_bytes = cable.received_bytes
        await browser.close()
    return [Figure("ticket page, first load", received_bytes / 1_000, html_bytes / 1_000)]
