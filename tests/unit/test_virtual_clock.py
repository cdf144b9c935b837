"""The simulation's clocks: a virtual one that never waits, a scaled one that hurries beside real sockets."""

import asyncio
import random
import selectors
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

import pytest

from simulator import clock
from simulator.clock import Deadlock, Now, ScaledSelector, ThreadAtWork, run_scaled, run_virtual

START_AT = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


def test_a_day_of_sleep_passes_at_once_and_the_wall_clock_agrees() -> None:
    async def main(now: Now) -> tuple[datetime, float]:
        await asyncio.sleep(86_400)
        return now(), asyncio.get_running_loop().time()

    woke_at, passed_s = run_virtual(main, seed=1, start_at=START_AT)
    assert woke_at == START_AT + timedelta(days=1)
    assert passed_s == 86_400


def test_timers_fire_in_their_order_and_at_their_time() -> None:
    async def main(_: Now) -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        fired: list[tuple[str, float]] = []

        def note(name: str) -> None:
            fired.append((name, loop.time()))

        for name, delay_s in (("late", 3.5), ("early", 0.25), ("middle", 1.0)):
            loop.call_later(delay_s, note, name)
        await asyncio.sleep(10)
        return fired

    assert run_virtual(main, seed=1, start_at=START_AT) == [("early", 0.25), ("middle", 1.0), ("late", 3.5)]


def test_a_timeout_ends_a_wait_that_nobody_answers() -> None:
    async def main(_: Now) -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.get_running_loop().create_future()
        return asyncio.get_running_loop().time()

    assert run_virtual(main, seed=1, start_at=START_AT) == 30


def test_work_for_a_thread_is_answered_a_little_later_and_the_delay_depends_on_the_seed_alone() -> None:
    async def main(_: Now) -> list[float]:
        loop = asyncio.get_running_loop()
        answered_at_s: list[float] = []
        for _i in range(5):
            before_s = loop.time()
            assert await asyncio.to_thread(lambda: 6 * 7) == 42
            answered_at_s.append(loop.time() - before_s)
        return answered_at_s

    delays_s = run_virtual(main, seed=1, start_at=START_AT)
    assert all(clock.EXECUTOR_DELAY_MIN_S <= delay_s <= clock.EXECUTOR_DELAY_MAX_S for delay_s in delays_s)
    assert run_virtual(main, seed=1, start_at=START_AT) == delays_s
    assert run_virtual(main, seed=2, start_at=START_AT) != delays_s


def test_an_error_in_a_thread_reaches_whoever_waits_for_it() -> None:
    def fail() -> None:
        raise ZeroDivisionError("of all things")

    async def main(_: Now) -> None:
        await asyncio.to_thread(fail)

    with pytest.raises(ZeroDivisionError, match="of all things"):
        run_virtual(main, seed=1, start_at=START_AT)


def test_an_executor_of_its_own_answers_in_the_order_it_was_asked() -> None:
    async def main(_: Now) -> list[int]:
        loop = asyncio.get_running_loop()
        answered: list[int] = []
        with ThreadPoolExecutor(max_workers=1) as one_thread:
            for i in range(50):
                future = loop.run_in_executor(one_thread, int, i)
                future.add_done_callback(lambda done: answered.append(done.result()))
            await asyncio.sleep(1)
        return answered

    assert run_virtual(main, seed=1, start_at=START_AT) == list(range(50))


def test_a_cancelled_wait_for_a_thread_is_left_alone() -> None:
    async def main(_: Now) -> bool:
        task = asyncio.create_task(asyncio.to_thread(int, "7"))
        asyncio.get_running_loop().call_later(0.0001, task.cancel)
        await asyncio.sleep(1)
        return task.cancelled()

    assert run_virtual(main, seed=1, start_at=START_AT)


def test_the_clock_stands_while_a_thread_is_at_work() -> None:
    async def main(_: Now) -> float:
        loop = asyncio.get_running_loop()
        go, answered = threading.Event(), asyncio.Event()

        def work() -> None:
            go.wait()
            loop.call_soon_threadsafe(answered.set)

        thread = threading.Thread(target=work)
        thread.start()
        loop.call_soon(go.set)
        loop.call_later(3_600, lambda: None)
        await answered.wait()
        thread.join()
        return loop.time()

    assert run_virtual(main, seed=1, start_at=START_AT) == 0


def test_a_thread_that_does_not_end_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "THREAD_WAIT_MAX_S", 0.01)
    done = threading.Event()

    async def main(_: Now) -> None:
        threading.Thread(target=done.wait, name="forgotten-worker").start()
        try:
            await asyncio.sleep(1)
        finally:
            done.set()

    with pytest.raises(ThreadAtWork, match="forgotten-worker"):
        run_virtual(main, seed=1, start_at=START_AT)


def test_a_wait_that_nobody_can_end_is_an_error_and_not_a_hang() -> None:
    async def main(_: Now) -> None:
        await asyncio.sleep(5)
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match=r"at 5\.000 s"):
        run_virtual(main, seed=1, start_at=START_AT)


def test_many_tasks_give_the_same_history_for_a_seed() -> None:
    async def main(_: Now) -> list[tuple[float, int]]:
        loop = asyncio.get_running_loop()
        chance = random.Random(5)
        history: list[tuple[float, int]] = []

        async def walk(name: int) -> None:
            for _step in range(20):
                await asyncio.sleep(chance.random())
                await asyncio.to_thread(int)
                history.append((loop.time(), name))

        async with asyncio.TaskGroup() as group:
            for name in range(20):
                group.create_task(walk(name))
        return history

    assert run_virtual(main, seed=3, start_at=START_AT) == run_virtual(main, seed=3, start_at=START_AT)


class HandClock:
    """Real time for a scaled loop, moved by the test: waiting costs what was asked, plus `oversleep_s`."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.oversleep_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class SleepBySelector(selectors.SelectSelector):
    """A real selector of nothing: its waiting moves the hand clock."""

    def __init__(self, hand: HandClock) -> None:
        super().__init__()
        self._hand = hand

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout:
            self._hand.now_s += timeout + self._hand.oversleep_s
        return []


def scaled_selector(hand: HandClock, speed: float) -> ScaledSelector:
    return ScaledSelector(speed, hand, SleepBySelector(hand))


def test_scaled_time_runs_as_many_times_faster_as_asked() -> None:
    hand = HandClock()
    selector = scaled_selector(hand, speed=60)
    selector.select(120)
    assert selector.now_s == pytest.approx(120)
    assert hand.now_s == pytest.approx(1_002)
    selector.close()


def test_a_stall_slows_the_scaled_clock_instead_of_skipping_timers() -> None:
    hand = HandClock()
    selector = scaled_selector(hand, speed=60)
    hand.now_s += 10
    selector.select(0)
    assert selector.now_s == pytest.approx(clock.STALL_STEP_S)
    selector.select(0)
    assert selector.now_s == pytest.approx(clock.STALL_STEP_S)
    selector.close()


def test_a_short_oversleep_is_made_good_so_that_the_scaled_clock_keeps_its_pace() -> None:
    hand = HandClock()
    hand.oversleep_s = 0.001
    selector = scaled_selector(hand, speed=60)
    for _ in range(1_000):
        selector.select(0.5)
    assert selector.now_s == pytest.approx((hand.now_s - 1_000) * 60, abs=0.1)
    selector.close()


def test_a_scaled_loop_serves_real_sockets_and_timers_together() -> None:
    async def main(_: Now) -> tuple[bytes, float]:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readline())
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"good morning\n")
            answer = await reader.readline()
            writer.close()
            await writer.wait_closed()
        await asyncio.sleep(600)
        return answer, asyncio.get_running_loop().time()

    answer, passed_s = run_scaled(main, speed=36_000, start_at=START_AT)
    assert answer == b"good morning\n"
    assert passed_s >= 600


def test_timers_that_are_due_together_fire_in_the_order_in_which_they_were_set() -> None:
    async def main(_: Now) -> list[int]:
        fired: list[int] = []
        for i in range(50):
            asyncio.get_running_loop().call_at(7.0, fired.append, i)
        await asyncio.sleep(10)
        return fired

    assert run_virtual(main, seed=1, start_at=START_AT) == list(range(50))


def test_a_timer_can_be_cancelled_by_another_that_is_due_at_the_same_time() -> None:
    async def main(_: Now) -> list[str]:
        loop = asyncio.get_running_loop()
        fired: list[str] = []
        later: list[asyncio.TimerHandle] = []
        loop.call_at(7.0, lambda: later[0].cancel())
        later.append(loop.call_at(7.0, fired.append, "cancelled"))
        loop.call_at(7.0, fired.append, "kept")
        loop.call_at(5.0, fired.append, "also cancelled").cancel()
        await asyncio.sleep(10)
        return fired

    assert run_virtual(main, seed=1, start_at=START_AT) == ["kept"]


def test_a_timer_runs_in_the_context_in_which_it_was_set() -> None:
    name: ContextVar[str] = ContextVar("name", default="nobody")

    async def main(_: Now) -> list[str]:
        seen: list[str] = []
        name.set("setter")
        asyncio.get_running_loop().call_later(1, lambda: seen.append(name.get()))
        name.set("somebody else")
        await asyncio.sleep(2)
        return seen

    assert run_virtual(main, seed=1, start_at=START_AT) == ["setter"]
