"""The face of a push-button kiosk: one key per service, each with a lamp that is lit while it gives tickets."""

from collections.abc import Callable, Sequence
from functools import partial

from edge.contacts import Contacts, Keys, Lights
from edge.kiosk_face import Asked, How, Offer, Told
from edge.lamp import Feedback, Lamp
from edge.node import Node

MEANINGS = {
    How.SENT: Feedback.SENT,
    How.PROMISED: Feedback.DONE,
    How.DONE: Feedback.DONE,
    How.REFUSED: Feedback.REFUSED,
    How.OFFLINE: Feedback.OFFLINE,
    How.UNPRINTED: Feedback.OFFLINE,
}


class KioskKeys:
    """Keys and lamps of a ticket dispenser."""

    shows_numbers = False

    def __init__(
        self, node: Node, device: str, contacts: Contacts, lights: Lights, *, services: Sequence[str], language: str
    ) -> None:
        """`services` name the keys and the lamps; `language` is that of the slips."""
        self._keys = Keys(node, device, contacts, services, self._pressed)
        self._lights = lights
        self._language = language
        self._lamps = {name: Lamp(node, device, partial(lights.light, name)) for name in services}
        self._ask: Callable[[Asked], None] = lambda asked: None

    def listen(self, ask: Callable[[Asked], None]) -> None:
        self._ask = ask
        self._keys.listen()

    def offer(self, offer: Offer) -> None:
        for name, lamp in self._lamps.items():
            lamp.rest(name in offer.given)

    def tell(self, asked: Asked, told: Told) -> None:
        if told.how in (How.TAKEN, How.KNOWN):
            return
        # A slip that says where to go without a number is something in the hand, too.
        without = Feedback.DONE if told.on_paper else Feedback.OFFLINE
        self._lamps[asked.service].say(MEANINGS.get(told.how, without))

    def identify(self, seconds: int) -> None:
        for lamp in self._lamps.values():
            lamp.say(Feedback.HERE)

    def close(self) -> None:
        for lamp in self._lamps.values():
            lamp.close()
        self._keys.close()
        self._lights.close()

    def _pressed(self, service: str) -> None:
        self._ask(Asked(key=service, service=service, language=self._language))
