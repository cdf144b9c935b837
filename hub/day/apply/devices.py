"""Desks open and close; counters and printers speak."""

from datetime import datetime

from hub.day import events, occupancy, people_events, reckoned
from hub.day.apply import lines
from hub.day.apply.effect import Effect
from hub.day.model import Day
from hub.day.rooms import OverLimit


def _desk_opened(day: Day, event: events.DeskOpened, at: datetime) -> None:
    desk = day.desks[event.desk]
    desk.is_open = True
    desk.seq = day.seq
    lines.serves_more(day, desk, 1)


def _desk_closed(day: Day, event: events.DeskClosed, at: datetime) -> None:
    desk = day.desks[event.desk]
    desk.is_open = False
    desk.seq = day.seq
    lines.serves_more(day, desk, -1)
    lines.give_up_desks(day)


def _counter_silenced(day: Day, event: people_events.CounterSilenced, at: datetime) -> None:
    occupancy.silence(day, event.device, at)


def _counter_heard(day: Day, event: people_events.CounterHeard, at: datetime) -> None:
    occupancy.hear(day, event.device, at)


def _people_corrected(day: Day, event: people_events.PeopleCorrected, at: datetime) -> None:
    if event.upper_people is not None:
        occupancy.cut(day, event.room, event.people, event.upper_people, at)
    else:
        occupancy.correct(day, event.room, event.people, at)


def _people_reckoned(day: Day, event: people_events.PeopleReckoned, at: datetime) -> None:
    if day.lobby is not None:
        reckoned.elapse(day.rooms[event.room], day.lobby, at)


def _totals_fell_back(day: Day, event: people_events.TotalsFellBack, at: datetime) -> None:
    day.counters[event.device].fell_back.add(event.epoch)


def _totals_implausible(day: Day, event: people_events.TotalsImplausible, at: datetime) -> None:
    day.counters[event.device].implausible = event.epoch


def _paper_noted(day: Day, event: events.PaperNoted, at: datetime) -> None:
    day.paper[event.device] = event.paper


def _over_limit_began(day: Day, event: people_events.OverLimitBegan, at: datetime) -> None:
    over_people = event.people - event.limit_people
    day.rooms[event.room].over = OverLimit(since_at=at, highest_people=event.people, most_over_people=over_people)


def _over_limit_ended(day: Day, event: people_events.OverLimitEnded, at: datetime) -> None:
    day.rooms[event.room].over = None


EFFECTS: dict[type, Effect] = {
    events.DeskOpened: _desk_opened,
    events.DeskClosed: _desk_closed,
    people_events.PeopleCounted: occupancy.count,
    people_events.CounterSilenced: _counter_silenced,
    people_events.CounterHeard: _counter_heard,
    people_events.PeopleCorrected: _people_corrected,
    people_events.PeopleReckoned: _people_reckoned,
    people_events.TotalsFellBack: _totals_fell_back,
    people_events.TotalsImplausible: _totals_implausible,
    people_events.OverLimitBegan: _over_limit_began,
    people_events.OverLimitEnded: _over_limit_ended,
    events.PaperNoted: _paper_noted,
}
