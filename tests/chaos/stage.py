"""The processes: hub, agent and broker as production starts them, each to be killed and started again.

Whoever ends without being killed is noted as a fault, and started again as systemd would. Nothing here waits for
somebody to be ready: whether the hub serves is for those to say who are served.
"""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.config import load_lobby
from tests.brokers import Mosquitto, free_port, mosquitto
from tests.chaos.blows import Target
from tests.chaos.launch import Launch, Process
from tests.chaos.printer import BAUD
from tests.processes import program

SITE = "chaos"
KIOSK = "kiosk-1"
PRINTER = f"{KIOSK}/printer"
KEYS = ("permits", "passports")
DESKS = ("one", "two", "three", "four")
DAY_IS_YOUNG = timedelta(hours=6)
"""The service day began so long ago, and does not turn while this runs."""
LOOK_EVERY_S = 0.2
WORDS_KEPT = 2_000
"""Letters of a log that are told."""

LOBBY = Path(__file__).with_name("lobby.toml")
AGENT = """
site = "{site}"
node = "{node}"
broker = "{broker}"
data_dir = "{data}"

[[devices]]
id = "kiosk"
kind = "kiosk"
pins = {{ permits = 17, passports = 27 }}

[[devices]]
id = "printer"
kind = "printer"
port = "{port}"
baud = {baud}
draws_codes = true
"""


class Command:
    """One of our commands, and what it says."""

    def __init__(self, launch: Launch, log: Path, *command: str | Path) -> None:
        self._launch = launch
        self._log = log
        self._command = [str(it) for it in command]
        self._running: Process | None = None
        self._stdin = -1

    def start(self) -> None:
        theirs, self._stdin = os.pipe()
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._running = Process(self._launch(self._command, theirs, log))
        os.close(theirs)
        os.close(log)

    def kill(self) -> None:
        """SIGKILL; returns when it is gone. It may have ended before."""
        if self._running is not None:
            self._running.kill()
            self._running = None
            os.close(self._stdin)

    @property
    def has_ended(self) -> bool:
        """By itself."""
        return self._running is not None and self._running.has_ended

    def write(self, line: str) -> None:
        """A line for its standard input; nobody hears it who is dead."""
        if self._running is not None:
            with suppress(BrokenPipeError):
                os.write(self._stdin, f"{line}\n".encode())

    @property
    def last_words(self) -> str:
        return self._log.read_text("utf-8", "replace")[-WORDS_KEPT:]


class Stage:
    """All of them, on one database."""

    def __init__(
        self, folder: Path, database: str, broker: Mosquitto, printer_port: str, now: datetime, launch: Launch
    ) -> None:
        self.database = database
        self.port = free_port()
        self.lobby_file = folder / "lobby.toml"
        turns_at = (now - DAY_IS_YOUNG).astimezone(UTC)
        self.lobby_file.write_text(LOBBY.read_text().replace("04:00", f"{turns_at:%H:00}"))
        self.lobby = load_lobby(self.lobby_file)
        self.broker = broker
        self._faults: list[str] = []
        data = folder / "data"
        data.mkdir(mode=0o700, exist_ok=True)
        self.hub = Command(
            launch,
            folder / "hub.log",
            *(program("guichet-hub"), "run", self.lobby_file, "--broker", broker.url, "--data", data),
            *("--database", database, "--port", str(self.port)),
        )
        agent_file = folder / "agent.toml"
        agent_file.write_text(
            AGENT.format(site=SITE, node=KIOSK, broker=broker.url, data=folder / "agent", port=printer_port, baud=BAUD)
        )
        (folder / "agent").mkdir()
        self.agent = Command(
            launch, folder / "agent.log", program("guichet-edge"), "run", agent_file, "--fake-pins", "--hands"
        )

    @property
    def faults(self) -> Sequence[str]:
        """Who ended without being killed."""
        return self._faults

    def start(self) -> None:
        self.hub.start()
        self.agent.start()

    def kill(self, target: Target) -> None:
        """kill -9."""
        self._of(target).kill()

    def start_again(self, target: Target) -> None:
        self._of(target).start()

    def _of(self, target: Target) -> Command | Mosquitto:
        return self.broker if target is Target.BROKER else self.hub if target is Target.HUB else self.agent

    def end(self) -> None:
        self.hub.kill()
        self.agent.kill()

    async def look_after(self) -> None:
        """Start again who ended by itself, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            for name, command in (("hub", self.hub), ("agent", self.agent)):
                if command.has_ended:
                    self._faults.append(f"the {name} ended by itself: {command.last_words}")
                    command.kill()
                    command.start()


@contextmanager
def stage(folder: Path, database: str, printer_port: str, now: datetime, launch: Launch) -> Iterator[Stage]:
    """Hub and agent are not started; they are gone afterwards."""
    with mosquitto() as broker:
        it = Stage(folder, database, broker, printer_port, now, launch)
        try:
            yield it
        finally:
            it.end()
