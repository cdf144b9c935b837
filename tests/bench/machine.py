"""What figures are taken on: the machine, what is installed, how fast its disk and Python are, and who else works."""

import os
import platform
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time, sleep

from tests.bench.figures import percentile
from tests.databases import installed

LIBRARIES = ("aiomqtt", "fastapi", "uvicorn", "msgspec", "sqlalchemy", "psycopg")
WRITES = 200
STEPS = 5_000_000
LOOK_S = 1.0


def described(folder: Path) -> str:
    """A line for each part; `folder` is where the databases will lie."""
    return "\n".join(_lines(folder))


def _lines(folder: Path) -> Iterator[str]:
    cores = len(os.sched_getaffinity(0))
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    yield f"{_processor()}, {cores} cores, {memory_gb:.0f} GB, {platform.system()} {platform.release()}"
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    postgres = _said(installed("postgres"), "-V")
    yield f"Python {platform.python_version()}, {_said('mosquitto', '-h')}, {postgres}"
    yield libraries
    p50_ms, p99_ms = _durable_write_ms(folder)
    yield f"a durable write of 4 kB: p50 {p50_ms:.2f} ms, p99 {p99_ms:.2f} ms"
    wall_s, cpu_s = _loop_s()
    yield f"a loop of {STEPS:,} steps: {wall_s:.2f} s, of which {cpu_s:.2f} s on a processor"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _said(*command: str | Path) -> str:
    """The first line."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.partition("\n")[0]


def _durable_write_ms(folder: Path) -> tuple[float, float]:
    took_ms = []
    with (folder / "durable").open("wb", buffering=0) as file:
        for _ in range(WRITES):
            file.write(bytes(4_096))
            began_s = perf_counter()
            os.fdatasync(file.fileno())
            took_ms.append(1_000 * (perf_counter() - began_s))
    return percentile(took_ms, 0.5), percentile(took_ms, 0.99)


def _loop_s() -> tuple[float, float]:
    wall_s, cpu_s = perf_counter(), process_time()
    total = 0
    for step in range(STEPS):
        total += step * step % 7
    return perf_counter() - wall_s, process_time() - cpu_s


def busy_cores() -> float:
    """How many cores others keep busy, as seen in a second in which we do nothing."""
    before = _busy_s()
    sleep(LOOK_S)
    return (_busy_s() - before) / LOOK_S


def _busy_s() -> float:
    user, nice, system, _idle, _waits, interrupts, soft, steal, *_ = (
        int(it) for it in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + interrupts + soft + steal) / os.sysconf("SC_CLK_TCK")


# --- a process -------------------------------------------------------------------------------------------------------


def memory_mb(pid: int) -> float:
    """What it has in memory, shared pages included; MB are millions of bytes."""
    (resident,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:")]
    return int(resident.split()[1]) * 1_024 / 1e6


def processor_s(pid: int) -> float:
    """How long it has been on a processor, all its threads."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
