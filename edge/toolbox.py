"""From the agent file to roles with their drivers: real ones, or fakes that are moved by hand.

The toolbox is what a device is built with. It does not know which devices there are: each is described, and built, by
its own file in `edge/devices/`. A fake replaces what is outside of us: the pins, the serial port, the LEDs. Roles,
drivers and bytes are the same in both cases.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from edge.contacts import Contacts, Lights
from edge.keep import Keep, Keeps, keeps_in
from edge.lane import Condition
from edge.node import Node
from edge.role import Role
from edge.screens.kiosk_screen import KioskScreen
from edge.screens.screen import Screen
from edge.settings import DeviceSettings
from edge.told_keep import ToldKeep
from edge.tuning import Tuning
from wire.messages import DeviceInfo

if TYPE_CHECKING:
    from edge.config import AgentConfig
    from edge.hands import Hands
    from edge.roles.printer import Printer
    from edge.screens.reading import Shows

DeviceT = TypeVar("DeviceT", bound=DeviceSettings)

Drawn = Callable[[str, tuple[str, ...]], None]
"""Board, and the numbers drawn on it as current. Called where the driver runs."""


@dataclass(kw_only=True)
class Devices:
    """All that hangs on a node."""

    roles: list[Role] = field(default_factory=list)
    screens: dict[str, Screen] = field(default_factory=dict)
    """Boards and signs that are pages."""
    kiosks: dict[str, KioskScreen] = field(default_factory=dict)
    """Kiosks that are pages to touch."""
    matrices: dict[str, Callable[[], str]] = field(default_factory=dict)
    """Boards of LEDs, each with a function that draws it as SVG."""
    hands: "Hands | None" = None
    """What moves the fakes; None when the devices are real."""
    tuning: Tuning
    """What the hub wishes of their settings."""

    @property
    def has_pages(self) -> bool:
        """Whether there is anything for the browser beside the agent."""
        return bool(self.screens or self.kiosks)


def build(
    config: "AgentConfig",
    node: Node,
    *,
    fake: bool,
    drawn: Drawn | None = None,
    hands: "Hands | None" = None,
    keeps: Keeps | None = None,
) -> Devices:
    """The roles of `config`. `hands` are those of fakes that were there before, as hardware outlives a power cut. What
    must survive a restart is kept in `keeps`, or else in the folder of the agent file.

    Raises:
        DeviceFault: a pin, or the LEDs' bus, cannot be had. A printer is looked for later, and again and again.
    """
    if fake and hands is None:
        from edge.hands import Hands

        hands = Hands(config)
    devices = Devices(hands=hands if fake else None, tuning=Tuning(node))
    toolbox = Toolbox(config, node, devices, drawn, keeps or keeps_in(config.data_dir))
    try:
        for device in config.devices:
            in_force = devices.tuning.in_force(device, toolbox.keep(device, "settings"))
            role = in_force.build(toolbox)
            role.look = toolbox.looks.get(device.id)
            devices.roles.append(role)
    except Exception:
        for role in devices.roles:
            role.close()
        raise
    return devices


class Toolbox:
    """What the devices of one node are built with, and where they leave what others need of them."""

    def __init__(self, config: "AgentConfig", node: Node, devices: Devices, drawn: Drawn | None, keeps: Keeps) -> None:
        self.node = node
        self.zone = ZoneInfo(config.time_zone)
        self.printers: dict[str, Printer] = {}
        """The node's printers by name, for a kiosk that prints while it is cut off; filled as they are built."""
        self.matrices = devices.matrices
        self.looks: dict[str, Callable[[], list[str]]] = {}
        """What is to be read on displays at the moment, for somebody who looks for a fault from afar."""
        self._node_name = config.node
        self._devices = devices
        self._drawn = drawn
        self._keeps = keeps
        self._pins: Any = None

    def info(self, device: DeviceSettings) -> DeviceInfo:
        """How the node describes that device on the wire."""
        is_fake = self.hands_on(device) is not None
        return DeviceInfo(id=device.id, kind=device.kind, driver=device.driver, fake=is_fake)

    def hands_on(self, device: DeviceSettings) -> "Hands | None":
        """What moves the fake that stands for that device; None when it is real."""
        hands = self._devices.hands
        return hands if hands is not None and hands.hold(device.id) else None

    def keep(self, device: DeviceSettings, what: str) -> Keep:
        """Where that device keeps `what` over a restart."""
        keep = self._keeps(f"{self._node_name}-{device.id}-{what}.json")
        return ToldKeep(keep, Condition(self.node, device.id, f"memory of {what}"))

    def when_tuned(self, device: DeviceT, apply: Callable[[DeviceT], None]) -> None:
        """Have `apply` called, on the event loop, with that device's settings when the hub wishes them otherwise."""
        self._devices.tuning.on_change(device.id, apply)

    def screen(self, device: DeviceSettings) -> Screen:
        """A page for the browser beside the agent."""
        screen = self._devices.screens[device.id] = Screen()
        self.look_at(device, screen)
        return screen

    def kiosk_screen(self, device: DeviceSettings) -> KioskScreen:
        """A page to touch, for the browser beside the agent."""
        screen = KioskScreen(f"{self._node_name}/{device.id}", self.node.new_token, self.zone.key)
        self._devices.kiosks[device.id] = screen
        self.looks[device.id] = partial(self._look_at_kiosk, screen, device.id)
        return screen

    def look_at(self, device: DeviceSettings, driver: "Shows") -> None:
        """What that driver shows can be told from afar."""
        self.looks[device.id] = partial(self._look_at_screen, driver)

    # Read when somebody first looks from afar: a node starts without it.
    @staticmethod
    def _look_at_screen(driver: "Shows") -> list[str]:
        from edge.screens.reading import lines_on

        return lines_on(driver)

    @staticmethod
    def _look_at_kiosk(screen: KioskScreen, device: str) -> list[str]:
        from edge.screens.reading import lines_on_kiosk

        return lines_on_kiosk(screen, device)

    def drawn_on(self, device: DeviceSettings) -> Callable[[tuple[str, ...]], None] | None:
        """Whom a board tells which numbers it has drawn; None for nobody."""
        return None if self._drawn is None else partial(self._drawn, device.id)

    def inputs(self, pins: Mapping[str, int]) -> Contacts:
        """Named contacts, each between its pin and ground.

        Raises:
            DeviceFault: a pin is in use, or is not one.
        """
        from edge.drivers.gpio import Inputs

        return Inputs(pins, self._pin_factory())

    def lamps(self, pins: Mapping[str, int], *, active_low: bool = False) -> Lights:
        """Named lamps or relays, dark at first; with `active_low` they are lit by a low pin.

        Raises:
            DeviceFault: a pin is in use, or is not one.
        """
        from edge.drivers.gpio import Lamps

        return Lamps(pins, self._pin_factory(), active_low=active_low)

    def _pin_factory(self) -> Any:
        """Opened with the first device that has pins, so that a node without any runs on any machine."""
        if self._pins is None:
            from edge.drivers.gpio import real_pins

            hands = self._devices.hands
            self._pins = real_pins() if hands is None else hands.pins.factory
        return self._pins
