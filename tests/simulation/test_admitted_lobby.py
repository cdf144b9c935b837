"""Appointments, people without tickets and a gate in one lobby: who they are, and what the counters make of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from hub.config import load_lobby
from hub.day import events, people_events
from simulator.scenario import Setting, read
from simulator.scenario_file import ScenarioError
from simulator.simulate import load, simulate
from simulator.summary import Findings, Summary

SCENARIOS = Path(__file__).parents[2] / "simulator" / "scenarios"
SETTING = read(Path(__file__).with_name("gate.toml"))


def assert_sound(setting: Setting, seed: int = 1) -> tuple[Summary, Findings]:
    summary, found = simulate(setting, seed=seed, say=lambda _: None)
    assert found.violations == []
    return summary, found


def test_appointments_are_checked_in_and_called_among_walk_ins() -> None:
    assert SETTING.scenario.appointments is not None
    more = replace(SETTING.scenario.appointments, share=0.5, never=0.0)
    summary, found = assert_sound(replace(SETTING, scenario=replace(SETTING.scenario, appointments=more)))
    figures = summary.appointments
    assert figures.known >= figures.checked_in >= figures.called > 3
    issued = {it.event.ticket: it.event for it in found.entries if isinstance(it.event, events.TicketIssued)}
    called = [issued[it.event.ticket] for it in found.entries if isinstance(it.event, events.TicketCalled)]
    assert {bool(it.appointment) for it in called} == {True, False}
    assert {it.channel for it in issued.values() if it.appointment} == {"phone"}


def test_who_has_no_phone_checks_in_at_the_reception() -> None:
    nobody = replace(SETTING.scenario.visitors, phone=0.0, services={"permits": 1})
    assert SETTING.scenario.appointments is not None
    all_booked = replace(SETTING.scenario.appointments, share=1.0)
    scenario = replace(SETTING.scenario, visitors=nobody, appointments=all_booked)
    summary, found = assert_sound(replace(SETTING, scenario=scenario))
    assert summary.issued == summary.appointments.checked_in > 10
    assert {it.event.channel for it in found.entries if isinstance(it.event, events.TicketIssued)} == {"api"}


def test_the_counters_see_everybody_who_goes_through_the_door() -> None:
    with_people, _ = assert_sound(SETTING)
    without, found = assert_sound(replace(SETTING, scenario=replace(SETTING.scenario, passers_by=None)))
    assert with_people.rooms["hall"].highest > without.rooms["hall"].highest
    entered = [it.event.entered for it in found.entries if isinstance(it.event, people_events.PeopleCounted)]
    assert max(entered) >= without.served


def test_the_same_seed_gives_the_same_day() -> None:
    first, again = assert_sound(SETTING, seed=3), assert_sound(SETTING, seed=3)
    assert first == again


def test_the_lobby_of_the_demo_is_the_town_hall_with_a_gate_and_its_kiosk_outside() -> None:
    demo, town_hall = load_lobby(SCENARIOS / "demo" / "lobby.toml"), load_lobby(SCENARIOS / "town-hall" / "lobby.toml")
    hall, *rooms = town_hall.rooms
    assert demo == replace(
        town_hall,
        rooms=(replace(hall, limit_people=40, admitted=True), *rooms),
        devices=tuple(replace(it, room="outside") if it.address == "kiosk-1/kiosk" else it for it in town_hall.devices),
    )


def test_a_door_or_a_week_that_is_not_there_is_told() -> None:
    assert SETTING.scenario.passers_by is not None
    who = replace(SETTING.scenario.passers_by, door="inner", week=SETTING.scenario.date)
    with pytest.raises(ScenarioError) as error:
        load(replace(SETTING, scenario=replace(SETTING.scenario, passers_by=who)))
    first, second = str(error.value).splitlines()
    assert first == "passers_by.door: the lobby has no door 'inner' from outside"
    assert second.startswith("passers_by.week: 2026-03-04 (Wednesday) would be 2026-03-04, and ")


def test_a_file_of_counts_with_a_fault_is_a_fault_of_the_scenario(tmp_path: Path) -> None:
    text = Path(__file__).with_name("gate.toml").read_text()
    (tmp_path / "bad.toml").write_text(text.replace("../../simulator/scenarios/calit2-week.data", "counts.data"))
    (tmp_path / "counts.data").write_text("9,09/21/05,08:30:00,many\n")
    with pytest.raises(ScenarioError, match="line 1: people 'many'; expected a number from 0 to 10000"):
        read(tmp_path / "bad.toml")
