"""One host for all tests of the fleet, made a lobby by the playbook."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.host import Host, booted
from tests.fleet.lobby import ROOT, Lobby, Run


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
def first_run(lobby: Lobby, wheelhouse: None) -> Run:
    """The playbook's first run against the bare host. Whoever asks for it finds a lobby at work."""
    run = lobby.converge()
    assert run.figure("failed") == 0, run.output
    return run
