"""The light of a door: lamps or relays that are on in some states of the sign, and off in all others.

It follows the sign's view, so that light and sign cannot say different things. It knows which lamps belong to which
state; it does not know pins. Colour alone tells some people nothing: word and shape stand on the sign beside it.
"""

from collections.abc import Mapping
from datetime import UTC
from math import ceil

from edge.contacts import Lights
from edge.display import Display, DisplayPicture, Moment
from edge.role import Node
from edge.roles.sign import SignState, sign_picture
from wire.messages import DeviceInfo, Identify, Job, SignView

BLINK_S = 0.5
"""Of a light that somebody looks for: on and off, once a second, which no relay minds and nobody takes for a fault."""


class LightPicture(DisplayPicture, frozen=True):
    """All that a light shows."""

    state: SignState
    lit: frozenset[str]
    """The names of the lamps that are on; all others are off."""


class LampsDriver:
    """Lamps as what shows a light's pictures."""

    is_instant = False

    def __init__(self, lamps: Lights, names: frozenset[str]) -> None:
        self._lamps = lamps
        self._names = names

    def draw(self, picture: LightPicture) -> None:
        """What goes off goes off first, so that no two states are ever lit together.

        Raises:
            DeviceFault: a lamp cannot be switched.
        """
        for name in sorted(self._names - picture.lit):
            self._lamps.light(name, False)
        for name in sorted(picture.lit):
            self._lamps.light(name, True)

    def close(self) -> None:
        self._lamps.close()


class Light(Display[SignView, LightPicture]):
    """The role of a light."""

    def __init__(
        self, node: Node, info: DeviceInfo, lamps: Lights, lit: Mapping[SignState, frozenset[str]], *, blinks: str = ""
    ) -> None:
        """`lit` are the lamps of each state, in which none of a state that is not named are on. `blinks` is the lamp
        that shows where this light is; empty if none may, as what it switches would invite people or open a door."""
        driver = LampsDriver(lamps, frozenset().union(*lit.values()))
        super().__init__(node, info, driver, SignView, UTC)
        self._lit = lit
        self._blinks = blinks

    def compose(self, view: SignView | None, moment: Moment) -> tuple[LightPicture, float]:
        state = sign_picture(view, moment).state
        if moment.now_s >= self._named_until_s:
            return LightPicture(state=state, lit=self._lit.get(state, frozenset())), float("inf")
        halves_left = ceil((self._named_until_s - moment.now_s) / BLINK_S)
        lit = frozenset({self._blinks} if halves_left % 2 == 0 else ())
        return LightPicture(state=state, lit=lit), self._named_until_s - (halves_left - 1) * BLINK_S

    def job(self, job: Job) -> None:
        if isinstance(job.body, Identify) and not self._blinks:
            super(Display, self).job(job)
        else:
            super().job(job)
