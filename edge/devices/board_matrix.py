"""A call board of LED modules."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from edge.by_hour import ByHour
from edge.role import Role
from edge.roles.board import Board
from edge.settings import Clock, DeviceSettings, between
from edge.toolbox import Toolbox

Brightness = Annotated[int, between(0, 255, "a brightness")]


@dataclass(frozen=True, kw_only=True)
class BoardMatrix(DeviceSettings):
    """A call board of LED modules on SPI."""

    has_spi = True
    tunable = ("contrast",)

    kind: Literal["board"]
    driver: Literal["matrix"]
    modules: Annotated[int, between(1, 32, "a number of modules")] = 8
    turned_deg: Literal[0, 90, -90, 180] = 0
    reversed: bool = False
    contrast: Brightness = 112
    contrast_at: dict[Clock, Brightness] = field(default_factory=dict)
    spi_port: Annotated[int, between(0, 1, "an SPI port")] = 0
    spi_device: Annotated[int, between(0, 1, "a chip select")] = 0

    def build(self, toolbox: Toolbox) -> Role:
        from edge.drivers.matrix import MatrixOptions, open_matrix

        options = MatrixOptions(
            modules=self.modules,
            turned_deg=self.turned_deg,
            reversed=self.reversed,
            contrast=self.contrast,
            spi_port=self.spi_port,
            spi_device=self.spi_device,
        )
        hands = toolbox.hands_on(self)
        matrix = open_matrix(options, fake=None if hands is None else hands.leds(self.id))
        toolbox.matrices[self.id] = matrix.svg
        toolbox.looks[self.id] = matrix.lines
        board = Board(
            toolbox.node,
            toolbox.info(self),
            matrix,
            toolbox.zone,
            toolbox.drawn_on(self),
            contrast=ByHour(self.contrast, self.contrast_at),
        )

        def tune(settings: BoardMatrix) -> None:
            board.shine(ByHour(settings.contrast, settings.contrast_at))

        toolbox.when_tuned(self, tune)
        return board
