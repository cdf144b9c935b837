"""What every event is, and every event of a ticket."""

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True, gc=False):
    """Anything that happened."""


class OfTicket(Event, frozen=True, kw_only=True):
    """What happened to a ticket."""

    ticket: str
