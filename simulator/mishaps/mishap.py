"""What a mishap is: a kind, a place and a time; and what a kind must say of itself."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple

from hub.day.lobby import DeviceKind, Lobby
from simulator.lobby_run import LobbyRun
from wire import topics
from wire.messages import Key


@dataclass(frozen=True, kw_only=True)
class Mishap:
    """Something that goes wrong for a while."""

    kind: str
    at_s: float
    """By the event loop's clock."""
    lasts_s: float
    where: str = ""
    """A node, `node/device` or a door, as the kind wants it; empty when it concerns the whole lobby."""
    amount: float = 0.0
    """How bad it is, in the kind's own unit."""


Happens = Callable[[LobbyRun, Mishap], AbstractAsyncContextManager[None]]
"""It has begun when the block is entered, and everything is mended when it is left."""
Places = Callable[[Lobby], Sequence[str]]


def everywhere(lobby: Lobby) -> list[str]:
    """For what concerns the whole lobby."""
    return [""]


def nodes(lobby: Lobby) -> list[str]:
    return list(dict.fromkeys(device.node for device in lobby.devices))


def kiosks(lobby: Lobby) -> list[str]:
    """The nodes that have one."""
    return [device.node for device in lobby.devices if device.kind is DeviceKind.KIOSK]


def fingers(lobby: Lobby) -> list[str]:
    """The nodes that have keys."""
    keys = (DeviceKind.PANEL, DeviceKind.KIOSK)
    return list(dict.fromkeys(device.node for device in lobby.devices if device.kind in keys))


def devices(kind: DeviceKind) -> Places:
    """All devices of that kind, as `node/device`."""
    return lambda lobby: [device.address for device in lobby.devices if device.kind is kind]


def doors(lobby: Lobby) -> list[str]:
    return [door.id for door in lobby.doors]


def counting_nodes(lobby: Lobby) -> list[str]:
    """The nodes that have a counter."""
    return list(dict.fromkeys(device.node for device in lobby.devices if device.kind is DeviceKind.COUNTER))


class Kind(NamedTuple):
    """One kind of mishap."""

    happens: Happens
    tells: str
    """What one says of it, with `{where}` and `{amount}`."""
    lasts_s: tuple[float, float]
    """Least and most, when it is drawn."""
    places: Places = everywhere
    amount: tuple[float, float] = (0.0, 0.0)
    """Least and most, when it is drawn."""
    alone: str = ""
    """No two mishaps of one such word happen at the same place at the same time; empty: of this kind."""


def count_topic(run: LobbyRun, counter: str) -> str:
    """Where the counter at `node/device` says its totals."""
    node, _, device = counter.partition("/")
    return topics.count(run.lobby.site.id, node, device)


def press_all(run: LobbyRun, node: str) -> None:
    """Somebody presses whatever there is to press: the key for the next visitor, or the first one of a kiosk."""
    hands = run.posts[node].devices.hands
    assert hands is not None, "a simulated node has fakes"
    for panel in run.posts[node].panels:
        hands.press(panel.info.id, Key.NEXT)
    for kiosk in run.hall.kiosks:
        if kiosk.hands is hands:
            kiosk.ask(min(kiosk.services), run.lobby.site.languages[0])


async def without_power(run: LobbyRun, node: str, for_s: float) -> None:
    """The node loses its power at once, and has it again after a while."""
    await run.cut_power(node)
    await asyncio.sleep(for_s)
    run.give_power(node)
