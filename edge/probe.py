"""How the machine under the agent feels: temperature and free disk.

This room knows Linux's files. A machine without them, such as a developer's, has no temperature, which is not a fault.
"""

import os
from pathlib import Path
from typing import Protocol

THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")
"""Thousandths of a degree Celsius of the processor."""


class Probe(Protocol):
    """Called in a worker thread. None where the machine cannot say."""

    def temperature_c(self) -> float | None: ...

    def disk_free_mb(self) -> int | None: ...


class MachineProbe:
    """Asks the machine that the agent runs on."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def temperature_c(self) -> float | None:
        try:
            return int(THERMAL.read_text()) / 1000
        except (OSError, ValueError):
            return None

    def disk_free_mb(self) -> int | None:
        try:
            disk = os.statvfs(self._data_dir)
        except OSError:
            return None
        return disk.f_bavail * disk.f_frsize // 2**20


class NoProbe:
    """For a node without a machine, as in a simulation."""

    def temperature_c(self) -> float | None:
        return None

    def disk_free_mb(self) -> int | None:
        return None
