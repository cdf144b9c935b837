"""Events: everybody leaves the building, and may come back.

Frozen, as all events: fields are only ever added, each with a default. Who gave the order is told by role alone; the
name is among the acts.
"""

from datetime import datetime

from hub.day.event import Event
from hub.day.inputs import EvacuatedBy


class EvacuationBegan(Event, frozen=True, kw_only=True):
    """Nobody is called, invited or given a ticket from now on, and no place or ticket ends by itself."""

    by: EvacuatedBy


class EvacuationEnded(Event, frozen=True, kw_only=True):
    """The lobby goes on. Whoever waits is outside and keeps the place in line; whoever was at a desk comes back to it,
    and a place is kept for her in the admitted rooms on the way."""

    by: EvacuatedBy
    lasted_s: int
    kept_until_at: datetime
    """So long are these places kept."""
