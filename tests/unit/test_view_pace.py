"""How fast views follow each other: counts in their time, a call at once."""

import asyncio
from itertools import count, pairwise

from hub.day.inputs import CallNext, OpenDesk
from hub.day.model import Day
from hub.displays import DEVICE_GAP_S
from hub.site import Site
from tests.hubs import Node, Stage, issue, run
from wire import topics
from wire.messages import BoardView, Event, Heard, Key, Press, Receipt, Show
from wire.topics import Leaf

TICKETS_EVERY_S = 0.001
CALL_S = 0.02
"""A commit under way, one of its own, and the way."""

PRESS_S = 0.0035
"""The same for a press from its node on. The pause between two rounds of counts is none of it."""

PANEL = topics.event("hall", "desk-1", "panel")


class Clocked(Node):
    """A board's node that notes when it heard what."""

    def __init__(self, stage: Stage) -> None:
        self.heard_at_s: list[float] = []
        super().__init__(stage, "board-1")

    def received(self, topic: str, payload: bytes) -> None:
        super().received(topic, payload)
        self.heard_at_s.append(asyncio.get_running_loop().time())

    def boards(self) -> list[tuple[float, BoardView]]:
        """Its views and when it heard them, oldest first."""
        heard = zip(self.heard_at_s, self.heard, strict=True)
        shown = [(at_s, message.view) for at_s, (topic, message) in heard if isinstance(message, Show)]
        return [(at_s, view) for at_s, view in shown if isinstance(view, BoardView)]


async def a_crowd_joins(site: Site) -> None:
    for number in count(1):
        await site.submit(issue(number))
        await asyncio.sleep(TICKETS_EVERY_S)


def test_counts_come_in_their_time_and_a_call_does_not_wait_for_them() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        board = Clocked(stage)
        site = hub.sites["hall"]
        await site.submit(OpenDesk(desk="1", by="page"))
        crowd = asyncio.create_task(a_crowd_joins(site))
        await asyncio.sleep(1)
        at_s = [at_s for at_s, _ in board.boards()][-10:]
        assert all(later - sooner >= DEVICE_GAP_S for sooner, later in pairwise(at_s))
        for _ in range(20):
            pressed_at_s = asyncio.get_running_loop().time()
            answer = await site.submit(CallNext(desk="1", seen=await site.read(_desk_seq), by="api"))
            await asyncio.sleep(0.1)
            seen_at_s = next(
                at_s
                for at_s, view in board.boards()
                if view.calls[:1] and view.calls[0].number == answer.facts["number"]
            )
            assert seen_at_s - pressed_at_s < CALL_S
            await asyncio.sleep(0.007)
        crowd.cancel()

    run(story)


def test_a_press_is_shown_with_its_own_commit_however_often_counts_change() -> None:
    async def story(stage: Stage) -> None:
        hub = await stage.hub()
        panel, board = Node(stage, "desk-1"), Clocked(stage)
        site = hub.sites["hall"]
        await site.submit(OpenDesk(desk="1", by="page"))
        crowd = asyncio.create_task(a_crowd_joins(site))
        await asyncio.sleep(2)
        for seq in range(1, 21):
            body = Press(key=Key.NEXT, seen=await site.read(_desk_seq))
            stamp = Heard(boot=panel.hub_time.boot, ms=panel.hub_time.ms, since_ms=0)
            pressed_at_s = asyncio.get_running_loop().time()
            await panel.say(PANEL, Event(session="s", seq=seq, body=body, heard=stamp))
            assert not hub.under_way
            number = panel.of(Receipt, Leaf.RECEIPT)[-1].facts["number"]
            shown_at_s = next(
                at_s for at_s, view in board.boards() if view.calls[:1] and view.calls[0].number == number
            )
            assert shown_at_s - pressed_at_s < PRESS_S
            await asyncio.sleep(0.05)
        crowd.cancel()

    run(story)


def _desk_seq(day: Day, now: object) -> int:
    return day.desks["1"].seq
