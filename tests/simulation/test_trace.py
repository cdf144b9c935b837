"""The same seed gives the same day to the last byte, on any machine; another seed gives another."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SHORT = Path(__file__).with_name("short.toml")
RUN_S = 120
"""Some seconds on a quiet machine."""


def day(seed: int, hash_seed: str) -> dict[str, Any]:
    """The summary of a short day, lived through in a process of its own."""
    command = [sys.executable, "-m", "simulator", "run", str(SHORT), "--seed", str(seed), "--json-only"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=RUN_S, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    summary: dict[str, Any] = json.loads(lines[0])
    return summary


def test_a_seed_decides_the_day_whatever_the_order_of_sets() -> None:
    first, again, other = day(5, "0"), day(5, "4242"), day(6, "0")
    assert first == again
    assert first["trace"] != other["trace"]
    assert len(first["trace"]) == 64


def test_the_summary_says_what_was_asked_of_it() -> None:
    summary = day(1, "random")
    assert list(summary) == [
        "issued", "called", "served", "no_shows", "waits", "rooms", "gates", "appointments", "refusals", "messages",
        "commits", "rows", "violations", "trace",
    ]  # fmt: skip
    assert summary["violations"] == 0
    assert summary["served"] > 10
    assert list(summary["waits"]) == ["mean", "p50", "p90"]
    assert summary["rooms"]["hall"]["limit"] == 60
    assert 0 < summary["rooms"]["hall"]["highest"] < 60
