"""Hands for the fakes: what a person does to a panel, a kiosk, a door or a printer.

They know devices by the names of the agent file, keys by theirs, and move what would be moved: a pin, a sheet of paper.
They do not know roles, and nothing that they do is seen by the agent other than through its drivers.
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from edge.beams import Crossing
from edge.config import AgentConfig
from edge.devices.board_matrix import BoardMatrix
from edge.devices.counter_gpio import CounterGpio
from edge.devices.kiosk_gpio import KioskGpio
from edge.devices.light_gpio import LightGpio
from edge.devices.light_relay import LightRelay
from edge.devices.panel_gpio import PanelGpio
from edge.devices.panel_keypad import PanelKeypad
from edge.devices.speaker_program import SpeakerProgram
from edge.errors import EdgeError
from edge.foreign_settings import ForeignSettings
from edge.printer_settings import PrinterSettings
from edge.settings import DeviceSettings
from wire.messages import Paper

if TYPE_CHECKING:
    from edge.drivers.fake_browser import FakeBrowser
    from edge.drivers.fake_counter import FakeSource
    from edge.drivers.fake_keypad import FakeKeypad
    from edge.drivers.fake_leds import FakeLeds
    from edge.drivers.fake_printer import FakePrinter, PrintedSlip
    from edge.drivers.fake_sound import FakeSound
    from edge.drivers.gpio import FakePins
    from edge.drivers.printer_ports import OpenPort

FakeT = TypeVar("FakeT")


class NoSuchThing(EdgeError, LookupError):
    """A hand reached for something that this node has not."""


class Hands:
    """All fakes of one node."""

    def __init__(self, config: AgentConfig, *, pins_only: bool = False) -> None:
        """With `pins_only`, what hangs on pins: all else is real."""
        self._devices: dict[str, DeviceSettings] = {
            device.id: device for device in config.devices if device.pin_settings or not pins_only
        }
        self._fakes: dict[str, Any] = {}
        """By device, what is neither a pin nor a browser."""
        self._browsers: dict[str, FakeBrowser] = {}
        self._counters: dict[str, FakeSource] = {}
        self.told: Callable[[str, str], None] = lambda device, key: None
        """Told of every press, before it is felt."""

    @cached_property
    def pins(self) -> "FakePins":
        from edge.drivers.gpio import FakePins

        return FakePins()

    def printer_port(self, device: str) -> "OpenPort":
        """What takes the place of the printer's port; opens it or raises OSError."""
        from edge.drivers.fake_printer import FakeSerial

        printer = self.printer(device)
        return lambda: FakeSerial(printer)

    def hold(self, device: str) -> bool:
        """Whether that device is a fake."""
        return device in self._devices

    def fake(self, device: str, make: Callable[[], FakeT]) -> FakeT:
        """What stands in the place of that device's hardware, made when somebody first reaches for it: its own file in
        `edge/devices/`, or a hand. Like hardware it outlives the agent."""
        if device not in self._fakes:
            self._fakes[device] = make()
        found: FakeT = self._fakes[device]
        return found

    # --- panels and kiosks -----------------------------------------------------------------------------------

    def press(self, device: str, key: str) -> None:
        """Press and let go. Two presses of a key within `debounce.QUIET_S` are one."""
        self.press_down(device, key)
        self.let_go(device, key)

    def press_down(self, device: str, key: str) -> None:
        """Press, and do not let go."""
        if isinstance(self._devices.get(device), PanelKeypad):
            code = self._key_code(device, key)
            self.told(device, key)
            self.keypad(device).press(code)
        else:
            pin = self._key_pin(device, key)
            if not self.pins.is_jammed(pin):  # else nothing is felt
                self.told(device, key)
                self.pins.press(pin)

    def let_go(self, device: str, key: str) -> None:
        if isinstance(self._devices.get(device), PanelKeypad):
            self.keypad(device).release(self._key_code(device, key))
        else:
            self.pins.release(self._key_pin(device, key))

    def jam(self, device: str, key: str, *, is_jammed: bool = True) -> None:
        """Have that key of a panel or kiosk on pins held down, or free it. Fingers do not move it meanwhile."""
        pin = self._key_pin(device, key)
        if is_jammed:
            self.press_down(device, key)
        self.pins.jam(pin, is_jammed=is_jammed)

    def keys(self, device: str) -> list[str]:
        """Those of a panel or kiosk on pins; none of any other device."""
        found = self._devices.get(device)
        return [str(name) for name in found.pins] if isinstance(found, PanelGpio | KioskGpio) else []

    def keypad(self, device: str) -> "FakeKeypad":
        """The keypad itself, with all its switches."""
        from edge.drivers.fake_keypad import FakeKeypad

        if not isinstance(self._devices.get(device), PanelKeypad):
            raise NoSuchThing(f"no keypad {device!r}")
        return self.fake(device, FakeKeypad)

    def is_lit(self, device: str, key: str = "") -> bool:
        """The lamp of a panel, of a kiosk's key or of a light, whose lamps are `green` and `red`; or a relay."""
        found = self._devices.get(device)
        if isinstance(found, PanelKeypad):
            return self.keypad(device).is_lit
        is_high = self.pins.is_lit(self._lamp_pin(device, key))
        return is_high != (isinstance(found, LightGpio | LightRelay) and found.active_low)

    def break_lamp(self, device: str, key: str = "", *, is_broken: bool = True) -> None:
        """Have that lamp stay as it is, whatever it is told, or mend it."""
        self.pins.break_down(self._lamp_pin(device, key), is_broken=is_broken)

    def watch_lamp(self, device: str, told: Callable[[], None], key: str = "") -> None:
        """Call `told` whenever that lamp goes on or off."""
        if isinstance(self._devices.get(device), PanelKeypad):
            self.keypad(device).watch = told
        else:
            self.pins.watch(self._lamp_pin(device, key), told)

    @property
    def lamps(self) -> list[tuple[str, str]]:
        """Each lamp by its device and key; the one of a panel has no key."""
        panels = [
            (it.id, "")
            for it in self._devices.values()
            if isinstance(it, PanelKeypad) or (isinstance(it, PanelGpio) and it.lamp is not None)
        ]
        kiosks = [(it.id, key) for it in self._devices.values() if isinstance(it, KioskGpio) for key in it.lamps]
        return panels + kiosks

    # --- doors -----------------------------------------------------------------------------------------------

    def cross(self, device: str, way: Crossing) -> None:
        """Walk through both beams."""
        counter = self._counter(device)
        first, second = counter.outer, counter.inner
        if way is Crossing.LEFT:
            first, second = second, first
        self.pins.press(first)
        self.pins.press(second)
        self.pins.release(first)
        self.pins.release(second)

    def block(self, device: str, *, is_blocked: bool = True) -> None:
        """Put something before the outer beam, or take it away."""
        outer = self._counter(device).outer
        if is_blocked:
            self.pins.press(outer)
        else:
            self.pins.release(outer)

    # --- printers --------------------------------------------------------------------------------------------

    @property
    def printers(self) -> list[str]:
        """Names of all printers."""
        return [name for name, device in self._devices.items() if isinstance(device, PrinterSettings)]

    def printer(self, device: str) -> "FakePrinter":
        """The printer itself, with all its switches."""
        from edge.drivers.fake_printer import FakePrinter

        found = self._devices.get(device)
        if not isinstance(found, PrinterSettings):
            raise NoSuchThing(f"no printer {device!r}")
        return self.fake(device, partial(FakePrinter, found.columns, dialect=found.dialect))

    def slips(self, device: str) -> "list[PrintedSlip]":
        """All slips since the start, the oldest first."""
        return list(self.printer(device).slips)

    def tear_off(self, device: str) -> "PrintedSlip | None":
        return self.printer(device).tear_off()

    # --- boards and pages ------------------------------------------------------------------------------------

    def leds(self, device: str) -> "FakeLeds":
        """The modules of a board, whose bus can break."""
        from edge.drivers.fake_leds import FakeLeds

        found = self._devices.get(device)
        if not isinstance(found, BoardMatrix):
            raise NoSuchThing(f"no board of LEDs {device!r}")
        return self.fake(device, partial(FakeLeds, found.modules))

    def browser(self, device: str) -> "FakeBrowser":
        """The one in front of that device's page, whether or not it has one."""
        from edge.drivers.fake_browser import FakeBrowser

        if device not in self._devices:
            raise NoSuchThing(f"no device {device!r}")
        return self._browsers.setdefault(device, FakeBrowser())

    # --- speakers --------------------------------------------------------------------------------------------

    def speaker(self, device: str) -> "FakeSound":
        """What was heard of it, with all its switches."""
        from edge.drivers.fake_sound import FakeSound

        if not isinstance(self._devices.get(device), SpeakerProgram):
            raise NoSuchThing(f"no speaker {device!r}")
        return self.fake(device, FakeSound)

    # --- counters of other makers -----------------------------------------------------------------------------

    def counter(self, device: str) -> "FakeSource":
        """Through which its messages come."""
        from edge.drivers.fake_counter import FakeSource

        if not isinstance(self._devices.get(device), ForeignSettings):
            raise NoSuchThing(f"no counter of another maker {device!r}")
        return self._counters.setdefault(device, FakeSource())

    # --- words -----------------------------------------------------------------------------------------------

    def do(self, line: str) -> None:
        """One action in words: `press panel next`, `enter door`, `leave door`, `tear printer`, `paper printer out`,
        `say door MESSAGE`.

        Raises:
            NoSuchThing: nothing of this kind can be done here.
        """
        match line.split():
            case ["press", device, key]:
                self.press(device, key)
            case ["hold", device, key]:
                self.press_down(device, key)
            case ["release", device, key]:
                self.let_go(device, key)
            case ["enter", device]:
                self.cross(device, Crossing.ENTERED)
            case ["leave", device]:
                self.cross(device, Crossing.LEFT)
            case ["tear", device]:
                self.tear_off(device)
            case ["paper", device, paper] if paper in list(Paper):
                self.printer(device).paper = Paper(paper)
            case ["unplug" | "plug" as verb, device]:
                printer = self.printer(device)
                (printer.plug_in if verb == "plug" else printer.unplug)()
            case ["say", device, *_]:
                self.counter(device).say(" ".join(line.split()[2:]).encode())
            case _:
                raise NoSuchThing(f"{line!r} is no action; try 'press DEVICE KEY' or 'enter DEVICE'")

    # --- finding ---------------------------------------------------------------------------------------------

    def _key_pin(self, device: str, key: str) -> int:
        found = self._devices.get(device)
        pins: dict[str, int] = {}
        if isinstance(found, PanelGpio | KioskGpio):
            pins = {str(name): pin for name, pin in found.pins.items()}
        if key not in pins:
            raise NoSuchThing(f"{device!r} has no key {key!r}")
        return pins[key]

    def _key_code(self, device: str, key: str) -> int:
        from edge.drivers.keypad import CODES

        found = self._devices.get(device)
        keys = {str(name): code for name, code in found.keys.items()} if isinstance(found, PanelKeypad) else {}
        if key not in keys:
            raise NoSuchThing(f"{device!r} has no key {key!r}")
        return CODES[keys[key]][0]

    def _lamp_pin(self, device: str, key: str) -> int:
        found = self._devices.get(device)
        pin = None
        if isinstance(found, PanelGpio):
            pin = found.lamp
        elif isinstance(found, KioskGpio):
            pin = found.lamps.get(key)
        elif isinstance(found, LightRelay):
            pin = found.pin
        elif isinstance(found, LightGpio):
            pin = {"green": found.green, "red": found.red}.get(key)
        if pin is None:
            raise NoSuchThing(f"{device!r} has no lamp {key!r}")
        return pin

    def _counter(self, device: str) -> CounterGpio:
        found = self._devices.get(device)
        if not isinstance(found, CounterGpio):
            raise NoSuchThing(f"no people counter {device!r}")
        return found
