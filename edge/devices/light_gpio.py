"""A traffic light on pins."""

from dataclasses import dataclass
from typing import Literal

from edge.role import Role
from edge.roles.light import Light
from edge.roles.sign import SignState
from edge.settings import DeviceSettings, Pin
from edge.toolbox import Toolbox

GREEN, RED = "green", "red"


@dataclass(frozen=True, kw_only=True)
class LightGpio(DeviceSettings):
    """A traffic light beside a door sign: green while the sign says "come in", red otherwise; or green alone."""

    pin_settings = (GREEN, RED)

    kind: Literal["light"]
    driver: Literal["gpio"] = "gpio"
    green: Pin
    red: Pin | None = None
    silent: Literal["red", "dark"] = "red"
    """While the hub is not heard. Without a red lamp it is dark."""
    active_low: bool = False
    """Its relays close when their pin is low."""

    def build(self, toolbox: Toolbox) -> Role:
        pins = {GREEN: self.green} | ({} if self.red is None else {RED: self.red})
        stop = frozenset({RED} & pins.keys())
        lit = {
            SignState.COME_IN: frozenset({GREEN}),
            SignState.WAIT: stop,
            SignState.CLOSED: stop,
            SignState.LEAVE: stop,
            SignState.STALE: stop if self.silent == RED else frozenset(),
        }
        lamps = toolbox.lamps(pins, active_low=self.active_low)
        return Light(toolbox.node, toolbox.info(self), lamps, lit, blinks="".join(stop))
