"""One relay that follows a door sign: a lit box, a bell, a lock."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from edge.role import Role
from edge.roles.light import Light
from edge.roles.sign import SignState
from edge.settings import DeviceSettings, Pin
from edge.toolbox import Toolbox

RELAY = "relay"


def _some(states: list[SignState]) -> list[SignState]:
    if not states:
        raise PydanticCustomError("no_states", "there is none; name at least one state, like 'come-in'")
    return states


@dataclass(frozen=True, kw_only=True)
class LightRelay(DeviceSettings):
    """A relay that is closed in some states of the door sign and open in all others."""

    pin_settings = ("pin",)

    kind: Literal["light"]
    driver: Literal["relay"]
    pin: Pin
    on: Annotated[list[SignState], AfterValidator(_some)]
    active_low: bool = False
    """It closes when its pin is low."""

    def build(self, toolbox: Toolbox) -> Role:
        lit = dict.fromkeys(self.on, frozenset({RELAY}))
        lamps = toolbox.lamps({RELAY: self.pin}, active_low=self.active_low)
        return Light(toolbox.node, toolbox.info(self), lamps, lit)
