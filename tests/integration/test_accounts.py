"""A hub as it is installed: set up by the link that it prints, and told what to do about accounts while it runs."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import structlog
from typer.testing import CliRunner

from hub.cli import app
from tests.accounts import PASSWORD
from tests.brokers import HOST, free_port
from tests.processes import LOBBY, Process, program

OWN = {"sec-fetch-site": "same-origin"}
ASK_AGAIN_S = 0.05
NOTICED_S = 3.0
"""What is done in a shell is known to a running hub within a second; this machine may be slow."""


class Hub:
    """One process; nobody has an account."""

    def __init__(self, folder: Path) -> None:
        self.port, self.data = free_port(), folder / "data"
        (folder / "lobby.toml").write_text(LOBBY)
        # Nobody listens there: boards are not what this is about.
        self._process = Process(
            *(program("guichet-hub"), "run", folder / "lobby.toml", "--broker", f"mqtt://{HOST}:9"),
            *("--data", self.data, "--port", str(self.port)),
        )

    async def start(self) -> str:
        """The link that it prints."""
        await self._process.start()
        async with asyncio.timeout(60):
            while not (found := re.search(r"/welcome/[\w-]+", await self._process.line())):
                pass
        return found[0]

    async def start_again(self) -> None:
        """Returns when it serves."""
        self._process.forget()
        await self._process.start()
        await self._process.until("hub serves")

    async def shell(self, *words: str) -> str:
        """What a command prints that works on the same folder, beside the hub's process."""
        done = await asyncio.to_thread(CliRunner().invoke, app, [*words, "--data", str(self.data)])
        assert done.exit_code == 0, done.output
        return done.stdout.strip()

    def browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://{HOST}:{self.port}", headers=OWN)

    async def kill(self) -> None:
        await self._process.kill()


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    hub = Hub(tmp_path)
    try:
        yield hub
    finally:
        await hub.kill()
        # A command logs to the standard error of its run, which is closed by now.
        structlog.reset_defaults()


async def until(status: int, browser: httpx.AsyncClient, path: str, **headers: str) -> None:
    """Ask until the answer is the one that is expected."""
    async with asyncio.timeout(NOTICED_S):
        while True:
            if (await browser.get(path, headers=headers)).status_code == status:
                return
            await asyncio.sleep(ASK_AGAIN_S)


async def test_a_hub_is_set_up_once_remembers_and_hears_of_what_is_done_in_a_shell(hub: Hub) -> None:
    link = await hub.start()
    async with hub.browser() as ada, hub.browser() as mia:
        chosen = await ada.post(link, data={"name": "ada", "password": PASSWORD, "again": PASSWORD})
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/account")
        assert (await ada.get("/hall/desks")).status_code == 200
        assert (await mia.get(link)).status_code == 404

        hers = await hub.shell("account", "add", "mia", "--role", "staff")
        hers = hers.removeprefix("http://127.0.0.1:8080")
        await until(200, mia, hers)
        await mia.post(hers, data={"password": PASSWORD, "again": PASSWORD})
        assert (await mia.get("/hall/desks")).status_code == 200

        token = {"authorization": f"Bearer {await hub.shell('token', 'add', 'watch', '--scope', 'health')}"}
        await until(200, mia, "/metrics", **token)
        assert "reasons" in (await mia.get("/healthz", headers=token)).json()
        assert set((await mia.get("/healthz")).json()) == {"status", "role"}

        # A power cut: everybody is still signed in afterwards, and no second link is offered.
        await hub.kill()
        await hub.start_again()
        await until(200, mia, "/hall/desks")

        await hub.shell("account", "disable", "mia")
        await hub.shell("token", "revoke", "watch")
        await until(401, mia, "/hall/desks")
        await until(401, mia, "/metrics", **token)
        acts = (await ada.get("/acts")).text
        assert "shell:" in acts
        assert "let an account sign in no more" in acts
