"""The largest days that one lobby is built for, lived through in virtual time: hub, agents, visitors and staff."""

import subprocess
import sys
from pathlib import Path
from time import perf_counter

from tests.bench.figures import Figure, Setting

GUICHET_SIM = Path(sys.executable).with_name("guichet-sim")
STEPS = 20_000_000
DAYS = {"big-day.toml": "20 desks, 30 devices", "busy-day.toml": "40 desks, 60 devices, 21 mishaps"}
"""Scenarios of 1,200 visitors."""


def measure(setting: Setting) -> list[Figure]:
    """Beside a loop of Python that takes one to four seconds, by what the machine is and what else it does."""
    figures = []
    for number, (scenario, size) in enumerate(DAYS.items()):
        setting.tell(number / len(DAYS))
        raw_s = _loop_s()
        began_s = perf_counter()
        subprocess.run([GUICHET_SIM, "run", scenario, "--seed", "1", "--json-only"], check=True, capture_output=True)
        figures.append(Figure(f"a day of 1,200 visitors, {size}", perf_counter() - began_s, raw_s))
    return figures


def _loop_s() -> float:
    began_s = perf_counter()
    total = 0
    for step in range(STEPS):
        total += step * step % 7
    return perf_counter() - began_s
