"""How many people each room held in the course of the day: one point a minute at most.

Kept with the day and by the same events, so that a restart draws the same curve. It knows estimates, not pictures.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from hub.day import evacuation_events, events, occupancy, people_events
from hub.day.model import Day
from hub.day.rooms import NOWHERE, CurvePoint, RoomState

UNKNOWN = (None, None, None)
MINUTE = timedelta(minutes=1)


def _every_room(
    day: Day, event: events.DayOpened | events.LobbyChanged | evacuation_events.EvacuationBegan
) -> Iterable[RoomState]:
    return day.rooms.values()


def _beside_the_counter(
    day: Day, event: people_events.PeopleCounted | people_events.CounterSilenced | people_events.CounterHeard
) -> Iterable[RoomState]:
    return day.passages.get(event.device, NOWHERE).rooms


def _its_own(day: Day, event: people_events.PeopleCorrected | people_events.PeopleReckoned) -> Iterable[RoomState]:
    return [day.rooms[event.room]]


def _of_the_desk(
    day: Day,
    event: events.CallUndone
    | events.ServiceStarted
    | events.TicketClosed
    | events.TicketParked
    | events.TicketServed
    | events.TicketTransferred,
) -> Iterable[RoomState]:
    """Its room, unless the counters alone say of it that more people are there than those who are being served, before
    the event and after it, or nothing at all."""
    if not event.desk:
        return []
    room = day.rooms[day.desks[event.desk].desk.room]
    known = room.curve[-1].lower if room.curve else 0
    party = day.tickets[event.ticket].party_people
    return [room] if known is not None and known <= room.served_people + party else []


MOVES_PEOPLE: dict[type, Callable[[Day, Any], Iterable[RoomState]]] = {
    events.DayOpened: _every_room,
    events.LobbyChanged: _every_room,
    evacuation_events.EvacuationBegan: _every_room,
    people_events.PeopleCounted: _beside_the_counter,
    people_events.CounterSilenced: _beside_the_counter,
    people_events.CounterHeard: _beside_the_counter,
    people_events.PeopleCorrected: _its_own,
    people_events.PeopleReckoned: _its_own,
    events.CallUndone: _of_the_desk,
    events.ServiceStarted: _of_the_desk,
    events.TicketClosed: _of_the_desk,
    events.TicketParked: _of_the_desk,
    events.TicketServed: _of_the_desk,
    events.TicketTransferred: _of_the_desk,
}
"""The rooms whose people an event may move. After any other the estimates are what they were."""


def note(day: Day, rooms: Iterable[RoomState], at: datetime) -> None:
    """Extend the curves of these `rooms`, whose people may just have moved: a new point where the estimate is another
    than before; within a minute the point takes it over and remembers the extremes."""
    for room in rooms:
        people, lower, upper = occupancy.bounds(day, room) or UNKNOWN
        lowest = highest = people
        curve = room.curve
        if not curve:
            curve.append(CurvePoint(_minute(at), people, lower, upper, lowest, highest))
            continue
        last = curve[-1]
        if last.people == people and last.lower == lower and last.upper == upper:
            continue
        next_at = last.at + MINUTE
        if at < next_at:
            if people is None or (last.lowest is not None and last.lowest < people):
                lowest = last.lowest
            if people is None or (last.highest is not None and last.highest > people):
                highest = last.highest
            curve[-1] = CurvePoint(last.at, people, lower, upper, lowest, highest)
        else:
            minute_at = next_at if at < next_at + MINUTE else _minute(at)
            curve.append(CurvePoint(minute_at, people, lower, upper, lowest, highest))


def _minute(at: datetime) -> datetime:
    """Its beginning."""
    return at.replace(second=0, microsecond=0)
