"""The push-button kiosk: one key per service, a ticket for each press.

It knows which service each key stands for, and the hub's list of open services. It does not print: the hub answers a
request with a slip for whichever printer stands beside this kiosk.
"""

from collections.abc import Sequence
from functools import partial

from edge.contacts import Contacts, Keys, Lights
from edge.lamp import ANSWERS, Feedback, Lamp
from edge.node import Node
from edge.role import Role
from wire.messages import DeviceInfo, Done, DoneOutcome, Identify, Job, KioskView, Receipt, Show, TicketRequest

REQUEST_STALE_S = 20.0
"""How long a visitor stands before the kiosk and waits for a slip."""


class Kiosk(Role):
    """The keys of a ticket dispenser, each with a lamp that is lit while its service is open."""

    def __init__(
        self,
        node: Node,
        info: DeviceInfo,
        contacts: Contacts,
        lights: Lights,
        *,
        services: Sequence[str],
        language: str,
    ) -> None:
        """`services` name the keys and the lamps; `language` is that of the slips."""
        super().__init__(node, info)
        self._keys = Keys(contacts, services, self._pressed)
        self._lights = lights
        self._language = language
        self._lamps = {name: Lamp(node, info.id, partial(lights.light, name)) for name in services}
        self._open: frozenset[str] = frozenset()
        self._was_silent = True
        self._asked: dict[int, str] = {}
        """Event to service, for requests without an answer: at most one per service."""

    def show(self, show: Show) -> bool:
        if not isinstance(show.view, KioskView):
            return False
        self._open = frozenset(service.id for service in show.view.services if service.open)
        self._rest(self.node.hub_clock.is_silent)
        return True

    def lose_view(self) -> None:
        self._open = frozenset()
        self._rest(self.node.hub_clock.is_silent)

    def receipt(self, receipt: Receipt) -> None:
        service = self._asked.pop(receipt.event_seq, None)
        if service is not None:
            self._lamps[service].say(ANSWERS[receipt.outcome])

    def job(self, job: Job) -> None:
        if not isinstance(job.body, Identify):
            super().job(job)
            return
        for lamp in self._lamps.values():
            lamp.say(Feedback.HERE)
        self.node.send_done(self.info.id, Done(id=job.id, outcome=DoneOutcome.DONE))

    async def run(self) -> None:
        self._keys.listen()
        self.node.hub_clock.watch(self._note_hub)

    def close(self) -> None:
        for lamp in self._lamps.values():
            lamp.close()
        self._keys.close()
        self._lights.close()

    def _note_hub(self, is_silent: bool) -> None:
        if is_silent != self._was_silent:
            self._rest(is_silent)

    def _rest(self, is_silent: bool) -> None:
        """A lamp that is lit promises a ticket, which nobody can keep while the hub is silent."""
        self._was_silent = is_silent
        for name, lamp in self._lamps.items():
            lamp.rest(name in self._open and not is_silent)

    def _pressed(self, service: str) -> None:
        if service in self._asked.values():
            return  # an impatient second press is the same wish
        body = TicketRequest(request=self.node.new_token(), service=service, language=self._language)
        seq = self.node.send_event(self.info.id, body, REQUEST_STALE_S)
        if seq is None:
            self._lamps[service].say(Feedback.OFFLINE)
        else:
            self._asked[seq] = service
            self._lamps[service].say(Feedback.SENT)
