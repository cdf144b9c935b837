"""What an event does to the day. The only code that changes a day; replaying a journal is calling it row by row.

An event has already been decided: here nothing is refused. An impossible state is an assertion, and ends the process.
"""

from datetime import datetime

from hub.day import alarms, change_events, curve, gate_state
from hub.day.apply import changes, days, devices, evacuation, numbers, tickets
from hub.day.apply.effect import Effect
from hub.day.events import AnyEvent
from hub.day.model import Day
from hub.day.people_events import OverLimitBegan, OverLimitEnded, PeopleCounted, PeopleReckoned

_EFFECTS: dict[type, Effect] = (
    days.EFFECTS | tickets.EFFECTS | numbers.EFFECTS | devices.EFFECTS | changes.EFFECTS | evacuation.EFFECTS
)


MOVES_LIMITS = frozenset({change_events.LimitChanged, change_events.LimitScheduled, OverLimitBegan, OverLimitEnded})
"""After these a room may be over its limit, or no more, though nobody has moved."""


def apply(day: Day, event: AnyEvent, at: datetime, seq: int) -> None:
    """Change `day` by `event`, which stands at journal position `seq` and happened `at` (aware UTC)."""
    day.at = at
    day.seq = seq
    if isinstance(event, PeopleCounted | PeopleReckoned) and not day.needs_places:
        rooms = curve.MOVES_PEOPLE[type(event)](day, event)
        before = gate_state.states(day, rooms)
        _take(day, event, at)
        if gate_state.states(day, rooms) != before:
            day.news_seq = seq
    else:
        day.news_seq = seq
        _take(day, event, at)


def _take(day: Day, event: AnyEvent, at: datetime) -> None:
    kind = type(event)
    _EFFECTS[kind](day, event, at)
    if day.holds_rooms:
        gate_state.hold(day)
    if (rooms_of := curve.MOVES_PEOPLE.get(kind)) is not None:
        rooms = list(rooms_of(day, event))
        curve.note(day, rooms, at)
        alarms.look(day, rooms)
    elif kind in MOVES_LIMITS:
        alarms.look(day, day.rooms.values())
