"""A people counter made of two light beams."""

from dataclasses import dataclass
from typing import Literal

from edge.role import Role
from edge.roles.counter import Counter
from edge.settings import DeviceSettings, Pin
from edge.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class CounterGpio(DeviceSettings):
    """Two light beams across a door, whose receivers pull their pin low while dark."""

    pin_settings = ("outer", "inner")

    kind: Literal["counter"]
    driver: Literal["gpio"] = "gpio"
    outer: Pin
    inner: Pin

    def build(self, toolbox: Toolbox) -> Role:
        beams = toolbox.inputs({"outer": self.outer, "inner": self.inner})
        counter = Counter(toolbox.node, toolbox.info(self), beams)
        toolbox.looks[self.id] = counter.lines
        return counter
