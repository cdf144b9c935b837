"""A call panel of push buttons."""

from dataclasses import dataclass
from typing import Annotated, Literal

from edge.role import Role
from edge.roles.panel import LAMP, Panel
from edge.settings import NOT_EMPTY, DeviceSettings, Pin
from edge.toolbox import Toolbox
from wire.messages import Key


@dataclass(frozen=True, kw_only=True)
class PanelGpio(DeviceSettings):
    """Push buttons of a desk, each between its pin and ground, and one lamp."""

    pin_settings = ("pins", "lamp")

    kind: Literal["panel"]
    driver: Literal["gpio"] = "gpio"
    pins: Annotated[dict[Key, Pin], NOT_EMPTY]
    lamp: Pin | None = None

    def build(self, toolbox: Toolbox) -> Role:
        lamps = {} if self.lamp is None else {LAMP: self.lamp}
        keys = toolbox.inputs({str(key): pin for key, pin in self.pins.items()})
        return Panel(toolbox.node, toolbox.info(self), keys, toolbox.lamps(lamps))
