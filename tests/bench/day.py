"""The largest days that one lobby is built for, lived through in virtual time: hub, agents, visitors and staff."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from tests.bench.figures import Figure

GUICHET_SIM = Path(sys.executable).with_name("guichet-sim")
STEPS = 20_000_000
DAYS = {"big-day.toml": "20 desks, 30 devices", "busy-day.toml": "40 desks, 60 devices, 21 mishaps"}
"""Scenarios of 1,200 visitors."""


def measure() -> Iterator[Figure]:
    """Beside a loop of Python that takes one to four seconds, by what the machine is and what else it does."""
    for scenario, size in DAYS.items():
        raw_s = _loop_s()
        began_s = perf_counter()
        subprocess.run([GUICHET_SIM, "run", scenario, "--seed", "1", "--json-only"], check=True, capture_output=True)
        took_s = perf_counter() - began_s
        name = f"a day of 1,200 visitors, {size}"
        yield Figure(name=name, unit="s", ours=took_s, raw=raw_s, raw_name=f"a loop of {STEPS:,} steps")


def _loop_s() -> float:
    began_s = perf_counter()
    total = 0
    for step in range(STEPS):
        total += step * step % 7
    return perf_counter() - began_s
