"""The demo as a newcomer starts it: an address at once, a summary at the end, and nothing left behind."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

GUICHET_SIM = Path(sys.executable).with_name("guichet-sim")
PATIENCE_S = 60.0
GOODBYE_S = 3.0


@asynccontextmanager
async def a_demo(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """In a process group of its own, as a shell starts it."""
    pipe = subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        GUICHET_SIM, "demo", *arguments, stdout=pipe, stderr=pipe, start_new_session=True
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def address(process: asyncio.subprocess.Process) -> str:
    """What the first line says."""
    assert process.stderr is not None
    line = (await process.stderr.readline()).decode()
    found = re.search(r"http://[\d.]+:\d+/", line)
    assert found, line + (await process.stderr.read()).decode()
    return found[0]


async def summary(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """What it says last; it says nothing else on standard output."""
    out, err = await process.communicate()
    lines = out.decode().splitlines()
    assert len(lines) == 1, out.decode() + err.decode()
    figures: dict[str, Any] = json.loads(lines[0])
    return figures


def left_behind(group: int) -> list[str]:
    """What still runs of a process group. A process that only waits to be forgotten is gone."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        state, _, pgrp = rest.split()[:3]
        if int(pgrp) == group and state != "Z":
            found.append(name)
    return found


async def test_a_demo_ends_by_itself_with_a_summary_without_violation() -> None:
    async with a_demo("--for", "8", "--speed", "60", "--port", "0") as demo:
        page = await address(demo)
        async with httpx.AsyncClient() as browser:
            html = (await browser.get(page)).text
        figures = await summary(demo)

    assert "Saint-Aubin" in html
    assert demo.returncode == 0
    assert figures["violations"] == 0
    assert figures["issued"] >= figures["called"] == figures["drawn"] > 0
    assert left_behind(demo.pid) == []


async def test_ctrl_c_ends_a_demo_cleanly_with_a_page_open() -> None:
    async with a_demo("--speed", "20", "--port", "0") as demo, httpx.AsyncClient() as browser:
        page = await address(demo)
        async with browser.stream("GET", f"{page}glance/live") as stream:
            await anext(stream.aiter_lines())
            loop = asyncio.get_running_loop()
            began_s = loop.time()
            os.killpg(demo.pid, signal.SIGINT)
            figures = await summary(demo)
            took_s = loop.time() - began_s

    assert demo.returncode == 0
    assert figures["violations"] == 0
    assert took_s < GOODBYE_S
    assert left_behind(demo.pid) == []


async def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with a_demo("--port", str(port)) as demo:
            out, err = await demo.communicate()

    assert demo.returncode == 2
    assert out == b""
    why = "(Address already in use); choose another --host or --port"
    assert err.decode() == f"cannot listen on 127.0.0.1 port {port} {why}\n"
