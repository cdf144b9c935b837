"""The hub's time is told each second, each site's at a moment of its own."""

import asyncio
from collections.abc import Callable

import pytest

from hub.hub_time import HASTE, PERIOD_S, Pace, tell_time
from hub.metrics import Metrics
from tests.hubs import Stage, run
from wire.errors import LinkDown
from wire.link import HeardTime, Listener
from wire.messages import Message

PHASE_S = 0.25
STALL_S = 2.6


class Stalling:
    """A link that keeps whoever publishes waiting, once."""

    is_connected = True

    def __init__(self) -> None:
        self.told_at_s: list[float] = []

    async def announce(self, topic: str, payload: bytes) -> None:
        raise NotImplementedError

    async def publish(self, topic: str, message: Message) -> None:
        self.told_at_s.append(asyncio.get_running_loop().time())
        if len(self.told_at_s) == 2:
            await asyncio.sleep(STALL_S)
            raise LinkDown(topic)

    def hub_time(self, site: str) -> HeardTime | None:
        return None

    def when_silent(self, site: str, after_s: float, tell: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    async def run(self, listener: Listener) -> None:
        """It stands."""


def test_after_a_stall_the_time_is_told_once_and_then_at_its_own_moment_again() -> None:
    link = Stalling()

    async def story(stage: Stage) -> None:
        writer, pace = stage.writer_at_rest(), Pace(1)
        telling = tell_time(writer, link, stage.wall, boot="boot", phase_s=PHASE_S, pace=pace, metrics=Metrics())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(8):
                await telling

    run(story)
    before, stalled, late, *after = link.told_at_s
    assert late == pytest.approx(stalled + STALL_S)
    assert [at_s % 1 for at_s in (before, stalled, *after)] == pytest.approx([PHASE_S] * len((before, stalled, *after)))
    assert len(after) >= 3


def test_sites_whose_moments_passed_in_a_stall_follow_each_other_and_the_others_keep_theirs() -> None:
    sites = 50
    even_s = PERIOD_S / sites

    async def story(stage: Stage) -> None:
        loop, pace = asyncio.get_running_loop(), Pace(sites)

        async def told_at_s(due_at_s: float) -> float:
            await asyncio.sleep(due_at_s - loop.time())
            await pace.turn()
            return loop.time()

        began_s = loop.time() + 1
        on_time = [began_s + site * even_s for site in range(10)]
        stalled_until_s = began_s + 0.6
        late = [stalled_until_s] * 20
        told = await asyncio.gather(*(told_at_s(due_at_s) for due_at_s in [*on_time, *late]))
        assert told[:10] == pytest.approx(on_time)
        assert told[10:] == pytest.approx([stalled_until_s + place * even_s / HASTE for place in range(20)])

    run(story)
