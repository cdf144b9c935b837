"""Everybody leaves the building, and comes back. What people wait for stands still meanwhile."""

from datetime import datetime

from hub.day import inputs
from hub.day.decide.decision import Decision, Rule
from hub.day.decide.devices import PEOPLE_MAX
from hub.day.durations import seconds
from hub.day.evacuation_events import EvacuationBegan, EvacuationEnded
from hub.day.events import AnyEvent
from hub.day.model import Day
from hub.day.people_events import PeopleCorrected
from hub.day.refusal import Code, Refusal

HELD = frozenset(
    {
        *(inputs.IssueTicket, inputs.CheckIn, inputs.CallNext, inputs.PickTicket, inputs.Recall),
        *(inputs.NoShow, inputs.Start, inputs.UndoCall),
    }
)
"""What is refused meanwhile: it would bring people in, or blame them for not coming."""


def _evacuate(day: Day, an_input: inputs.Evacuate, now: datetime) -> Decision:
    return [] if day.evacuation is not None else [EvacuationBegan(by=an_input.by)]


def _end_evacuation(day: Day, an_input: inputs.EndEvacuation, now: datetime) -> Decision:
    if day.evacuation is None:
        return []
    assert day.lobby is not None
    for room, people in an_input.people.items():
        if room not in day.rooms:
            return Refusal(code=Code.UNKNOWN_ROOM, facts={"room": room})
        if not 0 <= people <= PEOPLE_MAX:
            return Refusal(code=Code.BAD_PEOPLE, facts={"people": people, "max": PEOPLE_MAX})
    counted = [room.room.id for room in day.rooms.values() if room.counters or room.room.id in an_input.people]
    corrections: list[AnyEvent] = [_corrected(room, an_input.people.get(room, 0)) for room in counted]
    ended = EvacuationEnded(
        by=an_input.by,
        lasted_s=round((now - day.evacuation.since_at).total_seconds()),
        kept_until_at=now + seconds(day.lobby.site.invitation_s),
    )
    return [*corrections, ended]


def _corrected(room: str, people: int) -> AnyEvent:
    return PeopleCorrected(room=room, people=people, why="counted" if people else "empty")


RULES: dict[type, Rule] = {
    inputs.Evacuate: _evacuate,
    inputs.EndEvacuation: _end_evacuation,
}
