"""Loss, delay, repetition and disorder, cuts and calm: afterwards every day is sound and every board is right."""

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from simulator.scenario import Cut, Network, Setting, read
from simulator.simulate import simulate

SHORT = Path(__file__).with_name("short.toml")
ROUGH = Network(loss=0.05, repeat=0.1, reorder=0.1, delay_ms=(5, 400))
CUT = Network(
    delay_ms=(1, 20),
    cuts=(
        Cut(node="board-1", begins=time(8, 45), lasts_s=120),
        Cut(node="desk-1", begins=time(8, 50), lasts_s=300),
        Cut(node="kiosk-1", begins=time(9, 0), lasts_s=60),
        Cut(node="door-1", begins=time(9, 5), lasts_s=20),
    ),
)


def short_day(network: Network) -> Setting:
    setting = read(SHORT)
    return replace(setting, scenario=replace(setting.scenario, network=network))


def quiet(_: str) -> None:
    pass


@pytest.mark.parametrize("seed", range(10))
def test_a_day_on_a_rough_network_is_sound(seed: int) -> None:
    summary, found = simulate(short_day(ROUGH), seed=seed, say=quiet)
    assert found.violations == []
    assert summary.issued >= 25
    assert summary.served >= 15


@pytest.mark.parametrize("seed", range(3))
def test_a_day_with_nodes_cut_off_is_sound(seed: int) -> None:
    summary, found = simulate(short_day(CUT), seed=seed, say=quiet)
    assert found.violations == []
    assert summary.served >= 15
