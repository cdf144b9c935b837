"""A room is unknown while one of its counters is not heard, and no longer than the checker says."""

from datetime import date

import pytest

from hub.day import events, people_events
from simulator.unknown_checker import unknown_violations
from tests.given import COUNTER, a_lobby
from tests.simulation.evidence_stage import Scene

LOBBY = a_lobby()
ROOM = LOBBY.rooms[0].id


@pytest.fixture
async def scene() -> Scene:
    """A day has opened."""
    scene = Scene()
    scene.row(1, events.DayOpened(day=date(2026, 3, 4), lobby=LOBBY))
    return scene


def counted(scene: Scene, at_s: float) -> None:
    scene.row(at_s, people_events.PeopleCounted(device=COUNTER, epoch="e", entered=1, left=0))


def silent(scene: Scene, began_s: float, ended_s: float, heard_s: float) -> None:
    """Something was wrong with the counter for a while, and the day noted that some time later."""
    with scene.record.trouble("counter-silent", COUNTER):
        pass
    scene.record.troubles[-1].began_s, scene.record.troubles[-1].ended_s = began_s, ended_s
    scene.row(began_s + 60, people_events.CounterSilenced(device=COUNTER))
    scene.row(heard_s, people_events.CounterHeard(device=COUNTER))


def found(scene: Scene) -> list[str]:
    return list(unknown_violations(scene.evidence))


async def test_a_room_is_known_soon_after_its_counter_is_heard_again(scene: Scene) -> None:
    counted(scene, 5)
    silent(scene, 10, 120, heard_s=155)
    assert found(scene) == []


async def test_a_room_that_stays_unknown_when_its_counter_is_well_again_is_found(scene: Scene) -> None:
    counted(scene, 5)
    silent(scene, 10, 120, heard_s=180)
    assert found(scene) == [f"{ROOM} was unknown from 132.0 s to 180.0 s, and each of its counters was well"]


async def test_a_room_whose_counter_nobody_takes_for_having_spoken_is_found(scene: Scene) -> None:
    assert found(scene) == [f"{ROOM} was unknown from 1.0 s to 200.0 s, and each of its counters was well"]


async def test_a_room_that_was_unknown_in_the_evening_is_so_in_the_morning_and_not_in_between(scene: Scene) -> None:
    scene.row(20, events.DayClosed(day=date(2026, 3, 4)))
    carried = events.CounterTotals(device=COUNTER, epoch="e", entered=1, left=0, is_silent=True)
    scene.row(100, events.DayOpened(day=date(2026, 3, 5), lobby=LOBBY, totals=(carried,)))
    assert found(scene) == [f"{ROOM} was unknown from 100.0 s to 200.0 s, and each of its counters was well"]


async def test_while_the_hub_is_in_trouble_nobody_can_know(scene: Scene) -> None:
    with scene.record.trouble("hub-cut"):
        pass
    scene.record.troubles[-1].began_s, scene.record.troubles[-1].ended_s = 30.0, 170.0
    assert found(scene) == []
