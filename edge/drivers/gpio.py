"""Pins of the Raspberry Pi through gpiozero: inputs that tell their edges, lamps that are lit or not.

This driver knows levels. It starts no thread of its own: no hold, no blink, no debounce. With lgpio the edges arrive
in lgpio's thread; with `FakePins` they arrive in the thread of whoever moves the pin.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gpiozero import DigitalOutputDevice, InputDevice
from gpiozero.exc import GPIOZeroError
from gpiozero.pins.mock import MockFactory, MockPin

from edge.errors import DeviceFault

Changed = Callable[[str, bool], None]
"""Name of an input, and whether it is active now."""


class Inputs:
    """Named inputs, pulled up and active when low: a pressed button, a sensor that sees something."""

    def __init__(self, pins: Mapping[str, int], factory: Any) -> None:
        """
        Raises:
            DeviceFault: a pin is in use, or is not one.
        """
        self._inputs = {name: _Input(name, pin, factory) for name, pin in pins.items()}

    def is_active(self, name: str) -> bool:
        return self._inputs[name].is_active

    def listen(self, changed: Changed) -> None:
        """Tell every edge from now on, in the thread in which it arrives."""
        for watched in self._inputs.values():
            watched.listen(changed)

    def close(self) -> None:
        for watched in self._inputs.values():
            watched.close()


class _Input:
    """One input. It listens to the pin itself, because gpiozero's events would swallow the edges of the next press
    when the last edge of this one is lost, which happens with lgpio."""

    def __init__(self, name: str, pin: int, factory: Any) -> None:
        self._name = name
        self._changed: Changed | None = None
        try:
            self._device = InputDevice(pin, pull_up=True, pin_factory=factory)
        except GPIOZeroError as error:
            raise DeviceFault(f"GPIO {pin} cannot be the input {name!r}: {error}; choose another pin") from error

    @property
    def is_active(self) -> bool:
        return bool(self._device.is_active)

    def listen(self, changed: Changed) -> None:
        self._changed = changed
        self._device.pin.edges = "both"
        self._device.pin.when_changed = self._pin_changed

    def _pin_changed(self, ticks: float, level: int) -> None:
        if self._changed is not None:
            self._changed(self._name, not level)

    def close(self) -> None:
        self._device.close()


class Lamps:
    """Named lamps or relays, lit when their pin is high; with `active_low`, when it is low. All are dark at first."""

    def __init__(self, pins: Mapping[str, int], factory: Any, *, active_low: bool = False) -> None:
        """
        Raises:
            DeviceFault: a pin is in use, or is not one.
        """
        self._pins = pins
        self._lamps: dict[str, DigitalOutputDevice] = {}
        for name, pin in pins.items():
            try:
                self._lamps[name] = DigitalOutputDevice(pin, active_high=not active_low, pin_factory=factory)
            except GPIOZeroError as error:
                self.close()
                raise DeviceFault(f"GPIO {pin} cannot be the lamp {name!r}: {error}; choose another pin") from error

    def light(self, name: str, is_lit: bool) -> None:
        """Nothing happens when no lamp of that name is wired.

        Raises:
            DeviceFault: the pin does not take its level.
        """
        if name not in self._lamps:
            return
        try:
            self._lamps[name].value = is_lit
        except Exception as error:  # lgpio raises its own class, gpiozero another, Linux a third
            pin = self._pins[name]
            raise DeviceFault(f"lamp {name!r} at GPIO {pin} does not switch ({error}); check its wiring") from error

    def close(self) -> None:
        for lamp in self._lamps.values():
            lamp.close()


def real_pins() -> Any:
    """The pins of this Raspberry Pi, by lgpio: the one library that works on all of its models.

    Raises:
        DeviceFault: not a Raspberry Pi, no permission, or lgpio is missing.
    """
    try:
        from gpiozero.pins.lgpio import LGPIOFactory

        return LGPIOFactory()
    except Exception as error:  # lgpio raises its own class, gpiozero another, Linux a third
        needs = "run on a Raspberry Pi as a member of group 'gpio', or with --fake"
        raise DeviceFault(f"no GPIO pins here ({error}); {needs}") from error


class _FakePin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that tells when its level has changed, though it be a lamp's."""

    told: Callable[[], None] | None = None
    is_broken = False
    is_jammed = False

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        if self.is_jammed:
            self._change_state(False)  # whoever looks at it anew finds it as it is

    def _set_state(self, value: bool) -> None:
        if self.is_broken:
            raise OSError(5, "Input/output error")
        super()._set_state(value)

    def _change_state(self, value: bool) -> bool:
        is_news = bool(super()._change_state(value))
        if is_news and self.told is not None:
            self.told()
        return is_news


class FakePins:
    """The pins of a Raspberry Pi that is not there, to be moved by hand. `factory` takes the place of the real one."""

    def __init__(self) -> None:
        self.factory = MockFactory(pin_class=_FakePin)
        self._pins: dict[int, Any] = {}

    def press(self, pin: int) -> None:
        """Pull the pin low, as a pressed button or a darkened beam does."""
        self._pin(pin).drive_low()

    def release(self, pin: int) -> None:
        if not self._pin(pin).is_jammed:
            self._pin(pin).drive_high()

    def jam(self, pin: int, *, is_jammed: bool = True) -> None:
        """Something holds the pin low, whoever presses and lets go, or is taken away."""
        found = self._pin(pin)
        found.is_jammed = is_jammed
        if is_jammed:
            found.drive_low()
        else:
            found.drive_high()

    def is_jammed(self, pin: int) -> bool:
        return bool(self._pin(pin).is_jammed)

    def is_lit(self, pin: int) -> bool:
        """Whether the lamp at this pin has current."""
        return bool(self._pin(pin).state)

    def break_down(self, pin: int, *, is_broken: bool = True) -> None:
        """No lamp at this pin can be switched from now on, or again. It stays as it is."""
        self._pin(pin).is_broken = is_broken

    def watch(self, pin: int, told: Callable[[], None]) -> None:
        """Call `told` whenever the level of this pin has changed."""
        self._pin(pin).told = told

    def _pin(self, number: int) -> Any:
        """gpiozero walks through all headers of the board for each look at a pin."""
        if number not in self._pins:
            self._pins[number] = self.factory.pin(number)
        return self._pins[number]
