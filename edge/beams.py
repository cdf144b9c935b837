"""Two light beams across a passage, and who went through which way.

Pure: dark and clear beams with their instants go in, crossings come out. It does not know pins, clocks or totals.

The beams stand closer together than a person is thick, so that both are dark while someone is between them:

                 someone enters      turns back          two, one close behind the other
    outer  dark  __|‾‾‾‾‾‾|_______   __|‾‾‾‾‾‾‾‾|_____   __|‾‾‾‾‾‾|__|‾‾‾‾‾‾|______
    inner  dark  _____|‾‾‾‾‾‾|____   ____|‾‾‾|________   _____|‾‾‾‾‾‾‾‾|_|‾‾‾‾‾‾|__
                   ^         ^         ^        ^          ^                ^   ^
                  begins  entered     begins nothing      begins       entered twice

An *episode* lasts from the first dark beam until both are clear. What counts is on which side alone it was dark: it
begins at one side, and each change to the far side is somebody through. The last of them counts only when the episode
ends at the far side, because whoever turns back ends at the near one. A return to the near side in the midst of an
episode is the next person stepping in: beams cannot tell that from somebody hesitating, and at a door it is far more
common.
"""

from enum import StrEnum

from wire.messages import CountQuality

BLOCKED_S = 15.0
"""People stand in doorways and talk, but a beam that is dark this long has a parcel or a dead lamp before it."""


class Beam(StrEnum):
    OUTER = "outer"
    INNER = "inner"


class Crossing(StrEnum):
    ENTERED = "entered"
    LEFT = "left"


class Beams:
    """The state of one passage."""

    def __init__(self) -> None:
        self._dark_since_s: dict[Beam, float] = {}
        self._began_at: Beam | None = None
        """The side that was dark alone first in this episode; None between episodes."""
        self._alone: Beam | None = None
        """The side that was dark alone last."""
        self._through = 0
        """Changes to the far side that are not counted yet: 0 or 1."""

    def edge(self, beam: Beam, is_dark: bool, at_s: float) -> Crossing | None:
        """`beam` changed at `at_s`; who is known to be through because of it, if anyone."""
        if is_dark == (beam in self._dark_since_s):
            return None
        if is_dark:
            self._dark_since_s[beam] = at_s
        else:
            del self._dark_since_s[beam]
        match list(self._dark_since_s):
            case []:
                return self._end()
            case [alone]:
                return self._only(alone)
            case _:
                return None

    def quality(self, at_s: float) -> CountQuality:
        """Blocked while a beam has been dark for `BLOCKED_S`."""
        blocked_at_s = self.blocked_at_s
        return CountQuality.BLOCKED if blocked_at_s is not None and at_s >= blocked_at_s else CountQuality.OK

    @property
    def blocked_at_s(self) -> float | None:
        """When the passage is blocked if nothing changes until then; None while both beams are clear."""
        return min(self._dark_since_s.values()) + BLOCKED_S if self._dark_since_s else None

    def _only(self, alone: Beam) -> Crossing | None:
        """One beam is dark and the other clear."""
        if self._began_at is None:
            self._began_at = alone
        came_over = alone is not self._began_at and alone is not self._alone
        self._alone = alone
        if not came_over:
            return None
        self._through += 1
        if self._through == 1:
            return None
        self._through = 1  # the one before has made room, so he is through for good
        return _crossing(self._began_at)

    def _end(self) -> Crossing | None:
        """Both beams are clear."""
        began_at, alone = self._began_at, self._alone
        self._began_at = self._alone = None
        self._through = 0
        if began_at is None or alone is began_at:
            return None
        return _crossing(began_at)


def _crossing(began_at: Beam) -> Crossing:
    return Crossing.ENTERED if began_at is Beam.OUTER else Crossing.LEFT
