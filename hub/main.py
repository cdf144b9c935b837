"""Starts a hub: the only place in it that reads the real clock, real chance and the process's signals."""

import asyncio
import gc
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random, SystemRandom
from typing import TYPE_CHECKING

import msgspec
import structlog
from fastapi import FastAPI
from prometheus_client import disable_created_metrics
from sqlalchemy import make_url

from hub import files
from hub.accounts.office import Office
from hub.accounts.passwords import Passwords
from hub.accounts.register import Register
from hub.accounts.sql_store import SqlAccounts
from hub.config import HubSettings
from hub.database import file_of, open_journal
from hub.day.lobby import Lobby
from hub.errors import HubError, JournalError
from hub.health import Status
from hub.history.sql_store import SqlStore
from hub.history.store import HistoryStore
from hub.home.follower import Home
from hub.hub import Hub, subscriptions
from hub.journal_thread import JournalThread
from hub.keyring import Keyring
from hub.web.app import create_app
from hub.web.forwarding import Forwarding
from hub.web.server import Server, server_of
from hub.web.sign_on import Provider, SignOn
from wire import home
from wire.mqtt import Broker, MqttLink
from wire.supervisor import Supervisor

if TYPE_CHECKING:
    from hub.identity.opening import Identity

KEY_BYTES = 32
TOKEN_BYTES = 16

log = structlog.get_logger()


async def run(lobbies: Sequence[Lobby], settings: HubSettings, *, version: str) -> None:
    """Run a hub for `lobbies` until SIGTERM or SIGINT.

    Raises:
        HubError: the database, the port or a site cannot be had, or another hub took over.
    """
    # Otherwise every figure comes with a second one that says when it was first counted.
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a switch that the library left without types
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        keyring = Keyring(key_from(settings.data_dir / "key"))
        with (
            open_journal(settings.database_url, is_patient=True) as journal,
            _listening(settings.host, settings.port) as listening,
        ):
            identity = _identity(lobbies, settings, keyring)
            link = MqttLink(
                identity.broker if identity else Broker.parse(settings.broker, settings.broker_ca),
                f"guichet-hub-{lobbies[0].site.id}",
                subscriptions(lobbies, hears_home=settings.home_assistant),
                rng=Random(),
                will=(home.AVAILABILITY, home.OFFLINE) if settings.home_assistant else None,
            )
            hub = Hub(
                lobbies,
                journal,
                link,
                now=now,
                new_token=new_token,
                keyring=keyring,
                public_url=settings.public_url,
                own_url=settings.own_url,
                open_history=history_of(settings),
                open_node_office=identity.open_office if identity else None,
                open_home=partial(Home, rng=Random(), version=version) if settings.home_assistant else None,
                retention_h=settings.retention_h,
                disk_free_bytes=partial(disk_free_bytes, file_of(make_url(settings.database_url))),
            )
            log.info("hub starts", version=version, sites=[lobby.site.id for lobby in lobbies])
            for lobby in lobbies:
                for door in lobby.forgotten_doors:
                    log.warning("nobody counts at a door; say how many use it", site=lobby.site.id, door=door)
            register = Register(SqlAccounts(hub.thread), now=hub.now, new_token=new_token)
            doors = Doors(hub, Office(register, Passwords()))
            app, server = _web(hub, keyring, doors, settings, version)
            await _run_with_web(hub, doors, app, server, settings, listening, stop)
    except ExceptionGroup as group:
        raise foreseen(group) or group from None
    log.info("hub stopped")


class Doors:
    """The hub's web is open once it is known who may come in."""

    def __init__(self, hub: Hub, office: Office) -> None:
        self.office = office
        self._hub = hub
        self.opened = asyncio.Event()

    @property
    def are_open(self) -> bool:
        return self._hub.serves and self.opened.is_set()

    async def open(self, public_url: str) -> None:
        """Wait until the sites are this hub's, then know everybody anew: another may have changed them until now."""
        await self._hub.started.wait()
        await self.office.register.load_in_time()
        self.opened.set()
        try:
            token = await self.office.offer_set_up()
        except JournalError as error:
            log.warning("nobody looks after the accounts yet, and no link can be made; start again", error=str(error))
            return
        if token:
            link = f"{public_url}/welcome/{token}"
            log.warning("nobody looks after the accounts yet: open this link within the hour, once", link=link)


async def _run_with_web(
    hub: Hub,
    doors: Doors,
    app: FastAPI,
    server: Server,
    settings: HubSettings,
    listening: socket.socket,
    stop: asyncio.Event,
) -> None:
    """The hub, then the pages; on `stop` the pages end first. Behind another hub the pages are that one's."""
    async with asyncio.TaskGroup() as group:
        running = group.create_task(hub.run())
        settling = group.create_task(_settle(hub))
        await _first_of(hub.started, hub.ownership.stands_by, stop)
        opening = group.create_task(doors.open(settings.public_url))
        watching = group.create_task(doors.office.register.watch())
        await _first_of(doors.opened, hub.ownership.stands_by, stop)
        serving = group.create_task(server.serve(sockets=[listening]))
        log.info("hub serves", address=f"http://{settings.host}:{settings.port}/", public_url=settings.public_url)
        supervisor = Supervisor(os.environ)
        alive = group.create_task(supervisor.keep_alive(lambda: _read_all(hub)))
        supervisor.ready()
        await stop.wait()
        supervisor.stopping()
        alive.cancel()
        for task in (settling, opening, watching):
            task.cancel()
        app.state.stopping.set()
        server.should_exit = True
        await serving
        running.cancel()


async def _settle(hub: Hub) -> None:
    """What the replay built stays: without this the collector would walk through all of it again and again."""
    await hub.started.wait()
    gc.collect()
    gc.freeze()


async def _first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _read_all(hub: Hub) -> None:
    """Return once every site has answered from a committed day: a writer that hangs answers nobody. One that waits for
    its database hangs for a reason, and starting it again would mend nothing."""
    for site in hub.sites_that_answer:
        await site.read(lambda _day, _now: None)


def _web(hub: Hub, keyring: Keyring, doors: Doors, settings: HubSettings, version: str) -> tuple[FastAPI, Server]:
    def health() -> tuple[bool, dict[str, object]]:
        report = hub.health()
        return report.status is not Status.FAILING, {"version": version, **msgspec.to_builtins(report)}

    app = create_app(
        sites=hub.sites,
        keyring=keyring,
        office=doors.office,
        new_token=new_token,
        now=hub.now,
        health=health,
        metrics=hub.figures,
        public_url=settings.public_url,
        books=hub.books,
        reports=hub.reports,
        fleets=hub.fleets,
        history=hub.history,
        registrar=hub.registrar,
        self_tests=hub.self_tests,
        sign_on=_sign_on(hub, keyring, settings),
    )
    outermost = Forwarding(
        app,
        serves=lambda: doors.are_open,
        owner_address=lambda: hub.ownership.owner_address,
        seal=keyring.seal,
        now=hub.now,
    )
    return app, server_of(outermost, proxies=settings.proxies, makes_way=lambda: bool(hub.under_way))


def _identity(lobbies: Sequence[Lobby], settings: HubSettings, keyring: Keyring) -> "Identity | None":
    """Who we are where nodes and hub are known by certificate; None elsewhere.

    Raises:
        HubError: its folder cannot be written.
    """
    if not settings.certificates:
        return None
    from hub.identity.opening import identity

    return identity(
        lobbies, settings.broker, settings.data_dir, keyring=keyring, now=now, new_token=new_token, rng=SystemRandom()
    )


def _sign_on(hub: Hub, keyring: Keyring, settings: HubSettings) -> SignOn | None:
    """The way to the provider that was named; None if none was.

    Raises:
        HubError: its secret cannot be read.
    """
    if not settings.oidc_issuer:
        return None
    provider = Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=_secret(settings.oidc_client_secret_file),
        name_claim=settings.oidc_name_claim,
        roles_claim=settings.oidc_roles_claim,
        roles=settings.roles_of_values,
    )
    return SignOn(provider, seal=keyring.seal, now=hub.now, new_token=new_token)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """
    Raises:
        HubError: the port is not to be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1_024)
    except OSError as error:
        # A name that is not resolved has a negative number, which is not the operating system's.
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
        raise HubError(f"cannot listen on {host} port {port}: {why}; choose another --host or --port") from None
    with listening:
        # Inherited by every connection. asyncio would set it, but not on those of a listener that it did not open.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listening


def history_of(settings: HubSettings) -> Callable[[JournalThread], HistoryStore] | None:
    """How to open the store of history that was asked for; None for none.

    Raises:
        HubError: its token cannot be read.
    """
    if settings.history == "none":
        return None
    if settings.history == "sql":
        return SqlStore
    from hub.history.influx_store import InfluxAddress, InfluxStore

    token = _secret(settings.influx_token_file)
    return partial(
        InfluxStore, address=InfluxAddress(settings.influx_url, settings.influx_org, settings.influx_bucket, token)
    )


def _secret(file: Path | None) -> str:
    """What stands in `file`; empty without one.

    Raises:
        HubError: it cannot be read.
    """
    if file is None:
        return ""
    try:
        return file.read_text().strip()
    except OSError as error:
        raise HubError(f"token file {file} cannot be read: {error.strerror}; see its owner and mode") from None


def key_from(file: Path) -> bytes:
    """The hub's key, made at the first start; for its owner's eyes only.

    Raises:
        HubError: it cannot be read or written.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            files.make(file, secrets.token_bytes(KEY_BYTES), 0o600)
        key = file.read_bytes()
    except OSError as error:
        raise HubError(f"key file {file} cannot be had: {error.strerror}; see its folder's owner") from None
    if len(key) != KEY_BYTES:
        where = f"key file {file} has {len(key)} bytes instead of {KEY_BYTES}"
        raise HubError(f"{where}; restore it from a backup, or remove it if no hub has ever run here")
    return key


def set_up_log(level: str) -> None:
    """Lines for people on a terminal, JSON for everybody else. Nothing that is logged is personal."""
    is_terminal = sys.stderr.isatty()
    look: list[structlog.typing.Processor] = (
        [structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False), structlog.dev.ConsoleRenderer()]
        if is_terminal
        else [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )
    structlog.configure(
        processors=[structlog.processors.add_log_level, *look],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # What libraries say, of uvicorn mostly.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


def foreseen(group: BaseExceptionGroup[Exception]) -> HubError | None:
    """The one thing to say when everything that went wrong was foreseen; None if anything was not."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup) and group.split(HubError)[1] is None:
        error = error.exceptions[0]
    return error if isinstance(error, HubError) else None


def disk_free_bytes(file: Path | None) -> int | None:
    """What the disk that holds `file` has left; None for no file, or a disk that does not say."""
    if file is None:
        return None
    try:
        return shutil.disk_usage(file.parent).free
    except OSError:
        return None


def now() -> datetime:
    return datetime.now(UTC)


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)
