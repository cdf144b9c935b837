"""How the machine under the agent feels: its temperature, its supply, its disk.

This room knows Linux's files. A machine without them, such as a developer's, cannot say, which is not a fault.

The usual way to ask a Raspberry Pi for undervoltage is `vcgencmd get_throttled`, whose "since boot" bits the kernel's
own driver clears every 2 s. So we ask that driver, which says whether it was so within its last 2 s, look as often as
it does, and remember.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from edge.keep import Keep
from wire.messages import Machine

TEMPERATURE = "class/thermal/thermal_zone0/temp"
"""Thousandths of a degree Celsius of the processor."""
SUPPLIES = "class/hwmon/hwmon*/name"
RASPBERRY_SUPPLY = "rpi_volt"
DISK_ERRORS = "fs/ext4/*/errors_count"
"""ext4 on a Pi goes on after a fault (errors=continue): this is where it says so."""

GLANCE_EVERY_S = 2.0
"""As often as Linux asks a Raspberry Pi's firmware for its supply, and forgets what it said before."""
LOOKS_PER_WRITE = 60
"""Disks are written on with every sixtieth look: once an hour wears out no SD card."""
PAGE_BYTES = 4096

log = structlog.get_logger()


class Look(NamedTuple):
    """What a look at the machine has shown. None where it cannot say."""

    temperature_c: float | None = None
    disk_free_mb: int | None = None
    machine: Machine | None = None


class Probe(Protocol):
    """What the agent asks."""

    @property
    def wants_glances(self) -> bool:
        """Something has to be looked at every `GLANCE_EVERY_S`, because it is gone the next time."""

    def glance(self) -> None:
        """Do so. Called on the event loop: it takes some microseconds."""

    def look(self) -> Look:
        """Called in a worker thread."""


class MachineProbe:
    """Asks the machine that the agent runs on."""

    def __init__(
        self,
        data_dir: Path,
        *,
        keep: Keep,
        boot: str,
        new_token: Callable[[], str],
        may_write: bool = True,
        sys: Path = Path("/sys"),
    ) -> None:
        """`keep` remembers the life of the machine in which its supply was last too weak; `boot` names this one. Where
        the agent keeps nothing it `may_write` nothing, and cannot say whether it would be kept. `sys` is Linux's window
        on the hardware."""
        self._data_dir = data_dir
        self._keep = keep
        self._boot = boot
        self._new_token = new_token
        self._may_write = may_write
        self._sys = sys
        self._supply_alarm = _supply_alarm(sys)
        self._was_weak: bool | None = None
        """None: not looked at, or nothing to look at."""
        self._is_weakness_kept = False
        self._looks = 0
        self._disk_keeps: bool | None = None

    @property
    def wants_glances(self) -> bool:
        return self._supply_alarm is not None

    def glance(self) -> None:
        if self._supply_alarm is not None and (value := _read_int(self._supply_alarm)) is not None:
            self._was_weak = bool(value) or bool(self._was_weak)

    def look(self) -> Look:
        if self._may_write and self._looks % LOOKS_PER_WRITE == 0:
            self._try_disk()
        self._looks += 1
        self._remember_supply()
        errors = [count for file in self._sys.glob(DISK_ERRORS) if (count := _read_int(file)) is not None]
        machine = Machine(
            undervoltage=self._was_weak,
            disk_errors=sum(errors) if errors else None,
            disk_keeps=self._disk_keeps,
        )
        return Look(self._temperature_c(), self._disk_free_mb(), machine)

    def _temperature_c(self) -> float | None:
        thousandths = _read_int(self._sys / TEMPERATURE)
        return None if thousandths is None else thousandths / 1000

    def _disk_free_mb(self) -> int | None:
        try:
            disk = os.statvfs(self._data_dir)
        except OSError:
            return None
        return disk.f_bavail * disk.f_frsize // 2**20

    def _remember_supply(self) -> None:
        """A new agent on a machine that was never switched off says what the one before it has seen."""
        if self._supply_alarm is None or self._is_weakness_kept:
            return
        boot = self._boot.encode()
        try:
            if self._was_weak:
                self._keep.save(boot)
            elif self._keep.load() == boot:
                self._was_weak = True
            self._is_weakness_kept = bool(self._was_weak)
        except OSError as error:
            log.warning("undervoltage not kept", error=str(error))
            self._is_weakness_kept = True  # until the machine restarts, this agent remembers by itself

    def _try_disk(self) -> None:
        why = self._write_and_read_back()
        if why and self._disk_keeps is not False:
            log.warning("disk does not keep what is written", folder=str(self._data_dir), why=why)
        elif not why and self._disk_keeps is False:
            log.info("disk keeps again what is written", folder=str(self._data_dir))
        self._disk_keeps = not why

    def _write_and_read_back(self) -> str:
        """Why the disk does not keep what is written; empty if it does. It is read from the disk itself, not from
        Linux's memory of it."""
        file = self._data_dir / ".guichet-probe"
        content = self._new_token().encode().ljust(PAGE_BYTES, b".")
        try:
            with file.open("wb") as target:
                target.write(content)
                target.flush()
                os.fsync(target.fileno())
                os.posix_fadvise(target.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            found = file.read_bytes()
            file.unlink()
        except OSError as error:
            return str(error)
        return "" if found == content else "something else was read back"


class NoProbe:
    """For a node without a machine, as in a simulation."""

    wants_glances = False

    def glance(self) -> None: ...

    def look(self) -> Look:
        return Look()


def _supply_alarm(sys: Path) -> Path | None:
    """The file that says whether a Raspberry Pi's supply is too weak; None on another machine."""
    for name in sys.glob(SUPPLIES):
        try:
            if name.read_text().strip() == RASPBERRY_SUPPLY:
                return name.with_name("in0_lcrit_alarm")
        except OSError:
            continue
    return None


def _read_int(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None
