"""What a bad network does to messages, for the link of simulations."""

from dataclasses import dataclass

STRAGGLER_S = 1.0
"""The most that a repeated or overtaken message comes late."""


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What the network does to each delivery; probabilities 0 to 1.

    Harsher than MQTT: `loss` loses deliveries of QoS 1 too, silently, on a connection that stands. What the hub says as
    such, HubTime and head, suffers from cuts only.
    """

    loss: float = 0.0
    repeat: float = 0.0
    """Delivered once more, up to `STRAGGLER_S` later."""
    reorder: float = 0.0
    """Held back by up to `STRAGGLER_S`, while later messages pass."""
    delay_ms: tuple[float, float] = (0.0, 0.0)
    """Least and most, from publisher to listener; order is kept."""


CALM = Faults()
