"""Lanes: what is thrown away when a device is slow, and what happens when it breaks."""

import asyncio
from collections.abc import Awaitable, Callable

from edge.errors import DeviceFault
from edge.lane import BACKOFF_MAX_S, LatestLane, WorkLane
from edge.node import Node
from simulator.clock import Now, run_virtual
from tests.displays import START_AT, HubOnAir, a_node


def alone(scene: Callable[[Node], Awaitable[None]]) -> None:
    async def play(_: Now) -> None:
        await scene(a_node(HubOnAir()))

    run_virtual(play, seed=1, start_at=START_AT)


class Device:
    """Shows what it is given, unless it is broken."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.tries = 0
        self.needs: Exception | None = None

    def show(self, wish: str) -> None:
        self.tries += 1
        if self.needs is not None:
            raise self.needs
        self.shown.append(wish)


def test_of_what_waits_only_the_newest_is_shown() -> None:
    async def scene(node: Node) -> None:
        device = Device()
        lane = LatestLane[str](node, "board", device.show)
        for wish in ("old", "older", "newest"):
            lane.put(wish)
        assert lane.queue_length == 1
        running = asyncio.create_task(lane.run())
        await asyncio.sleep(1)
        running.cancel()
        assert device.shown == ["newest"]
        assert lane.queue_length == 0

    alone(scene)


def test_a_broken_device_is_tried_ever_more_rarely_and_gets_the_newest_when_it_is_back() -> None:
    async def scene(node: Node) -> None:
        device = Device()
        device.needs = DeviceFault("board is dark; check its power")
        lane = LatestLane[str](node, "board", device.show)
        running = asyncio.create_task(lane.run())
        lane.put("first")
        await asyncio.sleep(120)
        assert 6 <= device.tries <= 8
        assert node.faults == {"board": "board is dark; check its power"}
        lane.put("newest")
        device.needs = None
        await asyncio.sleep(BACKOFF_MAX_S + 1)
        running.cancel()
        assert device.shown == ["newest"]
        assert node.faults == {}

    alone(scene)


def test_whatever_the_vendors_code_raises_the_lane_goes_on() -> None:
    async def scene(node: Node) -> None:
        device = Device()
        device.needs = IndexError()
        lane = LatestLane[str](node, "board", device.show)
        running = asyncio.create_task(lane.run())
        lane.put("first")
        await asyncio.sleep(0.5)
        assert node.faults == {"board": "IndexError"}
        device.needs = None
        await asyncio.sleep(5)
        running.cancel()
        assert device.shown == ["first"]

    alone(scene)


def test_work_is_done_in_order_and_what_comes_on_top_of_a_full_lane_is_not_taken() -> None:
    async def scene(node: Node) -> None:
        done: list[int] = []
        idle: list[float] = []

        async def work(piece: int) -> None:
            await asyncio.sleep(1)
            done.append(piece)

        async def do_idle() -> None:
            idle.append(asyncio.get_running_loop().time())

        lane = WorkLane[int](node, "printer", work, length_max=3, idle=do_idle, idle_every_s=10)
        assert [lane.put(piece) for piece in range(5)] == [True, True, True, False, False]
        assert node.dropped == 2
        running = asyncio.create_task(lane.run())
        await asyncio.sleep(24)
        running.cancel()
        assert done == [0, 1, 2]
        assert idle == [13, 23]

    alone(scene)


def test_a_piece_that_fails_is_gone_and_the_next_is_done() -> None:
    async def scene(node: Node) -> None:
        done: list[int] = []

        async def work(piece: int) -> None:
            if piece == 0:
                raise DeviceFault("no cable; plug it in")
            done.append(piece)

        async def do_idle() -> None:
            return

        lane = WorkLane[int](node, "printer", work, length_max=3, idle=do_idle, idle_every_s=10)
        lane.put(0)
        lane.put(1)
        running = asyncio.create_task(lane.run())
        await asyncio.sleep(0.5)
        assert node.faults == {"printer": "no cable; plug it in"}
        await asyncio.sleep(5)
        running.cancel()
        assert done == [1]
        assert node.faults == {}

    alone(scene)
