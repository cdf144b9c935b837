"""A call panel of push buttons."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from edge.role import Role
from edge.roles.panel import LAMP, Panel, PanelKey
from edge.settings import NOT_EMPTY, DeviceSettings, Pin, between
from edge.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class PanelGpio(DeviceSettings):
    """Push buttons of a desk, each between its pin and ground, and one lamp."""

    pin_settings = ("pins", "lamp")
    tunable = ("long_press_ms",)

    kind: Literal["panel"]
    driver: Literal["gpio"] = "gpio"
    pins: Annotated[dict[PanelKey, Pin], NOT_EMPTY]
    lamp: Pin | None = None
    long: dict[PanelKey, PanelKey] = field(default_factory=dict)
    long_press_ms: Annotated[int, between(300, 5_000, "a time in ms")] = 800

    def build(self, toolbox: Toolbox) -> Role:
        lamps = {} if self.lamp is None else {LAMP: self.lamp}
        contacts = toolbox.inputs({str(key): pin for key, pin in self.pins.items()})
        panel = Panel(
            toolbox.node,
            toolbox.info(self),
            contacts,
            toolbox.lamps(lamps),
            self.pins,
            long=self.long,
            long_s=self.long_press_ms / 1000,
        )
        toolbox.when_tuned(self, lambda settings: panel.set_long_s(settings.long_press_ms / 1000))
        return panel
