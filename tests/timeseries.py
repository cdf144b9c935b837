"""Real time series databases for tests, each on a free port with a folder of its own.

with influxdb() as server:             InfluxDB 1.x: InfluxQL, and our line protocol by its v1 address
with victoria_metrics() as server:     VictoriaMetrics: InfluxDB's v2 write address
with influxdb_with_v2_writes() as server:
                                       InfluxDB 1.x with the write address that it has from 1.8 on; Debian's is older
"""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

from tests.brokers import HOST, free_port

START_S = 20.0
ANSWER_S = 10.0
DATABASE = "guichet"

INFLUXDB_CONF = """
reporting-disabled = true
bind-address = "{host}:{rpc_port}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "{host}:{port}"
log-enabled = false
"""


class Server:
    """An HTTP server of somebody else's, in a process of its own; its folder survives a restart."""

    def __init__(self, command: list[str], port: int, ready: str) -> None:
        """`ready` is the path of a page that it serves once it is up."""
        self.url = f"http://{HOST}:{port}"
        self._command = command
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = which(self._command[0], path="/usr/bin:/usr/sbin:/usr/local/bin")
        assert program, f"{self._command[0]} is not installed; run scripts/test, which installs it"
        self._process = subprocess.Popen(
            [program, *self._command[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(int(START_S / 0.05)):
            try:
                self.get(self._ready)
            except OSError:
                try:
                    self._process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
                break
            else:
                return
        self.stop()
        raise RuntimeError(f"{' '.join(self._command)} does not answer at {self.url}{self._ready}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None

    def get(self, path: str, **parameters: str) -> bytes:
        return ask("GET", f"{self.url}{path}?{urlencode(parameters)}")[1]

    def post(self, path: str, body: bytes = b"", **parameters: str) -> bytes:
        return ask("POST", f"{self.url}{path}?{urlencode(parameters)}", body)[1]


class InfluxDb(Server):
    """Version 1.x, with one database."""

    def start(self) -> None:
        super().start()
        self.post("/query", q=f"CREATE DATABASE {DATABASE}")

    def write(self, lines: list[str]) -> None:
        self.post("/write", "\n".join(lines).encode(), db=DATABASE)

    def query(self, query: str) -> list[dict[str, Any]]:
        """The series that `query` finds, times in milliseconds; an error in it fails the test."""
        results = json.loads(self.get("/query", db=DATABASE, epoch="ms", q=query))["results"]
        assert [result["error"] for result in results if "error" in result] == [], query
        return [series for result in results for series in result.get("series", [])]


@contextmanager
def influxdb() -> Iterator[InfluxDb]:
    with TemporaryDirectory(prefix="influxdb-") as folder:
        port, conf = free_port(), Path(folder, "influxdb.conf")
        conf.write_text(INFLUXDB_CONF.format(host=HOST, port=port, rpc_port=free_port(), folder=folder))
        server = InfluxDb(["influxd", "-config", str(conf)], port, "/ping")
        with _running(server):
            yield server


@contextmanager
def victoria_metrics() -> Iterator[Server]:
    with TemporaryDirectory(prefix="victoria-metrics-") as folder:
        port = free_port()
        options = {
            "httpListenAddr": f"{HOST}:{port}",
            "storageDataPath": folder,
            "retentionPeriod": "100y",
            "search.latencyOffset": "1s",
            # It keeps what is written twice twice, unless told which difference in time makes a sample another one.
            "dedup.minScrapeInterval": "1ms",
        }
        command = ["victoria-metrics", *(f"-{name}={value}" for name, value in options.items())]
        server = Server(command, port, "/health")
        with _running(server):
            yield server


@contextmanager
def influxdb_with_v2_writes() -> Iterator[tuple[InfluxDb, str]]:
    """The server, and the address at which it takes writes of both versions."""
    with influxdb() as server:

        class Gateway(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = urlsplit(self.path)
                assert asked.path == "/api/v2/write", self.path
                told = parse_qs(asked.query)
                to = urlencode({"db": told["bucket"][0], "precision": told["precision"][0]})
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(*ask("POST", f"{server.url}/write?{to}", body))

            def do_GET(self) -> None:
                self._answer(*ask("GET", f"{server.url}{self.path}"))

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        gateway = ThreadingHTTPServer((HOST, 0), Gateway)
        serving = threading.Thread(target=gateway.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield server, f"http://{HOST}:{gateway.server_port}"
        finally:
            gateway.shutdown()
            gateway.server_close()
            serving.join()


@contextmanager
def _running(server: Server) -> Iterator[None]:
    try:
        server.start()
        yield
    finally:
        server.stop()


def ask(method: str, url: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body, whatever they say.

    Raises:
        OSError: nobody answers.
    """
    try:
        with urlopen(Request(url, data=body, method=method), timeout=ANSWER_S) as response:
            return response.status, response.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()
