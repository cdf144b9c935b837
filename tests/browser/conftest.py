"""A real browser and a real server on a free port, both on the test's own event loop."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, async_playwright

from tests.accounts import STAFF_TOKEN

Serve = Callable[[Any], Awaitable[str]]

OF_STAFF = {"authorization": f"Bearer {STAFF_TOKEN}"}
"""What a browser sends with everything in which staff are at work: how they sign in is tested elsewhere."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's Chromium, or the one that GUICHET_CHROMIUM names."""
    path = os.environ.get("GUICHET_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("no Chromium found: install Debian's 'chromium', or name one in GUICHET_CHROMIUM")
    return path


@pytest.fixture
async def browser(chromium: str, serve: Serve) -> AsyncIterator[Browser]:
    """Closed before the server is, which would otherwise wait for open streams."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        await browser.close()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """`await serve(app)` is the address at which `app` answers until the test ends."""
    async with AsyncExitStack() as servers:

        async def start(app: Any) -> str:
            return await servers.enter_async_context(serving(app))

        yield start


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Yields the address at which `app` answers."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{port}"  # the socket listens already: whoever comes early waits in its backlog
    finally:
        server.should_exit = True
        await task
        listening.close()
