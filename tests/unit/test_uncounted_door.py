"""A door that nothing counts, and the lobby file says so: bounds, gate, quality and pages allow for it."""

import csv
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.day import occupancy
from hub.day.inputs import CorrectPeople, CountPeople
from hub.day.lobby import Door, Lobby
from hub.day.room_views import room_view
from hub.web.fullness import free_people
from tests.given import COUNTER, Story, a_lobby
from tests.sites import MemorySite, a_browser, an_app
from wire.messages import RoomQuality

SHARED = Path(os.environ.get("GUICHET_SHARED", Path(__file__).parents[3] / "shared"))
MARGIN = 0.02
HALF_HOUR_S = 1_800.0


def a_hall(share: float | None, *, admitted: bool = False, gate_confidence: float | None = None) -> Lobby:
    """A hall with a counted front door and a side door; None for no side door."""
    lobby = a_lobby(limit_people=30, margin_per_crossing=MARGIN, admitted=admitted)
    side = () if share is None else (Door(id="side", to_room="main", name={"en": "Side"}, uncounted_share=share),)
    rooms = (replace(lobby.rooms[0], gate_confidence=gate_confidence),)
    return replace(lobby, rooms=rooms, doors=(*lobby.doors, *side))


def bounds(story: Story) -> tuple[int | None, int | None, int | None]:
    found = occupancy.estimate(story.day, "main")
    return found.lower, found.value, found.upper


def test_each_counted_crossing_widens_the_bounds_by_those_who_may_have_come_or_gone_beside() -> None:
    assert bounds(Story(a_hall(None)).counted(0, 0).counted(30, 20)) == (9, 10, 11)
    assert bounds(Story(a_hall(0.1)).counted(0, 0).counted(30, 20)) == (4, 10, 16)


def test_the_count_of_such_a_room_is_never_live() -> None:
    assert occupancy.quality(Story(a_hall(None)).counted(0, 0).day, "main") is RoomQuality.LIVE
    assert occupancy.quality(Story(a_hall(0.1)).counted(0, 0).day, "main") is RoomQuality.DEGRADED


def test_a_count_by_hand_closes_the_bounds_and_the_doubt_begins_anew() -> None:
    story = Story(a_hall(0.1)).counted(0, 0).counted(30, 20)
    story.when(CorrectPeople(room="main", people=12, why="counted"))
    assert bounds(story) == (12, 12, 12)
    assert bounds(story.counted(35, 25)) == (10, 12, 14)


def test_the_gate_keeps_places_for_those_whom_nobody_counted() -> None:
    def places(share: float | None) -> int:
        story = Story(a_hall(share, admitted=True)).counted(0, 0).counted(20, 0)
        return free_people(room_view(story.day, story.day.rooms["main"]))

    assert (places(None), places(0.2)) == (9, 5)


@given(st.lists(st.tuples(st.sampled_from(["front", "side"]), st.booleans()), max_size=120), st.integers(1, 4))
def test_the_truth_is_within_the_bounds_while_no_more_cross_beside_than_was_said(
    crossings: list[tuple[str, bool]], tenths: int
) -> None:
    story = Story(a_hall(tenths / 10)).counted(0, 0)
    inside = entered = left = beside = 0
    for door, comes in crossings:
        if not comes and not inside:
            continue
        if door == "side":
            if beside + 1 > (entered + left) * tenths / 10:
                continue
            beside += 1
        elif comes:
            entered += 1
        else:
            left += 1
        inside += 1 if comes else -1
        story.counted(entered, left)
        lower, _, upper = bounds(story)
        assert lower is not None
        assert upper is not None
        assert lower <= inside <= upper


def test_a_room_that_learns_is_less_sure_of_its_people() -> None:
    def upper(share: float | None) -> int:
        story = Story(a_hall(share, gate_confidence=0.98)).counted(0, 0)
        for n in range(1, 13):
            story.after(20).counted(n, 0)
        found = bounds(story)[2]
        assert found is not None
        return found

    assert upper(None) < upper(0.2)


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared, which lies beside the product")
@pytest.mark.parametrize(("share", "holds"), [(0.2, True), (None, False)])
def test_with_a_sixth_of_all_crossings_beside_the_counter_the_bounds_hold_if_the_door_is_declared(
    share: float | None, holds: bool
) -> None:
    """Half of the two weeks of a real hall; who uses the side door is drawn by lot."""
    story = Story(a_hall(share, gate_confidence=0.98), now=datetime.fromisoformat("1999-05-02T04:00:00+00:00"))
    story.counted(0, 0)
    chance, entered, left, held_s, all_s = Random(3), 0, 0, 0.0, 0.0
    truth, was_at = 0, story.now
    with (SHARED / "data/doors/door_events.csv").open() as file:
        for n, row in enumerate(csv.DictReader(file)):
            if n == 12_000:
                break
            story.now = datetime.fromisoformat(f"{row['ts']}+00:00")
            lower, _, upper = bounds(story)
            passed_s = min(HALF_HOUR_S, (story.now - was_at).total_seconds())
            all_s += passed_s
            assert lower is not None
            assert upper is not None
            held_s += passed_s * (lower <= truth <= upper)
            truth, was_at = int(row["true_occupancy"]), story.now
            if chance.random() > 1 / 6:
                entered += int(row["counted"]) * (row["reported_dir"] == "in")
                left += int(row["counted"]) * (row["reported_dir"] == "out")
                story.counted(entered, left)
    assert (held_s / all_s >= 0.95) is holds


# --- pages -------------------------------------------------------------------------------------------------------


async def test_pages_and_programs_are_told() -> None:
    site = MemorySite(a_hall(0.1))
    await site.submit(CountPeople(device=COUNTER, epoch="e", entered=0, left=0))
    async with a_browser(an_app(site)) as browser:
        facilities = (await browser.get("/hall/facilities")).text
        floor = (await browser.get("/hall/floor")).text
        (room,) = (await browser.get("/api/v1/sites/hall/rooms")).json()
    assert "Counted with doubt" in facilities
    assert "Nobody counts at one of its doors: the bounds allow for it." in facilities
    assert "nobody counts here; the bounds allow for it" in floor
    assert (room["uncounted_doors"], room["quality"]) == (1, "degraded")


async def test_of_a_door_that_is_not_declared_the_plan_says_that_nobody_counts() -> None:
    lobby = a_hall(0.1)
    lobby = replace(lobby, doors=(lobby.doors[0], replace(lobby.doors[1], uncounted_share=None)))
    async with a_browser(an_app(MemorySite(lobby))) as browser:
        floor = (await browser.get("/hall/floor")).text
    assert "nobody counts here" in floor
    assert "allow for it" not in floor
