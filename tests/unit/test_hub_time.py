"""The hub's time is told each second, each site's at a moment of its own."""

import asyncio
from collections.abc import Callable

import pytest

from hub.hub_time import PERIOD_S, Pace, tell_time
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
    pace, even_s = Pace(sites), PERIOD_S / sites
    on_time = [10 + site * even_s for site in range(10)]
    assert [pace.place_s(at_s) for at_s in on_time] == on_time
    stalled_until_s = 10.6
    late = [pace.place_s(stalled_until_s) for _ in range(20)]
    assert late == pytest.approx([stalled_until_s + place * even_s / 2 for place in range(20)])
    assert pace.place_s(11.4) == 11.4
