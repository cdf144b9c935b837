"""A call panel that is a USB keypad."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from edge.lane import Condition
from edge.role import Role
from edge.roles.panel import Panel, PanelKey
from edge.settings import NOT_EMPTY, DeviceSettings, between
from edge.toolbox import Toolbox

KeypadKey = Literal[
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "enter", "plus", "minus", "times", "slash", "dot", "numlock",
    "backspace", "tab", "space",
]  # fmt: skip
"""What stands on the keys of a keypad."""


@dataclass(frozen=True, kw_only=True)
class PanelKeypad(DeviceSettings):
    """A USB keypad on a desk, taken for this alone: what is typed on it goes nowhere else. Its Num Lock light is the
    lamp."""

    port_settings = ("port",)
    tunable = ("long_press_ms",)

    kind: Literal["panel"]
    driver: Literal["keypad"]
    port: str = "/dev/guichet-keypad"
    keys: Annotated[dict[PanelKey, KeypadKey], NOT_EMPTY]
    long: dict[PanelKey, PanelKey] = field(default_factory=dict)
    long_press_ms: Annotated[int, between(300, 5_000, "a time in ms")] = 800

    def build(self, toolbox: Toolbox) -> Role:
        from edge.drivers.keypad import CODES, Keypad, input_port

        hands = toolbox.hands_on(self)
        condition = Condition(toolbox.node, self.id)
        keypad = Keypad(
            input_port(self.port) if hands is None else hands.keypad(self.id).open,
            {str(key): CODES[name] for key, name in self.keys.items()},
            lost=condition.failed,
            back=condition.worked,
        )
        panel = Panel(
            toolbox.node,
            toolbox.info(self),
            keypad,
            keypad,
            self.keys,
            long=self.long,
            long_s=self.long_press_ms / 1000,
        )
        toolbox.when_tuned(self, lambda settings: panel.set_long_s(settings.long_press_ms / 1000))
        return panel
