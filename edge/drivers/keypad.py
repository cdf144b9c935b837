"""A USB keypad through Linux's input events: keys that tell their edges, and the Num Lock light as a lamp.

This driver knows `struct input_event` of linux/input.h (docs.kernel.org/input/input.html), which is stable and small
enough to need no library. The keypad is grabbed, so that what is typed reaches no console and no browser. Everything
happens on the event loop: an event is there or not, and nothing here waits. A keypad that is pulled out is looked for
until it is back.
"""

import asyncio
import fcntl
import os
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from edge.errors import DeviceFault

EVENT = struct.Struct("@llHHi")
"""Seconds, microseconds, type, code, value; of the machine's own sizes."""
EV_SYN, EV_KEY, EV_LED = 0, 1, 17
SYN_REPORT, SYN_DROPPED = 0, 3
LED_NUMLOCK = 0
DOWN, UP = 1, 0
"""2 would be the repetition of a key that is held."""
EVIOCGRAB = 0x40044590

CODES = {
    "0": (82, 11), "1": (79, 2), "2": (80, 3), "3": (81, 4), "4": (75, 5), "5": (76, 6), "6": (77, 7), "7": (71, 8),
    "8": (72, 9), "9": (73, 10), "enter": (96, 28), "plus": (78,), "minus": (74, 12), "times": (55,),
    "slash": (98, 53), "dot": (83, 52), "numlock": (69,), "backspace": (14,), "tab": (15,), "space": (57,),
}  # fmt: skip
"""What stands on a key to the codes that keypads send for it (linux/input-event-codes.h): their own block, and some
that of a whole keyboard."""

AGAIN_S = 2.0
"""How often a keypad that is not there is looked for."""
READ_BYTES = EVENT.size * 64


class Port(Protocol):
    """An open keypad."""

    def listen(self, told: Callable[[], None]) -> None:
        """Call `told` on the event loop whenever there is something to read."""

    def read(self) -> bytes:
        """What there is; empty for nothing.

        Raises:
            OSError: it is gone.
        """

    def write(self, data: bytes) -> None:
        """
        Raises:
            OSError: it is gone.
        """

    def close(self) -> None: ...


class Keypad:
    """Keys and a lamp (`edge.contacts`). All on the event loop."""

    def __init__(
        self,
        open_port: Callable[[], Port],
        keys: Mapping[str, tuple[int, ...]],
        *,
        lost: Callable[[DeviceFault], object],
        back: Callable[[], None],
    ) -> None:
        """`keys` are names and the codes that mean them. `lost(fault)` and `back()` are told whenever it is looked
        for."""
        self._open_port = open_port
        self._names = {code: name for name, codes in keys.items() for code in codes}
        self._lost = lost
        self._back = back
        self._port: Port | None = None
        self._down: set[str] = set()
        self._is_lit = False
        self._rest = b""
        """The beginning of an event whose end has not come."""
        self._is_out_of_step = False
        """Linux has lost events: until the end of this packet nothing is true."""
        self._changed: Callable[[str, bool], None] = lambda name, is_down: None
        self._again: asyncio.TimerHandle | None = None

    def is_active(self, name: str) -> bool:
        return name in self._down

    def listen(self, changed: Callable[[str, bool], None]) -> None:
        self._changed = changed
        self._open()

    def light(self, name: str, is_lit: bool) -> None:
        """The one lamp, whatever its name. While the keypad is gone it is remembered."""
        self._is_lit = is_lit
        if self._port is None:
            return
        try:
            self._port.write(_event(EV_LED, LED_NUMLOCK, int(is_lit)) + _event(EV_SYN, SYN_REPORT, 0))
        except OSError as error:
            self._lose(error)

    def close(self) -> None:
        if self._again is not None:
            self._again.cancel()
        if self._port is not None:
            self._port.close()
            self._port = None

    # --- coming and going ------------------------------------------------------------------------------------

    def _open(self) -> None:
        try:
            port = self._open_port()
        except OSError as error:
            self._lose(error)
            return
        self._port = port
        port.listen(self._readable)
        self._back()
        self.light("", self._is_lit)

    def _lose(self, error: OSError) -> None:
        self.close()
        self._rest, self._is_out_of_step = b"", False
        self._let_go()
        self._lost(DeviceFault(f"keypad is gone ({error.strerror or error}); plug it in"))
        self._again = asyncio.get_running_loop().call_later(AGAIN_S, self._open)

    def _let_go(self) -> None:
        """Nothing is known to be held any more."""
        for name in sorted(self._down):
            self._down.discard(name)
            self._changed(name, False)

    # --- events ----------------------------------------------------------------------------------------------

    def _readable(self) -> None:
        if self._port is None:
            return
        try:
            data = self._rest + self._port.read()
        except OSError as error:
            self._lose(error)
            return
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            self._take(kind, code, value)

    def _take(self, kind: int, code: int, value: int) -> None:
        if kind == EV_SYN:
            if code == SYN_DROPPED:
                self._let_go()
            self._is_out_of_step = code == SYN_DROPPED
        elif kind == EV_KEY and value in (UP, DOWN) and not self._is_out_of_step:
            name = self._names.get(code)
            if name is not None and (name in self._down) != (value == DOWN):
                (self._down.add if value == DOWN else self._down.discard)(name)
                self._changed(name, value == DOWN)


def _event(kind: int, code: int, value: int) -> bytes:
    """Linux stamps it itself."""
    return EVENT.pack(0, 0, kind, code, value)


class InputPort:
    """One of Linux's input devices."""

    def __init__(self, path: Path, grab: Callable[[int], None]) -> None:
        """
        Raises:
            OSError: it is not there, may not be used, or another program has it.
        """
        self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            grab(self._file)
        except OSError:
            os.close(self._file)
            raise
        self._loop: asyncio.AbstractEventLoop | None = None

    def listen(self, told: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._file, told)

    def read(self) -> bytes:
        try:
            return os.read(self._file, READ_BYTES)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        os.write(self._file, data)

    def close(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self._file)
        os.close(self._file)


def input_port(path: str) -> Callable[[], Port]:
    """Opens the keypad at `path`, such as /dev/input/by-id/usb-…-event-kbd, for us alone."""
    return lambda: InputPort(Path(path), _grab)


def _grab(file: int) -> None:
    fcntl.ioctl(file, EVIOCGRAB, 1)
