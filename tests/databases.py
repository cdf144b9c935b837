"""A real PostgreSQL for tests, on a port of its own, in a folder that is gone afterwards.

with postgresql(tmp_path) as server:
    ... server.new_database(), server.stop(), server.start()
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count, cycle
from pathlib import Path
from tempfile import mkdtemp

HOST = "127.0.0.1"
PORTS = range(24_000, 32_000)
"""Below those that the system gives to connections: what is stopped finds its port free when it starts again."""
_first = os.getpid() * 61 % len(PORTS)  # two runs of tests beside each other begin at different ones
_untried: Iterator[int] = cycle([*PORTS[_first:], *PORTS[:_first]])
USER = "postgres"
PROGRAMS = "/usr/lib/postgresql"
START_S = 30

CONF = """
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
fsync = off
full_page_writes = off
shared_buffers = 16MB
max_connections = 60
"""
"""Nothing pulls the plug of this machine while a test runs, so the disk may be lazy."""


class Postgresql:
    """One server; its folder survives a restart. The server refuses to be root, so root runs it as `postgres`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._data = folder / "data"
        self._log = folder / "log"
        self._names = count(1)
        self._run("initdb", "-D", self._data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        conf = self._data / "postgresql.conf"
        conf.write_text(CONF.format(host=HOST, port=self.port))

    def start(self) -> None:
        """Returns when it can be asked."""
        self._run("pg_ctl", "-D", self._data, "-l", self._log, "-w", "-t", str(START_S), "start")

    def stop(self, mode: str = "immediate") -> None:
        """At once, as a power cut would."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def new_database(self) -> str:
        """The address of an empty one."""
        name = f"guichet{next(self._names)}"
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@{HOST}:{self.port}/{database}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What psql prints: rows in lines, columns separated by `|`."""
        address = ("-h", HOST, "-p", str(self.port), "-U", USER, "-d", database)
        return self._run("psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", *address, "-c", statement).strip()

    def _run(self, program: str, *arguments: str | Path) -> str:
        # pg_ctl's server inherits what it may write to: a pipe would never end.
        said = self._data.with_name("said")
        with said.open("w") as out:
            done = subprocess.run(
                [*_as_server(), installed(program), *arguments],
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                cwd="/",
                check=False,
            )
        text = said.read_text()
        assert done.returncode == 0, f"{program}: {text}"
        return text


@contextmanager
def postgresql() -> Iterator[Postgresql]:
    """A running one."""
    folder = Path(mkdtemp(prefix="guichet-postgresql-"))
    server = None
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        server = Postgresql(folder)
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder)


def installed(name: str) -> Path:
    found = sorted(Path(PROGRAMS).glob(f"*/bin/{name}"))
    assert found, f"{name} is not installed; apt-get install postgresql"
    return found[-1]


def _as_server() -> Sequence[str]:
    return ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", "--") if os.geteuid() == 0 else ()


def free_port() -> int:
    """One of `PORTS` that nobody listens on at this moment, and that was not given out before."""
    while True:
        port = next(_untried)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
