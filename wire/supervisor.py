"""What a process tells the service manager that started it: ready, alive, stopping (systemd's sd_notify).

Without a service manager every call does nothing. This room knows the protocol; what "alive" means is proven by
whoever knows the process's work.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping

import structlog

log = structlog.get_logger()

PINGS_PER_PERIOD = 3
"""Pings in the time after which systemd gives a silent process up, so that one may come late."""


class Supervisor:
    """The line to the service manager. A message that cannot be sent is logged and no reason to stop working."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment` is the process's own: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID."""
        address = environment.get("NOTIFY_SOCKET", "")
        # A leading '@' stands for the NUL of an abstract socket.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        is_watched = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._period_s = int(environment.get("WATCHDOG_USEC", "0")) / 1e6 if is_watched else 0.0

    def ready(self) -> None:
        """Whoever waited for this process may go on."""
        self._say("READY=1")

    def stopping(self) -> None:
        """What happens from now on is meant."""
        self._say("STOPPING=1")

    async def keep_alive(self, prove: Callable[[], Awaitable[object]]) -> None:
        """Ping as often as the service manager wishes, each time after `prove` has returned; returns at once if it
        does not watch. A proof that never returns is the very thing that the manager waits for, so it has no limit.
        """
        while self._period_s:
            await prove()
            self._say("WATCHDOG=1")
            await asyncio.sleep(self._period_s / PINGS_PER_PERIOD)

    def _say(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.setblocking(False)
                line.sendto(message.encode(), self._address)
        except OSError as error:
            log.warning("service manager does not hear", message=message, error=str(error))
