"""The call panel of a desk: keys that call the next visitor, and a lamp that says what became of the press.

It knows keys and the desk's newest view. It does not know who waits, nor whether the hub will agree. It refuses by
itself when nobody could hear the press, because a press that arrives late would call someone at the wrong moment.
"""

from functools import partial

from edge.contacts import Contacts, Keys, Lights
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


class Panel(Role):
    """The keys of one desk. Each press is an event with the desk's sequence that the panel knew."""

    def __init__(self, node: Node, info: DeviceInfo, contacts: Contacts, lights: Lights) -> None:
        super().__init__(node, info)
        self._keys = Keys(contacts, list(Key), self._pressed)
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

    def _pressed(self, name: str) -> None:
        seq = None
        if self._view is not None:
            body = Press(key=Key(name), seen=self._view.desk_seq)
            seq = self.node.send_event(self.info.id, body, PRESS_STALE_S)
        self._newest_seq = seq
        self._lamp.say(Feedback.OFFLINE if seq is None else Feedback.SENT)
