"""The command `guichet-hub`: what it says before anything runs, and the key it keeps."""

import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub import files
from hub.cli import BAD_FILE, CANNOT_GO_ON, app
from hub.errors import HubError
from hub.main import KEY_BYTES, key_from

TOWN_HALL = Path(__file__).parents[2] / "examples" / "town-hall" / "lobby.toml"


def test_check_says_what_a_sound_file_holds() -> None:
    said = CliRunner().invoke(app, ["run", str(TOWN_HALL), "--check"])
    assert said.exit_code == 0
    assert said.stdout == f"{TOWN_HALL}: site 'saint-aubin', 8 desks, 17 devices, no faults\n"


def test_check_tells_every_fault_of_every_file(tmp_path: Path) -> None:
    files = [tmp_path / "one.toml", tmp_path / "two.toml"]
    for file in files:
        file.write_text(
            TOWN_HALL.read_text().replace('letter = "B"', 'letter = "A"').replace("people = 60", "people = 0")
        )
    said = CliRunner().invoke(app, ["run", *map(str, files), "--check"])
    assert said.exit_code == BAD_FILE
    assert said.stdout == ""
    assert said.stderr.splitlines() == [
        f"{file}: {fault}"
        for file in files
        for fault in (
            "services[1].letter: 'A' is taken already; choose another",
            "rooms[0].limit_people: 0 should be greater than 0",
        )
    ]


def test_wrong_options_are_told_together() -> None:
    said = CliRunner().invoke(app, ["run", str(TOWN_HALL), "--broker", "http://x", "--log-level", "loud"])
    assert said.exit_code == BAD_FILE
    assert [line.split(":")[1].strip() for line in said.stderr.splitlines()] == ["--broker", "--log-level"]


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [str(Path(sys.executable).with_name("guichet-hub")), "run", str(TOWN_HALL)]
        command += ["--data", str(tmp_path), "--port", str(port)]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == CANNOT_GO_ON
    why = "Address already in use; choose another --host or --port"
    assert said.stderr == f"cannot listen on 127.0.0.1 port {port}: {why}\n"


def test_the_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    file = tmp_path / "data" / "key"
    key = key_from(file)
    assert len(key) == KEY_BYTES
    assert key_from(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_torn_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(HubError, match="has 5 bytes instead of 32; restore it from a backup, or remove it if no hub"):
        key_from(tmp_path / "key")


@pytest.mark.parametrize("killed", [True, False])
def test_a_first_start_that_cannot_write_its_key_leaves_none(tmp_path: Path, killed: bool) -> None:
    """As if it were killed there, or its disk full."""
    file = tmp_path / "key"
    script = "import resource, signal, sys, pathlib; from hub.main import key_from; "
    script += "signal.signal(signal.SIGXFSZ, signal.SIG_DFL); " * killed
    script += "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); key_from(pathlib.Path(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == (-signal.SIGXFSZ if killed else 1)
    assert ("key file" in done.stderr) is not killed
    assert not file.exists()
    assert len(key_from(file)) == KEY_BYTES


def test_of_two_who_make_the_key_one_is_the_first(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"1" * KEY_BYTES)
    files.make(tmp_path / "key", b"2" * KEY_BYTES, 0o600)
    assert key_from(tmp_path / "key") == b"1" * KEY_BYTES
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
