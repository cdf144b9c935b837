"""Contacts that bounce, made into presses: short ones, long ones, and one that never ends.

Pure: levels and instants go in, gestures come out. It does not know pins or clocks.

    contact   ____|‾|_|‾‾‾‾‾‾‾‾‾‾‾|_|‾|________|‾‾‾‾
    press         ^                            ^
                  at once, on the first edge   only after QUIET_S without any edge

Acting on the first edge costs no time. A release is never needed: some drivers lose the last edge of a short press, so
the level itself is looked at whenever something depends on it. Only a key whose long press means something else has to
wait: for its release, or for the moment from which on it is long.

    contact   ____|‾‾‾‾‾|__________________|‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾|____
    press                ^ short, settled               ^ long, long_s after the first edge
"""

from enum import Enum

QUIET_S = 0.03
"""Contacts of push buttons bounce for up to some 10 ms; nobody presses twice within three times that."""
STUCK_S = 30.0
"""Nobody holds a key for so long; something does."""


class Gesture(Enum):
    """What somebody, or something, has done to a key."""

    SHORT = "short"
    LONG = "long"
    STUCK = "stuck"
    """It is held down and does not come up."""
    FREE = "free"
    """It has come up after all."""


class Debounce:
    """One contact. `edge` takes what it tells, and `look` its level at `look_at_s` and whenever one likes."""

    def __init__(self, long_s: float | None = None) -> None:
        """`long_s` is how long a long press takes; None if it means nothing else than a short one."""
        self.long_s = long_s
        """May be changed between two presses."""
        self._edge_at_s: float | None = None
        self._is_down = False
        self._held_since_s: float | None = None
        """None while nobody holds it."""
        self._is_spent = False
        """This hold has been answered with a gesture."""
        self._is_stuck = False
        self._looked_at_s = 0.0

    def edge(self, is_down: bool, at_s: float) -> Gesture | None:
        """The contact changed to `is_down` at `at_s`, never earlier than the edge before."""
        was_quiet = self._edge_at_s is None or at_s - self._edge_at_s >= QUIET_S
        self._edge_at_s, self._is_down = at_s, is_down
        if not (is_down and was_quiet):
            return None
        # Of an earlier hold that is still open the release was lost.
        earlier = None if self._held_since_s is None or self._is_spent else Gesture.SHORT
        self._hold(at_s, is_spent=self.long_s is None)
        return Gesture.SHORT if self._is_spent else earlier

    def found_down(self, at_s: float) -> None:
        """It is down already when one begins to listen: no press, but perhaps stuck."""
        self._is_down = True
        self._hold(at_s, is_spent=True)

    def look(self, is_down: bool, at_s: float) -> Gesture | None:
        """What its level says at `at_s`. Instants are compared as `look_at_s` computes them: to the last bit."""
        if self._held_since_s is None:
            return None
        self._is_down, self._looked_at_s = is_down, at_s
        if not is_down:
            return self._release() if self._edge_at_s is None or at_s >= self._edge_at_s + QUIET_S else None
        if not self._is_spent and self.long_s is not None and at_s >= self._held_since_s + self.long_s:
            self._is_spent = True
            return Gesture.LONG
        if not self._is_stuck and at_s >= self._held_since_s + STUCK_S:
            self._is_stuck = True
            return Gesture.STUCK
        return None

    @property
    def is_held(self) -> bool:
        """Down, as far as is known."""
        return self._held_since_s is not None

    @property
    def look_at_s(self) -> float | None:
        """When its level should be looked at the next time; None while nothing depends on it."""
        if self._held_since_s is None:
            return None
        if not self._is_down and self._edge_at_s is not None:
            # It seems to be up: nothing comes of how long it was down before that is certain.
            return self._edge_at_s + QUIET_S
        instants = [self._looked_at_s + STUCK_S if self._is_stuck else self._held_since_s + STUCK_S]
        if not self._is_spent and self.long_s is not None:
            instants.append(self._held_since_s + self.long_s)
        return min(instants)

    def _hold(self, at_s: float, *, is_spent: bool) -> None:
        self._held_since_s, self._is_spent = at_s, is_spent

    def _release(self) -> Gesture | None:
        was_stuck, was_spent = self._is_stuck, self._is_spent
        self._held_since_s, self._is_stuck = None, False
        if was_stuck:
            return Gesture.FREE
        return None if was_spent else Gesture.SHORT
