"""Real brokers for tests: mosquitto as in production and the embedded broker of the demo, each on a free port.

    with mosquitto() as broker:
        ... broker.url, broker.kill(), broker.start()

Also a forwarder to stand between a link and its broker, which can cut and swallow.
"""

import asyncio
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Protocol

from iotcore import Broker as EmbeddedBroker

HOST = "127.0.0.1"
START_S = 10.0

MOSQUITTO_CONF = """
listener {port} {host}
set_tcp_nodelay true
max_queued_messages 100000
persistence true
persistence_location {folder}/
autosave_interval 1
log_dest file {folder}/mosquitto.log
{extra}
"""


class RunningBroker(Protocol):
    """A broker that a test can break and mend."""

    port: int

    @property
    def url(self) -> str: ...

    def kill(self) -> None:
        """End it as a power cut would."""

    def start(self) -> None:
        """Start it again on the same port; returns when it listens."""


@dataclass(frozen=True)
class Certificates:
    """What `mosquitto(tls=…)` needs: its certificate and key, and the authority that signed them."""

    ca_file: Path
    cert_file: Path
    key_file: Path


class Mosquitto:
    """One mosquitto process; its folder survives a restart."""

    def __init__(self, folder: Path, login: tuple[str, str] | None, tls: Certificates | None) -> None:
        self.port = free_port()
        self._folder = folder
        self._scheme = "mqtts" if tls else "mqtt"
        self._login = f"{login[0]}:{login[1]}@" if login else ""
        self._process: subprocess.Popen[bytes] | None = None
        extra = [] if folder.stat().st_uid else ["user root"]
        if login:
            passwords = folder / "passwords"
            subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, *login], check=True, capture_output=True)
            extra += [f"password_file {passwords}"]
        else:
            extra += ["allow_anonymous true"]
        if tls:
            extra += [f"certfile {tls.cert_file}", f"keyfile {tls.key_file}"]
        conf = MOSQUITTO_CONF.format(port=self.port, host=HOST, folder=folder, extra="\n".join(extra))
        (folder / "mosquitto.conf").write_text(conf)

    @property
    def url(self) -> str:
        return f"{self._scheme}://{self._login}{HOST}:{self.port}"

    def start(self) -> None:
        program = which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        assert program, "mosquitto is not installed; apt-get install mosquitto"
        self._process = subprocess.Popen(
            [program, "-c", self._folder / "mosquitto.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _wait_until_listening(self._process, self.port, self._folder / "mosquitto.log")

    def stop(self) -> None:
        """End it as systemd would; it saves what is retained."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_S)
            self._process = None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None


class IotCore:
    """The embedded broker of the demo; keeps nothing over a restart and knows no users."""

    def __init__(self) -> None:
        self.port = free_port()
        self._broker = EmbeddedBroker(port=self.port, listen=HOST)

    @property
    def url(self) -> str:
        return f"mqtt://{HOST}:{self.port}"

    def start(self) -> None:
        self._broker.start(START_S)

    def kill(self) -> None:
        self._broker.stop()


@contextmanager
def mosquitto(*, login: tuple[str, str] | None = None, tls: Certificates | None = None) -> Iterator[Mosquitto]:
    """A mosquitto with production's settings, open to anybody unless a `login` (user, password) is given."""
    with TemporaryDirectory(prefix="mosquitto-") as folder:
        broker = Mosquitto(Path(folder), login, tls)
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()


@contextmanager
def iotcore_broker() -> Iterator[IotCore]:
    """The demo's broker."""
    broker = IotCore()
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


class Forwarder:
    """A network cable to `port`: what connects to `self.port` is forwarded, until someone pulls it."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self.swallows = False
        """Bytes towards the broker vanish while connections stand."""
        self._broker_port = port
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._spoken_to = asyncio.Event()

    async def until_spoken_to(self) -> None:
        """Wait until something has sent bytes towards the broker, ever."""
        async with asyncio.timeout(START_S):
            await self._spoken_to.wait()

    async def heal(self) -> None:
        """Forward, from now on."""
        self.swallows = False
        self._server = await asyncio.start_server(self._forward, HOST, self.port)

    async def cut(self) -> None:
        """Break every connection without a goodbye, and refuse new ones."""
        if self._server is None:
            return
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()
        self._server = None

    async def _forward(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        self._writers.append(near)
        try:
            far_reader, far = await asyncio.open_connection(HOST, self._broker_port)
        except OSError:
            near.transport.abort()
            return
        self._writers.append(far)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pump(near_reader, far, is_uplink=True))
            group.create_task(self._pump(far_reader, near, is_uplink=False))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_uplink: bool) -> None:
        try:
            while chunk := await reader.read(65_536):
                if is_uplink:
                    self._spoken_to.set()
                if not (is_uplink and self.swallows):
                    writer.write(chunk)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
    for _ in range(int(START_S / 0.01)):
        try:
            socket.create_connection((HOST, port), timeout=START_S).close()
        except OSError:
            try:
                process.wait(0.01)
            except subprocess.TimeoutExpired:
                continue
            break
        else:
            return
    process.kill()
    raise RuntimeError(f"mosquitto does not listen on {port}: {log_file.read_text() if log_file.exists() else ''}")
