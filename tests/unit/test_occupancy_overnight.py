"""Who stays overnight, and who only seems to because exits were missed."""

import os
from pathlib import Path

import pytest

from hub.day.people.room import DAY_S, HOUR_S, Room, advance, correct, enter, known, leave, new_room
from simulator.occupancy.asked import CONFIDENCE
from simulator.occupancy.files import read
from simulator.occupancy.replay import replay

SHARED = Path(os.environ.get("GUICHET_SHARED", Path(__file__).parents[3] / "shared"))
CALIT2 = SHARED / "data" / "calit2" / "CalIt2.data"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared, which lies beside the product")


def live_a_day(room: Room, day: int, *, stayers: int) -> None:
    """Until four in the morning: forty visitors of an hour each, every tenth exit missed, and some who stay."""
    crossings = [(9.0 + 0.2 * number, True) for number in range(40)]
    crossings += [(10.0 + 0.2 * number, False) for number in range(40) if number % 10]
    crossings += [(20.0 + 0.1 * number, True) for number in range(stayers)]
    for hour, is_entry in sorted(crossings):
        advance(room, day * DAY_S + hour * HOUR_S)
        (enter if is_entry else leave)(room)
    advance(room, (day + 1) * DAY_S + 4 * HOUR_S)


def leave_in_the_morning(room: Room, day: int, stayers: int) -> None:
    for number in range(stayers):
        advance(room, day * DAY_S + (6.0 + 0.1 * number) * HOUR_S)
        leave(room)


def lived(nights: int, stayers: int) -> tuple[Room, list[float]]:
    """The room, and its value at each 04:00."""
    room, values = new_room(0.0), []
    for day in range(nights):
        live_a_day(room, day, stayers=stayers)
        values.append(known(room, CONFIDENCE).value)
        leave_in_the_morning(room, day + 1, stayers)
    return room, values


def test_a_room_that_is_empty_every_night_is_empty_though_exits_are_missed_every_day() -> None:
    _, values = lived(nights=8, stayers=0)
    assert max(values[3:]) <= 2


def test_eight_who_stay_every_night_are_not_forgotten() -> None:
    _, values = lived(nights=8, stayers=8)
    assert min(values[3:]) >= 4
    assert max(values) <= 12


def test_whoever_stays_is_gone_when_somebody_sees_that_the_room_is_empty() -> None:
    room, _ = lived(nights=5, stayers=8)
    live_a_day(room, 5, stayers=8)
    correct(room, 0)
    assert known(room, CONFIDENCE).upper <= 1


def test_time_that_goes_back_changes_nothing() -> None:
    room, _ = lived(nights=1, stayers=0)
    before = known(room, CONFIDENCE)
    advance(room, 0.0)
    assert known(room, CONFIDENCE) == before


def four_o_clock(path: Path) -> list[float]:
    """The value at 04:00 on each weekday."""
    found = replay(read(path), CONFIDENCE)
    return [
        it.value for it in found[1::2] if it.known_at.hour == 4 and not it.known_at.minute and it.known_at.weekday() < 5
    ]


@needs_shared
def test_a_real_building_is_empty_at_four_on_every_weekday() -> None:
    values = four_o_clock(CALIT2)
    assert len(values) == 50
    assert max(values) <= 4


@needs_shared
def test_eight_more_who_stay_in_a_real_building_are_still_inside_at_four(tmp_path: Path) -> None:
    path = tmp_path / "eight.data"
    path.write_text("".join(with_eight(line) for line in CALIT2.read_text().splitlines()))
    off = [abs(value - 8) for value in four_o_clock(path)]
    assert sum(off) / len(off) <= 4
    assert sum(it <= 4 for it in off[5:]) / len(off[5:]) >= 0.9


def with_eight(line: str) -> str:
    """Eight more come at 19:00 every day, and leave at 06:30."""
    flow, date, time, count = line.split(",")
    more = 8 if (flow, time) in (("9", "19:00:00"), ("7", "06:30:00")) else 0
    return f"{flow},{date},{time},{int(count) + more}\n"
