"""One timer tells all who want to know that what was told again and again is told no more."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from random import Random

import pytest

from simulator.clock import Now, run_virtual
from wire import topics
from wire.in_process import InProcessBroker, InProcessLink
from wire.messages import HubTime
from wire.silence import Silence, Watch

START_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AFTER_S = 3.0


def play(story: Callable[[], Awaitable[None]]) -> None:
    async def main(_: Now) -> None:
        await story()

    run_virtual(main, seed=1, start_at=START_AT)


def noting(told_s: list[float]) -> Callable[[], None]:
    return lambda: told_s.append(asyncio.get_running_loop().time())


def test_all_are_told_once_when_the_newest_word_is_too_old() -> None:
    newest_s: list[float] = [0.0]
    told_s: list[float] = []

    async def story() -> None:
        silence = Silence(lambda: newest_s[-1], AFTER_S)
        for _ in range(2):
            silence.add(Watch(noting(told_s)))
        await asyncio.sleep(2)
        newest_s.append(2.0)
        await asyncio.sleep(20)

    play(story)
    assert told_s == pytest.approx([5.0, 5.0], abs=0.05)


def test_who_has_given_up_is_not_told() -> None:
    told_s: list[float] = []

    async def story() -> None:
        silence = Silence(lambda: 0.0, AFTER_S)
        early, other = Watch(noting(told_s)), Watch(noting(told_s))
        silence.add(early)
        silence.add(other)
        early.give_up()
        early.give_up()
        await asyncio.sleep(20)

    play(story)
    assert len(told_s) == 1


def test_silence_before_the_first_word_is_told_soon() -> None:
    told_s: list[float] = []

    async def story() -> None:
        Silence(lambda: None, AFTER_S).add(Watch(noting(told_s)))
        await asyncio.sleep(1)

    play(story)
    assert told_s == pytest.approx([0.0], abs=0.05)


class Nobody:
    def connected(self) -> None:
        pass

    def disconnected(self) -> None:
        pass

    def received(self, topic: str, payload: bytes) -> None:
        pass


def test_a_link_that_is_cut_falls_silent_while_others_hear_on() -> None:
    told_s: dict[str, list[float]] = {"cut": [], "well": []}

    async def story() -> None:
        broker = InProcessBroker(Random(1))
        hub = InProcessLink(broker, "hub", [])
        nodes = {name: InProcessLink(broker, name, topics.node_subscriptions("hall", name)) for name in told_s}
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(link.run(Nobody())) for link in (hub, *nodes.values())]
            await asyncio.sleep(0.5)
            for second in range(10):
                time = HubTime(term=1, seq=1, boot="b", ms=second * 1000, wall_at=START_AT)
                await hub.publish(topics.hub_time("hall"), time)
                if second == 0:
                    for name, link in nodes.items():
                        link.when_silent("hall", AFTER_S, noting(told_s[name]))
                if second == 4:
                    broker.cut("cut")
                await asyncio.sleep(1)
            await asyncio.sleep(10)
            for task in tasks:
                task.cancel()

    play(story)
    assert told_s["cut"] == pytest.approx([0.5 + 4 + AFTER_S], abs=0.05)
    assert told_s["well"] == pytest.approx([0.5 + 9 + AFTER_S], abs=0.05)
