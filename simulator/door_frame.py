"""A door and the counters in its frame, and how they err. It knows who goes through, neither rooms nor people."""

import asyncio
from dataclasses import dataclass, field

from edge.beams import Crossing
from edge.hands import Hands

OTHER_WAY = {Crossing.ENTERED: Crossing.LEFT, Crossing.LEFT: Crossing.ENTERED}


@dataclass(kw_only=True)
class DoorFrame:
    """People go through one by one."""

    counters: list[tuple[Hands, str]] = field(default_factory=list)
    misses: set[Crossing] = field(default_factory=set)
    """Who goes that way is so close to the frame that no beam sees them."""
    misses_every: int = 0
    """The beams hang askew: one person in so many is not seen; 0 for none."""
    counts_twice: bool = False
    """Everybody swings a bag through the beams."""
    is_swapped: bool = False
    """Outer and inner beam are connected the wrong way round."""
    free: asyncio.Lock = field(default_factory=asyncio.Lock)
    passed: int = 0
    """People, since the beginning."""

    def go_through(self, way: Crossing) -> None:
        """One person does, and the beams see what they see."""
        self.passed += 1
        if way in self.misses or (self.misses_every and self.passed % self.misses_every == 0):
            return
        for _ in range(1 + self.counts_twice):
            for hands, counter in self.counters:
                hands.cross(counter, OTHER_WAY[way] if self.is_swapped else way)
