"""The scenarios that are shipped, and what is said of one that cannot be used."""

from collections import Counter
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from hub.day.lobby import DeviceKind
from simulator.fleet import FleetError, configs, derived
from simulator.scenario import Cut, Network, faults_with, read
from simulator.scenario_file import ScenarioError
from simulator.simulate import load

ROOT = Path(__file__).parents[2]
SHIPPED = ["town-hall.toml", "big-day.toml", "busy-day.toml", "demo.toml", "learning-hall.toml"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_is_found_by_its_name_and_fits_its_lobby(name: str) -> None:
    setting = read(Path(name))
    assert configs(load(setting), setting.agents_path)


@pytest.mark.parametrize(("name", "desks", "devices"), [("big-day.toml", 20, 30), ("busy-day.toml", 40, 60)])
def test_a_day_is_as_big_as_it_says(name: str, desks: int, devices: int) -> None:
    setting = read(Path(name))
    lobby = load(setting)
    assert setting.scenario.visitors.count == 1_200
    assert len(lobby.desks) == desks
    assert len(lobby.devices) == devices


def test_on_the_busiest_day_much_goes_wrong() -> None:
    scenario = read(Path("busy-day.toml")).scenario
    kinds = {it.what for it in scenario.mishaps}
    assert len(scenario.mishaps) == 21
    assert kinds >= {"loss", "delay", "repetition", "disorder", "cut", "broker-restart", "hub-killed", "power-cut"}
    assert kinds >= {"counter-silent", "beam-blocked", "paper-out", "roll-ends", "printer-unplugged"}


def test_the_town_hall_of_the_examples_is_the_one_that_is_simulated() -> None:
    example, shipped = ROOT / "examples" / "town-hall", ROOT / "simulator" / "scenarios" / "town-hall"
    names = sorted(path.relative_to(example) for path in example.rglob("*.toml"))
    assert names == sorted(path.relative_to(shipped) for path in shipped.rglob("*.toml"))
    assert [name for name in names if (example / name).read_text() != (shipped / name).read_text()] == []


def test_a_missing_scenario_names_those_that_there_are() -> None:
    with pytest.raises(ScenarioError, match=r"big-day\.toml, .*town-hall\.toml"):
        read(Path("nowhere.toml"))


def test_all_faults_of_a_scenario_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    text = (ROOT / "tests" / "simulation" / "short.toml").read_text()
    text = text.replace("count = 30", "count = -1").replace("phone = 0.6", "phnoe = 0.6").replace("fr = 8", "fr = 0")
    file.write_text(text)
    with pytest.raises(ScenarioError) as error:
        read(file)
    lines = str(error.value).splitlines()
    assert len(lines) == 3
    assert all(any(word in line for line in lines) for word in ("count", "phnoe", "languages.fr"))


def test_a_door_with_two_counters_is_not_simulated(tmp_path: Path) -> None:
    setting = read(Path("town-hall.toml"))
    (door, *_) = [it.door for it in load(setting).devices if it.kind is DeviceKind.COUNTER]
    file = tmp_path / "lobby.toml"
    second = f'\n[[devices]]\nnode = "door-9"\nid = "counter"\nkind = "counter"\ndoor = "{door}"\n'
    file.write_text(setting.lobby_path.read_text() + second)
    with pytest.raises(ScenarioError, match=f"door '{door}' has 2 counters; a simulated one has one"):
        load(replace(setting, lobby_path=file))


def test_what_the_lobby_has_not_is_told_at_once() -> None:
    setting = read(Path("town-hall.toml"))
    late = Cut(node="desk-1", begins=time(17, 59), lasts_s=60)
    scenario = replace(setting.scenario, network=Network(cuts=(late,)), ends=time(8, 0))
    found = faults_with(scenario, services={"passports": 1}, desks={"desk-1": 1})
    assert len([it for it in found if "no service" in it]) == 3
    assert len([it for it in found if "no desk" in it]) == 14
    assert len([it for it in found if "network.cuts.0" in it]) == 1
    assert len([it for it in found if it.startswith("ends")]) == 1


def test_nodes_that_do_not_fit_the_lobby_are_told(tmp_path: Path) -> None:
    setting = read(Path("town-hall.toml"))
    assert setting.agents_path is not None
    for path in setting.agents_path.glob("*.toml"):
        if path.name != "desk-8.toml":
            (tmp_path / path.name).write_text(path.read_text().replace('node = "desk-7"', 'node = "desk-9"'))
    with pytest.raises(FleetError) as error:
        configs(load(setting), tmp_path)
    assert len(str(error.value).splitlines()) == 3
    assert "'desk-9/panel' is not in the lobby" in str(error.value)


def test_without_agent_files_each_node_gets_what_the_lobby_says() -> None:
    setting = read(Path("big-day.toml"))
    lobby = load(setting)
    kinds = Counter(device.kind for config in derived(lobby) for device in config.devices)
    assert kinds == {"panel": 20, "board": 3, "counter": 2, "kiosk": 2, "printer": 2, "sign": 1}
