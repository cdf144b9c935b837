"""A kiosk with a touch screen: a page for the browser beside the agent."""

from dataclasses import dataclass
from typing import Literal

from edge.role import Role
from edge.roles.kiosk import Kiosk
from edge.settings import DeviceSettings
from edge.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class KioskPage(DeviceSettings):
    """A kiosk that is touched. Its printer, if it has one, is another device of the same node."""

    kind: Literal["kiosk"]
    driver: Literal["page"]

    def build(self, toolbox: Toolbox) -> Role:
        face, keep = toolbox.kiosk_screen(self), toolbox.keep(self, "offline")
        return Kiosk(toolbox.node, toolbox.info(self), face, printers=toolbox.printers, keep=keep)
