"""The nodes of a lobby in one process: real agents, real roles and drivers, fakes where the hardware would be.

It knows agent files and how an agent is put together. It does not know who presses what.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from edge import config as agent_file
from edge.agent import Agent, last_will
from edge.config import AgentConfig
from edge.errors import ConfigError
from edge.hands import Hands
from edge.keep import Keeps
from edge.node import Node
from edge.probe import NoProbe
from edge.roles.board import Board
from edge.roles.panel import Panel
from edge.roles.sign import Sign
from edge.toolbox import Devices, build
from hub.day.lobby import Device, DeviceKind, Lobby
from wire import topics
from wire.link import Link
from wire.messages import Key, Message

VERSION = "simulated"
HEALTH_EVERY_S = 300.0
"""Simulated machines are well, and tell it seldom: of an idle lobby's messages, health would be a third."""
GPIO_PINS = 28
"""On the header of a Raspberry Pi: GPIO 0 to 27."""
NO_BROKER = "mqtt://127.0.0.1:1883"
"""In an agent file that no link is made from."""

OpenLink = Callable[[AgentConfig, Sequence[tuple[str, int]], tuple[str, Message]], Link]
"""Makes a node's link from its file, its subscriptions and its last will."""
Drawn = Callable[[str, str, tuple[str, ...]], None]
"""Node, board, and the numbers drawn on it as current."""


class FleetError(ValueError):
    """The lobby and its nodes do not fit together; one line per fault."""


@dataclass(frozen=True, kw_only=True)
class Post:
    """One node and all that hangs on it."""

    config: AgentConfig
    node: Node
    agent: Agent
    devices: Devices

    @property
    def name(self) -> str:
        return self.config.node

    async def run(self) -> None:
        """The agent, and the browsers in front of its pages, until it is stopped or cancelled."""
        hands, pages = self.devices.hands, [*self.devices.screens, *self.devices.kiosks]
        assert hands is not None, "a simulated node has fakes"
        if not pages:
            await self.agent.run()
            return
        async with asyncio.TaskGroup() as group:
            browsers = [group.create_task(hands.browser(it).run(partial(self.node.heard_screen, it))) for it in pages]
            await self.agent.run()
            for browser in browsers:
                browser.cancel()

    @property
    def boards(self) -> list[Board]:
        return [role for role in self.devices.roles if isinstance(role, Board)]

    @property
    def signs(self) -> list[Sign]:
        return [role for role in self.devices.roles if isinstance(role, Sign)]

    @property
    def panels(self) -> list[Panel]:
        return [role for role in self.devices.roles if isinstance(role, Panel)]


def post(
    config: AgentConfig,
    open_link: OpenLink,
    *,
    now: Callable[[], datetime],
    new_token: Callable[[], str],
    drawn: Drawn | None = None,
    hands: Hands | None = None,
    keeps: Keeps | None = None,
    machine: str = "",
) -> Post:
    """The node of `config` with fakes for hardware, ready to run.

    What outlives its process is the hardware, whose `hands` a later start is given, and what it has in `keeps`
    (`edge.keep.Memories`, say); without them it forgets. `machine` names this life of its machine: the same for an
    agent that starts anew on a machine that went on.
    """
    config = replace(config, data_dir=None)
    session = new_token()
    will = last_will(config.site, config.node, session)
    link = open_link(config, topics.node_subscriptions(config.site, config.node), will)
    node = Node(link, site=config.site, name=config.node, session=session, new_token=new_token, machine=machine)

    def on_drawn(board: str, numbers: tuple[str, ...]) -> None:
        if drawn is not None:
            drawn(config.node, board, numbers)

    devices = build(config, node, fake=True, drawn=on_drawn, hands=hands, keeps=keeps)
    agent = Agent(
        link,
        node,
        devices.roles,
        tuning=devices.tuning,
        probe=NoProbe(),
        now=now,
        version=VERSION,
        health_every_s=HEALTH_EVERY_S,
    )
    return Post(config=config, node=node, agent=agent, devices=devices)


def configs(lobby: Lobby, folder: Path | None, more: Collection[str] = ()) -> list[AgentConfig]:
    """The agent files of `folder`, held against the lobby; without a folder, what the lobby's devices need. Of nodes in
    `more` nobody expects a file.

    Raises:
        FleetError: a file is wrong, or a device of the lobby is on no node.
    """
    if folder is None:
        return derived(lobby)
    found: list[AgentConfig] = []
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found.append(agent_file.load(path))
        except ConfigError as error:
            faults += [f"{path}: {fault}" for fault in str(error).splitlines()]
    filed = tuple(device for device in lobby.devices if device.node not in more)
    faults += _misfits(replace(lobby, devices=filed), found)
    if faults:
        raise FleetError("\n".join(faults))
    unfiled = tuple(device for device in lobby.devices if device.node in more)
    return found + derived(replace(lobby, devices=unfiled))


def _misfits(lobby: Lobby, found: Iterable[AgentConfig]) -> Iterator[str]:
    """Devices that only the lobby or only its nodes know, and nodes of another site."""
    theirs: dict[str, str] = {}
    for config in found:
        if config.site != lobby.site.id:
            yield f"node {config.node!r} belongs to site {config.site!r}, not to {lobby.site.id!r}"
        theirs |= {f"{config.node}/{device.id}": device.kind for device in config.devices}
    ours = {device.address: device.kind.value for device in lobby.devices}
    for address, kind in ours.items():
        if theirs.get(address) != kind:
            yield f"the lobby's {kind} {address!r} is not in the agent files; give its node one"
    for address, kind in theirs.items():
        if address not in ours:
            yield f"the agent files' {kind} {address!r} is not in the lobby; add it there"


def derived(lobby: Lobby) -> list[AgentConfig]:
    """A file for each node that the lobby's devices name, with pins in the order of the devices.

    Raises:
        FleetError: a node has more keys, lamps and beams than a Raspberry Pi has pins.
    """
    nodes: dict[str, list[Device]] = defaultdict(list)
    for device in lobby.devices:
        nodes[device.node].append(device)
    return [_derived(lobby, node, devices) for node, devices in nodes.items()]


def _derived(lobby: Lobby, node: str, devices: Sequence[Device]) -> AgentConfig:
    pins = iter(range(GPIO_PINS))
    try:
        tables = [_table(lobby, device, pins) for device in devices]
    except StopIteration:
        raise FleetError(f"node {node!r} needs more than {GPIO_PINS} pins; give its devices to two nodes") from None
    head = {"site": lobby.site.id, "node": node, "broker": NO_BROKER, "time_zone": lobby.site.time_zone}
    return agent_file.parse({**head, "devices": tables})


def _table(lobby: Lobby, device: Device, pins: Iterator[int]) -> dict[str, object]:
    table: dict[str, object] = {"id": device.id, "kind": device.kind.value}
    match device.kind:
        case DeviceKind.PANEL:
            table |= {"pins": _each(pins, [key.value for key in Key]), "lamp": next(pins)}
        case DeviceKind.KIOSK:
            language = lobby.site.languages[0]
            table |= {"pins": _each(pins, [service.id for service in lobby.services]), "language": language}
        case DeviceKind.COUNTER:
            table |= {"outer": next(pins), "inner": next(pins)}
        case DeviceKind.PRINTER:
            table |= {"port": f"/dev/{device.id}", "draws_codes": True}
        case DeviceKind.LIGHT:
            table |= {"green": next(pins), "red": next(pins)}
        case DeviceKind.BOARD | DeviceKind.SIGN | DeviceKind.SPEAKER:
            pass
    return table


def _each(pins: Iterator[int], names: Sequence[str]) -> dict[str, int]:
    return {name: next(pins) for name in names}
