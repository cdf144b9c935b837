"""Events: numbers that kiosks give by themselves while they are cut off.

Frozen, as all events: fields are only ever added, each with a default.
"""

from hub.day.event import Event, OfTicket


class RangeLeased(Event, frozen=True, kw_only=True):
    """A kiosk may give these numbers while it is cut off, and nobody else ever does."""

    device: str
    holder: str
    """The memory that they are leased to; should it be lost, they are never given."""
    series: str
    first: int
    last: int


class TicketAliased(OfTicket, frozen=True, kw_only=True):
    """A kiosk that was cut off gave a number for a wish that had this ticket already. The visitor's slip says that
    number, so it is shown from now on; the first one leads here too."""

    offline: str
    """`node/device` of the kiosk."""
    series: str
    number: int
