"""A USB keypad that is not there, moved by hand: at the boundary where Linux would hand over its events."""

import errno
from collections.abc import Callable

from edge.drivers.keypad import DOWN, EV_KEY, EV_LED, EV_SYN, EVENT, SYN_DROPPED, SYN_REPORT, UP

REPEATED = 2


class FakeKeypad:
    """The thing itself, with what can go wrong with it."""

    def __init__(self) -> None:
        self.is_plugged_in = True
        self.is_lit = False
        """Its Num Lock light."""
        self.watch: Callable[[], None] = lambda: None
        """Told whenever the light goes on or off."""
        self.bytes_at_once: int | None = None
        """So many bytes are read at a time, as from a slow line; None for all that there are."""
        self._port: FakeKeypadPort | None = None

    def open(self) -> "FakeKeypadPort":
        """
        Raises:
            OSError: it is not plugged in, or open already.
        """
        if not self.is_plugged_in:
            raise OSError(errno.ENOENT, "No such file or directory")
        if self._port is not None and not self._port.is_closed:
            raise OSError(errno.EBUSY, "Device or resource busy")
        self._port = FakeKeypadPort(self)
        return self._port

    # --- hands -----------------------------------------------------------------------------------------------

    def press(self, code: int) -> None:
        self._send((EV_KEY, code, DOWN), (EV_SYN, SYN_REPORT, 0))

    def release(self, code: int) -> None:
        self._send((EV_KEY, code, UP), (EV_SYN, SYN_REPORT, 0))

    def repeat(self, code: int) -> None:
        """As Linux does for a key that is held."""
        self._send((EV_KEY, code, REPEATED), (EV_SYN, SYN_REPORT, 0))

    def overflow(self, code: int) -> None:
        """Linux has lost events; what it says until the end of the packet, such as this key, is not to be believed."""
        self._send((EV_SYN, SYN_DROPPED, 0), (EV_KEY, code, DOWN), (EV_SYN, SYN_REPORT, 0))

    def unplug(self) -> None:
        self.is_plugged_in = False
        if self._port is not None:
            self._port.tell()

    def plug_in(self) -> None:
        self.is_plugged_in = True

    def _send(self, *events: tuple[int, int, int]) -> None:
        if self.is_plugged_in and self._port is not None:
            self._port.arrive(b"".join(EVENT.pack(0, 0, *event) for event in events))

    def light(self, is_lit: bool) -> None:
        """What its driver has told it."""
        if is_lit is not self.is_lit:
            self.is_lit = is_lit
            self.watch()


class FakeKeypadPort:
    """An open `FakeKeypad`."""

    def __init__(self, keypad: FakeKeypad) -> None:
        self.is_closed = False
        self._keypad = keypad
        self._waiting = b""
        self._told: Callable[[], None] = lambda: None

    def listen(self, told: Callable[[], None]) -> None:
        self._told = told

    def read(self) -> bytes:
        self._check()
        length = self._keypad.bytes_at_once or len(self._waiting)
        data, self._waiting = self._waiting[:length], self._waiting[length:]
        return data

    def write(self, data: bytes) -> None:
        self._check()
        for _, _, kind, _, value in EVENT.iter_unpack(data):
            if kind == EV_LED:
                self._keypad.light(bool(value))

    def close(self) -> None:
        self.is_closed = True

    def arrive(self, data: bytes) -> None:
        self._waiting += data
        while self._waiting and not self.is_closed:
            self.tell()

    def tell(self) -> None:
        if not self.is_closed:
            self._told()

    def _check(self) -> None:
        if self.is_closed or not self._keypad.is_plugged_in:
            raise OSError(errno.ENODEV, "No such device")
