"""The hub's wall clock, held against the event loop's: a wall clock that leaps must not turn a day.

It knows two clocks and no lobby.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

DIVERGENCE_S_MAX = 5.0
"""More than any correction by NTP within a minute, less than any grace in a lobby."""

ANCHOR_S = 60.0
"""How long the two clocks are compared from one common moment. Slow drift is forgiven, a leap is not."""


class SteadyClock:
    """The wall clock as long as it is believable; then the last believable moment, carried on by the loop's clock.

    It is believed again when it comes back. If the leap was right and the time before it wrong, restart the hub.
    """

    def __init__(self, wall: Callable[[], datetime]) -> None:
        """`wall` gives aware UTC."""
        self._wall = wall
        self._anchor: tuple[datetime, float] | None = None
        """The wall's and the loop's time at one moment."""
        self._lead_s = 0.0
        """By how much the wall's clock was ahead of the loop's then."""
        self.is_steady = True

    def now(self) -> datetime:
        """Aware UTC. Call it on the event loop."""
        wall_at, loop_s = self._wall(), asyncio.get_running_loop().time()
        lead_s = wall_at.timestamp() - loop_s
        if self._anchor is None:
            self._anchor, self._lead_s = (wall_at, loop_s), lead_s
        anchor_at, anchor_s = self._anchor
        self.is_steady = -DIVERGENCE_S_MAX <= lead_s - self._lead_s <= DIVERGENCE_S_MAX
        if not self.is_steady:
            return anchor_at + timedelta(seconds=loop_s - anchor_s)
        if loop_s - anchor_s > ANCHOR_S:
            self._anchor, self._lead_s = (wall_at, loop_s), lead_s
        return wall_at
