"""Bugs in the gates of rooms: what displays say of them, limits by the hour, alarms, and an evacuation."""

from hub.day import alarms, gate_state, schedule
from hub.day.decide import evacuation
from hub.day.evacuation_events import EvacuationBegan
from tests.planted.plant import Plant, swapped, without_effect

GATES = [
    Plant(
        name="room-not-kept-shut",
        room="rules",
        breaks="A room that was full lets people in with the first who leaves, whatever the lobby file says.",
        plant=lambda: swapped(gate_state, "_is_held", lambda day, room: False),
    ),
    Plant(
        name="never-nearly-full",
        room="rules",
        breaks="No room is ever nearly full.",
        plant=lambda: swapped(gate_state, "warning_people", lambda room: None),
    ),
    Plant(
        name="limit-of-the-hour-ignored",
        room="rules",
        breaks="A room keeps its usual limit at every hour.",
        plant=lambda: swapped(schedule, "_limit_at", lambda day, room, at: None),
    ),
    Plant(
        name="no-alarm",
        room="rules",
        breaks="A room above its limit raises no alarm.",
        plant=lambda: swapped(alarms, "look", lambda day, rooms: None),
    ),
    Plant(
        name="calls-while-everybody-leaves",
        room="rules",
        breaks="Desks go on calling while the building is evacuated.",
        plant=lambda: swapped(evacuation, "HELD", frozenset()),
    ),
    Plant(
        name="evacuation-ignored",
        room="rules",
        breaks="An evacuation is noted, and nothing is different.",
        plant=lambda: without_effect(EvacuationBegan),
    ),
]
