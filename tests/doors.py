"""Mosquitto as firmware-config describes it, with either of its doors; only its port and its folders are others.

with certified_broker(folder, [lobby]) as broker:
    broker.client_file("desk-1")      a key and certificate of that name, which no ledger knows
    broker.reload()                   what systemd does when the hub's lists have changed
"""

import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from shutil import which

from hub.day.lobby import Lobby
from hub.identity.authority import NEVER, Authority
from hub.identity.opening import put_broker_files
from hub.keyring import Keyring
from tests.brokers import HOST, free_port

CONFIGURATION = Path(__file__).parents[1] / "firmware-config" / "mosquitto"
START_S = 10.0
KEY = b"0123456789abcdef" * 2


@dataclass(frozen=True)
class Door:
    """A running mosquitto."""

    port: int
    process: "subprocess.Popen[bytes]"

    def reload(self) -> None:
        """Read certificates and lists again."""
        self.process.send_signal(signal.SIGHUP)


@dataclass(frozen=True)
class CertifiedBroker(Door):
    """One that knows its clients by certificate. What it reads lies in `folder`."""

    folder: Path
    authority: Authority
    _serials: "count[int]" = field(default_factory=lambda: count(100))

    @property
    def url(self) -> str:
        return f"mqtts://{HOST}:{self.port}"

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def client_file(self, name: str, authority: Authority | None = None) -> Path:
        """Who comes in as `name`."""
        serial = next(self._serials)
        file = self.folder / f"client-{name}-{serial}.pem"
        file.write_bytes((authority or self.authority).identity(name, serial, NEVER).pem)
        return file


@contextmanager
def certified_broker(folder: Path, lobbies: Sequence[Lobby], *, key: bytes = KEY) -> Iterator[CertifiedBroker]:
    """A broker for these lobbies, whose hub has `key`; `folder` is empty."""
    keyring, now = Keyring(key), datetime(2026, 3, 2, tzinfo=UTC)
    put_broker_files(folder / "guichet", lobbies, [HOST], keyring=keyring, data=folder, now=now)
    with open_door(folder, "certificates") as door:
        yield CertifiedBroker(door.port, door.process, folder / "guichet", Authority(keyring))


@contextmanager
def open_door(folder: Path, kind: str) -> Iterator[Door]:
    """mosquitto with mosquitto.conf and the door `kind`; everything else that it reads lies in `folder` already."""
    (folder / "conf.d").mkdir()
    port = free_port()
    conf, opening = (CONFIGURATION / "mosquitto.conf").read_text(), (CONFIGURATION / f"{kind}.conf").read_text()
    opening, doors = re.subn(r"^listener \d+$", f"listener {port} {HOST}", opening, flags=re.MULTILINE)
    assert doors == 1
    (folder / "conf.d" / "door.conf").write_text(_moved(opening, folder))
    (folder / "mosquitto.conf").write_text(_moved(conf, folder) + ("" if folder.stat().st_uid else "\nuser root\n"))
    program = which("mosquitto", path="/usr/sbin:/usr/bin")
    assert program, "mosquitto is not installed; apt-get install mosquitto"
    said = folder / "said"
    with (
        said.open("w") as errors,
        subprocess.Popen([program, "-c", folder / "mosquitto.conf"], stderr=errors) as process,
    ):
        try:
            _until_it_listens(process, port, said)
            yield Door(port, process)
        finally:
            process.terminate()


def _moved(conf: str, folder: Path) -> str:
    return re.sub(r"/etc/mosquitto|/var/lib/mosquitto", str(folder), conf)


def _until_it_listens(process: "subprocess.Popen[bytes]", port: int, said: Path) -> None:
    for _ in range(round(START_S / 0.01)):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        try:
            process.wait(0.01)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"mosquitto does not listen on {port}: {said.read_text()}")
