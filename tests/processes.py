"""Our commands as processes, as production starts them: a hub, a desk's panel and a board, each on its own.

async with lobby_processes(folder, broker.url) as lobby:
    lobby.panel.write("press panel next")
    await lobby.board.until("board board A001")
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.accounts import a_token
from tests.brokers import HOST, free_port

PATIENCE_S = 60.0
OPEN_AGAIN_S = 0.2
"""A panel refuses a press until it has heard the hub; then one presses again."""
SITE = "hall"
API = f"/api/v1/sites/{SITE}"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

LOBBY = """
[site]
id = "hall"
name = { en = "Town hall" }
time_zone = "UTC"
door_code = "printed"

[hours]
HOURS

[[services]]
id = "permits"
letter = "A"
name = { en = "Permits" }

[[rooms]]
id = "main"
name = { en = "Main hall" }
limit_people = 30

[[doors]]
id = "front"
to = "main"

[[desks]]
id = "one"
name = "1"
room = "main"
services = ["permits"]

[[devices]]
node = "desk-1"
id = "panel"
kind = "panel"
desk = "one"

[[devices]]
node = "board-1"
id = "board"
kind = "board"
room = "main"

[[devices]]
node = "door-1"
id = "counter"
kind = "counter"
door = "front"
""".replace("HOURS", "\n".join(f'{day} = ["00:00-24:00"]' for day in DAYS))

NODES = {
    "desk-1": '[[devices]]\nid = "panel"\nkind = "panel"\npins = { next = 17, open = 5 }\nlamp = 25\n',
    "board-1": '[[devices]]\nid = "board"\nkind = "board"\n',
}


class Process:
    """One command and what it says, line by line."""

    def __init__(self, *command: str | Path) -> None:
        self._command = command
        self._running: asyncio.subprocess.Process | None = None
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._said: list[str] = []
        self._listening: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int:
        """Of what was started."""
        assert self._running is not None
        return self._running.pid

    async def start(self) -> None:
        pipe = subprocess.PIPE
        running = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, stderr=pipe)
        assert running.stdout is not None
        assert running.stderr is not None
        self._running = running
        self._listening = [asyncio.create_task(self._listen(it)) for it in (running.stdout, running.stderr)]

    def write(self, line: str) -> None:
        """A line for its standard input."""
        assert self._running is not None
        assert self._running.stdin is not None
        self._running.stdin.write(f"{line}\n".encode())

    async def line(self) -> str:
        """The next line that it says on either stream."""
        return await self._lines.get()

    def forget(self) -> None:
        """Pass over all that it has said so far."""
        while not self._lines.empty():
            self._lines.get_nowait()

    async def until(self, *words: str, within_s: float = PATIENCE_S) -> None:
        """Wait until each of `words` was in a line, in any order; what else is said meanwhile is passed over."""
        missing = list(words)
        try:
            async with asyncio.timeout(within_s):
                while missing:
                    line = await self.line()
                    missing = [it for it in missing if it not in line]
        except TimeoutError:
            raise AssertionError(f"{self._command[0]} did not say {missing}, but: {''.join(self._said)}") from None

    async def kill(self) -> None:
        """A power cut, as far as it is concerned."""
        if self._running is None:
            return
        if self._running.returncode is None:
            self._running.kill()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(self._running.wait(), *self._listening)
        self._running = None

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        while line := (await stream.readline()).decode():
            self._said.append(line)
            self._lines.put_nowait(line.rstrip("\n"))


class Lobby:
    """The three of them."""

    def __init__(self, folder: Path, broker: str, *, devices: str = "", sites: Sequence[Path] = ()) -> None:
        """`devices` are more tables for its own lobby file, `sites` the files of other lobbies of the same hub."""
        self.port = free_port()
        self.database = folder / "data" / "hub.db"
        (folder / "lobby.toml").write_text(LOBBY + devices)
        data, port = str(folder / "data"), str(self.port)
        files = [str(it) for it in (folder / "lobby.toml", *sites)]
        self.hub = Process(
            program("guichet-hub"),
            *("run", *files),
            *("--broker", broker, "--data", data, "--port", port),
        )
        self.board_port = free_port()
        self.panel = _agent(folder, "desk-1", broker, free_port())
        self.board = _agent(folder, "board-1", broker, self.board_port)
        self.web = httpx.AsyncClient(base_url=f"http://{HOST}:{self.port}")
        self.token = ""

    async def prepare(self) -> None:
        """Whoever asks the hub has a token for everything."""
        if not self.token:
            self.token = await a_token(f"sqlite:///{self.database}")
            self.web.headers["authorization"] = f"Bearer {self.token}"

    async def start_hub(self) -> None:
        """Returns when it serves browsers and hears the nodes."""
        await self.prepare()
        await self.hub.start()
        await self.hub.until("hub serves", "link connected")

    async def take_ticket(self) -> dict[str, str]:
        answer = await self.web.post(f"{API}/tickets", json={"service": "permits"})
        assert answer.status_code == 201, answer.text
        ticket: dict[str, str] = answer.json()
        return ticket

    async def open_desk(self) -> None:
        """With the panel's own key, so that afterwards it is known to hear the hub and to be heard."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self._desk())["state"] == "closed":
                self.panel.write("press panel open")
                await asyncio.sleep(OPEN_AGAIN_S)

    async def waiting(self) -> int:
        """How many wait."""
        return sum(line["waiting"] for line in (await self._desk())["lines"])

    async def board_shows(self, number: str, within_s: float) -> None:
        """Wait until the board's page shows `number` as current."""
        async with (
            asyncio.timeout(within_s),
            self.web.stream("GET", f"http://{HOST}:{self.board_port}/board/live") as stream,
        ):
            picture = ""
            async for line in stream.aiter_lines():
                picture = picture + line if line else ""
                now, _, later = picture.partition("<template>")  # behind it: how it looks when nothing is heard
                if later and number in now and "stale" not in now:
                    return

    async def _desk(self) -> dict[str, Any]:
        desk: dict[str, Any] = (await self.web.get(f"{API}/desks/one")).json()
        return desk

    async def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        text = (await self.web.get("/metrics")).text
        return sum(
            float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith((f"{name}{{", f"{name} "))
        )


@asynccontextmanager
async def lobby_processes(
    folder: Path, broker: str, *, devices: str = "", sites: Sequence[Path] = ()
) -> AsyncIterator[Lobby]:
    """A hub, a panel and a board that hear each other; the desk is open. For the rest see `Lobby`."""
    lobby = Lobby(folder, broker, devices=devices, sites=sites)
    try:
        await asyncio.gather(lobby.start_hub(), lobby.panel.start(), lobby.board.start())
        await lobby.open_desk()
        yield lobby
    finally:
        await lobby.web.aclose()
        for process in (lobby.panel, lobby.board, lobby.hub):
            await process.kill()


def _agent(folder: Path, node: str, broker: str, port: int) -> Process:
    head = f'site = "{SITE}"\nnode = "{node}"\nbroker = "{broker}"\nscreens.port = {port}\n'
    file = folder / f"{node}.toml"
    file.write_text(head + NODES[node])
    return Process(program("guichet-edge"), "run", file, "--fake", "--hands")


def program(name: str) -> Path:
    return Path(sys.executable).with_name(name)
