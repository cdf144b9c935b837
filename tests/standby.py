"""Two hubs on one database and one broker, each a process, as production starts them.

async with two_hubs(folder, sites) as stage:
    owner, standby = await stage.both_run()
    ... owner.pause(), owner.kill(), stage.database.stop()

Starting one costs seconds of a processor, so tests share them: a site each, and whoever ended is started again.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.accounts import a_token
from tests.brokers import HOST, Mosquitto, mosquitto
from tests.databases import Postgresql, free_port, postgresql
from tests.processes import LOBBY

PATIENCE_S = 60.0
ASK_AGAIN_S = 0.05
TAKEN_OVER_S = 5.0
"""What a lobby waits for a standby at most."""

DESKS = ("one", *(f"desk-{n}" for n in range(2, 9)))
MORE_DESKS = "".join(
    f'[[desks]]\nid = "{desk}"\nname = "{desk}"\nroom = "main"\nservices = ["permits"]\n\n' for desk in DESKS[1:]
)

GUICHET_HUB = Path(sys.executable).with_name("guichet-hub")


class HubProcess:
    """One of the two."""

    def __init__(self, folder: Path, name: str, lobbies: Sequence[Path], broker: Mosquitto, database: str) -> None:
        self.port = free_port()
        data = folder / name
        data.mkdir(mode=0o700)
        # Hubs of one database have one key.
        (data / "key").write_bytes(b"0123456789abcdef" * 2)
        self._command: list[str | Path] = [GUICHET_HUB, "run", *lobbies, "--broker", broker.url]
        self._command += ["--database", database, "--data", data]
        self._command += ["--port", str(self.port), "--public-url", "http://hub.test"]
        self._log = folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self.web = httpx.AsyncClient(base_url=f"http://{HOST}:{self.port}", timeout=PATIENCE_S)
        self.token = ""

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Returns when it answers, be it by asking the other."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*self._command, stderr=log, stdout=subprocess.DEVNULL)
        await self.until("role", "owner", "standby")

    async def until(self, fact: str, *wanted: object, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait until its health says so; that health."""
        health: dict[str, Any] = {}
        try:
            async with asyncio.timeout(within_s):
                while health.get(fact) not in wanted:
                    await asyncio.sleep(ASK_AGAIN_S)
                    assert self._process is not None
                    assert self._process.returncode is None, self.said
                    try:
                        health = (await self.web.get("/healthz", timeout=1)).json()
                    except httpx.TransportError:
                        continue
        except TimeoutError:
            raise AssertionError(f"{fact} is not {wanted} but {health}: {self.said}") from None
        return health

    @property
    def said(self) -> str:
        return self._log.read_text()

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    async def ended(self) -> int:
        """Wait for its end; the exit code."""
        assert self._process is not None
        async with asyncio.timeout(PATIENCE_S):
            return await self._process.wait()

    async def kill(self) -> None:
        if self._process is not None and self.runs:
            self._process.kill()
            await self.ended()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


class TwoHubs:
    """And what they share."""

    def __init__(self, folder: Path, sites: Sequence[str], broker: Mosquitto, database: Postgresql) -> None:
        self.broker, self.database = broker, database
        self.url = url = database.new_database()
        self._name = url.rpartition("/")[2]
        lobbies = [folder / f"{site}.toml" for site in sites]
        for site, lobby in zip(sites, lobbies, strict=True):
            ours = LOBBY.replace('id = "hall"', f'id = "{site}"').replace('node = "', f'node = "{site}-')
            lobby.write_text(ours + MORE_DESKS)
        self.hubs = [HubProcess(folder, name, lobbies, broker, url) for name in ("one", "other")]

    async def both_run(self) -> tuple[HubProcess, HubProcess]:
        """The owner and the standby, once both have begun."""
        await asyncio.gather(*(hub.start() for hub in self.hubs if not hub.runs))
        while True:
            roles = {(await hub.until("role", "owner", "standby"))["role"]: hub for hub in self.hubs}
            if len(roles) == len(self.hubs):
                await roles["owner"].until("link_connected", True)
                return roles["owner"], roles["standby"]
            await asyncio.sleep(ASK_AGAIN_S)

    def rows(self, statement: str) -> list[str]:
        """What `statement` finds in the database, a line each."""
        return self.database.sql(statement, self._name).splitlines()


@asynccontextmanager
async def two_hubs(folder: Path, sites: Sequence[str]) -> AsyncIterator[TwoHubs]:
    """Neither is started."""
    with mosquitto() as broker, postgresql() as database:
        stage = TwoHubs(folder, sites, broker, database)
        token = await a_token(stage.url)
        for hub in stage.hubs:
            hub.token = token
            hub.web.headers["authorization"] = f"Bearer {token}"
        try:
            yield stage
        finally:
            for hub in stage.hubs:
                await hub.kill()
                await hub.web.aclose()


def api(site: str) -> str:
    return f"/api/v1/sites/{site}"


def term_of(site: str, health: dict[str, Any]) -> int:
    """In which the site is owned, as its owner's health tells it."""
    (term,) = [it["term"] for it in health["sites"] if it["site"] == site]
    assert isinstance(term, int)
    return term


async def take(hub: HubProcess, site: str, request_id: str) -> dict[str, str]:
    """A visitor takes a ticket, and tries again while nobody can give her one."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            wish = {"service": "permits", "request_id": request_id}
            answer = await hub.web.post(f"{api(site)}/tickets", json=wish)
            if answer.status_code == 201:
                ticket: dict[str, str] = answer.json()
                return ticket
            assert answer.status_code == 503, answer.text
            await asyncio.sleep(ASK_AGAIN_S)
