"""The people filter on days whose truth is known, and the command that replays them."""

import os
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from hub.day.people import bounds, crossings
from hub.day.people.state import Learned, People, begin, learned, set_people
from simulator.cli import app
from simulator.occupancy.files import read
from simulator.occupancy.replay import replay
from simulator.occupancy.score import Score, score
from tests import door_variants
from tests.door_files import Errors, Stay, exponential, log_normal, two_kinds, write

SHARED = Path(os.environ.get("GUICHET_SHARED", Path(__file__).parents[3] / "shared"))
CALIT2_WEEK = Path(__file__).parents[2] / "simulator" / "scenarios" / "calit2-week.data"
HALF_HOUR_S = 1800.0

SITES: dict[str, tuple[Stay, Errors]] = {
    "log-normal stays": (log_normal(400, 0.8), Errors()),
    "short and long visits": (two_kinds(120, 900, 0.6), Errors(missed_out=0.04)),
    "exponential stays, many missed": (exponential(420), Errors(missed_out=0.10)),
    "long stays, noisy counters": (log_normal(1200, 0.6), Errors(missed_in=0.04, double=0.02, swapped=0.01)),
}


def scored(path: Path, limits: tuple[int, ...] = (12, 15, 20)) -> Score:
    return score(replay(read(path), 0.98), limits)


@pytest.mark.parametrize("site", SITES)
def test_bounds_hold_the_truth_though_neither_stays_nor_errors_are_known(site: str, tmp_path: Path) -> None:
    stay, errors = SITES[site]
    path = tmp_path / "doors.csv"
    write(path, seed=7, stay=stay, errors=errors, days=3, a_day=300)
    found = scored(path)
    assert found.coverage is not None
    assert found.coverage >= 0.95
    assert found.mae is not None
    assert found.mae <= 2.0
    assert found.width <= 13


def test_a_quiet_room_empties_though_exits_were_missed() -> None:
    room = begin()
    for _ in range(8):
        crossings.enter(room)
        crossings.pass_time(room, 60.0)
    for _ in range(6):
        crossings.leave(room)
        crossings.pass_time(room, 60.0)
    before = bounds.mean_people(room)
    crossings.pass_time(room, 16 * HALF_HOUR_S)
    assert bounds.mean_people(room) < before / 2


def test_an_exit_is_evidence_of_people_and_a_quiet_minute_is_evidence_of_few() -> None:
    unsure, sure, still = begin(people=10, variance=16), begin(people=10, variance=0.1), begin(people=10, variance=16)
    crossings.leave(unsure)
    crossings.leave(sure)
    crossings.pass_time(still, 60.0)
    assert bounds.mean_people(sure) < 9.1
    assert bounds.mean_people(unsure) > bounds.mean_people(sure) + 1
    assert bounds.mean_people(still) < 9.9


def test_whom_nobody_can_tell_apart_from_a_pair_is_no_evidence_of_a_full_room() -> None:
    one, pair = begin(people=10, variance=16), begin(people=10, variance=16)
    crossings.leave(one)
    crossings.leave(pair)
    crossings.leave(pair)
    assert bounds.mean_people(one) - bounds.mean_people(pair) == pytest.approx(1, abs=0.1)
    assert pair.weights == one.weights


def test_the_time_just_after_an_exit_says_nothing_of_how_many_are_inside() -> None:
    room = begin(people=10, variance=16)
    crossings.leave(room)
    before = bounds.mean_people(room)
    crossings.pass_time(room, crossings.CLUMP_S)
    assert bounds.mean_people(room) == before
    crossings.pass_time(room, crossings.CLUMP_S)
    assert bounds.mean_people(room) < before


def test_who_doubts_a_count_much_is_not_reassured_by_what_halls_are_like() -> None:
    sure, unsure = begin(people=20, variance=1), begin(people=20, variance=400)
    assert bounds.bounds(sure, 0.98)[1] <= 24
    assert bounds.bounds(unsure, 0.98)[1] >= 60


def test_a_manual_count_closes_the_bounds_and_keeps_what_was_learned() -> None:
    room = begin(people=30, variance=50)
    usual = list(room.usual)
    set_people(room, 12, 0.0)
    assert bounds.bounds(room, 0.98) == (12, 12)
    assert room.usual == usual


def test_what_a_room_knows_survives_its_being_written_down() -> None:
    room = begin()
    for _ in range(30):
        crossings.enter(room)
        crossings.pass_time(room, 45.0)
        crossings.leave(room)
    again = msgspec.json.decode(msgspec.json.encode(room), type=People)
    for it in (room, again):
        crossings.pass_time(it, 300.0)
        crossings.leave(it)
    assert again == room
    kept = msgspec.json.decode(msgspec.json.encode(learned(room)), type=Learned)
    assert begin(kept).usual == room.usual


def test_estimates_are_written_for_every_row_and_need_no_truth(tmp_path: Path) -> None:
    path, out = tmp_path / "doors.csv", tmp_path / "out.csv"
    path.write_text("ts,reported_dir,counted\n2026-03-02T08:00:00,in,1\n2026-03-02T08:01:00,out,0\n")
    result = CliRunner().invoke(app, ["occupancy", str(path), "--json", "--estimates", str(out)])
    assert result.exit_code == 0
    lines = out.read_text().splitlines()
    assert [it.split(",")[0] for it in lines] == ["ts", "2026-03-02T08:00:00", "2026-03-02T08:01:00"]
    last = msgspec.json.decode(result.stdout.splitlines()[-1])
    assert set(last) == {"mae", "bias", "coverage", "width", "within_2", "limits"}
    assert last["mae"] is None
    unjudged = {"admissions": 1, "wrongful_admissions": None, "wrongful_holds": None}
    assert last["limits"] == [{"limit": limit, **unjudged} for limit in (12, 15, 20)]
    assert "limit   12: 1 admissions; how many of them into a full room, the file does not tell" in result.stdout


def test_a_gate_is_judged_by_the_people_inside_though_no_true_direction_stands_beside_them(tmp_path: Path) -> None:
    whole, without = tmp_path / "whole.csv", tmp_path / "without.csv"
    write(whole, seed=1, stay=exponential(600), errors=Errors(), days=1, a_day=300)
    rows = [line.split(",") for line in whole.read_text().splitlines()]
    without.write_text("\n".join(",".join([*row[:2], *row[3:]]) for row in rows))
    assert "true_dir" not in without.read_text()
    for gate, judged in zip(scored(without).limits, scored(whole).limits, strict=True):
        assert gate.admissions == judged.admissions
        assert gate.wrongful_holds == pytest.approx(judged.wrongful_holds, abs=0.01)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "doors.csv: is empty; expected is ts,reported_dir,counted"),
        ("\n \n", "doors.csv: is empty"),
        ("ts,reported_dir\n", "the column counted is missing"),
        ("ts,reported_dir,counted\n2026-03-02T08:00:00,up,1\n", "line 2: 'up' is no direction"),
        ("ts,reported_dir,counted\n2026-03-02T08:00:00,in,-1\n", "line 2: counted is '-1'"),
        ("ts,reported_dir,counted\nyesterday,in,1\n", "line 2: 'yesterday' is no instant"),
        ("ts,reported_dir,counted\n2026-03-02T08:00:00,in\n", "line 2: has not as many columns"),
        ("ts,reported_dir,counted\n2026-03-02T08:00:00,in,1\n2026-03-02T07:00:00,in,1\n", "line 3: 2026-03-02T07"),
        ("9,07/24/05,00:00:00\n", "line 1: '9,07/24/05,00:00:00' is no row"),
        ("9,24/24/05,00:00:00,3\n", "line 1: 24/24/05,00:00:00 is no date"),
        ("ts,reported_dir,counted\n", "has no rows"),
    ],
)
def test_a_broken_file_is_refused_with_the_line_and_what_is_wrong(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "doors.csv"
    path.write_text(text)
    result = CliRunner().invoke(app, ["occupancy", str(path)])
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_a_week_of_half_hours_is_replayed_without_a_truth() -> None:
    result = CliRunner().invoke(app, ["occupancy", str(CALIT2_WEEK), "--json"])
    assert result.exit_code == 0
    assert "at 04:00" in result.stdout
    gates = msgspec.json.decode(result.stdout.splitlines()[-1])["limits"]
    assert [gate.pop("limit") for gate in gates] == [12, 15, 20]
    assert {value for gate in gates for value in gate.values()} == {None}


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared, which lies beside the product")
def test_two_weeks_of_a_real_hall_are_within_what_is_promised() -> None:
    found = scored(SHARED / "data" / "doors" / "door_events.csv")
    assert found.mae is not None
    assert found.mae <= 2.0
    assert found.coverage is not None
    assert found.coverage >= 0.95
    assert found.width <= 12
    for gate, most_held in zip(found.limits, (0.70, 0.50, 0.15), strict=True):
        assert gate.wrongful_admissions is not None
        assert gate.wrongful_admissions <= 0.01
        assert gate.wrongful_holds is not None
        assert gate.wrongful_holds <= most_held


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared, which lies beside the product")
@pytest.mark.parametrize("name", ["exits-missed-12", "twice-4", "log-normal-15-min"])
def test_the_same_hall_with_other_errors_or_stays_lets_hardly_anybody_into_a_full_room(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "doors.csv"
    door_variants.write(SHARED / "data" / "doors" / "door_events.csv", door_variants.VARIANTS[name], f"{name} 0", path)
    found = scored(path)
    assert found.mae is not None
    assert found.mae <= 2.0
    assert found.coverage is not None
    assert found.coverage >= 0.95
    assert found.width <= 12
    assert all(gate.wrongful_admissions is not None and gate.wrongful_admissions <= 0.01 for gate in found.limits)
