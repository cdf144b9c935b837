"""What roles need of pins: contacts that tell their edges, lights that can be lit, keys made of both worlds' care.

This room knows how an edge comes from a driver's thread to the event loop. It does not know gpiozero.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from edge.debounce import Debounce, Gesture
from edge.errors import DeviceFault
from edge.lane import Condition
from edge.node import Node

LONG_S = 0.8
"""Longer than anybody taps, and no trial of patience."""


class Contacts(Protocol):
    """Named inputs."""

    def is_active(self, name: str) -> bool: ...

    def listen(self, changed: Callable[[str, bool], None]) -> None:
        """Call `changed(name, is_active)` at every edge, in whatever thread it arrives."""

    def close(self) -> None: ...


class Lights(Protocol):
    """Named lamps or relays."""

    def light(self, name: str, is_lit: bool) -> None:
        """
        Raises:
            DeviceFault: it cannot be switched.
        """

    def close(self) -> None: ...


def listen_on_loop(contacts: Contacts, edge: Callable[[str, bool], None]) -> None:
    """Have `edge(name, is_active)` called on the running loop. The driver's thread does nothing but hand over."""
    loop = asyncio.get_running_loop()

    def hand_over(name: str, is_active: bool) -> None:
        loop.call_soon_threadsafe(edge, name, is_active)

    contacts.listen(hand_over)


class Keys:
    """Contacts that people press."""

    def __init__(
        self,
        node: Node,
        device: str,
        contacts: Contacts,
        names: Iterable[str],
        pressed: Callable[[str], None],
        *,
        held: Mapping[str, Callable[[], None]] | None = None,
        long_s: float = LONG_S,
    ) -> None:
        """`pressed(name)` is called on the loop, once per press however the contact bounces. Keys in `held` mean
        something else when they are pressed for `long_s`: then that is called, and `pressed` on a short press alone,
        when it is over. A key that sticks is told to the node's health."""
        self._contacts = contacts
        self._pressed = pressed
        self._held = held or {}
        self._debounce = {name: Debounce(long_s if name in self._held else None) for name in names}
        self._conditions = {name: Condition(node, device, f"key {name}") for name in self._debounce}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        """Of keys whose level is to be looked at."""
        self.touched: Callable[[str], None] = lambda name: None
        """Told at once when a key goes down whose meaning shows only later."""

    def set_long_s(self, long_s: float) -> None:
        """What is long from the next press on."""
        for name in self._held:
            self._debounce[name].long_s = long_s

    def listen(self) -> None:
        listen_on_loop(self._contacts, self._edge)
        for name, debounce in self._debounce.items():
            if self._contacts.is_active(name):
                debounce.found_down(asyncio.get_running_loop().time())
                self._look_later(name)

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._contacts.close()

    def _edge(self, name: str, is_down: bool) -> None:
        debounce = self._debounce[name]
        was_held = debounce.is_held
        self._do(name, debounce.edge(is_down, asyncio.get_running_loop().time()))
        if name in self._held and debounce.is_held and not was_held:
            self.touched(name)
        self._look_later(name)

    def _look(self, name: str) -> None:
        is_down = self._contacts.is_active(name)
        self._do(name, self._debounce[name].look(is_down, asyncio.get_running_loop().time()))
        self._look_later(name)

    def _look_later(self, name: str) -> None:
        if (timer := self._timers.pop(name, None)) is not None:
            timer.cancel()
        look_at_s = self._debounce[name].look_at_s
        if look_at_s is not None:
            self._timers[name] = asyncio.get_running_loop().call_at(look_at_s, self._look, name)

    def _do(self, name: str, gesture: Gesture | None) -> None:
        match gesture:
            case Gesture.SHORT:
                self._pressed(name)
            case Gesture.LONG:
                self._held[name]()
            case Gesture.STUCK:
                self._conditions[name].failed(DeviceFault(f"key {name!r} is held down; free it"))
            case Gesture.FREE:
                self._conditions[name].worked()
            case None:
                pass
