"""A door sign in a browser."""

from dataclasses import dataclass
from typing import Literal

from edge.role import Role
from edge.roles.page_sign import PageSign
from edge.settings import DeviceSettings
from edge.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class SignPage(DeviceSettings):
    """A door sign as a page for the browser beside the agent."""

    kind: Literal["sign"]
    driver: Literal["page"] = "page"
    chime: bool = False
    """It rings when another number is invited."""

    def build(self, toolbox: Toolbox) -> Role:
        screen = toolbox.screen(self)
        sign = PageSign(toolbox.node, toolbox.info(self), screen, toolbox.zone, rings=self.chime)
        screen.sounds = sign.sounds
        return sign
