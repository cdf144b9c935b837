"""What networks do: they lose, delay, repeat and reorder messages, cut off nodes and the hub, and brokers restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from simulator.lobby_run import HUB, LobbyRun, node_client
from simulator.mishaps.mishap import Kind, Mishap, fingers, kiosks, nodes, press_all
from wire import topics

CUT_TOGETHER = 3
"""Of all nodes, every third is on the switch that fails."""
OUTAGE_PRESSES = 3
PRESS_GAP_S = 0.4
HEARD_S = 0.004
"""From a finger to the hub, on a good network; no slip is back by then."""


@asynccontextmanager
async def loss(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.broker.faults = replace(run.broker.faults, loss=it.amount)
    yield
    run.broker.faults = replace(run.broker.faults, loss=run.network.loss)
    # What is lost without a trace on a connection that stands, no MQTT loses: it costs the connection.
    run.broker.restart(keep_retained=True)


@asynccontextmanager
async def delay(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.broker.faults = replace(run.broker.faults, delay_ms=(it.amount / 10, it.amount))
    yield
    run.broker.faults = replace(run.broker.faults, delay_ms=run.network.delay_ms)


@asynccontextmanager
async def repetition(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.broker.faults = replace(run.broker.faults, repeat=it.amount)
    yield
    run.broker.faults = replace(run.broker.faults, repeat=run.network.repeat)


@asynccontextmanager
async def disorder(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.broker.faults = replace(run.broker.faults, reorder=it.amount)
    yield
    run.broker.faults = replace(run.broker.faults, reorder=run.network.reorder)


@asynccontextmanager
async def broker_restarts(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.broker.restart(keep_retained=True)
    yield


@asynccontextmanager
async def broker_forgets(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.broker.restart(keep_retained=False)
    yield


@asynccontextmanager
async def node_cut(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    run.broker.cut(node_client(it.where))
    yield
    run.broker.heal(node_client(it.where))


@asynccontextmanager
async def switch_fails(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    together = nodes(run.lobby)[int(it.amount) % CUT_TOGETHER :: CUT_TOGETHER]
    for node in together:
        run.broker.cut(node_client(node))
    yield
    for node in together:
        run.broker.heal(node_client(node))


@asynccontextmanager
async def hub_cut(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """Whoever wants a ticket then presses again and again."""
    run.broker.cut(HUB)
    for _ in range(OUTAGE_PRESSES):
        for node in kiosks(run.lobby):
            press_all(run, node)
        await asyncio.sleep(PRESS_GAP_S)
    yield
    run.broker.heal(HUB)


@asynccontextmanager
async def pressed_while_cut(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """Somebody goes on pressing, as long as the panel believes that it hears the hub."""
    run.broker.cut(node_client(it.where))
    for _ in range(OUTAGE_PRESSES):
        press_all(run, it.where)
        await asyncio.sleep(PRESS_GAP_S)
    yield
    run.broker.heal(node_client(it.where))


@asynccontextmanager
async def held_back(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """Everybody presses, and what nodes say of it lies in a queue on the way, until nobody means it any more."""
    said = [topics.event(run.lobby.site.id, device.node, device.id) for device in run.lobby.devices]
    for topic in said:
        run.broker.hold(topic)
    for node in fingers(run.lobby):
        press_all(run, node)
    yield
    for topic in said:
        run.broker.release(topic)


@asynccontextmanager
async def cut_at_request(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """The hub hears the wish for a ticket, and the kiosk does not hear of the ticket."""
    press_all(run, it.where)
    await asyncio.sleep(HEARD_S)
    run.broker.cut(node_client(it.where))
    yield
    run.broker.heal(node_client(it.where))


@asynccontextmanager
async def old_press_again(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """A press lies in somebody's queue, and comes once more when it is long over."""
    observe = run.broker.observe
    caught: list[tuple[str, bytes]] = []

    def also(topic: str, payload: bytes, at_s: float) -> None:
        if observe is not None:
            observe(topic, payload, at_s)
        if not caught and topic.endswith("/event") and b'"press"' in payload:
            caught.append((topic, payload))

    run.broker.observe = also
    yield
    run.broker.observe = observe
    for topic, payload in caught:
        run.broker.inject(topic, payload)


@asynccontextmanager
async def old_owner_speaks(run: LobbyRun, it: Mishap) -> AsyncIterator[None]:
    """What an earlier owner of the site said to displays, long ago, comes once more."""
    site, now = run.lobby.site.id, run.broker.retained
    shows = [(it, topics.show(site, it.node, it.id)) for it in run.lobby.devices]
    before = [(node_client(it.node), topic, payload) for it, topic in shows if (payload := now(topic)) is not None]
    yield
    for client, topic, payload in before:
        if payload != now(topic):
            run.broker.deliver_again(client, topic, payload)


KINDS = {
    "loss": Kind(loss, "{amount:.0%} of all messages are lost", (60, 400), amount=(0.02, 0.2)),
    "delay": Kind(delay, "messages take up to {amount:.0f} ms", (60, 600), amount=(200, 3_000)),
    "repetition": Kind(repetition, "{amount:.0%} of all messages come twice", (60, 900), amount=(0.05, 0.4)),
    "disorder": Kind(disorder, "{amount:.0%} of all messages are overtaken", (60, 600), amount=(0.05, 0.4)),
    "broker-restart": Kind(broker_restarts, "the broker restarts", (5, 5)),
    "broker-forgets": Kind(broker_forgets, "the broker restarts and has forgotten what was retained", (5, 5)),
    "cut": Kind(node_cut, "{where} has no network", (2, 240), nodes, alone="node"),
    "switch": Kind(switch_fails, "a switch fails, and every third node is cut off", (2, 120), amount=(0, CUT_TOGETHER)),
    "hub-cut": Kind(hub_cut, "the hub has no network", (1, 90), alone="hub"),
    "pressed-while-cut": Kind(
        pressed_while_cut, "somebody presses at {where}, which has no network", (3, 20), fingers, alone="node"
    ),
    "held-back": Kind(held_back, "everybody presses, and what nodes say comes when all is over", (10, 60)),
    "cut-at-request": Kind(
        cut_at_request, "{where} is cut off when somebody has just asked for a ticket", (15, 90), kiosks, alone="node"
    ),
    "old-press": Kind(old_press_again, "an old press comes again", (12, 300)),
    "old-owner": Kind(old_owner_speaks, "an earlier owner of the site is heard again", (60, 600)),
}
