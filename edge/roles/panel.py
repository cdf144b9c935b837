"""The call panel of a desk: keys that call the next visitor, and a lamp that says what became of the press.

It knows keys and the desk's newest view. It does not know who waits, nor whether the hub will agree. It refuses by
itself when nobody could hear the press, because a press that arrives late would call someone at the wrong moment.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import partial

from edge.contacts import LONG_S, Contacts, Keys, Lights
from edge.lamp import ANSWERS, Feedback, Lamp
from edge.node import Node
from edge.role import Role
from wire.messages import (
    DeviceInfo,
    Done,
    DoneOutcome,
    Identify,
    Job,
    Key,
    PanelState,
    PanelView,
    Press,
    Receipt,
    Show,
)

PRESS_STALE_S = 8.0
"""A call that comes later than this surprises more than it helps."""
LAMP = "lamp"
"""The one lamp of a panel, as its driver names it."""


class PanelKey(StrEnum):
    """What stands on a key: the keys of the wire, and one that goes both ways."""

    NEXT = "next"
    RECALL = "recall"
    NO_SHOW = "no-show"
    START = "start"
    FINISH = "finish"
    OPEN = "open"
    CLOSE = "close"
    PAUSE = "pause"
    """Close the desk for a while, or open it again."""


class Panel(Role):
    """The keys of one desk. Each press is an event with the desk's sequence that the panel knew."""

    def __init__(
        self,
        node: Node,
        info: DeviceInfo,
        contacts: Contacts,
        lights: Lights,
        keys: Iterable[PanelKey],
        *,
        long: Mapping[PanelKey, PanelKey] | None = None,
        long_s: float = LONG_S,
    ) -> None:
        """`keys` are those that there are, `long` what some of them mean when they are pressed for `long_s`."""
        super().__init__(node, info)
        held = {str(key): partial(self._pressed, meant) for key, meant in (long or {}).items()}
        self._keys = Keys(node, info.id, contacts, list(keys), self._pressed, held=held, long_s=long_s)
        self._keys.touched = lambda key: self._lamp.say(Feedback.HELD)
        self._lights = lights
        self._lamp = Lamp(node, info.id, partial(lights.light, LAMP))
        self._view: PanelView | None = None
        self._newest_seq: int | None = None

    def show(self, show: Show) -> bool:
        if not isinstance(show.view, PanelView):
            return False
        self._view = show.view
        # At rest the lamp says: you are free and someone waits.
        self._lamp.rest(show.view.state is PanelState.FREE and show.view.waiting > 0)
        return True

    def lose_view(self) -> None:
        self._view = None
        self._lamp.rest(False)

    def receipt(self, receipt: Receipt) -> None:
        if receipt.event_seq == self._newest_seq:
            self._lamp.say(ANSWERS[receipt.outcome])

    def job(self, job: Job) -> None:
        if not isinstance(job.body, Identify):
            super().job(job)
            return
        self._lamp.say(Feedback.HERE)
        self.node.send_done(self.info.id, Done(id=job.id, outcome=DoneOutcome.DONE))

    async def run(self) -> None:
        self._keys.listen()

    def close(self) -> None:
        self._lamp.close()
        self._keys.close()
        self._lights.close()

    def set_long_s(self, long_s: float) -> None:
        """What is a long press from the next one on."""
        self._keys.set_long_s(long_s)

    def _pressed(self, name: str) -> None:
        seq = None
        if self._view is not None:
            body = Press(key=_meaning(PanelKey(name), self._view), seen=self._view.desk_seq)
            seq = self.node.send_event(self.info.id, body, PRESS_STALE_S)
        self._newest_seq = seq
        self._lamp.say(Feedback.OFFLINE if seq is None else Feedback.SENT)


def _meaning(key: PanelKey, view: PanelView) -> Key:
    """What a key asks for at the desk as it was shown. If the desk has moved on since, the hub refuses it."""
    if key is PanelKey.PAUSE:
        return Key.OPEN if view.state is PanelState.CLOSED else Key.CLOSE
    return Key(key.value)
