"""What happens to hardware: a key sticks, LEDs lose their bus, a browser is killed, a printer falls silent or dark.

Each moves a switch of a driven fake for a while. Before it is mended, the node must say what is wrong, unless it was
without power meanwhile; and some time after, it must not say so any more, which `simulator.health_checker` holds.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from math import inf

from edge.agent import SCREEN_LOOK_S, SCREEN_SILENT_S
from edge.debounce import STUCK_S
from edge.hands import Hands
from edge.keep import Memories
from edge.lane import BACKOFF_MAX_S
from hub.day.lobby import DeviceKind, Lobby
from simulator.fleet import HEALTH_EVERY_S
from simulator.lobby_run import LobbyRun
from simulator.mishaps.mishap import Kind, Mishap, devices, fingers, kiosks, press_all, without_power

HEALED_S = BACKOFF_MAX_S + 5.0
"""A driver that failed for long is tried again after its longest pause."""

TOLD_S = 20.0
"""More than a message takes in any network, with an agent's start."""


def hands_of(run: LobbyRun, node: str) -> Hands:
    hands = run.posts[node].devices.hands
    assert hands is not None, "a simulated node has fakes"
    return hands


@contextmanager
def must_say(run: LobbyRun, node: str, device: str, it: Mishap, *, within_s: float = inf) -> Iterator[None]:
    """In the end of the block the node says that this device needs something, if it had power all the time; and the
    hub knows it, if the node noticed `within_s`, has told of its health since, and nothing else was wrong meanwhile."""
    before, began_s = run.posts[node].node, asyncio.get_running_loop().time()
    yield
    if run.posts[node].node is not before or not run.has_power(node):
        return
    what = f"{it.kind} at {node}/{device} for {it.lasts_s:.0f} s"
    if device not in before.faults:
        run.record.found.append(f"{what}, and {node} says nothing of it")
    disturbed = any(
        trouble.touches(f"{node}/{device}") and (trouble.kind, trouble.where) != (it.kind, it.where)
        for trouble in run.record.troubles
        if trouble.ended_s >= began_s
    )
    if it.lasts_s >= within_s + HEALTH_EVERY_S + TOLD_S and not disturbed and device not in _known_faults(run, node):
        run.record.found.append(f"{what}, and the hub does not know of it")


def _known_faults(run: LobbyRun, node: str) -> Mapping[str, str]:
    """What the hub, and so its page for facilities, says that devices of `node` need."""
    nodes = (it for site in run.hub.health().sites for it in site.nodes)
    return next((it.faults for it in nodes if it.name == node), {})


@asynccontextmanager
async def key_sticks(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """The key goes down, and stays there."""
    hands = hands_of(run, it.where)
    device = next(role.info.id for role in run.posts[it.where].devices.roles if hands.keys(role.info.id))
    keys = hands.keys(device)
    key = keys[int(it.amount) % len(keys)]
    with must_say(run, it.where, device, it, within_s=STUCK_S):
        hands.jam(device, key)
        yield
    hands.jam(device, key, is_jammed=False)
    await asyncio.sleep(HEALED_S)


@asynccontextmanager
async def leds_fail(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    node, _, device = it.where.partition("/")
    leds = hands_of(run, node).leds(device)
    with must_say(run, node, device, it):
        leds.is_broken = True
        yield
    leds.is_broken = False
    await asyncio.sleep(HEALED_S)


@asynccontextmanager
async def browser_killed(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    node, _, device = it.where.partition("/")
    browser = hands_of(run, node).browser(device)
    with must_say(run, node, device, it, within_s=SCREEN_SILENT_S + SCREEN_LOOK_S):
        browser.is_killed = True
        yield
    browser.is_killed = False


@asynccontextmanager
async def lamp_breaks(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """It stays as it is, whatever it is told; somebody presses a key, and looks at it in vain."""
    node, _, device = it.where.partition("/")
    hands = hands_of(run, node)
    with must_say(run, node, device, it):
        hands.break_lamp(device)
        press_all(run, node)
        yield
    hands.break_lamp(device, is_broken=False)
    await asyncio.sleep(HEALED_S)


@asynccontextmanager
async def printer_mute(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """It prints, and nobody hears it say so."""
    node, _, device = it.where.partition("/")
    printer = hands_of(run, node).printer(device)
    with must_say(run, node, device, it):
        printer.is_mute = True
        press_all(run, node)
        yield
    printer.is_mute = False


@asynccontextmanager
async def printer_goes_dark(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """It loses its own power in the midst of a slip, or between two."""
    node, _, device = it.where.partition("/")
    printer = hands_of(run, node).printer(device)
    printer.lines_of_power = int(it.amount)
    press_all(run, node)
    yield
    printer.switch_on()


@asynccontextmanager
async def power_cut_at_write(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """The node is off in the instant in which it writes something down, which is kept or is not. It comes back soon."""
    assert isinstance(run.keeps, Memories), "nodes that forget everything write nothing down"
    memories, plain, dying = run.keeps, run.keeps.is_kept, list[asyncio.Task[None]]()

    def strike(name: str) -> bool:
        if dying or not name.startswith(f"{it.where}-") or not run.has_power(it.where):
            return plain(name)
        dying.append(asyncio.get_running_loop().create_task(without_power(run, it.where, it.amount)))
        return bool(int(it.amount) % 2)

    memories.is_kept = strike
    press_all(run, it.where)
    yield
    memories.is_kept = plain
    for task in dying:
        await task


def led_boards(lobby: Lobby) -> list[str]:
    """The last board of a lobby, as mayhem has it; the others are pages."""
    return list(_BOARDS(lobby)[-1:])


def pages(lobby: Lobby) -> list[str]:
    """The boards that are not of LEDs, and the signs."""
    return [*_BOARDS(lobby)[:-1], *devices(DeviceKind.SIGN)(lobby)]


_BOARDS: Callable[[Lobby], Sequence[str]] = devices(DeviceKind.BOARD)
_PRINTERS = devices(DeviceKind.PRINTER)

KINDS = {
    "key-stuck": Kind(key_sticks, "a key of {where} is held down", (60, 400), fingers, (0, 8)),
    "leds-fail": Kind(leds_fail, "the LEDs of {where} take nothing", (90, 400), led_boards),
    "browser-killed": Kind(browser_killed, "the browser of {where} is killed", (60, 600), pages),
    "lamp-broken": Kind(lamp_breaks, "the lamp of {where} does not switch", (20, 400), devices(DeviceKind.PANEL)),
    "printer-mute": Kind(printer_mute, "{where} prints and says nothing", (30, 240), _PRINTERS, alone="paper"),
    "printer-dark": Kind(
        printer_goes_dark,
        "{where} loses its own power after {amount:.0f} lines",
        (30, 240),
        _PRINTERS,
        (1, 30),
        "paper",
    ),
    "power-cut-at-write": Kind(
        power_cut_at_write,
        "{where} loses its power for {amount:.0f} s while it writes something down",
        (60, 300),
        kiosks,
        (3, 60),
        alone="node",
    ),
}
"""Drawn by a chance of their own, beside all others."""
