"""What is true of every file: small, ours, at home on any machine."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("wire", "words", "edge", "hub", "simulator")
LINES_MAX = 400
FILE_BYTES_MAX = 1_000_000

PLACES = re.compile(r"(?<![\w.~>:/}-])/(?:work|root|home|Users|opt/pypi|opt/wheels)(?:/|\b)")
"""Folders of somebody's machine. What we install goes to /etc, /data, /usr and /var."""


def files() -> list[Path]:
    """Every file of the repository, without what tools leave behind: those folders begin with a dot."""
    found = []
    for folder, names, here in os.walk(ROOT):
        names[:] = [name for name in names if not name.startswith(".") and name not in {"__pycache__", "dist"}]
        found += [Path(folder, name) for name in here if not name.endswith((".pyc", ".db", ".db-wal", ".db-shm"))]
    return sorted(path for path in [*found, *(ROOT / ".ci").iterdir()] if path.is_file())


def text(path: Path) -> str:
    """The file as text; empty for a picture or another kind that is not text."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def test_every_module_fits_in_a_head() -> None:
    lines = {path.relative_to(ROOT): text(path).count("\n") for room in ROOMS for path in (ROOT / room).rglob("*.*")}

    assert {path: count for path, count in lines.items() if path.suffix == ".py" and count > LINES_MAX} == {}


def test_no_file_names_a_place_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files()
        if path != Path(__file__)
        for number, line in enumerate(text(path).splitlines(), 1)
        if PLACES.search(line)
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("line", ["cd /work/main", "'/root/.cache'", 'open("/home/me/x")', "path=/opt/wheels"])
def test_a_place_of_one_machine_is_recognised(line: str) -> None:
    assert PLACES.search(line)


@pytest.mark.parametrize("line", ["https://example.org/home/", "docs/home/x", "/data/guichet", "{{ base }}/work/x"])
def test_other_paths_are_welcome(line: str) -> None:
    assert not PLACES.search(line)


def test_nothing_of_others_is_kept_here() -> None:
    strangers = re.compile(r"(^|/)(vendor|third_party|node_modules)/|\.min\.(js|css)$|\.(whl|jar|so|woff2?)$")

    assert [path for path in map(str, files()) if strangers.search(path)] == []
    assert [path for path in files() if path.stat().st_size > FILE_BYTES_MAX] == []


def test_locks_hold_a_hash_for_every_package_and_no_address() -> None:
    locks = sorted((ROOT / "locks").glob("*.txt"))
    entries = {
        lock.name: re.findall(r"^[a-z0-9-]+==\S+.*(?:\n +--hash=sha256:[0-9a-f]{64}.*)+", lock.read_text(), re.M)
        for lock in locks
    }

    for lock in locks:
        assert "://" not in lock.read_text()
        assert not re.search(r"^(-|--)", lock.read_text(), re.MULTILINE)
        assert lock.read_text().count("==") - lock.read_text().count("_version ==") >= len(entries[lock.name]) > 0


def test_scripts_can_be_run() -> None:
    scripts = [*(ROOT / "scripts").iterdir(), ROOT / ".ci" / "run"]

    assert [path for path in scripts if not os.access(path, os.X_OK) or not text(path).startswith("#!")] == []
