"""The walls between the rooms: pyproject.toml says who imports whom; here that and the rest of it is enforced."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("wire", "words", "edge", "hub", "simulator")

SETS = {"wire": (), "words": (), "edge": ("edge",), "hub": ("hub",), "simulator": ("demo", "edge", "hub", "what-if")}
"""Room to the optional dependencies that are there when it runs."""

HARDWARE = {
    "escpos": ["edge/drivers/escpos.py"],
    "gpiozero": ["edge/drivers/gpio.py"],
    "luma": ["edge/drivers/lcd.py", "edge/drivers/matrix.py"],
    "serial": ["edge/drivers/printer_ports.py"],
}

CLOCK_AND_CHANCE = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "os.urandom",
    "random.SystemRandom",
    "random.choice",
    "random.getrandbits",
    "random.randint",
    "random.random",
    "random.randrange",
    "random.shuffle",
    "random.uniform",
    "secrets.randbelow",
    "secrets.token_bytes",
    "secrets.token_hex",
    "secrets.token_urlsafe",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.sleep",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
}


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@cache
def top_level_imports(path: Path) -> set[str]:
    """The first part of every imported module's name, wherever the import is written."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def imported_names(tree: ast.AST) -> dict[str, str]:
    """Name in this module to what it stands for: `{"now": "time.monotonic"}`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
            names |= {first: first for alias in node.names if not alias.asname for first in alias.name.split(".")[:1]}
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def readings_of_clock_and_chance(source: str) -> list[str]:
    """Where `source` names the real clock or real chance, be it called or handed on."""
    tree = ast.parse(source)
    names = imported_names(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and full_name(node, names) in CLOCK_AND_CHANCE:
            found.append(f"line {node.lineno} reads {full_name(node, names)}")
        if isinstance(node, ast.Call) and not node.args and full_name(node.func, names) == "random.Random":
            found.append(f"line {node.lineno} makes a random.Random without a seed")
    return found


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    """`random.Random` of a name or attribute that comes from an import; empty for anything else."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute) and (before := full_name(node.value, names)):
        return f"{before}.{node.attr}"
    return ""


def normal(distribution: str) -> str:
    """One spelling for `luma.led_matrix` and `luma-led-matrix`."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_every_import_keeps_to_its_room() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_only_mains_read_the_real_clock_or_real_chance() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {reading}"
        for room in ROOMS
        for path in modules(room)
        if path.name != "main.py"
        for reading in readings_of_clock_and_chance(path.read_text("utf-8"))
    ]

    assert not found, "\n".join(["take `now` or `new_token` as an argument instead:", *found])


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.monotonic()",
        "import time as t\nt.time()",
        "from time import monotonic\nclock = monotonic",
        "from datetime import datetime, UTC\ndatetime.now(UTC)",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import date as day\nday.today()",
        "import random\nrandom.random()",
        "from uuid import uuid4\nuuid4()",
        "def f():\n    import os\n    return os.urandom(8)",
        "from random import random\nrandom()",
        "from random import Random\nRandom()",
        "from secrets import token_urlsafe\ntoken_urlsafe()",
    ],
)
def test_a_reading_of_clock_or_chance_is_found(source: str) -> None:
    assert len(readings_of_clock_and_chance(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import random\nrandom.Random(7).random()",
        "import asyncio\nasyncio.get_running_loop().time()",
        "from datetime import datetime\ndef f(now: datetime) -> datetime: return now",
        "class Clock:\n    def time(self): return self.now()",
    ],
)
def test_what_is_given_or_seeded_is_no_reading(source: str) -> None:
    assert readings_of_clock_and_chance(source) == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_libraries_that_are_installed_with_it(room: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for name in SETS[room] for line in project["optional-dependencies"][name]),
    ]
    declared = {normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in wanted}
    distributions = packages_distributions()

    undeclared = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        for name in sorted(top_level_imports(path) - sys.stdlib_module_names - set(ROOMS))
        if not declared & {normal(each) for each in distributions.get(name, [])}
    ]

    assert not undeclared, "\n".join(undeclared)


def test_the_day_knows_no_loop_no_thread_no_socket_and_no_database() -> None:
    ours = {"hub", "wire", "annotated_types", "msgspec", "sortedcontainers"}
    allowed = (sys.stdlib_module_names | ours) - {"asyncio", "logging", "os", "socket", "sqlite3", "threading"}

    strangers = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("hub/day")
        for name in sorted(top_level_imports(path) - allowed)
    ]

    assert not strangers, "\n".join(strangers)


def test_each_hardware_library_is_known_to_its_drivers_alone() -> None:
    users = {library: [path for path in modules("edge") if library in top_level_imports(path)] for library in HARDWARE}

    assert {library: [str(path.relative_to(ROOT)) for path in paths] for library, paths in users.items()} == HARDWARE
