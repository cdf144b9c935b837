"""How many people each room held in the course of the day: one point a minute at most.

Kept with the day and by the same events, so that a restart draws the same curve. It knows estimates, not pictures.
"""

from datetime import datetime

from hub.day import occupancy
from hub.day.events import (
    AnyEvent,
    CallUndone,
    CounterHeard,
    CounterSilenced,
    DayOpened,
    LobbyChanged,
    PeopleCorrected,
    PeopleCounted,
    ServiceStarted,
    TicketParked,
    TicketServed,
    TicketTransferred,
)
from hub.day.model import CurvePoint, Day, RoomState

MOVES_PEOPLE = frozenset(
    {
        DayOpened,
        LobbyChanged,
        CallUndone,
        PeopleCounted,
        CounterSilenced,
        CounterHeard,
        PeopleCorrected,
        ServiceStarted,
        TicketParked,
        TicketServed,
        TicketTransferred,
    }
)
"""After any other event the estimates are what they were."""


def note(day: Day, event: AnyEvent, at: datetime) -> None:
    """Extend the curves by what `event`, which has been applied, did to the rooms `at`."""
    if type(event) in MOVES_PEOPLE:
        for room in day.rooms.values():
            _note_room(day, room, at)


def _note_room(day: Day, room: RoomState, at: datetime) -> None:
    """A new point if the estimate is another than before; within a minute the point takes it over and remembers the
    extremes."""
    known = occupancy.estimate(day, room.room.id)
    last = room.curve[-1] if room.curve else None
    if last and (last.people, last.lower, last.upper) == (known.value, known.lower, known.upper):
        return
    minute_at = at.replace(second=0, microsecond=0)
    seen = [known.value]
    if last and last.at == minute_at:
        room.curve.pop()
        seen += [last.lowest, last.highest]
    people = [value for value in seen if value is not None]
    point = CurvePoint(
        at=minute_at,
        people=known.value,
        lower=known.lower,
        upper=known.upper,
        lowest=min(people, default=None),
        highest=max(people, default=None),
    )
    room.curve.append(point)
