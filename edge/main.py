"""Starts an agent: the only place at the edge that reads the real clock, real chance and the process's signals."""

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import structlog

from edge.agent import Agent, last_will
from edge.config import AgentConfig, Screens
from edge.errors import EdgeError
from edge.hands import Hands
from edge.identity import IdentityFolder, keep_valid, valid_until
from edge.keep import keeps_in
from edge.node import Node
from edge.probe import MachineProbe
from edge.toolbox import Devices, build
from wire import topics
from wire.mqtt import Broker, MqttLink, node_client_id
from wire.supervisor import Supervisor

if TYPE_CHECKING:
    from uvicorn import Server

SCREENS_GOODBYE_S = 2
"""How long stopping waits for browsers."""

log = structlog.get_logger()


async def run(config: AgentConfig, *, version: str, fakes: Hands | None, hands: bool) -> None:
    """Run the node of `config` until SIGTERM or SIGINT; with `hands`, also until stdin ends. `fakes` take the place of
    hardware.

    Raises:
        EdgeError: a device, or the screens' port, cannot be had.
    """
    identity = None if config.identity_dir is None else IdentityFolder(config.identity_dir)
    session = secrets.token_urlsafe(16)
    link = MqttLink(
        _broker(config, identity),
        node_client_id(config.node),
        topics.node_subscriptions(config.site, config.node),
        rng=Random(),
        will=last_will(config.site, config.node, session),
    )
    machine = _machine()
    node = Node(
        link,
        site=config.site,
        name=config.node,
        session=session,
        new_token=lambda: secrets.token_urlsafe(16),
        machine=machine,
    )
    devices = build(config, node, fake=fakes is not None, hands=fakes, drawn=_say_drawn if hands else None)
    agent = Agent(
        link,
        node,
        devices.roles,
        tuning=devices.tuning,
        probe=_probe(config, machine),
        now=lambda: datetime.now(UTC),
        version=version,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, agent.stop)
    server = _screen_server(config.screens, devices, node) if devices.has_pages else None
    async with asyncio.TaskGroup() as group:
        if server is not None:
            group.create_task(server[0].serve(sockets=[server[1]]))
        moving = group.create_task(_move(devices.hands, agent)) if hands and devices.hands is not None else None
        renewing = group.create_task(keep_valid(identity, node.hub_clock.wall_at)) if identity else None
        supervisor = Supervisor(os.environ)
        alive = group.create_task(supervisor.keep_alive(agent.prove_alive))
        supervisor.ready()
        await agent.run()
        alive.cancel()
        if renewing is not None:
            renewing.cancel()
        if server is not None:
            server[0].should_exit = True
        if moving is not None:
            moving.cancel()


def _broker(config: AgentConfig, identity: IdentityFolder | None) -> Broker:
    """
    Raises:
        EdgeError: the node has not been enrolled.
    """
    if identity is None:
        return Broker.parse(config.broker, config.ca_file)
    valid_until(identity)
    return Broker.parse(config.broker, identity.ca_file, identity.own_file)


def _machine() -> str:
    """Names this life of the machine, which began when it was switched on; empty where that cannot be known."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def _probe(config: AgentConfig, machine: str) -> MachineProbe:
    keep = keeps_in(config.data_dir)(f"{config.node}-undervoltage.txt")
    folder = config.data_dir or Path.cwd()
    return MachineProbe(
        folder,
        keep=keep,
        boot=machine,
        new_token=lambda: secrets.token_urlsafe(16),
        may_write=config.data_dir is not None,
    )


# --- screens -------------------------------------------------------------------------------------------------


def _screen_server(screens: Screens, devices: Devices, node: Node) -> "tuple[Server, socket.socket]":
    """
    Raises:
        EdgeError: the port is not free.
    """
    import uvicorn

    from edge.screens.app import screens_app

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Signals are the agent's."""
            yield

    family = socket.AF_INET6 if ":" in screens.host else socket.AF_INET
    try:
        listening = socket.create_server((screens.host, screens.port), family=family)
        # asyncio sets it on sockets of a named protocol only, and create_server names none.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        where = f"{screens.host}:{screens.port}"
        raise EdgeError(f"screens cannot be served at {where} ({error}); choose another port in [screens]") from error
    app = screens_app(devices.screens, matrices=devices.matrices, kiosks=devices.kiosks, heard=node.heard_screen)
    settings = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=SCREENS_GOODBYE_S
    )
    log.info("screens served", address=f"http://{screens.host}:{screens.port}/")
    return Server(settings), listening


# --- hands ---------------------------------------------------------------------------------------------------


async def _move(hands: Hands, agent: Agent) -> None:
    """Do what each line of stdin says; whoever closes it wants the agent to end."""
    for device in hands.printers:
        hands.printer(device).cut = lambda slip, device=device: _say("slip", device, slip.text.replace("\n", " | "))
    for device, key in hands.lamps:
        hands.watch_lamp(device, partial(_say_lamp, hands, device, key), key)
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(os.dup(0), "rb"))
    while line := await lines.readline():
        try:
            hands.do(line.decode("utf-8", "replace"))
        except EdgeError as error:
            _say("error", str(error))
    agent.stop()


def _say_drawn(board: str, numbers: tuple[str, ...]) -> None:
    """`board hall-board A007 A006`: what stands on it as current, each time it is drawn."""
    _say("board", board, *numbers)


def _say_lamp(hands: Hands, device: str, key: str) -> None:
    """`lamp panel lit`: each time it goes on or off."""
    _say("lamp", device, *([key] if key else []), "lit" if hands.is_lit(device, key) else "dark")


def _say(*words: str) -> None:
    """One line on stdout, at once: a test, or a bench, waits for it."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def set_up_log() -> None:
    """Log lines for journald, which knows the time, or for a terminal, which does not."""
    is_terminal = sys.stderr.isatty()
    stamps = [structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)] if is_terminal else []
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            *stamps,
            structlog.dev.ConsoleRenderer(colors=is_terminal),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
