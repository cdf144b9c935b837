"""A hub in this process behind its real server on a real socket: what comes in over the wire, answered by everything.

with serving() as served:
    httpx.get(f"{served.url}/healthz")

The hub is the real one, its database is SQLite in memory and its broker the in-process one; it opens on a Monday at
nine and goes on from there. It runs on a thread of its own, so that a test may block.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from starlette.types import ASGIApp

from hub.accounts.records import Record
from hub.day.lobby import Lobby
from hub.health import Status
from hub.hub import Hub
from hub.keyring import Keyring
from hub.web.app import create_app
from hub.web.server import BODY_LOOK_S, HEAD_S, Server, server_of
from tests.accounts import an_office
from tests.brokers import HOST
from tests.given import MONDAY_9H, a_lobby
from tests.hubs import Stage, an_engine

START_S = 20.0
KEYRING = Keyring(b"0123456789abcdef")


@dataclass
class Served:
    """Where it listens."""

    port: int
    server: Server

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


class _Thread:
    """Where the hub and its server run."""

    def __init__(self, lobby: Lobby | None, records: Sequence[Record], head_s: float, body_look_s: float) -> None:
        self._lobby, self._records = lobby, records
        self._head_s, self._body_look_s = head_s, body_look_s
        self._listening = socket.create_server((HOST, 0), backlog=1_024)
        self._has_begun = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._served: Served | None = None

    def start(self) -> Served:
        self._thread.start()
        assert self._has_begun.wait(START_S), "the hub did not start"
        assert self._served is not None
        return self._served

    def stop(self) -> None:
        if self._served is not None:
            self._served.server.should_exit = True
        self._thread.join(START_S)
        self._listening.close()
        assert not self._thread.is_alive(), "the server did not stop"

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()

        def now() -> datetime:
            return MONDAY_9H + timedelta(seconds=loop.time() - began_s)

        try:
            async with asyncio.TaskGroup() as group:
                stage = Stage(now, group, an_engine())
                hub = await stage.hub(self._lobby or a_lobby())
                app = _app(hub, stage, self._records)
                server = server_of(app, head_s=self._head_s, body_look_s=self._body_look_s)
                self._served = Served(self._listening.getsockname()[1], server)
                serving = group.create_task(server.serve(sockets=[self._listening]))
                self._has_begun.set()
                await serving
                await stage.stop()
                stage.engine.dispose()
        finally:
            self._has_begun.set()


def _app(hub: Hub, stage: Stage, records: Sequence[Record]) -> ASGIApp:
    def health() -> tuple[bool, dict[str, object]]:
        report = hub.health()
        return report.status is not Status.FAILING, msgspec.to_builtins(report)

    return create_app(
        sites=hub.sites,
        keyring=KEYRING,
        office=an_office(*records),
        new_token=stage.new_token,
        now=hub.now,
        health=health,
        metrics=hub.figures,
        public_url="http://hub.test",
        books=hub.books,
        reports=hub.reports,
    )


@contextmanager
def serving(
    lobby: Lobby | None = None,
    *,
    records: Sequence[Record] = (),
    head_s: float = HEAD_S,
    body_look_s: float = BODY_LOOK_S,
) -> Iterator[Served]:
    """A hub with one lobby, which is that of `tests.given` unless it is said, and the accounts and sessions of
    `records`. The times are those of the server."""
    thread = _Thread(lobby, records, head_s, body_look_s)
    try:
        yield thread.start()
    finally:
        thread.stop()
