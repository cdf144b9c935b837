"""Whether each room that holds more people than it may raises an alarm at once, and the alarm tells how long and by how
many. It reckons the people with code of its own; see `counted_rooms`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.day import events, people_events
from hub.journal import Entry
from simulator.gate_standing import Standing
from simulator.time_checker import Down, Lateness


@dataclass
class _Alarm:
    since_at: datetime
    highest: int
    most_over: int


def alarm_violations(entries: Sequence[Entry], down: Down = ()) -> Iterator[str]:
    """Alarms that came too late, too early, or with wrong figures."""
    checker = _Alarms(down)
    for entry in entries:
        for sentence in checker.take(entry):
            yield f"{sentence} (row {entry.seq}, {entry.at:%H:%M:%S})"


class _Alarms:
    def __init__(self, down: Down) -> None:
        self._gates, self._lateness = Standing(None), Lateness(down)
        self._on: dict[str, _Alarm] = {}
        self._waits: dict[str, datetime] = {}
        """Rooms whose alarm is to begin or end, and since when."""

    def take(self, entry: Entry) -> Iterator[str]:
        event = entry.event
        if isinstance(event, events.TookOver):
            self._lateness.took_over(entry.at)
        for room, since_at in list(self._waits.items()):
            if self._lateness.is_late(since_at, entry.at):
                yield f"{room} is over its limit or not, and its alarm says otherwise since {since_at:%H:%M:%S}"
                self._waits[room] = entry.at
        if isinstance(event, people_events.OverLimitBegan):
            yield from self._began(event, entry.at)
        elif isinstance(event, people_events.OverLimitEnded):
            yield from self._ended(event, entry.at)
        elif isinstance(event, events.DayClosed):
            for room in self._on:
                yield f"the day closed with an alarm of {room}"
        if isinstance(event, events.DayOpened):
            self._on, self._waits = {}, {}
        list(self._gates.take(entry))
        if not isinstance(event, events.TookOver | events.DayClosed):
            self._look(entry.at)

    def _began(self, event: people_events.OverLimitBegan, at: datetime) -> Iterator[str]:
        people, limit = self._gates.people_and_limit(event.room)
        if event.room in self._on:
            yield f"an alarm of {event.room} began, and there was one"
        if people is None or people <= limit:
            yield f"an alarm of {event.room} began with {people} people, where {limit} are allowed"
        if (event.people, event.limit_people) != (people, limit):
            told = f"{event.people} people of {event.limit_people}"
            yield f"an alarm of {event.room} began with {told}, and it is {people} of {limit}"
        self._on[event.room] = _Alarm(at, event.people, event.people - event.limit_people)

    def _ended(self, event: people_events.OverLimitEnded, at: datetime) -> Iterator[str]:
        alarm = self._on.pop(event.room, None)
        if alarm is None:
            yield f"an alarm of {event.room} ended, and there was none"
            return
        told = (event.lasted_s, event.highest_people, event.most_over_people)
        found = (round((at - alarm.since_at).total_seconds()), alarm.highest, alarm.most_over)
        if told != found:
            yield f"an alarm of {event.room} lasted {told} (s, people, over), and it is {found}"

    def _look(self, at: datetime) -> None:
        for room in self._gates.rooms():
            people, limit = self._gates.people_and_limit(room)
            alarm = self._on.get(room)
            if alarm is not None and people is not None:
                alarm.highest = max(alarm.highest, people)
                alarm.most_over = max(alarm.most_over, people - limit)
            is_wrong = people is not None and (people > limit) != (alarm is not None)
            if not is_wrong:
                self._waits.pop(room, None)
            else:
                self._waits.setdefault(room, at)
