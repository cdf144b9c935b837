"""The watchdog: it is fed while every lane gets on with its work, and only then."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from edge.beams import Crossing
from edge.errors import DeviceFault
from edge.lane import STUCK_S, LatestLane, WorkLane
from edge.node import Node
from simulator.clock import Now, run_virtual
from tests.displays import START_AT, HubOnAir, a_node
from tests.edge_stage import DOOR, PANEL, PRINTER, Stage, on_stage

BOARD = {"id": "board", "kind": "board", "driver": "matrix"}


def alone(scene: Callable[[Node], Awaitable[None]]) -> None:
    async def play(_: Now) -> None:
        await scene(a_node(HubOnAir()))

    run_virtual(play, seed=1, start_at=START_AT)


def a_lane(node: Node, work: Callable[[str], Awaitable[None]], *, stuck_s: float = STUCK_S) -> WorkLane[str]:
    async def idle() -> None: ...

    return WorkLane[str](node, "printer", work, length_max=4, idle=idle, idle_every_s=10, stuck_s=stuck_s)


async def is_fed(stage: Stage) -> bool:
    """Within the 5 s that a third of `WatchdogSec=15` leaves."""
    try:
        async with asyncio.timeout(5):
            await stage.agent.prove_alive()
    except TimeoutError:
        return False
    return True


def test_a_lane_whose_work_does_not_return_is_stuck_after_its_time_and_free_once_it_does() -> None:
    async def scene(node: Node) -> None:
        returns = asyncio.Event()

        async def work(piece: str) -> None:
            await returns.wait()

        lane = a_lane(node, work)
        running = asyncio.create_task(lane.run())
        await asyncio.sleep(3600)
        assert node.stuck_lanes() == [], "an idle lane has nothing to get on with"
        lane.put("a slip")
        await asyncio.sleep(STUCK_S - 1)
        assert node.stuck_lanes() == []
        await asyncio.sleep(2)
        assert node.stuck_lanes() == ["printer"]
        returns.set()
        await asyncio.sleep(1)
        assert node.stuck_lanes() == []
        running.cancel()

    alone(scene)


def test_a_lane_that_nobody_runs_is_stuck_with_what_waits_in_it() -> None:
    async def scene(node: Node) -> None:
        async def work(piece: str) -> None: ...

        lane, board = a_lane(node, work, stuck_s=90), LatestLane[str](node, "board", print)
        await asyncio.sleep(1000)
        lane.put("a slip")
        board.put("a picture")
        await asyncio.sleep(STUCK_S)
        assert node.stuck_lanes() == ["board"]
        await asyncio.sleep(30)
        assert node.stuck_lanes() == ["printer", "board"]

    alone(scene)


def test_a_broken_device_that_is_tried_again_and_again_is_not_stuck() -> None:
    async def scene(node: Node) -> None:
        def draw(picture: str) -> None:
            raise DeviceFault("the board is dark; check its power")

        lane = LatestLane[str](node, "board", draw)
        running = asyncio.create_task(lane.run())
        lane.put("a picture")
        for _ in range(1000):
            await asyncio.sleep(1)
            assert node.stuck_lanes() == []
        running.cancel()

    alone(scene)


async def test_a_driver_that_hangs_in_its_thread_starves_the_watchdog_and_no_other_lane() -> None:
    node = a_node(HubOnAir())
    returns, drawn = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang(picture: str) -> None:
        returns.wait()

    def draw(picture: str) -> None:
        loop.call_soon_threadsafe(drawn.set)

    hung, sound = LatestLane[str](node, "board", hang, stuck_s=0), LatestLane[str](node, "sign", draw)
    running = [asyncio.create_task(lane.run()) for lane in (hung, sound)]
    hung.put("a picture")
    sound.put("a picture")
    async with asyncio.timeout(10):
        await drawn.wait()
    assert node.stuck_lanes() == ["board"]
    returns.set()
    for task in running:
        task.cancel()


@pytest.mark.parametrize("outage", ["broker", "hub", "printer"])
def test_nothing_outside_of_the_agent_ever_starves_the_watchdog(outage: str) -> None:
    async def scene(stage: Stage) -> None:
        if outage == "broker":
            stage.cut()
        elif outage == "hub":
            stage.is_telling_time = False
        else:
            stage.hands.printer("printer").unplug()
        for minute in range(60):
            stage.hands.press("panel", "next")
            stage.hands.cross("door", Crossing.ENTERED)
            await stage.wait(60)
            assert await is_fed(stage), f"after {minute} minutes"

    on_stage(scene, [PANEL, DOOR, PRINTER, BOARD])


def test_an_agent_with_a_stuck_lane_does_not_feed_the_watchdog_and_says_so_once() -> None:
    async def scene(stage: Stage) -> None:
        returns = asyncio.Event()

        async def work(piece: str) -> None:
            await returns.wait()

        lane = a_lane(stage.node, work)
        running = asyncio.create_task(lane.run())
        lane.put("a slip")
        await stage.wait(STUCK_S - 10)
        assert await is_fed(stage)
        await stage.wait(20)
        assert not await is_fed(stage)
        assert not await is_fed(stage)
        returns.set()
        assert await is_fed(stage)
        running.cancel()

    with capture_logs() as logs:
        on_stage(scene, [DOOR])
    said = [line["event"] for line in logs if "lane" in line["event"]]
    assert said == ["lane stuck: its driver does not return", "lane goes on"]
