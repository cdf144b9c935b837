"""What all people counters of other makers have in common in the agent file, whichever way their messages come."""

from abc import abstractmethod
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from edge.role import Role
from edge.settings import DeviceSettings, between
from edge.toolbox import Toolbox

if TYPE_CHECKING:
    from edge.counters.readings import Decoded, Refused
    from edge.counters.source import Heard, Source

WITH_TRAVEL = ("id", "kind", "driver", "topic", "broker", "ca_file", "address", "path", "silent_after_s")
"""Settings that say how messages travel, and not what they count."""


def _family(value: str) -> str:
    from edge.dialects import named  # all dialects are read for this, and only by nodes that have such a counter

    if not named(value):
        raise PydanticCustomError(
            "family", f"{value!r} is no family that is known; use one of `guichet-edge decode --list`"
        )
    return value


@dataclass(frozen=True, kw_only=True)
class ForeignSettings(DeviceSettings):
    """A people counter of another maker."""

    family: Annotated[str, AfterValidator(_family)]
    """How it speaks."""
    device: str = ""
    """Its own name, such as its DevEUI, where others are heard in the same place; or else it is whoever speaks
    first."""
    line: str = ""
    """The line or register that is at this door, if it has several."""
    entered: str = ""
    """Of a counter with a number for each way: which one is who comes in, as `register` or `register/direction`."""
    left: str = ""
    swapped: bool = False
    """It hangs the other way round: who comes in for it goes out for us."""
    net: bool = False
    """Count changes of how many are there, of a counter that can tell nothing else."""
    silent_after_s: Annotated[int, between(60, 86_400, "seconds")] = 900
    """Without a message for so long it is taken to be dead: more than the longest pause between its reports."""

    @abstractmethod
    def open_source(self, toolbox: Toolbox) -> "Source":
        """Where its messages really come from."""

    def build(self, toolbox: Toolbox) -> Role:
        from edge.counters.wiring import Wiring
        from edge.dialects import decode
        from edge.roles.foreign_counter import ForeignCounter

        def read(heard: "Heard") -> "Decoded | Refused":
            return decode(self.family, heard.message, topic=heard.topic, device=self.device)

        hands = toolbox.hands_on(self)
        counting = {name: value for name, value in asdict(self).items() if name not in WITH_TRAVEL}
        counter = ForeignCounter(
            toolbox.node,
            toolbox.info(self),
            self.open_source(toolbox) if hands is None else hands.counter(self.id),
            read,
            wiring=Wiring(line=self.line, entered=self.entered, left=self.left, swapped=self.swapped, net=self.net),
            of=msgspec.json.encode(counting).decode(),
            device=self.device,
            silent_after_s=self.silent_after_s,
            zone=toolbox.zone,
            memory=toolbox.keep(self, "totals"),
            ward=toolbox.keep(self, "quarantine"),
        )
        toolbox.looks[self.id] = counter.lines
        return counter
