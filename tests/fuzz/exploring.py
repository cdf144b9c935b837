"""Looks for bytes that a target cannot bear: atheris in another process, watched from here."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.target import Target, words_of

MEMORY_MB = 2_048
HAS_ATHERIS = sys.platform == "linux" and platform.machine() == "x86_64"
NO_ATHERIS = f"atheris has no wheel for {platform.machine()} {sys.platform}: fuzz bytes on x86_64 Linux"

_STATUS = re.compile(r"#(\d+)\s.*?cov: (\d+) ft: \d+ corp: (\d+)/")
_ENDED = re.compile(r"Done (\d+) runs|stat::number_of_executed_units:\s+(\d+)")


@dataclass
class Explored:
    """How far it has come."""

    runs: int = 0
    reached: int = 0
    """Places in the code."""
    kept: int = 0
    """Inputs that reached something new."""
    finding: Path | None = None
    """As it was found."""
    said: str = ""
    """The last lines of a process that neither found anything nor came to its end."""

    def take(self, line: str) -> None:
        if status := _STATUS.match(line):
            self.runs, self.reached, self.kept = (int(it) for it in status.groups())
        elif ended := _ENDED.match(line):
            self.runs = int(ended[1] or ended[2])


def explore(
    target: Target,
    folder: Path,
    *,
    runs: int = -1,
    seconds: int = 0,
    seed: int = 0,
    tell: Callable[[Explored], None] = lambda _: None,
) -> Explored:
    """Until something is found, or so many runs or seconds are over. What reached something new is kept in the folder,
    and the next search begins there. With a seed, and an empty folder, two searches are the same."""
    for name in ("corpus", "seeds", "found"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    seeds = [*target.seeds()]
    for number, data in enumerate(seeds):
        (folder / "seeds" / f"{number:03}").write_bytes(data)
    (folder / "words").write_text("".join(f'"{_spelt(word)}"\n' for word in words_of(seeds)), "ascii")
    options = {
        "runs": runs,
        "max_total_time": seconds,
        "seed": seed,
        "max_len": target.bytes_max,
        "timeout": target.hang_s,
        "rss_limit_mb": MEMORY_MB,
        "dict": folder / "words",
        "artifact_prefix": f"{folder / 'found'}/",
        "print_final_stats": 1,
    }
    before = {*(folder / "found").iterdir()}
    explored = Explored()
    last: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fuzz.worker", target.name, str(folder)]
        + [f"-{name}={value}" for name, value in options.items()]
        + [str(folder / "corpus"), str(folder / "seeds")],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as worker:
        assert worker.stderr is not None
        for line in worker.stderr:
            last = [*last[-19:], line]
            explored.take(line)
            tell(explored)
    found = [path for path in sorted((folder / "found").iterdir()) if path not in before]
    found = [path for path in found if not path.name.startswith("slow-unit")]
    explored.finding = found[0] if found else None
    if worker.returncode and not found:
        explored.said = "".join(last)
    return explored


def _spelt(word: bytes) -> str:
    """As libFuzzer's dictionaries write bytes."""
    return "".join(f"\\x{it:02x}" for it in word)
