"""From the agent file to roles with their drivers: real ones, or fakes that are moved by hand.

The only place that knows both sides. A fake replaces what is outside of us: the pins, the serial port, the LEDs. Roles,
drivers and bytes are the same in both cases.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from edge.board import Board, BoardDriver
from edge.config import (
    AgentConfig,
    BoardMatrix,
    BoardPage,
    CounterGpio,
    Device,
    KioskGpio,
    PanelGpio,
    PrinterSerial,
    SignPage,
)
from edge.counter import Counter
from edge.hands import Hands
from edge.keep import Keep, Keeps, keeps_in
from edge.kiosk import Kiosk
from edge.node import Node
from edge.panel import LAMP, Panel
from edge.printer import Printer
from edge.role import Role
from edge.screens.screen import Screen
from edge.sign import Sign
from wire.messages import DeviceInfo

Drawn = Callable[[str, tuple[str, ...]], None]
"""Board, and the numbers drawn on it as current. Called where the driver runs."""


@dataclass
class Devices:
    """All that hangs on a node."""

    roles: list[Role] = field(default_factory=list)
    screens: dict[str, Screen] = field(default_factory=dict)
    """Boards and signs that are pages."""
    matrices: dict[str, Callable[[], str]] = field(default_factory=dict)
    """Boards of LEDs, each with a function that draws it as SVG."""
    hands: Hands | None = None
    """What moves the fakes; None when the devices are real."""


def build(
    config: AgentConfig,
    node: Node,
    *,
    fake: bool,
    drawn: Drawn | None = None,
    hands: Hands | None = None,
    keeps: Keeps | None = None,
) -> Devices:
    """The roles of `config`. `hands` are those of fakes that were there before, as hardware outlives a power cut. What
    must survive a restart is kept in `keeps`, or else in the folder of the agent file.

    Raises:
        DeviceFault: a pin, or the LEDs' bus, cannot be had. A printer is looked for later, and again and again.
    """
    return _Builder(config, node, drawn, (hands or Hands(config)) if fake else None, keeps).build()


class _Builder:
    def __init__(
        self, config: AgentConfig, node: Node, drawn: Drawn | None, hands: Hands | None, keeps: Keeps | None
    ) -> None:
        self._config = config
        self._node = node
        self._drawn = drawn
        self._zone = ZoneInfo(config.time_zone)
        self._devices = Devices(hands=hands)
        self._keeps = keeps or keeps_in(config.data_dir)
        self._printers: dict[str, Printer] = {}
        self._pins: Any = None

    def build(self) -> Devices:
        try:
            for device in self._config.devices:
                self._devices.roles.append(self._role(device))
        except Exception:
            for role in self._devices.roles:
                role.close()
            raise
        return self._devices

    def _role(self, device: Device) -> Role:
        info = DeviceInfo(id=device.id, kind=device.kind, driver=device.driver, fake=self._is_fake(device))
        match device:
            case PanelGpio():
                return self._panel(device, info)
            case KioskGpio():
                return self._kiosk(device, info)
            case CounterGpio():
                from edge.drivers.gpio import Inputs

                beams = Inputs({"outer": device.outer, "inner": device.inner}, self._pin_factory())
                return Counter(self._node, info, beams)
            case PrinterSerial():
                return self._printer(device, info)
            case BoardMatrix():
                return self._matrix(device, info)
            case BoardPage():
                return self._board(info, self._screen(info))
            case SignPage():
                return Sign(self._node, info, self._screen(info), self._zone)
            case _:
                assert_never(device)

    def _is_fake(self, device: Device) -> bool:
        return self._devices.hands is not None and self._devices.hands.hold(device.id)

    def _panel(self, device: PanelGpio, info: DeviceInfo) -> Panel:
        from edge.drivers.gpio import Inputs, Lamps

        factory = self._pin_factory()
        keys = {str(key): pin for key, pin in device.pins.items()}
        lamps = {} if device.lamp is None else {LAMP: device.lamp}
        return Panel(self._node, info, Inputs(keys, factory), Lamps(lamps, factory))

    def _kiosk(self, device: KioskGpio, info: DeviceInfo) -> Kiosk:
        from edge.drivers.gpio import Inputs, Lamps

        factory = self._pin_factory()
        keys, lamps = Inputs(device.pins, factory), Lamps(device.lamps, factory)
        return Kiosk(
            self._node,
            info,
            keys,
            lamps,
            services=list(device.pins),
            language=device.language,
            printers=self._printers,
            keep=self._keep(device.id, "offline"),
        )

    def _printer(self, device: PrinterSerial, info: DeviceInfo) -> Printer:
        from edge.drivers.escpos import EscposPrinter, serial_port

        if self._devices.hands is not None and info.fake:
            open_port = self._devices.hands.serial_port(device.id)
        else:
            open_port = serial_port(device.port, device.baud)
        driver = EscposPrinter(open_port, columns=device.columns, baud=device.baud, draws_codes=device.draws_codes)
        printer = self._printers[device.id] = Printer(self._node, info, driver, self._keep(device.id, "jobs"))
        return printer

    def _matrix(self, device: BoardMatrix, info: DeviceInfo) -> Board:
        from edge.drivers.matrix import MatrixOptions, open_matrix

        options = MatrixOptions(
            modules=device.modules,
            turned_deg=device.turned_deg,
            reversed=device.reversed,
            contrast=device.contrast,
            spi_port=device.spi_port,
            spi_device=device.spi_device,
        )
        matrix = open_matrix(options, fake=info.fake)
        self._devices.matrices[device.id] = matrix.svg
        return self._board(info, matrix)

    def _board(self, info: DeviceInfo, driver: BoardDriver) -> Board:
        drawn = None if self._drawn is None else partial(self._drawn, info.id)
        return Board(self._node, info, driver, self._zone, drawn)

    def _screen(self, info: DeviceInfo) -> Screen:
        screen = self._devices.screens[info.id] = Screen()
        return screen

    def _keep(self, device: str, what: str) -> Keep:
        return self._keeps(f"{self._config.node}-{device}-{what}.json")

    def _pin_factory(self) -> Any:
        """Opened with the first device that has pins, so that a node without any runs on any machine."""
        if self._pins is None:
            from edge.drivers.gpio import real_pins

            hands = self._devices.hands
            self._pins = real_pins() if hands is None else hands.pins.factory
        return self._pins
