"""What every panel keeps, whatever its keys are: pins through gpiozero, a fake keypad, and the real reader of Linux's
input events with a pipe in place of the keypad."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import pytest

from edge.contacts import Contacts, Keys, Lights
from edge.drivers.fake_keypad import FakeKeypad
from edge.drivers.gpio import FakePins, Inputs, Lamps
from edge.drivers.keypad import AGAIN_S, CODES, EV_KEY, EV_LED, EV_SYN, EVENT, InputPort, Keypad
from edge.errors import DeviceFault
from edge.roles.panel import LAMP
from tests.displays import HubOnAir, a_node

KEYS = {"next": "enter", "recall": "plus"}
PINS = {"next": 17, "recall": 27}
SOON_S = 5.0


class Bench(Protocol):
    """A panel, and what moves it."""

    @property
    def contacts(self) -> Contacts: ...

    @property
    def lights(self) -> Lights: ...

    def press(self, key: str) -> None: ...

    def release(self, key: str) -> None: ...

    def is_lit(self) -> bool: ...


class OfPins:
    def __init__(self) -> None:
        self._pins = FakePins()
        self.contacts = Inputs(PINS, self._pins.factory)
        self.lights = Lamps({LAMP: 22}, self._pins.factory)

    def press(self, key: str) -> None:
        self._pins.press(PINS[key])

    def release(self, key: str) -> None:
        self._pins.release(PINS[key])

    def is_lit(self) -> bool:
        return self._pins.is_lit(22)


def a_keypad(open_port: Callable[[], object], faults: list[str] | None = None) -> Keypad:
    def lost(fault: DeviceFault) -> None:
        if faults is not None:
            faults.append(str(fault))

    def back() -> None:
        if faults is not None:
            faults.append("back")

    keys = {key: CODES[name] for key, name in KEYS.items()}
    return Keypad(open_port, keys, lost=lost, back=back)  # type: ignore[arg-type]


class OfFake:
    def __init__(self) -> None:
        self.fake = FakeKeypad()
        self.contacts = self.lights = a_keypad(self.fake.open)

    def press(self, key: str) -> None:
        self.fake.press(CODES[KEYS[key]][0])

    def release(self, key: str) -> None:
        self.fake.release(CODES[KEYS[key]][0])

    def is_lit(self) -> bool:
        return self.fake.is_lit


class OfPipe:
    """A pipe is read like a keypad. It cannot be grabbed, and what is written to it comes back: a keypad's light is no
    key, so that does not matter."""

    def __init__(self, folder: Path) -> None:
        pipe = folder / "keypad"
        os.mkfifo(pipe)
        self.grabbed: list[int] = []
        self._hand = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        self.lit = False

        def open_port() -> InputPort:
            port = InputPort(pipe, self.grabbed.append)
            write = port.write

            def light(data: bytes) -> None:
                self.lit = any(kind == EV_LED and value for _, _, kind, _, value in EVENT.iter_unpack(data))
                write(data)

            port.write = light  # type: ignore[method-assign]
            return port

        self.contacts = self.lights = a_keypad(open_port)

    def press(self, key: str) -> None:
        self._say(CODES[KEYS[key]][0], 1)

    def release(self, key: str) -> None:
        self._say(CODES[KEYS[key]][0], 0)

    def is_lit(self) -> bool:
        return self.lit

    def close(self) -> None:
        os.close(self._hand)

    def _say(self, code: int, value: int) -> None:
        os.write(self._hand, EVENT.pack(1, 2, EV_KEY, code, value) + EVENT.pack(1, 2, EV_SYN, 0, 0))


@pytest.fixture(params=["pins", "fake keypad", "pipe"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    made: OfPins | OfFake | OfPipe
    made = OfPins() if request.param == "pins" else OfFake() if request.param == "fake keypad" else OfPipe(tmp_path)
    yield made
    if isinstance(made, OfPipe):
        made.close()


class Edges:
    """What a panel has told so far, and the next of it."""

    def __init__(self, contacts: Contacts) -> None:
        self.told: list[tuple[str, bool]] = []
        self._came = asyncio.Event()
        contacts.listen(self._take)

    async def first(self, n: int) -> list[tuple[str, bool]]:
        async with asyncio.timeout(SOON_S):
            while len(self.told) < n:
                self._came.clear()
                await self._came.wait()
        return self.told[:n]

    def _take(self, name: str, is_active: bool) -> None:
        self.told.append((name, is_active))
        self._came.set()


# --- every panel -------------------------------------------------------------------------------------------------


async def test_a_key_tells_both_edges_by_its_name(bench: Bench) -> None:
    edges = Edges(bench.contacts)
    bench.press("next")
    assert await edges.first(1) == [("next", True)]
    assert bench.contacts.is_active("next")
    assert not bench.contacts.is_active("recall")
    bench.release("next")
    assert await edges.first(2) == [("next", True), ("next", False)]
    assert not bench.contacts.is_active("next")
    bench.contacts.close()


async def test_two_keys_are_held_at_once(bench: Bench) -> None:
    edges = Edges(bench.contacts)
    bench.press("next")
    bench.press("recall")
    bench.release("next")
    assert await edges.first(3) == [("next", True), ("recall", True), ("next", False)]
    assert bench.contacts.is_active("recall")
    bench.contacts.close()


async def test_the_lamp_is_lit_and_dark_as_told(bench: Bench) -> None:
    Edges(bench.contacts)
    for is_lit in (True, False, True):
        bench.lights.light(LAMP, is_lit)
        assert bench.is_lit() is is_lit
    bench.contacts.close()


async def test_a_closed_panel_is_silent(bench: Bench) -> None:
    edges = Edges(bench.contacts)
    bench.contacts.close()
    bench.press("next")
    await asyncio.sleep(0)
    assert edges.told == []


async def test_each_press_counts_once(bench: Bench) -> None:
    pressed: list[str] = []
    came = asyncio.Event()

    def press(name: str) -> None:
        pressed.append(name)
        came.set()

    keys = Keys(a_node(HubOnAir()), "panel", bench.contacts, KEYS, press)
    keys.listen()
    for name in ("next", "recall"):
        came.clear()
        bench.press(name)
        bench.release(name)
        async with asyncio.timeout(SOON_S):
            await came.wait()
    assert pressed == ["next", "recall"]
    keys.close()


# --- keypads -----------------------------------------------------------------------------------------------------


async def test_a_key_that_is_held_repeats_itself_for_nobody() -> None:
    bench = OfFake()
    edges = Edges(bench.contacts)
    bench.press("next")
    for _ in range(30):
        bench.fake.repeat(CODES["enter"][0])
    assert edges.told == [("next", True)]


async def test_a_key_that_means_nothing_here_is_not_heard() -> None:
    bench = OfFake()
    edges = Edges(bench.contacts)
    bench.fake.press(CODES["7"][0])
    bench.fake.press(999)
    assert edges.told == []


async def test_a_keypad_may_send_the_codes_of_a_whole_keyboard() -> None:
    bench = OfFake()
    edges = Edges(bench.contacts)
    for code in CODES["enter"]:
        bench.fake.press(code)
        bench.fake.release(code)
    assert edges.told == [("next", True), ("next", False)] * 2


@pytest.mark.parametrize("bytes_at_once", [1, 7, 25])
async def test_events_that_come_in_pieces_are_put_together(bytes_at_once: int) -> None:
    bench = OfFake()
    bench.fake.bytes_at_once = bytes_at_once
    edges = Edges(bench.contacts)
    bench.press("next")
    bench.release("next")
    assert edges.told == [("next", True), ("next", False)]


async def test_after_lost_events_nothing_is_held_and_what_was_half_told_is_not_believed() -> None:
    bench = OfFake()
    edges = Edges(bench.contacts)
    bench.press("next")
    bench.fake.overflow(CODES["plus"][0])
    assert edges.told == [("next", True), ("next", False)]
    bench.press("recall")
    assert edges.told[2:] == [("recall", True)]


def test_a_keypad_that_is_pulled_out_lets_go_says_so_and_is_taken_up_again_with_its_light() -> None:
    from simulator.clock import Now, run_virtual
    from tests.displays import START_AT

    async def scene(_: Now) -> None:
        fake, faults = FakeKeypad(), list[str]()
        keypad = a_keypad(fake.open, faults)
        edges = Edges(keypad)
        fake.press(CODES["enter"][0])
        keypad.light(LAMP, True)
        fake.unplug()
        fake.light(False)
        assert edges.told == [("next", True), ("next", False)]
        await asyncio.sleep(3 * AGAIN_S)
        fake.plug_in()
        await asyncio.sleep(AGAIN_S)
        assert faults[0] == "back"
        assert faults[1] == "keypad is gone (No such device); plug it in"
        assert faults[-2:] == ["keypad is gone (No such file or directory); plug it in", "back"]
        assert fake.is_lit
        fake.press(CODES["enter"][0])
        assert edges.told[2:] == [("next", True)]
        keypad.close()

    run_virtual(scene, seed=1, start_at=START_AT)


async def test_a_keypad_is_taken_for_one_alone(tmp_path: Path) -> None:
    bench = OfPipe(tmp_path)
    Edges(bench.contacts)
    assert len(bench.grabbed) == 1
    bench.contacts.close()
    bench.close()
