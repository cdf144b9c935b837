"""The simulated network: what it does to messages, and that a seed decides it."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from random import Random

import pytest

from simulator.clock import Now, run_virtual
from wire import topics
from wire.errors import LinkDown
from wire.faults import CALM, STRAGGLER_S, Faults
from wire.in_process import InProcessBroker, InProcessLink
from wire.messages import Done, DoneOutcome, HubTime, NodeState, NodeStatus

START_AT = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
SITE = "hall"
DONE = topics.done(SITE, "pi-1", "printer")
STATE = topics.state(SITE, "pi-1")
TIME = topics.hub_time(SITE)
LOST = NodeState(status=NodeStatus.LOST, session="s")


class Notes:
    """A listener that notes what it was told, and when."""

    def __init__(self) -> None:
        self.told: list[tuple[float, str]] = []
        self.ids: list[str] = []

    def connected(self) -> None:
        self._note("connected")

    def disconnected(self) -> None:
        self._note("disconnected")

    def received(self, topic: str, payload: bytes) -> None:
        self.ids.append(payload.decode())
        self._note(topic)

    def _note(self, what: str) -> None:
        self.told.append((asyncio.get_running_loop().time(), what))


class Lobby:
    """A hub and a node on one simulated network."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self.trace: list[tuple[str, bytes, float]] = []
        self.broker = InProcessBroker(Random(seed), faults, observe=lambda *seen: self.trace.append(seen))
        self.hub = InProcessLink(self.broker, "hub", topics.hub_subscriptions(SITE))
        self.node = InProcessLink(self.broker, "pi-1", topics.node_subscriptions(SITE, "pi-1"), will=(STATE, LOST))
        self.at_hub = Notes()
        self.at_node = Notes()

    def inject(self, messages: int) -> None:
        """Messages 0, 1, 2… from the node to the hub, all in this instant."""
        for n in range(messages):
            self.broker.inject(DONE, str(n).encode())


def play(main: Callable[[Lobby], Coroutine[None, None, None]], faults: Faults = CALM, seed: int = 1) -> Lobby:
    """The lobby after `main`, which finds both links connected."""

    async def run(_: Now) -> Lobby:
        lobby = Lobby(faults, seed)
        tasks = [
            asyncio.create_task(lobby.hub.run(lobby.at_hub)),
            asyncio.create_task(lobby.node.run(lobby.at_node)),
        ]
        await asyncio.sleep(0.001)
        await main(lobby)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return lobby

    return run_virtual(run, seed=seed, start_at=START_AT)


async def a_hundred_and_calm(lobby: Lobby) -> None:
    lobby.inject(100)
    await asyncio.sleep(10)


HUNDRED = [str(n) for n in range(100)]


def test_a_calm_network_delivers_all_in_order() -> None:
    assert play(a_hundred_and_calm).at_hub.ids == HUNDRED


def test_a_delay_keeps_the_order_and_its_bounds() -> None:
    async def one_each_ten_ms(lobby: Lobby) -> None:
        for n in range(100):
            lobby.broker.inject(DONE, str(n).encode())
            await asyncio.sleep(0.010)
        await asyncio.sleep(1)

    lobby = play(one_each_ten_ms, Faults(delay_ms=(20, 80)))
    assert lobby.at_hub.ids == HUNDRED
    sent_at_s = [at_s for _, _, at_s in lobby.trace]
    delays_s = [at_s - sent for (at_s, _), sent in zip(lobby.at_hub.told[1:], sent_at_s, strict=True)]
    assert 0.020 <= min(delays_s) < 0.030
    assert 0.070 < max(delays_s) <= 0.080 + 1e-9


def test_loss_loses_some_and_keeps_the_order_of_the_rest() -> None:
    ids = play(a_hundred_and_calm, Faults(loss=0.2)).at_hub.ids
    assert 60 < len(ids) < 95
    assert ids == sorted(ids, key=int)


def test_repeats_come_as_well_and_within_a_second() -> None:
    lobby = play(a_hundred_and_calm, Faults(repeat=0.2))
    assert set(lobby.at_hub.ids) == set(HUNDRED)
    assert 105 < len(lobby.at_hub.ids) < 140
    assert lobby.at_hub.told[-1][0] <= 0.001 + STRAGGLER_S


def test_reordering_loses_nothing() -> None:
    ids = play(a_hundred_and_calm, Faults(reorder=0.2)).at_hub.ids
    assert ids != HUNDRED
    assert sorted(ids, key=int) == HUNDRED


def test_faults_may_end_in_the_middle() -> None:
    async def mayhem_then_calm(lobby: Lobby) -> None:
        lobby.inject(100)
        lobby.broker.faults = CALM
        lobby.inject(100)
        await asyncio.sleep(1)

    assert play(mayhem_then_calm, Faults(loss=1)).at_hub.ids == HUNDRED


def test_a_muted_topic_is_heard_by_nobody_and_kept_for_nobody() -> None:
    async def half_of_it_muted(lobby: Lobby) -> None:
        lobby.broker.mute(DONE)
        lobby.inject(50)
        lobby.broker.inject(STATE, b"well")
        lobby.broker.unmute(DONE)
        lobby.broker.inject(DONE, b"again")
        await asyncio.sleep(1)

    assert play(half_of_it_muted).at_hub.ids == ["well", "again"]


def test_a_cut_sends_the_will_and_loses_what_was_under_way() -> None:
    async def cut_and_heal(lobby: Lobby) -> None:
        lobby.broker.inject(topics.show(SITE, "pi-1", "board"), b"under way")
        lobby.broker.cut("pi-1")
        lobby.broker.cut("pi-1")
        assert not lobby.node.is_connected
        lobby.broker.inject(topics.job(SITE, "pi-1", "printer"), b"not heard")
        await asyncio.sleep(60)
        assert not lobby.node.is_connected
        lobby.broker.heal("pi-1")
        await asyncio.sleep(5)
        assert lobby.node.is_connected

    lobby = play(cut_and_heal, Faults(delay_ms=(50, 50), repeat=1))
    assert [what for _, what in lobby.at_node.told] == ["connected", "disconnected", "connected"]
    assert [what for _, what in lobby.at_hub.told] == ["connected", STATE, STATE]


def test_a_cut_link_does_not_connect_because_it_was_healed_once() -> None:
    async def heal_and_cut_again(lobby: Lobby) -> None:
        lobby.broker.cut("pi-1")
        lobby.broker.heal("pi-1")
        lobby.broker.cut("pi-1")
        await asyncio.sleep(60)
        assert not lobby.node.is_connected

    assert [what for _, what in play(heal_and_cut_again).at_node.told] == ["connected", "disconnected"]


def test_a_link_that_starts_while_cut_connects_when_healed() -> None:
    async def main(_: Now) -> Notes:
        broker, notes = InProcessBroker(Random(1)), Notes()
        broker.cut("pi-1")
        task = asyncio.create_task(InProcessLink(broker, "pi-1", []).run(notes))
        await asyncio.sleep(100)
        assert notes.told == []
        broker.heal("pi-1")
        await asyncio.sleep(5)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return notes

    ((connected_at_s, what),) = run_virtual(main, seed=1, start_at=START_AT).told
    assert what == "connected"
    assert 100.2 <= connected_at_s <= 105


@pytest.mark.parametrize("keep_retained", [True, False])
def test_a_restart_sends_no_wills_and_keeps_retained_messages_or_not(keep_retained: bool) -> None:
    async def restart(lobby: Lobby) -> None:
        await lobby.node.publish(STATE, LOST)
        lobby.broker.restart(keep_retained=keep_retained)
        assert not lobby.hub.is_connected
        await asyncio.sleep(5)
        assert lobby.hub.is_connected
        assert lobby.node.is_connected

    lobby = play(restart)
    assert [topic for topic, _, _ in lobby.trace] == [STATE]
    expected = ["connected", "disconnected", "connected", STATE]
    assert [what for _, what in lobby.at_hub.told] == (expected if keep_retained else expected[:3])


def test_whoever_is_on_the_way_back_from_a_restart_comes_back_from_the_next_one_too() -> None:
    async def restart_twice(lobby: Lobby) -> None:
        lobby.broker.restart(keep_retained=True)
        await asyncio.sleep(0.1)
        assert not lobby.node.is_connected
        lobby.broker.restart(keep_retained=True)
        await asyncio.sleep(5)
        assert lobby.hub.is_connected
        assert lobby.node.is_connected

    play(restart_twice)


def test_a_restart_brings_nobody_back_who_is_cut() -> None:
    async def restart_while_cut(lobby: Lobby) -> None:
        lobby.broker.cut("pi-1")
        lobby.broker.restart(keep_retained=True)
        await asyncio.sleep(10)
        assert not lobby.node.is_connected
        lobby.broker.heal("pi-1")
        await asyncio.sleep(5)
        assert lobby.node.is_connected

    play(restart_while_cut)


def test_an_acknowledgement_takes_its_time_and_a_cut_loses_it() -> None:
    async def cut_before_the_acknowledgement(lobby: Lobby) -> None:
        loop = asyncio.get_running_loop()
        began_at_s = loop.time()
        await lobby.node.publish(DONE, Done(id="first", outcome=DoneOutcome.DONE))
        assert loop.time() - began_at_s == pytest.approx(0.05)
        loop.call_later(0.01, lobby.broker.cut, "pi-1")
        with pytest.raises(LinkDown, match="not acknowledged"):
            await lobby.node.publish(DONE, Done(id="second", outcome=DoneOutcome.DONE))
        await asyncio.sleep(1)

    # The broker has the second one too: whoever sends it again is heard twice.
    lobby = play(cut_before_the_acknowledgement, Faults(delay_ms=(50, 50)))
    assert [what for _, what in lobby.at_hub.told] == ["connected", DONE, DONE, STATE]


def test_hub_time_wakes_nobody_and_is_observed() -> None:
    async def an_hour(lobby: Lobby) -> None:
        for ms in range(3600):
            time = HubTime(term=1, seq=ms, boot="b", ms=ms, wall_at=START_AT)
            await lobby.hub.publish(TIME, time)
            await asyncio.sleep(1)
        heard = lobby.node.hub_time(SITE)
        assert heard is not None
        assert heard.time.ms == 3599

    lobby = play(an_hour, Faults(loss=0.5, delay_ms=(50, 50)))
    assert [what for _, what in lobby.at_node.told] == ["connected"]
    assert len(lobby.trace) == 3600


def test_two_links_of_one_name_are_a_mistake() -> None:
    async def join_again(lobby: Lobby) -> None:
        with pytest.raises(AssertionError, match="pi-1"):
            await InProcessLink(lobby.broker, "pi-1", []).run(Notes())

    play(join_again)


async def mayhem(lobby: Lobby) -> None:
    for n in range(200):
        with suppress(LinkDown):
            await lobby.node.publish(DONE, Done(id=f"j-{n}", outcome=DoneOutcome.DONE))
        await asyncio.sleep(0.05)
        if n % 50 == 10:
            lobby.broker.cut("pi-1")
        if n % 50 == 20:
            lobby.broker.heal("pi-1")
    lobby.broker.restart(keep_retained=True)
    await asyncio.sleep(10)


def test_a_seed_decides_every_delivery() -> None:
    faults = Faults(loss=0.1, repeat=0.1, reorder=0.1, delay_ms=(1, 40))

    def story(seed: int) -> str:
        lobby = play(mayhem, faults, seed)
        return sha256(repr((lobby.trace, lobby.at_hub.told, lobby.at_node.told)).encode()).hexdigest()

    assert story(1) == story(1)
    assert story(1) != story(2)


def test_what_is_held_on_the_way_comes_later_and_in_order() -> None:
    async def held(lobby: Lobby) -> None:
        lobby.broker.hold(DONE)
        lobby.inject(3)
        await asyncio.sleep(5)
        assert lobby.at_hub.ids == []
        assert lobby.trace == []
        lobby.broker.release(DONE)
        await asyncio.sleep(1)

    assert play(held).at_hub.ids == HUNDRED[:3]


def test_what_lay_on_the_way_comes_to_one_link_and_is_nobody_elses() -> None:
    async def again(lobby: Lobby) -> None:
        lobby.broker.deliver_again("pi-1", DONE, b"old")
        lobby.broker.deliver_again("nobody", DONE, b"old")
        await asyncio.sleep(1)

    lobby = play(again)
    assert lobby.at_node.ids == ["old"]
    assert lobby.at_hub.ids == []
    assert lobby.trace == []
