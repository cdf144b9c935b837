"""A ticket dispenser with a push button for each service."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from edge.kiosk_keys import KioskKeys
from edge.role import Role
from edge.roles.kiosk import Kiosk
from edge.settings import NOT_EMPTY, DeviceSettings, Id, Language, Pin
from edge.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class KioskGpio(DeviceSettings):
    """Push buttons of a ticket dispenser, one per service, and a lamp for each that has one."""

    pin_settings = ("pins", "lamps")

    kind: Literal["kiosk"]
    driver: Literal["gpio"] = "gpio"
    pins: Annotated[dict[Id, Pin], NOT_EMPTY]
    lamps: dict[Id, Pin] = field(default_factory=dict)
    language: Language = "en"

    def build(self, toolbox: Toolbox) -> Role:
        face = KioskKeys(
            toolbox.node,
            self.id,
            toolbox.inputs(self.pins),
            toolbox.lamps(self.lamps),
            services=list(self.pins),
            language=self.language,
        )
        keep = toolbox.keep(self, "offline")
        return Kiosk(toolbox.node, toolbox.info(self), face, printers=toolbox.printers, keep=keep)
