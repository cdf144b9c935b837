"""A call board in a browser."""

from dataclasses import dataclass
from typing import Literal

from edge.role import Role
from edge.roles.board import Board
from edge.settings import DeviceSettings
from edge.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class BoardPage(DeviceSettings):
    """A call board as a page for the browser beside the agent."""

    kind: Literal["board"]
    driver: Literal["page"] = "page"

    def build(self, toolbox: Toolbox) -> Role:
        drawn = toolbox.drawn_on(self)
        return Board(toolbox.node, toolbox.info(self), toolbox.screen(self), toolbox.zone, drawn)
