"""What roles need of pins: contacts that tell their edges, lights that can be lit, keys made of both worlds' care.

This room knows how an edge comes from a driver's thread to the event loop. It does not know gpiozero.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from edge.debounce import Debounce


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

    def __init__(self, contacts: Contacts, names: Iterable[str], pressed: Callable[[str], None]) -> None:
        """`pressed(name)` is called on the loop, once per press however the contact bounces."""
        self._contacts = contacts
        self._pressed = pressed
        self._debounce = {name: Debounce() for name in names}

    def listen(self) -> None:
        listen_on_loop(self._contacts, self._edge)

    def close(self) -> None:
        self._contacts.close()

    def _edge(self, name: str, is_down: bool) -> None:
        if self._debounce[name].edge(is_down, asyncio.get_running_loop().time()):
            self._pressed(name)
