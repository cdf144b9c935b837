"""A door sign in a browser."""

from dataclasses import dataclass
from typing import Literal

from edge.role import Role
from edge.roles.sign import Sign
from edge.settings import DeviceSettings
from edge.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class SignPage(DeviceSettings):
    """A door sign as a page for the browser beside the agent."""

    kind: Literal["sign"]
    driver: Literal["page"] = "page"

    def build(self, toolbox: Toolbox) -> Role:
        return Sign(toolbox.node, toolbox.info(self), toolbox.screen(self), toolbox.zone)
