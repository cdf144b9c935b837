"""The gate of an admitted room under everything that goes wrong: it holds people, and never lets in too many."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import time
from pathlib import Path
from random import Random

from hub.day.events import TicketAdmitted
from simulator.gate_figures import GateFigures
from simulator.scenario import Cut, LimitChange, Mishap, Network, Setting, faults_with, read
from simulator.simulate import simulate

HERE = Path(__file__).parent
SETTING = read(HERE / "gate.toml")
SEEDS = 6
ROUGH = Network(loss=0.05, repeat=0.05, reorder=0.05, delay_ms=(1, 200))
COUNTER = "door-1/counter"
LASTS_S = (100, 340)
"""Longer than the hub waits before it calls a counter silent."""


def quiet(_: str) -> None:
    pass


def some_time(chance: Random) -> time:
    """After the first have come, and so that all is over before the calm."""
    return time(9, chance.randint(3, 14), chance.randint(0, 59))


def with_mishaps(seed: int, *kinds: str) -> Setting:
    """The scenario on a rough network, and one mishap of each kind at a time that the seed decides."""
    chance = Random(f"{seed}/mishaps")
    cuts: list[Cut] = []
    mishaps: list[Mishap] = []
    for kind in kinds:
        begins, lasts_s = some_time(chance), chance.uniform(*LASTS_S)
        if kind == "cut":
            cuts.append(Cut(node="door-1", begins=begins, lasts_s=lasts_s))
        elif kind == "blocked":
            mishaps.append(Mishap(what="beam-blocked", where=COUNTER, begins=begins, lasts_s=lasts_s))
        else:
            mishaps.append(Mishap(what="counter-silent", where=COUNTER, begins=begins, lasts_s=lasts_s))
    network = replace(ROUGH, cuts=tuple(cuts))
    return replace(SETTING, scenario=replace(SETTING.scenario, network=network, mishaps=tuple(mishaps)))


def assert_sound(settings: Iterable[Setting]) -> list[GateFigures]:
    """What the gate did on each of these days, which are all without violation."""
    figures = []
    for seed, setting in enumerate(settings):
        summary, found = simulate(setting, seed=seed, say=quiet)
        assert found.violations == [], f"seed {seed}"
        figures.append(summary.gates["hall"])
    assert sum(it.invited for it in figures) > 5 * len(figures)
    assert sum(it.held for it in figures) > len(figures), "or the gate had nothing to do"
    return figures


def test_on_a_rough_network_nobody_is_invited_above_the_limit() -> None:
    assert_sound(with_mishaps(seed) for seed in range(SEEDS))


def test_a_counter_that_falls_silent_makes_the_room_unknown_and_nobody_is_invited_meanwhile() -> None:
    figures = assert_sound(with_mishaps(seed, "silent") for seed in range(SEEDS))
    assert sum(it.times_unknown > 0 for it in figures) > SEEDS / 2


def test_a_node_that_is_cut_makes_the_room_unknown_and_nobody_is_invited_meanwhile() -> None:
    figures = assert_sound(with_mishaps(seed, "cut") for seed in range(SEEDS))
    assert sum(it.times_unknown > 0 for it in figures) > SEEDS / 2


def test_a_blocked_beam_is_reckoned_with_as_far_as_it_is_known() -> None:
    assert_sound(with_mishaps(seed, "blocked") for seed in range(SEEDS))


def test_everything_at_once_before_a_room_that_counts_tickets_while_it_is_unknown(tmp_path: Path) -> None:
    lobby = (HERE / "gate-lobby.toml").read_text()
    by_tickets = tmp_path / "lobby.toml"
    by_tickets.write_text(lobby.replace("admitted = true", 'admitted = true\nunknown = "tickets"\nmargin_people = 6'))
    figures = assert_sound(
        replace(with_mishaps(seed, "cut", "blocked", "silent"), lobby_path=by_tickets) for seed in range(SEEDS)
    )
    assert sum(it.times_unknown > 0 for it in figures) > SEEDS / 2


def test_everything_at_once_before_a_room_whose_people_are_estimated_by_the_filter_that_learns(tmp_path: Path) -> None:
    lobby = (HERE / "gate-lobby.toml").read_text()
    learning = tmp_path / "lobby.toml"
    learning.write_text(lobby.replace("admitted = true", "admitted = true\ngate_confidence = 0.98"))
    figures = assert_sound(
        replace(with_mishaps(seed, "cut", "blocked", "silent"), lobby_path=learning) for seed in range(SEEDS)
    )
    assert sum(it.invited for it in figures) > SEEDS


def test_the_shipped_hall_that_learns_admits_nobody_beyond_the_bound_that_it_records() -> None:
    setting = read(Path("learning-hall.toml"))
    drifts = replace(setting.scenario.mishaps[0], lasts_s=2_400)
    scenario = replace(setting.scenario, ends=time(9, 15), mishaps=(drifts,))
    summary, found = simulate(replace(setting, scenario=scenario), seed=1, say=quiet)
    assert found.violations == []
    assert summary.gates["hall"].invited > 30
    admitted = [it.event for it in found.entries if isinstance(it.event, TicketAdmitted)]
    assert {(it.room, it.confidence) for it in admitted} == {("hall", 0.98)}
    assert all(it.upper_people + it.reserved_people < it.limit_people == 20 for it in admitted)


def test_while_all_counters_work_the_room_is_never_too_full_in_truth_for_who_is_invited() -> None:
    figures = assert_sound([SETTING, SETTING])
    assert [it.above_limit_in_truth for it in figures] == [0, 0]


def test_a_limit_that_changes_twice_during_the_day_is_kept_from_then_on() -> None:
    changes = (
        LimitChange(room="hall", at=time(9, 4), people=9),
        LimitChange(room="hall", at=time(9, 12), people=13),
    )
    settings = (with_mishaps(seed, "silent") for seed in range(SEEDS))
    assert_sound(replace(it, scenario=replace(it.scenario, limit_changes=changes)) for it in settings)


def test_a_limit_of_a_room_that_is_not_there_is_told() -> None:
    scenario = replace(SETTING.scenario, limit_changes=(LimitChange(room="attic", at=time(9, 5), people=3),))
    found = faults_with(
        scenario,
        services=scenario.visitors.services,
        desks=["desk-1", "desk-2", "desk-3"],
        doors=["front"],
        rooms=["hall", "office"],
    )
    assert found == ["limit_changes.0.room: the lobby has no room 'attic'"]


def test_a_mishap_that_is_not_known_or_has_no_such_place_is_told() -> None:
    blocked = Mishap(what="beam-blocked", where="door-1/beam", begins=time(9, 5), lasts_s=60)
    eclipse = Mishap(what="eclipse", begins=time(9, 5), lasts_s=60)
    scenario = replace(SETTING.scenario, mishaps=(blocked, eclipse))
    found = faults_with(
        scenario,
        services=scenario.visitors.services,
        desks=["desk-1", "desk-2", "desk-3"],
        doors=["front"],
        mishaps={"beam-blocked": [COUNTER], "loss": [""]},
    )
    assert found == [
        "mishaps.0.where: beam-blocked does not happen at 'door-1/beam'; it does at ['door-1/counter']",
        "mishaps.1.what: nothing is known of 'eclipse'; known are beam-blocked, loss",
    ]
