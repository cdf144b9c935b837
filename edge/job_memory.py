"""Which jobs a device has begun and done, so that none is done twice, not even after a power cut.

This room knows ids and one file. It does not know what the jobs were.
"""

import os
from collections import OrderedDict
from pathlib import Path

import msgspec
import structlog

JOBS_MAX = 500
"""More than a day's slips of one printer come to; the oldest are forgotten."""

log = structlog.get_logger()


class JobMemory:
    """Job id to whether it is done; a job that was begun and not finished may or may not have been done."""

    def __init__(self, file: Path | None) -> None:
        """Without `file` everything is forgotten with the process."""
        self._file = file
        self._jobs: OrderedDict[str, bool] = OrderedDict()

    def load(self) -> None:
        """Read the file. One that is damaged is said and counts as empty: printing goes on."""
        if self._file is None or not self._file.exists():
            return
        try:
            jobs = msgspec.json.decode(self._file.read_bytes(), type=dict[str, bool])
        except (OSError, msgspec.DecodeError) as error:
            log.warning("job memory unreadable", file=str(self._file), error=str(error))
            return
        self._jobs = OrderedDict(list(jobs.items())[-JOBS_MAX:])

    def is_done(self, job: str) -> bool:
        return self._jobs.get(job, False)

    def begin(self, job: str) -> bool:
        """Mark `job` before it is done; True if it was begun before, and so may have been done."""
        was_begun = job in self._jobs
        self._mark(job, is_done=False)
        return was_begun

    def finish(self, job: str) -> None:
        self._mark(job, is_done=True)

    def _mark(self, job: str, *, is_done: bool) -> None:
        self._jobs[job] = is_done
        while len(self._jobs) > JOBS_MAX:
            self._jobs.popitem(last=False)
        if self._file is None:
            return
        try:
            _replace(self._file, msgspec.json.encode(self._jobs))
        except OSError as error:
            # A full disk must not stop the slips: until it has room again, a restart may print a slip twice.
            log.warning("job memory not kept", file=str(self._file), error=str(error))


def _replace(file: Path, content: bytes) -> None:
    """Write `content` so that a power cut leaves either the old file or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    with new.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    new.replace(file)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
