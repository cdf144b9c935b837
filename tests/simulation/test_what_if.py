"""A manager's questions: days on the rules alone, held against whole days with hub and agents, and compared."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from typer.testing import CliRunner

from simulator import checkers
from simulator.cli import app
from simulator.scenario import LimitChange, Setting, read
from simulator.scenario_file import ScenarioError
from simulator.simulate import load, simulate
from simulator.what_if.compare import MEASURES, Comparison, compare
from simulator.what_if.day import live, waits_of

HERE = Path(__file__).parent
FOUR, FIVE, MORE, SMALLER = (
    read(Path("what-if", f"{name}.toml")) for name in ("four-desks", "five-desks", "more-appointments", "smaller-room")
)
WAITS_AGREE = 0.15
"""A whole day and one on the rules alone: their waits differ by less than this share, over several days."""
PEOPLE_AGREE = 3
"""And the highest number of people in a room by less than this, each day."""


def short(setting: Setting, visitors: int = 60) -> Setting:
    """The same with fewer visitors, for tests that look for something else than waits."""
    it = setting.scenario
    return replace(setting, scenario=replace(it, visitors=replace(it.visitors, count=visitors)))


def answered(settings: Sequence[Setting], days: int = 4, processes: int = 1) -> Comparison:
    return compare(settings, days=days, seed=1, processes=processes)


def means(comparison: Comparison, measure: str) -> list[float]:
    found = []
    for outcome in comparison.outcomes:
        it = outcome.answers[measure].days
        assert it is not None
        found.append(it.mean)
    return found


# --- the rules alone, and everything ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "days"), [("short.toml", 4), ("gate.toml", 6)])
def test_waits_and_people_are_those_of_a_whole_day_with_hub_and_agents(name: str, days: int) -> None:
    setting = read(HERE / name)
    lobby = load(setting)
    whole_s, bare_s = list[float](), list[float]()
    for seed in range(1, days + 1):
        summary, found = simulate(setting, seed=seed, say=lambda _: None)
        day = live(setting, lobby, seed)
        whole, bare = waits_of(found.entries, lobby), waits_of(day.entries, lobby)
        for waits, all_s in ((whole, whole_s), (bare, bare_s)):
            assert waits.median_s is not None
            assert waits.p90_s is not None
            all_s += [waits.median_s, waits.p90_s]
        for room, figures in summary.rooms.items():
            assert abs(day.figures.rooms[room] - figures.highest) < PEOPLE_AGREE, f"seed {seed}, {room}"
    assert sum(bare_s) == pytest.approx(sum(whole_s), rel=WAITS_AGREE)


@pytest.mark.parametrize("setting", [FOUR, FIVE, MORE, SMALLER, read(Path("demo.toml"))], ids=lambda it: it.name)
def test_a_day_on_the_rules_alone_breaks_none_of_them(setting: Setting) -> None:
    lobby = load(setting)
    day = live(setting, lobby, 1)
    assert list(checkers.journal_violations(day.entries)) == []
    assert sum(day.fates.values()) > 0.9 * setting.scenario.visitors.count, "nobody is left in the building"


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    lobby = load(FOUR)
    assert live(FOUR, lobby, 1).entries == live(FOUR, lobby, 1).entries
    assert live(FOUR, lobby, 1).entries != live(FOUR, lobby, 2).entries


# --- what if ---------------------------------------------------------------------------------------------------------


def test_a_scenario_differs_from_itself_by_exactly_nothing() -> None:
    first, second = answered([short(SMALLER), short(SMALLER)]).outcomes
    assert second.name == "15 people inside (2)"
    assert first.days == second.days
    for answer in second.answers.values():
        assert answer.difference is not None
        assert (answer.difference.low, answer.difference.mean, answer.difference.high) == (0, 0, 0)
        assert not answer.is_distinguishable


def test_a_fifth_desk_makes_waits_shorter_beyond_chance() -> None:
    found = answered([FOUR, FIVE], days=8)
    for measure in ("wait_median", "wait_p90", "over_target", "highest"):
        answer = found.outcomes[1].answers[measure]
        assert answer.difference is not None
        assert answer.difference.high < 0, measure
        assert answer.is_distinguishable


def test_more_appointments_make_waits_longer() -> None:
    four, more = means(answered([FOUR, MORE], days=8), "wait_p90")
    assert more > four


def test_a_lower_limit_holds_people_at_the_door_and_never_so_many_come_in() -> None:
    found = answered([FOUR, SMALLER])
    assert means(found, "held")[1] > means(found, "held")[0]
    assert means(found, "at_limit")[1] > means(found, "at_limit")[0]
    assert means(found, "highest")[1] < means(found, "highest")[0]
    # Waiting before the door is waiting, too: who is held there is not served the sooner.
    assert means(found, "wait_p90")[1] > 0.9 * means(found, "wait_p90")[0]


def test_a_limit_that_changes_during_the_day_changes_who_comes_in() -> None:
    lower = LimitChange(room="waiting-room", at=time(9), people=12)
    later = replace(FOUR, scenario=replace(FOUR.scenario, limit_changes=(lower,)))
    found = answered([FOUR, later])
    assert means(found, "held")[1] > means(found, "held")[0]


def test_visitors_are_the_same_whatever_is_changed() -> None:
    """The days are paired: the same people come at the same time, and all of them get a number."""
    numbers = [
        Counter(type(entry.event).__name__ for entry in live(it, load(it), 3).entries)["TicketIssued"]
        for it in (FOUR, FIVE)
    ]
    assert numbers[0] == numbers[1]


def test_the_number_of_processes_changes_nothing() -> None:
    settings = [short(FOUR, 20), short(FIVE, 20)]
    assert answered(settings, days=2, processes=1) == answered(settings, days=2, processes=2)


def test_the_answer_does_not_depend_on_the_hashes_of_strings() -> None:
    program = (
        "from pathlib import Path; import msgspec, sys; from simulator.scenario import read; "
        "from simulator.simulate import load; from simulator.what_if.day import live; "
        "it = read(Path('what-if/smaller-room.toml')); figures = live(it, load(it), 1).figures; "
        "print(msgspec.json.encode(figures).decode())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(said) == 1


# --- the files -------------------------------------------------------------------------------------------------------


def test_a_scenario_says_only_what_is_other_than_in_the_one_on_which_it_is_based() -> None:
    lobby = load(FIVE)
    assert [desk.id for desk in lobby.desks] == ["desk-1", "desk-2", "desk-3", "desk-4", "desk-5"]
    assert lobby.desks[4].services == lobby.desks[3].services
    assert [it.desks for it in FIVE.scenario.staff.shifts[2:]] == [("desk-3", "desk-4", "desk-5")] * 2
    assert FIVE.scenario.visitors == FOUR.scenario.visitors
    assert load(SMALLER).rooms[0].limit_people == 15
    assert load(FOUR).rooms[0].limit_people == 30
    assert MORE.scenario.visitors == replace(FOUR.scenario.visitors, count=MORE.scenario.visitors.count)


def test_30_percent_more_appointments_are_30_percent_more() -> None:
    booked, others = [], []
    for it in (FOUR.scenario, MORE.scenario):
        assert it.appointments is not None
        booked.append(it.visitors.count * it.appointments.share)
        others.append(it.visitors.count - booked[-1])
    assert booked[1] / booked[0] == pytest.approx(1.3, abs=0.01)
    assert others[1] / others[0] == pytest.approx(1, abs=0.01)


def test_a_whole_day_can_be_lived_through_with_a_desk_that_the_lobby_has_not(tmp_path: Path) -> None:
    file = tmp_path / "more.toml"
    based_on = HERE / "short.toml"
    more = '[[more_desks]]\nid = "desk-9"\nname = "9"\nlike = "desk-4"\n'
    file.write_text(f'based_on = "{based_on}"\nends = 09:00:00\n{more}[visitors]\ncount = 12\n')
    summary, found = simulate(read(file), seed=1, say=lambda _: None)
    assert summary.issued > 5
    assert found.violations == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[more_desks]]\nid = "desk-1"\nname = "5"\nlike = "desk-4"', "more_desks.0.id: 'desk-1' is taken"),
        ('[[more_desks]]\nid = "desk-5"\nname = "1"\nlike = "desk-4"', "more_desks.0.name: '1' is taken"),
        ('[[more_desks]]\nid = "desk-5"\nname = "5"\nlike = "desk-6"', "the lobby has no desk 'desk-6'"),
        ("[limits]\ncellar = 5", "limits: the lobby has no room 'cellar'"),
        ("[gate_confidence]\ncellar = 0.9", "gate_confidence: the lobby has no room 'cellar'"),
        ("[gate_confidence]\nwaiting-room = 1.0", "gate_confidence.waiting-room: Input should be less than or equal"),
    ],
)
def test_a_change_that_cannot_be_made_is_told(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "changed.toml"
    base = Path(__file__).parents[2] / "simulator" / "scenarios" / "what-if" / "four-desks.toml"
    file.write_text(f'based_on = "{base}"\n{text}\n')
    with pytest.raises(ScenarioError, match=said):
        load(read(file))


def test_what_the_page_asks_can_be_asked_from_any_folder(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "what-if.md").read_text()
    example = page.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "mine.toml").write_text(example)
    setting = read(tmp_path / "mine.toml")
    load(setting)
    assert (setting.name, setting.scenario.visitors.count) == ("five desks, fewer people inside", 210)


def test_a_base_that_is_nowhere_is_told_with_those_that_are_shipped(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('based_on = "six-desks.toml"\n')
    with pytest.raises(ScenarioError, match="shipped ones are"):
        read(tmp_path / "mine.toml")


def test_scenarios_that_are_based_on_each_other_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('based_on = "b.toml"\n')
    (tmp_path / "b.toml").write_text('based_on = "a.toml"\n')
    with pytest.raises(ScenarioError, match="over 5 files deep"):
        read(tmp_path / "a.toml")


# --- the command -----------------------------------------------------------------------------------------------------


def asked(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["compare", *arguments, "--processes", "1"])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_prints_a_table_and_writes_pictures_and_figures(tmp_path: Path) -> None:
    pair = ["what-if/four-desks.toml", "what-if/five-desks.toml"]
    exit_code, said, _ = asked(*pair, "--days", "2", "--out", str(tmp_path / "new"))
    assert exit_code == 0
    assert all(measure.name in said for measure in MEASURES)
    assert max(map(len, said.splitlines())) <= 80
    png, svg, figures = (tmp_path / "new" / f"compare.{kind}" for kind in ("png", "svg", "json"))
    assert png.read_bytes().startswith(b"\x89PNG")
    words = " ".join(ElementTree.fromstring(svg.read_text()).itertext())
    assert all(text in words for text in ("four desks", "five desks", "Overtime", "95%"))
    found = msgspec.json.decode(figures.read_bytes(), type=Comparison)
    assert [outcome.name for outcome in found.outcomes] == ["four desks", "five desks"]

    asked(*pair, "--days", "2", "--out", str(tmp_path / "again"))
    for path in (png, svg, figures):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["what-if/four-desks.toml"], "one scenario is compared with nothing; name two or more"),
        (["what-if/four-desks.toml", "nowhere.toml"], "no scenario file nowhere.toml; shipped ones are"),
        (["what-if/four-desks.toml", "what-if/five-desks.toml", "--days", "1"], "--days 1: an interval needs 2 to"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(arguments: list[str], said: str) -> None:
    exit_code, table, error = asked(*arguments)
    assert exit_code == 2
    assert table == ""
    assert error.startswith(said)
    assert error.count("\n") == 1


def test_scenarios_of_different_days_cannot_be_compared() -> None:
    thursday = replace(FIVE, scenario=replace(FIVE.scenario, date=date(2026, 3, 5)))
    with pytest.raises(ScenarioError, match="on Wednesday 04 March 2026, 'five desks' on Thursday"):
        answered([FOUR, thursday])


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    exit_code, _, error = asked("what-if/four-desks.toml", "what-if/five-desks.toml", "--out", str(tmp_path / "file"))
    assert exit_code == 2
    assert "cannot be written" in error
    assert error.count("\n") == 1
