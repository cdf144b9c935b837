"""The line to the service manager: what it hears, and when it hears nothing."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from wire.supervisor import Supervisor


class Manager:
    """A service manager's end of the line."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(address)

    def heard(self) -> list[str]:
        messages = []
        while True:
            try:
                messages.append(self._socket.recv(100).decode())
            except BlockingIOError:
                return messages

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "notify")


@pytest.fixture
def manager(address: str) -> Iterator[Manager]:
    manager = Manager(address)
    yield manager
    manager.close()


def test_the_manager_hears_ready_and_stopping(manager: Manager, address: str) -> None:
    supervisor = Supervisor({"NOTIFY_SOCKET": address})

    supervisor.ready()
    supervisor.stopping()

    assert manager.heard() == ["READY=1", "STOPPING=1"]


def test_an_abstract_socket_is_reached() -> None:
    manager = Manager("\0guichet-test-supervisor")

    Supervisor({"NOTIFY_SOCKET": "@guichet-test-supervisor"}).ready()

    assert manager.heard() == ["READY=1"]
    manager.close()


async def test_a_ping_follows_every_proof_and_none_comes_without(manager: Manager, address: str) -> None:
    proofs = [0, 1]
    stuck = asyncio.Event()

    async def prove() -> None:
        if proofs:
            proofs.pop()
        else:
            stuck.set()
            await asyncio.Event().wait()

    supervisor = Supervisor({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "3000"})
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        alive = group.create_task(supervisor.keep_alive(prove))
        await stuck.wait()
        alive.cancel()

    assert manager.heard() == ["WATCHDOG=1"] * 2


@pytest.mark.parametrize("environment", [{}, {"WATCHDOG_USEC": "3000", "WATCHDOG_PID": "1"}])
async def test_who_is_not_watched_does_not_ping(manager: Manager, address: str, environment: dict[str, str]) -> None:
    async def prove() -> None:
        raise AssertionError("nobody asked")

    await Supervisor({"NOTIFY_SOCKET": address, **environment}).keep_alive(prove)

    assert manager.heard() == []


def test_without_a_manager_nothing_is_said() -> None:
    Supervisor({}).ready()


def test_a_manager_that_does_not_listen_stops_nobody(tmp_path: Path) -> None:
    Supervisor({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).ready()
