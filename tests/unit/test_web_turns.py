"""Requests take turns: those who asked first go on first, and the event loop has time for everything else."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import pairwise

import pytest
from starlette.types import Message, Receive, Scope, Send

from hub.web.turns import HOLD_S, LOOK_S, STEPS_A_TURN, Turns
from simulator.clock import run_virtual
from tests.given import MONDAY_9H

CROWD = 5 * STEPS_A_TURN

App = Callable[[Scope, Receive, Send], Awaitable[None]]


async def nothing() -> Message:
    return {}


async def nowhere(message: Message) -> None: ...


def asked(app: App, number: int) -> "asyncio.Task[None]":
    """A request to the application, under way."""

    async def ask() -> None:
        await app({"number": number}, nothing, nowhere)

    return asyncio.create_task(ask())


class Clock:
    """Counts the turns of the event loop."""

    def __init__(self) -> None:
        self.turn = 0
        self._tick()

    def _tick(self) -> None:
        self.turn += 1
        asyncio.get_running_loop().call_soon(self._tick)


def test_in_a_crowd_a_few_go_on_in_each_turn_and_those_who_asked_first_are_first() -> None:
    async def scene() -> None:
        clock, commit = Clock(), asyncio.Event()
        went_on: list[tuple[int, int]] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            went_on.append((clock.turn, scope["number"]))
            await commit.wait()
            went_on.append((clock.turn, scope["number"]))

        server = Turns(app)
        crowd = [asked(server, number) for number in range(CROWD)]
        for _ in range(CROWD):  # turns: more than it takes all of them to ask
            await asyncio.sleep(0)
        assert len(went_on) == CROWD
        commit.set()
        await asyncio.gather(*crowd)
        assert [number for _, number in went_on] == [*range(CROWD), *range(CROWD)]
        assert max(Counter(turn for turn, _ in went_on).values()) == STEPS_A_TURN

    asyncio.run(scene())


def test_who_asks_alone_does_not_wait() -> None:
    async def scene() -> None:
        clock = Clock()
        turns: list[int] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            for _ in range(CROWD):
                turns.append(clock.turn)
                await asyncio.sleep(0)

        await asked(Turns(app), 1)
        assert [turn - turns[0] for turn in turns] == list(range(CROWD))

    asyncio.run(scene())


def test_a_request_that_is_given_up_while_it_waits_for_its_turn_learns_of_it_and_holds_up_nobody() -> None:
    async def scene() -> None:
        ended: list[int] = []
        given_up: list[int] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                for _ in range(3):
                    await asyncio.sleep(0)
            except asyncio.CancelledError:
                given_up.append(scope["number"])
                raise
            ended.append(scope["number"])

        server = Turns(app)
        crowd = [asked(server, number) for number in range(CROWD)]
        for _ in range(5):  # turns: all have asked, some wait for the first time and some again
            await asyncio.sleep(0)
        for request in crowd[::2]:
            request.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        assert all(request.cancelled() for request in crowd[::2])
        assert ended == list(range(1, CROWD, 2))
        assert set(given_up) <= set(range(0, CROWD, 2))

    asyncio.run(scene())


def test_requests_stand_still_while_something_is_under_way_and_then_all_go_on() -> None:
    async def scene(now: Callable[[], datetime]) -> None:
        loop, pressed = asyncio.get_running_loop(), asyncio.Event()
        went_on_s: list[float] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            went_on_s.append(loop.time())

        server = Turns(app, pressed.is_set)
        await asked(server, 1)
        pressed.set()
        crowd = [asked(server, number) for number in range(CROWD)]
        await asyncio.sleep(HOLD_S / 2)
        assert len(went_on_s) == 1
        pressed.clear()
        answered_at_s = loop.time()
        await asyncio.gather(*crowd)
        assert max(went_on_s) - answered_at_s <= LOOK_S

    run_virtual(scene, seed=1, start_at=MONDAY_9H)


def test_whoever_never_stops_pressing_keeps_requests_waiting_half_of_the_time() -> None:
    async def scene(now: Callable[[], datetime]) -> None:
        loop = asyncio.get_running_loop()
        went_on_s: list[float] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            while loop.time() < began_s + 1:
                went_on_s.append(loop.time())
                await asyncio.sleep(LOOK_S / 2)

        began_s = loop.time()
        await asked(Turns(app, lambda: True), 1)
        stood_s = [later - sooner for sooner, later in pairwise(went_on_s) if later - sooner > LOOK_S]
        assert went_on_s[0] - began_s == pytest.approx(HOLD_S, abs=LOOK_S)
        assert stood_s == [pytest.approx(HOLD_S, abs=2 * LOOK_S)] * len(stood_s)
        assert sum(stood_s) == pytest.approx(0.5, abs=0.05)

    run_virtual(scene, seed=1, start_at=MONDAY_9H)


def test_what_a_request_waits_for_in_vain_is_its_own_matter() -> None:
    async def scene() -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            broken.set_exception(LookupError("no such page"))
            with pytest.raises(LookupError):
                await asyncio.wait_for(broken, 1)
            raise KeyError("unforeseen")

        with pytest.raises(KeyError, match="unforeseen"):
            await asked(Turns(app), 1)

    asyncio.run(scene())
