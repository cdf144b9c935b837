"""How a command becomes a process: as it is installed, or forked from one that has imported everything already.

An interpreter and its imports take seconds of a processor, and nothing in them can be lost: a nursery makes many more
kills fit into a minute. Times to start again are told of commands as they are installed.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
ANSWER_BYTES = 64
READY_S = 60.0

Launch = Callable[[Sequence[str], int, int], int]
"""Command and arguments, standard input, log for all that it says; the new process's id."""


def as_installed(command: Sequence[str], stdin: int, log: int) -> int:
    """As a shell would."""
    files = [(os.POSIX_SPAWN_DUP2, there, here) for here, there in ((0, stdin), (1, log), (2, log))]
    return os.posix_spawn(command[0], list(command), os.environ, file_actions=files)


@contextmanager
def nursery() -> Iterator[Launch]:
    """Forks, from one process for all commands."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            argv = [sys.executable, "-m", "tests.chaos.nursery", str(theirs.fileno())]
            mother = subprocess.Popen(argv, pass_fds=[theirs.fileno()], cwd=ROOT)
        ours.settimeout(READY_S)
        try:
            ours.recv(ANSWER_BYTES)  # it has imported everything

            def fork(command: Sequence[str], stdin: int, log: int) -> int:
                socket.send_fds(ours, [json.dumps(command).encode()], [stdin, log])
                return int(ours.recv(ANSWER_BYTES))

            yield fork
        finally:
            mother.kill()
            mother.wait()


class Process:
    """One that runs, or has ended by itself. Be it our child or not."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._handle = os.pidfd_open(pid)

    @property
    def has_ended(self) -> bool:
        return bool(select.select([self._handle], [], [], 0)[0])

    def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        select.select([self._handle], [], [])
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        os.close(self._handle)
