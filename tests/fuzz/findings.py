"""What a reader could not bear: told, made small, and kept where a command repeats it."""

import hashlib
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tests.fuzz.target import Read, Target

SHRINK_S = 60.0
FINDINGS = "findings"
TELLERS = ("_ring", "check", "check_said")
"""Functions that say what is wrong, and are not where it is."""


class Hung(BaseException):
    """It took too long. No `Exception`, lest the reader takes it for one of its own."""


@dataclass(frozen=True)
class Fault:
    """What went wrong, and where: two inputs with the same one are the same finding."""

    kind: str
    where: str
    told: str
    """For people: the end of the traceback."""

    def is_like(self, other: "Fault | None") -> bool:
        # A loop is interrupted wherever it happens to be.
        return other is not None and self.kind == other.kind and (self.where == other.where or self.kind == "Hung")


def fault_of(read: Read, data: bytes, hang_s: float) -> Fault | None:
    """What `read` does wrong with `data`; None if nothing."""
    try:
        with _alarm(hang_s):
            read(data)
    except (Exception, Hung) as error:  # noqa: BLE001  # whatever it is, it is what was looked for
        frames = traceback.extract_tb(error.__traceback__)
        last = next((it for it in reversed(frames) if it.name not in TELLERS), frames[-1])
        lines = traceback.format_exception_only(error)
        told = "".join([*traceback.format_list([last]), *lines]).rstrip()
        return Fault(type(error).__name__, f"{last.filename}:{last.name}", told)
    return None


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise Hung("it takes too long")


@contextmanager
def _alarm(after_s: float) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, after_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def shrunk(data: bytes, is_same: Callable[[bytes], bool], within_s: float = SHRINK_S) -> bytes:
    """The least of `data` that does the same, as far as it is found in time: halves are left out, then quarters, down
    to single bytes, until no byte can be spared."""
    ends = time.monotonic() + within_s
    size = len(data)
    while size:
        size = max(1, min(size, len(data)) // 2) if size > 1 else 1
        spared = False
        at = 0
        while at < len(data) and time.monotonic() < ends:
            less = data[:at] + data[at + size :]
            if is_same(less):
                data, spared = less, True
            else:
                at += size
        if time.monotonic() >= ends or (size == 1 and not spared):
            break
    return data


def kept(target: Target, data: bytes, folder: Path) -> tuple[Path, Fault | None]:
    """`data`, found to be too much for the target, as small as it gets, in a file; and what it does there."""
    read = target.load(folder)
    fault = fault_of(read, data, target.hang_s)
    if fault is not None:
        first = fault
        data = shrunk(data, lambda less: first.is_like(fault_of(read, less, target.hang_s)))
        fault = fault_of(read, data, target.hang_s)
    path = folder / FINDINGS / hashlib.sha256(data).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path, fault
