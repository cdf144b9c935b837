"""What happens to nodes and to what hangs on them: no power, a wrong clock, no paper, something before a beam."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec

from edge.beams import Crossing
from edge.drivers.fake_printer import FakePrinter, PrintedSlip
from hub.day.lobby import DeviceKind, Lobby
from simulator.lobby_run import LobbyRun, node_client
from simulator.mishaps.mishap import (
    Happens,
    Kind,
    Mishap,
    count_topic,
    devices,
    doors,
    nodes,
    press_all,
    without_power,
)
from wire.messages import Count, Paper

BACK_TO_1970 = -timedelta(days=20_500)
"""Or nearly: what a Raspberry Pi without a clock believes when it wakes up."""
ABSURD_PEOPLE = 50_000
FALLS_BY = (1, 2)


@asynccontextmanager
async def power_cut(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    await run.cut_power(it.where)
    yield
    run.give_power(it.where)


@asynccontextmanager
async def power_cut_at_slip(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """A slip is cut off, and before the agent hears of it, it has no power; soon it has, and is asked for it again."""
    hands = run.posts[it.where].devices.hands
    assert hands is not None, "a simulated node has fakes"
    printer = hands.printer(hands.printers[0])
    told, dying = printer.cut, list[asyncio.Task[None]]()

    def strike(slip: PrintedSlip) -> None:
        if told is not None:
            told(slip)
        if not dying:
            dying.append(asyncio.get_running_loop().create_task(without_power(run, it.where, it.amount)))

    printer.cut = strike
    press_all(run, it.where)
    yield
    printer.cut = told
    for task in dying:
        await task


@asynccontextmanager
async def year_1970(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    client = node_client(it.where)
    run.skew[client] = BACK_TO_1970
    yield
    del run.skew[client]


# --- printers ----------------------------------------------------------------------------------------------------


def _printer(run: LobbyRun, address: str) -> FakePrinter:
    node, _, device = address.partition("/")
    hands = run.posts[node].devices.hands
    assert hands is not None, "a simulated node has fakes"
    return hands.printer(device)


def _switched(name: str, bad: object, good: object) -> Happens:
    """One of the printer's switches is moved, and moved back. Meanwhile somebody wants a slip."""

    @asynccontextmanager
    async def happens(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
        setattr(_printer(run, it.where), name, bad)
        press_all(run, it.where.partition("/")[0])
        yield
        setattr(_printer(run, it.where), name, good)

    return happens


@asynccontextmanager
async def roll_ends(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """In the midst of a slip, or between two."""
    _printer(run, it.where).lines_left = int(it.amount)
    yield
    _printer(run, it.where).load_paper()


# --- counters ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def beam_blocked(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.hall.block(it.where, is_blocked=True)
    yield
    run.hall.block(it.where, is_blocked=False)


@asynccontextmanager
async def counter_silent(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    topic = count_topic(run, it.where)
    run.broker.mute(topic)
    yield
    run.broker.unmute(topic)


@asynccontextmanager
async def exits_missed(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.hall.frame(it.where).misses.add(Crossing.LEFT)
    yield
    run.hall.frame(it.where).misses.discard(Crossing.LEFT)


@asynccontextmanager
async def double_counts(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.hall.frame(it.where).counts_twice = True
    yield
    run.hall.frame(it.where).counts_twice = False


@asynccontextmanager
async def totals_fall_back(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    _tell_totals(run, it, [-by for by in FALLS_BY])
    yield


@asynccontextmanager
async def totals_absurd(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    _tell_totals(run, it, [ABSURD_PEOPLE, ABSURD_PEOPLE + 1])
    yield


def _tell_totals(run: LobbyRun, it: Mishap, wrong_by: list[int]) -> None:
    """Totals that the counter never had, some seconds apart: the hub takes one a second."""
    topic = count_topic(run, it.where)
    retained = run.broker.retained(topic)
    if retained is None:
        return
    told = msgspec.json.decode(retained, type=Count)
    for i, people in enumerate(wrong_by):
        wrong = msgspec.structs.replace(told, entered=max(told.entered + people, 0))
        asyncio.get_running_loop().call_later(2.0 * i, run.broker.inject, topic, msgspec.json.encode(wrong))


def _printing_nodes(lobby: Lobby) -> list[str]:
    return [address.partition("/")[0] for address in _PRINTERS(lobby)]


_PRINTERS, _COUNTERS = devices(DeviceKind.PRINTER), devices(DeviceKind.COUNTER)

KINDS = {
    "power-cut": Kind(power_cut, "{where} has no power", (1, 180), nodes, alone="node"),
    "power-cut-at-slip": Kind(
        power_cut_at_slip,
        "{where} loses its power for {amount:.0f} s when a slip is cut off",
        (60, 300),
        _printing_nodes,
        (3, 60),
        alone="node",
    ),
    "clock-1970": Kind(year_1970, "{where} believes that it is 1970", (60, 1_200), nodes),
    "paper-out": Kind(
        _switched("paper", Paper.OUT, Paper.OK), "{where} has no paper", (20, 300), _PRINTERS, alone="paper"
    ),
    "paper-near-end": Kind(
        _switched("paper", Paper.NEAR_END, Paper.OK), "{where} has little paper", (20, 600), _PRINTERS, alone="paper"
    ),
    "roll-ends": Kind(
        roll_ends, "the roll of {where} ends after {amount:.0f} lines", (60, 400), _PRINTERS, (1, 30), alone="paper"
    ),
    "printer-unplugged": Kind(
        _switched("is_plugged_in", False, True), "somebody unplugs {where}", (20, 240), _PRINTERS
    ),
    "printer-off": Kind(_switched("is_on", False, True), "somebody switches {where} off", (20, 240), _PRINTERS),
    "cover-open": Kind(_switched("is_cover_open", True, False), "the cover of {where} is open", (10, 120), _PRINTERS),
    "beam-blocked": Kind(beam_blocked, "something stands in a beam of {where}", (70, 400), _COUNTERS),
    "counter-silent": Kind(counter_silent, "{where} is not heard", (60, 500), _COUNTERS),
    "exits-missed": Kind(exits_missed, "the door {where} sees nobody leave", (60, 600), doors, alone="frame"),
    "double-counts": Kind(double_counts, "the door {where} counts everybody twice", (60, 400), doors, alone="frame"),
    "totals-fall-back": Kind(totals_fall_back, "{where} tells less than before", (10, 10), _COUNTERS, alone="totals"),
    "totals-absurd": Kind(
        totals_absurd, "{where} tells of more people than there are", (10, 10), _COUNTERS, alone="totals"
    ),
}
