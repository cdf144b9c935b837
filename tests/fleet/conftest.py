"""One host for all tests of the fleet, made a lobby by the playbook."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.host import Host, booted
from tests.fleet.lobby import ROOT, Lobby, Run

CONVERGED_S = pytest.StashKey[float]()
"""What the playbook's first run took."""


@pytest.fixture(scope="session")
def wheelhouse() -> None:
    """Today's packages of the hub and of the edge, for this machine's kind and Debian 12's Python."""
    subprocess.run([ROOT / "scripts" / "wheelhouse"], check=True)


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A bare Debian 12."""
    made = subprocess.run([ROOT / "scripts" / "fleet-base"], check=True, stdout=subprocess.PIPE, text=True)
    with booted("lobby", Path(made.stdout.strip()), tmp_path_factory.mktemp("host")) as host:
        yield host


@pytest.fixture(scope="session")
def lobby(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Lobby:
    return Lobby.on(host, tmp_path_factory.mktemp("inventory"))


@pytest.fixture(scope="session")
def first_run(lobby: Lobby, wheelhouse: None, pytestconfig: pytest.Config) -> Run:
    """The playbook's first run against the bare host. Whoever asks for it finds a lobby at work."""
    run = lobby.converge()
    pytestconfig.stash[CONVERGED_S] = run.took_s
    assert run.figure("failed") == 0, run.output
    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how long an admin waits for a lobby. A figure and no verdict: it depends on what else the machine does."""
    if CONVERGED_S in config.stash:
        terminalreporter.write_line(f"a bare host became a lobby in {config.stash[CONVERGED_S]:.0f} s")
