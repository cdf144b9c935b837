"""A link: one participant's connection to the broker, with the interface that every kind of link keeps.

`MqttLink` (wire/mqtt.py) is the real one; `InProcessLink` (wire/in_process.py) is the one for simulations.
"""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from wire.messages import HubTime, Message


class HeardTime(Struct, frozen=True, gc=False):
    """The newest HubTime and when it was heard."""

    time: HubTime
    heard_at_s: float
    """By the event loop's clock."""


def heard_at_s(newest: HeardTime | None) -> float | None:
    """When it was heard; None before the first."""
    return None if newest is None else newest.heard_at_s


class Listener(Protocol):
    """What a link tells its owner. Called on the event loop, one at a time; must neither wait nor raise."""

    def connected(self) -> None:
        """A connection stands and its subscriptions hold: say everything retained again."""

    def disconnected(self) -> None:
        """The connection is gone; the link goes on trying by itself."""

    def received(self, topic: str, payload: bytes) -> None:
        """A message of a subscription. HubTime does not come here: see `Link.hub_time`."""


class Link(Protocol):
    """One connection, its will, and the only reconnect loop."""

    @property
    def is_connected(self) -> bool: ...

    def hub_time(self, site: str) -> HeardTime | None:
        """The newest HubTime of `site`, a latest-value slot rather than a queue; None before the first.

        A HubTime of a lower term than the newest is not taken. The slot keeps its value while the link is down.
        """

    def when_silent(self, site: str, after_s: float, tell: Callable[[], None]) -> Callable[[], None]:
        """Call `tell` once, when the newest HubTime of `site` is `after_s` old; soon if it is, or if there is none.

        Returns what calls that off. A HubTime may be heard again before `tell` is called: look at it then.
        """

    async def publish(self, topic: str, message: Message) -> None:
        """Send `message` as its leaf demands (`topics.DELIVERY`); with QoS 1, return when the broker has it.

        Raises:
            LinkDown: not connected, or not acknowledged in time. Nothing is queued: what must arrive is sent again
                by whoever needs the answer.
            BadMessage: too long.
        """

    async def announce(self, topic: str, payload: bytes) -> None:
        """Send `payload`, retained and with QoS 1, to a topic that is not our contract's: somebody else reads it.

        Raises:
            LinkDown: as for `publish`.
        """

    async def run(self, listener: Listener) -> None:
        """Connect, subscribe, receive, and connect again after every loss, until cancelled."""
